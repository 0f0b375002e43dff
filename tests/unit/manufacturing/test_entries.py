"""Fields saved while a step is done: what is a change, what was not seen, what is late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from manufacturing.domain.entries import (
    Entry,
    EntryTime,
    changes,
    entry_time_refusals,
    late_fields,
    same,
    touched,
    unseen_refusals,
    unsigned_fields,
    unsigned_refusals,
    whole_fields,
)
from manufacturing.domain.plan import PlannedStep
from tests.unit.manufacturing.test_steps import planned

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
STEP = PlannedStep(
    "count", {"en": "Count", "nl": "Telling"}, {}, (planned(key="wbc"), planned(key="viability"), planned(key="vials"))
)
SAVED = {
    "wbc": Entry("wbc", 2, Decimal("98.6"), "Person A"),
    "wbc_unit": Entry("wbc_unit", 1, "10^6/mL", "Person A"),
}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (Decimal("98.6"), Decimal("98.60"), True),
        (Decimal("98.6"), Decimal("98.61"), False),
        (None, "  ", True),
        (None, False, False),
        (True, False, False),
        (NOW, NOW + timedelta(seconds=1), False),
        ("A", "a", False),
    ],
)
def test_the_same_value_is_the_same_however_it_is_written(one, other, expected):
    assert same(one, other) is expected


def test_only_what_differs_from_what_is_saved_is_a_change():
    given = {"wbc": Decimal("98.60"), "wbc_unit": "cells/uL", "viability": None, "vials": Decimal(2)}
    assert changes(SAVED, given) == {"wbc_unit": "cells/uL", "vials": Decimal(2)}


def test_a_value_without_its_unit_is_in_the_usual_unit_whatever_was_saved_before():
    given = whole_fields(STEP, {"wbc": Decimal(90)})
    assert changes(SAVED, given) == {"wbc": Decimal(90), "wbc_unit": None}


def test_a_unit_without_a_value_is_nothing_to_keep():
    assert changes({}, whole_fields(STEP, {"wbc": None, "wbc_unit": "cells/uL"})) == {}


def test_a_unit_alone_leaves_the_value_and_touches_its_field():
    given = whole_fields(STEP, {"wbc_unit": "cells/uL"})
    assert "wbc" not in given
    assert touched(STEP, given) == ("wbc",)


@pytest.mark.parametrize(("seen", "refused"), [({}, True), ({"wbc": 1}, True), ({"wbc": 2}, False), ({"wbc": 3}, True)])
def test_what_was_saved_meanwhile_is_not_overwritten_unseen(seen, refused):
    found = unseen_refusals(SAVED, {"wbc": "1.1 WBC", "vials": "1.3 Vials"}, seen)
    assert [one.code for one in found] == (["ENTRY_CHANGED"] if refused else [])
    if refused:
        assert dict(found[0].facts)["who"] == "Person A"
        assert dict(found[0].facts)["value"] == "98.6"


@pytest.mark.req("ATMP-6.1-TIME")
@pytest.mark.parametrize(
    ("ago", "reason", "codes"),
    [
        (timedelta(0), None, []),
        (timedelta(minutes=15), None, []),
        (timedelta(minutes=15, microseconds=1), None, ["LATE_ENTRY_UNJUSTIFIED"]),
        (timedelta(minutes=16), "wifi", ["LATE_ENTRY_UNJUSTIFIED"]),
        (timedelta(minutes=16), "no network in the clean room", []),
        (timedelta(microseconds=-1), "no network in the clean room", ["FUTURE_TIME"]),
    ],
)
def test_a_field_is_late_after_the_limit_and_needs_its_reason_then(ago, reason, codes):
    time = EntryTime(NOW - ago, NOW, 15)
    assert [one.code for one in entry_time_refusals(time, reason, "wbc")] == codes


def test_the_step_says_why_its_fields_were_late_each_reason_once():
    late = {name: Entry(name, 1, "x", "A", "no network") for name in ("wbc", "vials")}
    assert late_fields({**SAVED, **late}) == "no network"
    assert late_fields(SAVED) is None


RECORDED = {"wbc": Decimal("98.6"), "viability": None, "viability_na": "no dye left", "performed_at": NOW}


@pytest.mark.req("DI-6.12", "ATMP-6.1-CORR")
@pytest.mark.parametrize(
    ("saved", "unsigned"),
    [
        ({"wbc": Decimal("97.6")}, ("wbc",)),
        ({"wbc": Decimal("98.60"), "wbc_unit": ""}, ()),
        ({"wbc": Decimal("98.6"), "wbc_unit": "cells/uL"}, ("wbc",)),
        ({"viability": Decimal(98), "viability_na": None}, ("viability",)),
        ({"viability_na": "no dye left"}, ()),
        ({"vials": None}, ()),
        ({"performed_at": NOW + timedelta(seconds=50)}, ()),
        ({"performed_at": NOW + timedelta(minutes=1)}, ("performed_at",)),
    ],
)
def test_what_is_left_otherwise_than_it_is_recorded_waits_for_a_signature(saved, unsigned):
    left = {name: Entry(name, 3, value, "Person B") for name, value in saved.items()}
    assert unsigned_fields(STEP, RECORDED, left) == unsigned


def test_the_refusal_names_the_step_and_its_fields():
    (refusal,) = unsigned_refusals({"Counting": ("1.1 Wbc", "1.2 Viability"), "Wash": ()})
    assert refusal.fact("fields") == (("Counting", "1.1 Wbc"), ("Counting", "1.2 Viability"))
    assert unsigned_refusals({"Wash": ()}) == ()
