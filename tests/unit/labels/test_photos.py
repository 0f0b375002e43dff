"""A photo of one label is read; two labels, no label, no picture and pictures made to harm are refused by name."""

from __future__ import annotations

import random
import struct
import zlib

import pytest
from PIL import Image

from kernel.refusals import Refusal
from labels.domain.photos import LARGEST_BYTES, label_among
from labels.drawing.data_matrix import data_matrix
from labels.photos import label_in_photo
from tests.unit.labels.photos import SEED, jpeg, label_picture, payloads, png, symbol_picture, taken

ONE, OTHER = payloads(2)


def beside(*pictures):
    wide = Image.new("L", (sum(one.width for one in pictures), max(one.height for one in pictures)), 120)
    left = 0
    for one in pictures:
        wide.paste(one, (left, 0))
        left += one.width
    return wide


def matrix_picture(text):
    return symbol_picture(data_matrix(text).modules, 5)


def of_photos(count):
    """How many of so many photos are read; one that is misread is counted as a failure of all."""
    chance, read = random.Random(SEED), 0  # noqa: S311
    for payload in payloads(count):
        found = label_in_photo(taken(payload, chance))
        if isinstance(found, str):
            assert found == f"]Q1{payload}", "a photo was misread"
            read += 1
    return read


@pytest.mark.req("QR-2")
def test_thirty_photos_as_people_take_them_are_read_and_none_is_misread():
    assert of_photos(30) >= 29


@pytest.mark.hostile
def test_three_hundred_photos_as_people_take_them_are_read_and_none_is_misread():
    assert of_photos(300) >= 285


@pytest.mark.parametrize("kind", [jpeg, png])
def test_one_label_is_read_also_with_another_code_beside_it(kind):
    assert label_in_photo(kind(label_picture(ONE))) == f"]Q1{ONE}"
    with_matrix = beside(label_picture(ONE), matrix_picture("=+01000=A99992612345600"))
    assert label_in_photo(kind(with_matrix)) == f"]Q1{ONE}"


@pytest.mark.parametrize("second", [ONE, OTHER])
def test_two_labels_in_one_picture_are_asked_about(second):
    refusal = label_in_photo(png(beside(label_picture(ONE), label_picture(second))))
    assert (refusal.code, refusal.fact("count")) == ("PHOTO_TWO_LABELS", "2")


def test_a_picture_without_a_label_says_what_it_shows():
    assert label_in_photo(png(matrix_picture("ABC"))) == "]d1ABC"
    assert label_in_photo(png(Image.new("L", (300, 300), 200))).code == "PHOTO_NO_CODE"
    assert label_among(["]d1ABC", "]d1DEF"]).code == "PHOTO_NO_CODE"


def claiming(width, height):
    """A small PNG file that claims to be large."""

    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "PHOTO_UNREADABLE"),
        (b"%PDF-1.7", "PHOTO_UNREADABLE"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "PHOTO_UNREADABLE"),
        (jpeg(label_picture(ONE))[:900], "PHOTO_UNREADABLE"),
        (png(label_picture(ONE))[:900], "PHOTO_UNREADABLE"),
        (claiming(100, 100), "PHOTO_UNREADABLE"),
        (claiming(10_000, 5_001), "PHOTO_TOO_LARGE"),
        (claiming(60_000, 60_000), "PHOTO_TOO_LARGE"),
        (b"\xff\xd8" + bytes(LARGEST_BYTES), "PHOTO_TOO_LARGE"),
    ],
)
def test_what_is_no_picture_or_too_large_is_refused_before_it_is_unpacked(body, code):
    refusal = label_in_photo(body)
    assert isinstance(refusal, Refusal)
    assert refusal.code == code
