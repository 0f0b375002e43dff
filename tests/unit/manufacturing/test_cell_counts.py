"""A count of cells keeps every reading with its method, and its means are computed exactly and never typed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from manufacturing.domain.cell_counts import (
    Counted,
    CountFacts,
    Means,
    Reading,
    chosen_refusals,
    count_refusals,
    counted_fields,
    means_of,
    minutes_from_sampling,
    readings_of,
    repeated_refusals,
    step_refusals,
)
from manufacturing.domain.process import parse_process
from manufacturing.domain.steps import Value
from tests.unit.manufacturing.test_process import body, problems

D = Decimal
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TWO = (Reading(D("4.80"), D("98.1")), Reading(D("4.90"), D("97.6")))
GOOD = CountFacts(TWO, 0, "trypan blue", D(10), NOW - timedelta(minutes=5), NOW - timedelta(minutes=35), NOW)


@pytest.mark.req("PHE-2.7.29")
def test_the_means_are_exact_and_of_the_undiluted_sample():
    assert means_of(TWO, D(10)) == Means(D("48.5"), D("97.85"))
    third = (*TWO, Reading(D("4.8"), D("97.6")))
    assert means_of(third, D(10)) == Means(D("48.3333333333"), D("97.7666666667"))
    assert minutes_from_sampling(GOOD.drawn_at, GOOD.counted_at) == 30


@pytest.mark.req("PHE-2.7.29")
@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ({}, []),
        ({"readings": TWO[:1]}, ["COUNT_REPLICATES"]),
        ({"readings": TWO * 4}, ["COUNT_REPLICATES"]),
        ({"incomplete": 1}, ["COUNT_REPLICATES"]),
        ({"dye": "  "}, ["MISSING_FIELD"]),
        ({"dilution": D("0.9")}, ["COUNT_DILUTION"]),
        ({"counted_at": NOW + timedelta(minutes=1)}, ["FUTURE_TIME"]),
        ({"counted_at": NOW - timedelta(minutes=36)}, ["TIME_ORDER"]),
        ({"readings": (TWO[0], Reading(D("4.9"), D("100.1")))}, ["UNIT_IMPLAUSIBLE"]),
        ({"dilution": D("1e9")}, ["UNIT_IMPLAUSIBLE", "UNIT_IMPLAUSIBLE"]),
    ],
)
def test_each_fault_of_a_count_is_named(change, codes):
    assert [one.code for one in count_refusals(replace(GOOD, **change))] == codes


def test_boxes_become_readings_and_half_a_reading_is_noticed():
    boxes = {"wbc_1": D("4.8"), "viability_1": D("98.1"), "wbc_2": D("4.9"), "viability_2": None, "viability_3": None}
    assert readings_of(boxes) == ((TWO[0],), 1)


FINAL = next(one for one in parse_process(body()).steps if one.stage == "final")
KEYS = counted_fields(FINAL)


def counts(*means, readings=2):
    """Counts of so many 10^6 white cells, each at 98 % and a minute after the one before."""
    return [Counted(readings, Means(D(one), D(98)), NOW + timedelta(minutes=place)) for place, one in enumerate(means)]


def codes(refusals):
    return [one.code for one in refusals]


@pytest.mark.req("PHE-2.7.29", "ATMP-CALC")
@pytest.mark.parametrize(
    ("asks", "found", "typed", "standing", "expected"),
    [
        (None, counts(), "48.2", None, []),
        (2, counts(), "48.2", None, ["COUNT_MISSING"]),
        (3, counts("48.2"), "48.2", None, ["COUNT_MISSING"]),
        (2, counts("48.2"), "48.20", None, []),
        (None, counts("48.2"), "48.3", None, ["COUNT_DIFFERS"]),
        (2, counts("47", "48.2"), "48.2", None, []),
        (2, counts("48.2", "47"), "48.2", None, ["COUNT_DIFFERS"]),
        (2, counts("48.2", "47"), "48.2", "48.20", []),
        (2, counts("48.2", "47"), "48.2", "47", ["COUNT_DIFFERS"]),
        (2, counts("48.2", "47"), "48.3", "48.3", ["COUNT_DIFFERS"]),
    ],
)
def test_a_step_says_what_was_counted_and_nothing_else(asks, found, typed, standing, expected):
    values = (Value(KEYS["wbc"], number=D(typed)), Value(KEYS["viability"], number=D(98)))
    kept = {KEYS["wbc"]: D(standing)} if standing else {}
    assert codes(step_refusals(replace(FINAL, count=asks), found, values, kept)) == expected


@pytest.mark.req("PHE-2.7.29", "ATMP-CALC")
@pytest.mark.parametrize(
    ("asks", "found", "typed", "measured", "expected"),
    [
        (None, counts(), "47", 0, []),
        (2, counts(), "47", 0, ["COUNT_MISSING"]),
        (3, counts("48.2", "47"), "47", 0, ["COUNT_MISSING"]),
        (2, counts("48.2", "47"), "47.0", 0, []),
        (2, counts("48.2", "47"), "46", 0, ["COUNT_DIFFERS"]),
        (2, counts("48.2", "47"), "48.2", 0, ["COUNT_DIFFERS"]),
        (2, counts("48.2"), "48.2", 0, ["COUNT_NOT_REPEATED"]),
        (None, counts("48.2", "47"), "47", 1, ["COUNT_NOT_REPEATED"]),
    ],
)
def test_a_counted_value_is_measured_again_by_counting_again(asks, found, typed, measured, expected):
    """``measured``: so many minutes after the first count the value that stands there was recorded."""
    since = {KEYS["wbc"]: NOW + timedelta(minutes=measured)}
    again = (Value(KEYS["wbc"], number=D(typed)),)
    assert codes(repeated_refusals(replace(FINAL, count=asks), found, again, since)) == expected


def test_what_no_count_answers_is_measured_again_as_before():
    other = (Value("nk_percent", number=D(95)),)
    assert repeated_refusals(replace(FINAL, count=2), counts("48.2"), other, {}) == ()


@pytest.mark.parametrize(("number", "expected"), [("48.2", []), ("47", []), ("46", ["COUNT_DIFFERS"])])
def test_the_measurement_that_is_used_is_the_mean_of_one_of_the_counts(number, expected):
    chosen = Value(KEYS["wbc"], number=D(number))
    assert codes(chosen_refusals(FINAL, counts("48.2", "47"), chosen)) == expected
    assert chosen_refusals(FINAL, [], chosen) == ()


def test_a_process_says_how_many_readings_a_step_has():
    plan = body()
    first = plan["steps"][0]
    asked = {**plan, "steps": [{**first, "count": {"replicates": 3}}, *plan["steps"][1:]]}
    assert parse_process(asked).steps[0].count == 3
    for wrong in ({"replicates": 1}, {"replicates": "2"}, {"replicates": True}, {}, 2):
        faulty = {**plan, "steps": [{**first, "count": wrong}, *plan["steps"][1:]]}
        assert any("replicates" in one for one in problems(faulty))
