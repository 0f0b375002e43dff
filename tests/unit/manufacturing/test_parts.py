"""A part of a leukapheresis: its code, and volumes that must come out at what was in the bag."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from manufacturing.domain.parts import (
    SplitFacts,
    cells_of,
    part_code,
    read_part_code,
    split_refusals,
    use_by_refusals,
)
from manufacturing.domain.plan import Splitting
from manufacturing.domain.process import parse_process
from tests.unit.manufacturing.test_process import body, problems

D = Decimal
GOOD = SplitFacts(Splitting(2), 0, D(212), D(100), D("111.5"), D("0.5"), "left in the transfer tubing")
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


@pytest.mark.req("ATMP-ID-SPLIT")
def test_volumes_that_come_out_make_a_part():
    assert split_refusals(GOOD) == ()
    assert split_refusals(replace(GOOD, volume_ml=D(212), remainder_ml=D(0), lost_ml=D(0), lost_reason=None)) == ()


@pytest.mark.req("ATMP-ID-SPLIT")
@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ({"splitting": None, "remainder_ml": D(1)}, ["SPLIT_NOT_PLANNED"]),
        ({"parts": 2}, ["SPLIT_FULL"]),
        ({"remainder_ml": D("111.4")}, ["SPLIT_BALANCE"]),
        ({"remainder_ml": D("111.6")}, ["SPLIT_BALANCE"]),
        ({"volume_ml": D(0), "remainder_ml": D("211.5")}, ["SPLIT_VOLUME"]),
        ({"volume_ml": D(213), "remainder_ml": D("-1.5")}, ["SPLIT_VOLUME", "SPLIT_BALANCE"]),
        ({"remainder_ml": D("112.5"), "lost_ml": D("-0.5")}, ["SPLIT_BALANCE"]),
        ({"lost_reason": "air"}, ["MISSING_FIELD"]),
        ({"lost_reason": None}, ["MISSING_FIELD"]),
    ],
)
def test_each_reason_against_a_part_is_named(change, codes):
    assert [one.code for one in split_refusals(replace(GOOD, **change))] == codes


@pytest.mark.req("ATMP-ID-SPLIT")
def test_a_code_carries_its_parent_and_opens_nothing_when_one_character_is_wrong():
    code = part_code("LA-2026-0041", 1)
    assert code.startswith("LA-2026-0041-P1-")
    assert read_part_code(f" {code}\n") == code
    for place, one in enumerate(code):
        for other in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-":
            assert other == one or read_part_code(code[:place] + other + code[place + 1 :]) is None


def test_cells_are_shared_as_the_volume_is():
    assert cells_of(D(53), D(212), D(20903200000)) == D(5225800000)
    assert cells_of(D(53), None, D(1)) is None
    assert cells_of(D(53), D(212), None) is None


@pytest.mark.parametrize(("late", "codes"), [(-1, []), (0, ["MATERIAL_EXPIRED"]), (1, ["MATERIAL_EXPIRED"])])
def test_material_is_usable_until_its_clock_ends(late, codes):
    assert [one.code for one in use_by_refusals("LA-1", NOW - timedelta(seconds=late), NOW)] == codes


def test_without_a_clock_nothing_is_judged():
    assert use_by_refusals("LA-1", None, NOW) == ()


def test_a_process_says_into_how_many_parts_a_leukapheresis_is_split():
    assert parse_process(body() | {"splitting": None}).splitting is None
    assert parse_process(body() | {"splitting": {"most": 4}}).splitting == Splitting(4)
    for wrong in ({"most": 0}, {"most": "4"}, {"most": True}, {"most": 10}, {}, []):
        assert any("splitting" in one for one in problems(body() | {"splitting": wrong}))
