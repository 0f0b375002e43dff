"""What equipment may be used for is read from what happened to it until that moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from manufacturing.domain.equipment import (
    EquipmentEvent,
    EquipmentFacts,
    Happening,
    event_refusals,
    last_good,
    missing_kinds,
    register_refusals,
    return_refusals,
    use_refusals,
)
from manufacturing.domain.plan import PlannedEquipment
from manufacturing.domain.planned_equipment import read_equipment
from manufacturing.domain.reading import Reader

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)
BEGIN = NOW - 100 * DAY
REGISTERED = EquipmentEvent(Happening.REGISTERED, BEGIN)
GOOD = EquipmentFacts("CENT-01", "Centrifuge", (REGISTERED, EquipmentEvent(Happening.CALIBRATED, BEGIN, TODAY)))


def codes(facts=GOOD, at=NOW):
    return [one.code for one in use_refusals(facts, at, "then")]


def after(*events, **changed):
    return replace(GOOD, events=(*GOOD.events, *events), **changed)


@pytest.mark.req("ATMP-5-CAL")
@pytest.mark.parametrize("what", [Happening.CALIBRATED, Happening.QUALIFIED, Happening.MAINTAINED])
def test_the_due_day_is_the_last_on_which_it_is_used(what):
    def due(day):
        return replace(GOOD, events=(REGISTERED, EquipmentEvent(what, BEGIN, day)))

    assert codes(due(TODAY)) == []
    assert codes(due(TODAY - DAY)) == ["EQUIPMENT_OUT_OF_CAL"]
    # The day is that of Amsterdam: at half past eleven in the evening UTC it is over there.
    assert codes(due(TODAY), NOW.replace(hour=22, minute=59)) == []
    assert codes(due(TODAY), NOW.replace(hour=23, minute=0)) == ["EQUIPMENT_OUT_OF_CAL"]


@pytest.mark.req("ATMP-5-CAL")
def test_a_late_entry_is_judged_by_what_was_in_force_then():
    renewed = after(EquipmentEvent(Happening.CALIBRATED, NOW + 5 * DAY, TODAY + 365 * DAY))
    assert codes(renewed, NOW + 2 * DAY) == ["EQUIPMENT_OUT_OF_CAL"]
    assert codes(renewed, NOW + 5 * DAY) == []
    assert codes(GOOD, BEGIN - DAY) == ["EQUIPMENT_NOT_IN_SERVICE"]


@pytest.mark.parametrize("what", [Happening.FAULT, Happening.OUT_OF_TOLERANCE, Happening.TAKEN_OUT])
def test_what_stopped_is_not_used_until_it_is_returned(what):
    stopped = after(EquipmentEvent(what, NOW - DAY))
    assert codes(stopped) == ["EQUIPMENT_NOT_IN_SERVICE"]
    assert codes(stopped, NOW - 2 * DAY) == []
    assert codes(after(*stopped.events, EquipmentEvent(Happening.REPAIRED, NOW))) == ["EQUIPMENT_NOT_IN_SERVICE"]
    assert codes(after(EquipmentEvent(what, NOW - DAY), EquipmentEvent(Happening.RETURNED, NOW))) == []
    gone = after(EquipmentEvent(Happening.RETIRED, NOW - DAY), EquipmentEvent(Happening.RETURNED, NOW))
    assert codes(gone) == ["EQUIPMENT_NOT_IN_SERVICE"]


def test_what_is_cleaned_before_each_batch_is_cleaned_after_the_last_one():
    dirty = replace(GOOD, clean=True, used=(NOW - DAY,))
    assert codes(dirty) == ["EQUIPMENT_NOT_CLEAN"]
    assert codes(dirty, NOW - 2 * DAY) == []
    assert codes(replace(dirty, clean=False)) == []
    cleaned = after(EquipmentEvent(Happening.CLEANED, NOW - DAY), clean=True, used=(NOW - DAY,))
    assert codes(cleaned) == []
    assert codes(after(EquipmentEvent(Happening.CLEANED, NOW - 2 * DAY), clean=True, used=(NOW - DAY,))) == [
        "EQUIPMENT_NOT_CLEAN"
    ]


@pytest.mark.parametrize(
    ("mended", "codes_"),
    [
        ((), ["EQUIPMENT_NOT_REPAIRED"]),
        ((EquipmentEvent(Happening.CLEANED, NOW),), ["EQUIPMENT_NOT_REPAIRED"]),
        ((EquipmentEvent(Happening.REPAIRED, NOW - 2 * DAY),), ["EQUIPMENT_NOT_REPAIRED"]),
        ((EquipmentEvent(Happening.REPAIRED, NOW),), []),
        ((EquipmentEvent(Happening.CALIBRATED, NOW, TODAY + DAY),), []),
    ],
)
def test_a_fault_is_mended_before_the_return(mended, codes_):
    facts = after(EquipmentEvent(Happening.FAULT, NOW - DAY), *mended)
    assert [one.code for one in return_refusals(facts, NOW)] == codes_


@pytest.mark.req("ATMP-5-CAL")
def test_measurements_are_in_doubt_since_the_last_calibration_before_the_finding():
    events = [EquipmentEvent(Happening.CALIBRATED, NOW - days * DAY, TODAY) for days in (300, 100, 0)]
    assert last_good(events, NOW) == NOW - 100 * DAY
    assert last_good(events, NOW - 100 * DAY) == NOW - 300 * DAY
    assert last_good([REGISTERED], NOW) is None


@pytest.mark.parametrize(
    ("what", "at", "due", "codes_"),
    [
        (Happening.CLEANED, NOW, None, []),
        (Happening.CALIBRATED, NOW, TODAY, []),
        (Happening.CALIBRATED, NOW, None, ["MISSING_FIELD"]),
        (Happening.MAINTAINED, NOW, TODAY - DAY, ["ID_FORMAT"]),
        (Happening.CLEANED, NOW + timedelta(minutes=1), None, ["FUTURE_TIME"]),
    ],
)
def test_an_event_has_happened_and_work_sets_the_next_day(what, at, due, codes_):
    assert [one.code for one in event_refusals(what, at, due, NOW)] == codes_


@pytest.mark.parametrize(
    ("code", "due", "count"), [("CENT-01", TODAY, 0), ("cent 1", TODAY, 1), ("CENT-01", TODAY - DAY, 1)]
)
def test_a_device_has_a_code_for_the_scanner_and_no_day_that_is_past(code, due, count):
    assert len(register_refusals(code, [("calibration_due", due)], TODAY)) == count


def test_what_is_required_and_not_on_record_is_named():
    planned = (
        PlannedEquipment("balance", {}, required=False),
        PlannedEquipment("sealer", {}),
        PlannedEquipment("cabinet", {}),
    )
    assert [one.kind for one in missing_kinds(planned, ["cabinet"])] == ["sealer"]


@pytest.mark.parametrize(
    "body",
    [
        [{"kind": "Big One", "title": {"en": "x", "nl": "x"}}],
        [{"kind": "sealer", "title": {"en": "x"}}],
        [{"kind": "sealer", "title": {"en": "x", "nl": "x"}}] * 2,
        ["sealer"],
    ],
)
def test_a_plan_that_names_no_equipment_rightly_is_refused(body):
    read = Reader()
    read_equipment(body, "wash", read)
    assert read.problems
    assert read_equipment(None, "wash", Reader()) == ()
