"""A count of cells keeps every reading with its method, and its means are computed exactly and never typed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from manufacturing.domain.cell_counts import (
    CountFacts,
    Means,
    Reading,
    count_refusals,
    means_of,
    minutes_from_sampling,
    readings_of,
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


@pytest.mark.req("PHE-2.7.29", "ATMP-CALC")
@pytest.mark.parametrize(
    ("asks", "counts", "typed", "codes"),
    [
        (None, [], "48.2", []),
        (2, [], "48.2", ["COUNT_MISSING"]),
        (3, [(2, Means(D("48.2"), D("98")))], "48.2", ["COUNT_MISSING"]),
        (2, [(2, Means(D("48.2"), D("98")))], "48.20", []),
        (None, [(2, Means(D("48.2"), D("98")))], "48.3", ["COUNT_DIFFERS"]),
        (2, [(2, Means(D("47"), D("98"))), (2, Means(D("48.2"), D("98")))], "48.2", []),
        (2, [(2, Means(D("48.2"), D("98"))), (2, Means(D("47"), D("98")))], "48.2", ["COUNT_DIFFERS"]),
    ],
)
def test_a_step_says_what_was_counted_and_nothing_else(asks, counts, typed, codes):
    plan = replace(next(one for one in parse_process(body()).steps if one.stage == "final"), count=asks)
    keys = {one.measure.rpartition(".")[2]: one.key for one in plan.fields if one.measure}
    values = (Value(keys["wbc"], number=D(typed)), Value(keys["viability"], number=D(98)))
    assert [one.code for one in step_refusals(plan, counts, values)] == codes


def test_a_process_says_how_many_readings_a_step_has():
    plan = body()
    first = plan["steps"][0]
    asked = {**plan, "steps": [{**first, "count": {"replicates": 3}}, *plan["steps"][1:]]}
    assert parse_process(asked).steps[0].count == 3
    for wrong in ({"replicates": 1}, {"replicates": "2"}, {"replicates": True}, {}, 2):
        faulty = {**plan, "steps": [{**first, "count": wrong}, *plan["steps"][1:]]}
        assert any("replicates" in one for one in problems(faulty))
