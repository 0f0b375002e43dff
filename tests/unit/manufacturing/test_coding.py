"""The Single European Code and the GRID: published vectors pass, and no character can be dropped or changed unseen."""

from __future__ import annotations

from datetime import date

import pytest
from stdnum.iso7064 import mod_37_2 as independent

from kernel.refusals import Refusal
from manufacturing.domain.coding import (
    SingleEuropeanCode,
    grid_refusals,
    parse_sec,
    sec_refusals,
)

PUBLISHED = "SEC: PL001499Z549917123456 A00T041600320171231"


@pytest.mark.req("TC-86-10a")
def test_the_published_code_is_read_part_by_part():
    assert parse_sec(PUBLISHED) == SingleEuropeanCode(
        "PL", "001499", "Z549917123456", "A", "00T0416", "003", date(2017, 12, 31)
    )
    assert parse_sec(PUBLISHED.replace(" A", "\nA")) == parse_sec(PUBLISHED)
    no_end = parse_sec(PUBLISHED.replace("20171231", "00000000"))
    assert no_end.expires_on is None


@pytest.mark.req("TC-86-10a")
@pytest.mark.parametrize("place", [place for place, sign in enumerate(PUBLISHED) if sign not in ": "])
def test_no_character_may_be_dropped(place):
    found = parse_sec(PUBLISHED[:place] + PUBLISHED[place + 1 :])
    assert isinstance(found, Refusal)
    assert found.code == "ID_FORMAT"


@pytest.mark.req("TC-86-10a")
@pytest.mark.parametrize(
    "text",
    [
        PUBLISHED.lower(),
        PUBLISHED.replace(" A", "A"),
        PUBLISHED.replace(" A", "  A"),
        PUBLISHED.replace(" A", "\tA"),
        PUBLISHED.replace("A00T", "C00T"),
        PUBLISHED.replace("20171231", "20171331"),
        PUBLISHED.replace("PL", "P1"),
        PUBLISHED + "0",
        PUBLISHED.replace("SEC: ", ""),
    ],
)
def test_anything_else_is_no_code(text):
    assert isinstance(parse_sec(text), Refusal)


@pytest.mark.req("TC-86-10a")
@pytest.mark.parametrize(
    ("text", "number", "is_din", "codes"),
    [
        (None, "Z549917123456", True, []),
        (" ", "Z549917123456", True, []),
        (PUBLISHED, "Z549917123456", True, []),
        (PUBLISHED, "Z549917123457", True, ["SEC_MISMATCH"]),
        (PUBLISHED, "LA-2026-0041", False, []),
        ("SEC", "LA-2026-0041", False, ["ID_FORMAT"]),
    ],
)
def test_the_code_belongs_to_the_donation_of_the_record(text, number, is_din, codes):
    assert [one.code for one in sec_refusals(text, number, is_din=is_din)] == codes


def checked(body):
    """The body with its two digits, by another implementation of MOD 37-2."""
    character = independent.calc_check_digit(body)
    return f"{body}{'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*'.index(character):02d}"


@pytest.mark.req("TC-GRID")
@pytest.mark.parametrize("body", ["9991ABC0123456789", "99910000000000000", "1234ZZZZZZZZZZZZZ"])
def test_a_grid_passes_with_its_own_check_and_with_no_other(body):
    grid = checked(body)
    assert grid_refusals(grid) == ()
    assert grid_refusals(f"{grid[:4]} {grid[4:8]}-{grid[8:]}") == ()
    wrong = f"{(int(grid[-2:]) + 1) % 37:02d}"
    assert [one.code for one in grid_refusals(grid[:-2] + wrong)] == ["GRID_CHECK"]
    swapped = grid[1] + grid[0] + grid[2:]
    assert grid[0] == grid[1] or [one.code for one in grid_refusals(swapped)] == ["GRID_CHECK"]


@pytest.mark.req("TC-GRID")
@pytest.mark.parametrize(
    "text", ["9991", "9991abc012345678912", "A991ABC012345678912", checked("9991ABC0123456789") + "0"]
)
def test_a_grid_has_nineteen_characters(text):
    assert [one.code for one in grid_refusals(text)] == ["ID_FORMAT"]


@pytest.mark.req("TC-GRID")
def test_no_grid_is_nothing_to_check():
    assert grid_refusals(None) == grid_refusals("  ") == ()
