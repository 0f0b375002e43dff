"""What a lot may be used for: one fault, its code; the clock of an opened piece; what a step requires."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from manufacturing.domain.donation_numbers import CHECK_CHARACTERS
from manufacturing.domain.kits import kit_code, kit_refusals, read_kit_code
from manufacturing.domain.lot_uses import (
    LotFacts,
    UseFacts,
    date_refusals,
    discard_refusals,
    missing_materials,
    opening_refusals,
    piece_code,
    read_piece_code,
    usable_until,
    use_refusals,
)
from manufacturing.domain.material_kinds import InUse, MaterialKind, OpeningEvent
from manufacturing.domain.plan import PlannedMaterial
from manufacturing.domain.planned_materials import read_materials
from manufacturing.domain.reading import Reader

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
VIAL = MaterialKind("cd3_reagent", {"en": "CD3 reagent"}, "vials", True, {})
BUFFER = MaterialKind("buffer", {"en": "Buffer"}, "mL", False, {}, InUse(OpeningEvent.OPENED, Decimal(24)))
LOT = LotFacts("M26-0001-7", VIAL, "approved", NOW + timedelta(days=90), Decimal(5))
BOTTLE = LotFacts("M26-0002-3", BUFFER, "approved", NOW + timedelta(days=90), Decimal(1000), "new")
LETTERS = CHECK_CHARACTERS[:-1] + "-"


def codes(lot=LOT, quantity="2", wanted="cd3_reagent", **changed):
    return [one.code for one in use_refusals(UseFacts(replace(lot, **changed), Decimal(quantity), NOW, wanted))]


@pytest.mark.req("ATMP-7-LOT", "ATMP-7-BAL", "ATMP-7-OPEN")
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, []),
        ({"quantity": "5"}, []),
        ({"quantity": "6"}, ["LOT_BALANCE"]),
        ({"quantity": "0"}, ["LOT_QUANTITY"]),
        ({"quantity": "-1"}, ["LOT_QUANTITY"]),
        ({"quantity": "1.5"}, ["LOT_QUANTITY"]),
        ({"state": "quarantine"}, ["LOT_NOT_APPROVED"]),
        ({"state": "rejected"}, ["LOT_NOT_APPROVED"]),
        ({"state": "recalled"}, ["LOT_NOT_APPROVED"]),
        ({"expires_at": NOW}, ["LOT_EXPIRED"]),
        ({"expires_at": NOW + MOMENT}, []),
        ({"wanted": "buffer"}, ["LOT_KIND"]),
        ({"wanted": ""}, []),
        ({"state": "rejected", "expires_at": NOW, "wanted": "bag", "quantity": "9"},
         ["LOT_KIND", "LOT_NOT_APPROVED", "LOT_EXPIRED", "LOT_BALANCE"]),
        ({"lot": BOTTLE, "wanted": "buffer", "quantity": "1000"}, []),
        ({"lot": BOTTLE, "wanted": "buffer", "quantity": "1000.001"}, ["LOT_BALANCE"]),
        ({"lot": BOTTLE, "wanted": "buffer", "piece": ""}, ["MISSING_FIELD"]),
        ({"lot": BOTTLE, "wanted": "buffer", "until": NOW}, ["LOT_IN_USE_EXPIRED"]),
        ({"lot": BOTTLE, "wanted": "buffer", "until": NOW + MOMENT}, []),
    ],
)  # fmt: skip
def test_a_use_says_everything_against_it(given, expected):
    assert codes(**given) == expected


@pytest.mark.req("ATMP-7-OPEN")
def test_an_opened_piece_is_good_for_its_hours_and_never_longer_than_its_lot():
    assert usable_until(BUFFER, NOW, NOW + timedelta(days=9)) == NOW + timedelta(hours=24)
    assert usable_until(BUFFER, NOW, NOW + timedelta(hours=3)) == NOW + timedelta(hours=3)
    night = datetime(2026, 10, 24, 20, 0, tzinfo=UTC)
    assert usable_until(BUFFER, night, NOW) - night == timedelta(hours=24)
    both = replace(BOTTLE, expires_at=NOW, until=NOW)
    assert [one.code for one in date_refusals(both, NOW)] == ["LOT_EXPIRED", "LOT_IN_USE_EXPIRED"]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, []),
        ({"kind": VIAL}, ["NO_IN_USE_TIME"]),
        ({"state": "quarantine"}, ["LOT_NOT_APPROVED"]),
        ({"left": Decimal(0)}, ["LOT_BALANCE"]),
        ({"expires_at": NOW}, ["LOT_EXPIRED"]),
    ],
)
def test_only_what_may_be_used_is_opened(changed, expected):
    assert [one.code for one in opening_refusals(replace(BOTTLE, **changed), NOW, NOW)] == expected
    assert [one.code for one in opening_refusals(BOTTLE, NOW + MOMENT, NOW)] == ["FUTURE_TIME"]


@pytest.mark.req("ATMP-7-BAL")
@pytest.mark.parametrize(
    ("state", "quantity", "witnessed", "expected"),
    [
        ("approved", "5", False, []),
        ("approved", "6", False, ["LOT_BALANCE"]),
        ("approved", "0.5", False, ["LOT_QUANTITY"]),
        ("recalled", "5", False, ["LOT_WITNESS"]),
        ("rejected", "5", True, []),
    ],
)
def test_what_was_stopped_is_destroyed_before_a_second_person_and_no_more_than_there_is(
    state, quantity, witnessed, expected
):
    found = discard_refusals(replace(LOT, state=state), Decimal(quantity), witnessed=witnessed)
    assert [one.code for one in found] == expected


def test_a_step_misses_what_it_requires_until_some_of_it_is_on_record():
    planned = (
        PlannedMaterial("bag", Decimal(1), "pieces"),
        PlannedMaterial("dnase", Decimal(1), "vials", required=False),
    )
    assert missing_materials(planned, []) == ("bag",)
    assert missing_materials(planned, [("bag", Decimal(0)), ("dnase", Decimal(1))]) == ("bag",)
    assert missing_materials(planned, [("bag", Decimal(1))]) == ()


@given(number=some.integers(1, 99), place=some.integers(0, 13), letter=some.sampled_from(LETTERS))
def test_one_wrong_character_of_a_piece_opens_nothing(number, place, letter):
    code = piece_code("M26-0042-K", number)
    assert read_piece_code(f" {code}\n") == code
    typed = code[:place] + letter + code[place + 1 :]
    assert typed == code or read_piece_code(typed) is None


@pytest.mark.parametrize(
    ("fault", "problems"),
    [
        ({}, 0),
        ({"quantity": 2}, 2),
        ({"quantity": "0"}, 1),
        ({"quantity": None}, 1),
        ({"unit": ""}, 1),
        ({"kind": "CD3 reagent"}, 1),
    ],
)
def test_planned_materials_are_read_and_every_fault_is_named(fault, problems):
    read = Reader()
    entry = {"kind": "bag", "quantity": "1", "unit": "pieces", **fault}
    read_materials([entry], "fill", read)
    assert len(read.problems) == problems
    twice = Reader()
    read_materials([{"kind": "bag", "quantity": "1", "unit": "pieces"}] * 2, "fill", twice)
    assert twice.problems == ["fill.materials: bag is written twice"]


@given(number=some.integers(1, 9999), place=some.integers(0, 9), letter=some.sampled_from(LETTERS))
def test_one_wrong_character_of_a_kit_opens_nothing(number, place, letter):
    code = kit_code(2026, number)
    assert read_kit_code(f" {code}\n") == code
    typed = code[:place] + letter + code[place + 1 :]
    assert typed == code or read_kit_code(typed) is None


@pytest.mark.parametrize(
    ("lots", "expected"),
    [
        ((), ["MISSING_FIELD"]),
        ((LOT, BOTTLE), []),
        ((LOT, replace(LOT, state="recalled", kind=BUFFER)), ["LOT_NOT_APPROVED"]),
        ((replace(LOT, expires_at=NOW),), ["LOT_EXPIRED"]),
        ((LOT, LOT, BOTTLE), ["KIT_TWICE"]),
    ],
)
def test_a_kit_says_everything_against_its_lots(lots, expected):
    assert [one.code for one in kit_refusals(lots, NOW)] == expected
