"""Which units may lie where, and what about their custody stands against a release."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from manufacturing.domain.places import (
    EventFacts,
    PlaceFacts,
    Unit,
    UnitKind,
    custody_refusals,
    has_gap,
    move_refusals,
    place_code_refusals,
    temperature_refusals,
    wrong_place,
)
from manufacturing.domain.plan import Limits

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
BAG = Unit(UnitKind.CONTAINER, "c1", "NK26-0001-01", "quarantine", "FR-01-Q", NOW - timedelta(hours=1))
TUBE = Unit(UnitKind.SAMPLE, "s1", "NK26-0001-S01-7", "samples")
FRIDGE = PlaceFacts("FR-02-Q", "quarantine", Limits(Decimal(2), Decimal(8)), closed=False, holds=frozenset())
BENCH = replace(FRIDGE, code="BENCH-1", status_class="workplace")
EVENT = EventFacts("NK26-0001-01", NOW, "FR-02-Q", "–", "FR-01-Q", False, False, Decimal(5), "2 – 8", False)


def codes(place=FRIDGE, units=(BAG,), at=NOW):
    return [one.code for one in move_refusals(place, tuple(units), at, NOW)]


def test_a_unit_moves_to_a_place_of_its_status():
    assert codes() == []


@pytest.mark.req("F-COC-2")
@pytest.mark.parametrize("status", ["quarantine", "released", "rejected"])
@pytest.mark.parametrize("place", ["quarantine", "released", "rejected", "samples"])
def test_no_two_statuses_share_a_place(status, place):
    found = codes(replace(FRIDGE, status_class=place), [replace(BAG, status=status)])
    assert found == ([] if status == place else ["PLACE_STATUS"])


@pytest.mark.req("F-COC-2")
def test_a_workplace_holds_one_status_at_a_time_and_any_samples():
    released = replace(BAG, id="c2", code="NK26-0001-02", status="released")
    assert codes(BENCH, [BAG, TUBE]) == []
    assert codes(BENCH, [BAG, released]) == ["PLACE_STATUS"]
    assert codes(replace(BENCH, holds=frozenset({"released"}))) == ["PLACE_STATUS"]
    assert codes(replace(BENCH, holds=frozenset({"released"})), [TUBE]) == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"units": [BAG, BAG]}, "UNIT_TWICE"),
        ({"units": []}, "UNIT_COUNT"),
        ({"place": replace(FRIDGE, closed=True)}, "PLACE_CLOSED"),
        ({"at": NOW + timedelta(minutes=1)}, "FUTURE_TIME"),
        ({"at": NOW - timedelta(hours=2)}, "TIME_ORDER"),
    ],
)
def test_one_fault_is_one_refusal(changed, code):
    assert codes(**changed) == [code]


@pytest.mark.req("F-COC-1")
def test_a_gap_is_a_unit_found_elsewhere_than_on_record():
    assert has_gap("FR-01-Q", "FR-09-Q")
    assert not any([has_gap("FR-01-Q", None), has_gap(None, "FR-01-Q"), has_gap("FR-01-Q", "FR-01-Q")])


@pytest.mark.req("F-COC-1")
def test_gap_and_temperature_stand_until_they_are_assessed():
    gap, warm = replace(EVENT, gap=True), replace(EVENT, excursion=True, temperature=Decimal("8.1"))
    assert [one.code for one in custody_refusals([EVENT, gap, warm])] == ["CUSTODY_GAP"]
    assert [one.code for one in temperature_refusals([EVENT, gap, warm])] == ["CUSTODY_TEMPERATURE"]
    settled = [replace(one, assessed=True) for one in (gap, warm)]
    assert (custody_refusals(settled), temperature_refusals(settled)) == ((), ())


@pytest.mark.req("F-COC-2")
def test_a_unit_whose_status_changed_lies_in_the_wrong_place_until_it_is_moved():
    released = replace(BAG, status="released")
    assert [one.code for one in wrong_place(released, "quarantine")] == ["PLACE_WRONG"]
    assert wrong_place(released, "released") == wrong_place(released, "workplace") == ()
    assert wrong_place(replace(released, place=None), "quarantine") == ()


@pytest.mark.parametrize("code", ["", "a", "fr-01", "FR_01", "1FR", "FR-", "F" * 21, "FR 01", "FR-01\n"])
def test_a_place_has_a_code_a_scanner_reads(code):
    assert [one.code for one in place_code_refusals(code, Limits())] == ["ID_FORMAT"]


def test_a_range_is_not_upside_down():
    assert [one.code for one in place_code_refusals("FR-01", Limits(Decimal(8), Decimal(2)))] == ["ID_FORMAT"]
    assert place_code_refusals("FR-01", Limits(Decimal(2), Decimal(8))) == ()
