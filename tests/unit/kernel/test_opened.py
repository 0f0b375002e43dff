"""What a page showed comes back with its form, or nothing does; whatever else is sent, nobody is misled by it."""

from __future__ import annotations

import base64
import zlib
from decimal import Decimal

import pytest

from kernel.canonical import digest, plain
from kernel.web.opened import LARGEST, kept, read_back

SHOWN = {"title": "NK-2026-001", "weight": {"kg": Decimal("20.0")}}


def packed(text: bytes) -> str:
    return base64.urlsafe_b64encode(zlib.compress(text)).decode()


def test_what_was_shown_comes_back_with_the_line_of_the_trail():
    found = read_back(kept(SHOWN, (7, "hash")), digest(SHOWN))
    assert found is not None
    assert (found.head, found.content) == (7, plain(SHOWN))


def test_there_is_nothing_to_keep_of_an_empty_page_or_for_nobody():
    assert kept({}, (7, "hash")) == kept(SHOWN, None) == ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "é",
        "AAAA",
        kept(SHOWN, (7, "hash"))[:-4],
        packed(b"[]"),
        packed(b"{}"),
        packed(b"[" * 100_000),
        packed(b'{"head": "7", "content": {"title": "NK-2026-001", "weight": {"kg": "20.0"}}}'),
        packed(b'{"head": 7, "content": [1.5]}'),
        kept({"title": "another page"}, (7, "hash")),
        packed(b'{"head":7,"content":{"title":"' + b"a" * LARGEST + b'"}}'),
    ],
    ids=range(12),
)
def test_what_is_no_such_thing_or_was_not_seen_is_nothing(text):
    assert read_back(text, digest(SHOWN)) is None
