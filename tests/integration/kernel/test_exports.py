"""Tables that leave the system: exact, complete, and never a formula in somebody's spreadsheet (EXP-FORMULA)."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kernel.exports import cell, csv_bytes

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), max_size=20)


def read(data):
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.mark.req("EXP-FORMULA")
@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1+1",
        "-1+1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "=",
        "-",
        "--5",
        "-5-5",
        "-1.2.3",
        "＝1",
        "＋1",
        "－1",
        "＠1",
    ],
)
def test_what_a_spreadsheet_would_compute_is_text(text):
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-5", "-0.5", "12", "NK-03", "a=b", "5-3", "", "é", "'=1", "1e5"])
def test_everything_else_stays_as_it_is(text):
    assert cell(text) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "True"),
        (0, "0"),
        (Decimal("1.20E+3"), "1200"),
        (Decimal("-0.50"), "-0.50"),
        (datetime(2026, 11, 23, 16, 30, tzinfo=UTC), "2026-11-23T16:30:00.000000Z"),
        (date(2026, 11, 23), "2026-11-23"),
    ],
)
def test_values_have_their_one_spelling(value, text):
    assert cell(value) == text


@given(st.lists(st.lists(TEXT, min_size=2, max_size=2), max_size=5))
@example([['a"b', "c,d"], ["e\nf", ";"]])
def test_what_is_written_is_read_back_cell_by_cell(rows):
    written = read(csv_bytes(["one", "two"], rows))
    assert written[0] == ["one", "two"]
    assert [
        [text.removeprefix("'") if text != source else text for text, source in zip(*pair, strict=True)]
        for pair in zip(written[1:], rows, strict=True)
    ] == rows


@pytest.mark.req("EXP-FORMULA")
@given(st.lists(st.lists(TEXT, min_size=1, max_size=3), max_size=5))
@example([["\n=1", "\t", "@x"]])
def test_no_cell_begins_like_a_formula(rows):
    for row in read(csv_bytes(["one"], rows))[1:]:
        for text in row:
            assert not text.startswith(("=", "+", "@", "\t", "\n"))
            assert not text.startswith("-") or Decimal(text) < 1


def test_a_spreadsheet_knows_the_encoding():
    assert csv_bytes(["é"], []).startswith(b"\xef\xbb\xbf")
