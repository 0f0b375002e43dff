"""What is taken of the environment, when a count is above a limit, and what waits for whom."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from manufacturing.domain.environment import (
    Monitored,
    Reading,
    SampleFacts,
    Surroundings,
    check_surroundings,
    exposure_refusals,
    parse_surroundings,
    result_refusals,
    room_refusals,
    standing,
)

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
D = Decimal
PLATE = Monitored("settle_plate", {"en": "Settle plate"}, "A", "CFU", D(1), D(3), ("fill",))
AROUND = Surroundings({"C1": "B"}, (PLATE,))
FILL = ("fill", "8 fill", False)


def found(*taken, around=AROUND, steps=(FILL,)):
    said = standing(around, steps, taken)
    return [one.code for one in said.against], [(one.code, waits) for one, waits in said.pending]


def plate(count, **changed):
    return SampleFacts("settle_plate", "fill", count if count is None else D(count), **changed)


@pytest.mark.req("ATMP-4-EM")
@pytest.mark.parametrize(
    ("count", "reading"),
    [(None, "pending"), ("0", "pass"), ("1", "pass"), ("1.01", "alert"), ("3", "alert"), ("3.01", "action")],
)
def test_a_count_at_a_limit_is_inside(count, reading):
    assert PLATE.reading(None if count is None else D(count)) is Reading(reading)


@pytest.mark.req("ATMP-4-EM")
@pytest.mark.parametrize(
    ("taken", "against", "pending"),
    [
        ((), ["ENVIRONMENT_MISSING"], []),
        ((plate("0"),), [], []),
        ((plate(None),), [], [("ENVIRONMENT_PENDING", False)]),
        ((plate("4"),), ["ENVIRONMENT_ACTION"], []),
        ((plate("4", settled=True),), [], []),
        ((plate("0"), plate(None)), [], [("ENVIRONMENT_PENDING", False)]),
        ((SampleFacts("settle_plate", "wash", D(0)),), ["ENVIRONMENT_MISSING"], []),
    ],
)
def test_what_is_missing_pending_or_above_is_named(taken, against, pending):
    assert found(*taken) == (against, pending)


def test_an_assessed_deviation_of_the_step_stands_for_a_sample_nobody_took():
    assert found(steps=(("fill", "8 fill", True),)) == ([], [])
    assert found(steps=(("wash", "2 wash", False),)) == ([], [])


def test_the_document_says_which_sample_certification_waits_for():
    waiting = Surroundings({}, (Monitored("settle_plate", {}, "A", "CFU", D(1), D(3), ("fill",), waits=True),))
    assert found(plate(None), around=waiting) == ([], [("ENVIRONMENT_PENDING", True)])


@pytest.mark.req("ATMP-LINECLEAR")
def test_where_a_list_is_in_force_only_its_rooms_are_worked_in():
    assert room_refusals("C9", None) == ()
    assert room_refusals("C1", AROUND) == ()
    assert [one.code for one in room_refusals("C9", AROUND)] == ["ROOM_UNKNOWN"]


@pytest.mark.parametrize(
    ("since", "until", "codes"),
    [
        (NOW - HOUR, NOW, []),
        (NOW, NOW + HOUR, ["FUTURE_TIME"]),
        (NOW, NOW - HOUR, ["TIME_ORDER"]),
        (NOW - 9 * HOUR, NOW - 8 * HOUR, ["TIME_ORDER"]),
    ],
)
def test_an_exposure_has_ended_within_the_making(since, until, codes):
    assert [one.code for one in exposure_refusals(since, until, NOW - 5 * HOUR, NOW)] == codes


@pytest.mark.parametrize(
    ("count", "read_at", "codes"),
    [
        ("0", NOW, []),
        ("-1", NOW, ["ID_FORMAT"]),
        ("1.5", NOW, ["ID_FORMAT"]),
        ("1", NOW + HOUR, ["FUTURE_TIME"]),
        ("1", NOW - 2 * HOUR, ["TIME_ORDER"]),
    ],
)
def test_a_result_is_a_whole_count_read_after_the_exposure(count, read_at, codes):
    assert [one.code for one in result_refusals(D(count), read_at, NOW - HOUR, NOW)] == codes


PRESET = json.loads(Path("config/presets/environment.json").read_text(encoding="utf-8"))["body"]


def changed(**changes):
    return {**PRESET, "samples": [{**PRESET["samples"][0], **changes}]}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {**PRESET, "rooms": [{"code": "C1"}]},
        {**PRESET, "rooms": [{"code": "c1", "grade": "B"}, {"code": "C1", "grade": "B"}]},
        changed(alert="5", action="4"),
        changed(alert="-1"),
        changed(steps=[]),
        changed(unit=""),
        changed(grade=None),
        changed(title={"en": "x"}),
    ],
)
def test_a_list_that_means_nothing_is_refused(body):
    assert {one.code for one in check_surroundings(body)} == {"DOCUMENT_INVALID"}


def test_the_preset_is_a_list_of_rooms_and_samples():
    parsed = parse_surroundings(PRESET)
    assert parsed.rooms["CLEAN ROOM 1"] == "B"
    assert {one.key for one in parsed.samples if one.waits} == {"particles"}
