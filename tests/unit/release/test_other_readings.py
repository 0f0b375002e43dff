"""The same records read otherwise: exact, beside the criteria in force, and never instead of them (requirements 15)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from release.domain.histories import BatchHistory, Given, InfusionHistory, PatientHistory, Reaction, Relatedness
from release.domain.metrics import TrialRules, feasibility, sums_of
from release.domain.other_readings import (
    ALL_IN_WINDOW,
    ELIGIBLE,
    EVENTS,
    FINAL,
    PATIENTS,
    POSSIBLE_TOO,
    PROVISIONAL,
    SERIOUS,
    SUPPLIED,
    WHOLE,
    Bar,
    inclusion_bars,
    infusion_bars,
    other_readings,
)

RULES = TrialRules()
FULL = InfusionHistory(Given.FULL, Decimal("1.2e7"), Decimal("3e6"))
PARTIAL = replace(FULL, given=Given.PARTIAL)
OOS = replace(FULL, out_of_specification=True)
PENDING = BatchHistory("B1", manufactured=True, certified_provisional=True, infusions=(FULL,))
GOOD = replace(PENDING, certified_final=True)
WAITING = PatientHistory("P", transplanted=True, included_at=date(2026, 1, 5), donor_cleared=True, collections=1)
PROBABLE, POSSIBLE = Relatedness.PROBABLE, Relatedness.POSSIBLE
SEVERE = Reaction(3, PROBABLE)


def trial(*histories):
    patients = tuple(replace(one, code=f"P{place:02}") for place, one in enumerate(histories))
    return other_readings(sums_of(patients, RULES), feasibility(patients, RULES), RULES)


def given(batch, **fields):
    return replace(WAITING, batches=(batch,), **fields)


def met(readings, counted):
    (one,) = (each for each in readings if each.counted == counted)
    return (one.k, one.n, [each.met for each in one.verdicts])


@pytest.mark.req("TR-F2")
@pytest.mark.parametrize(
    ("k", "n", "verdicts"),
    [
        (7, 12, [False, False, False]),
        (8, 12, [True, False, True]),
        (9, 12, [True, True, True]),
        (6, 9, [True, False, True]),
    ],
)
def test_eight_of_twelve_passes_66_percent_and_not_more_than_two_thirds(k, n, verdicts):
    found = trial(*[given(GOOD)] * k, *[WAITING] * (n - k))
    assert met(found.infusion, PROVISIONAL) == (k, n, verdicts)


@pytest.mark.req("TR-F1")
def test_half_of_the_transplanted_passes_only_where_equal_is_enough():
    waiting = replace(WAITING, included_at=None, collections=0)
    found = trial(*[WAITING] * 6, *[waiting] * 4, *[replace(waiting, eligible=False)] * 2)
    assert met(found.inclusion, ALL_IN_WINDOW) == (6, 12, [False, True])
    assert met(found.inclusion, ELIGIBLE) == (6, 10, [True, True])


@pytest.mark.req("TR-OOSFLAG")
def test_each_way_to_count_an_infusion_has_its_own_numerator():
    supplied = BatchHistory("B2", manufactured=True, oos_supplied=True, infusions=(OOS,))
    found = trial(given(GOOD), given(PENDING), given(replace(GOOD, infusions=(PARTIAL,))), given(supplied), WAITING)
    counts = {one.counted: (one.k, one.n) for one in found.infusion}
    assert [counts[one] for one in (PROVISIONAL, FINAL, SUPPLIED, WHOLE)] == [(3, 5), (2, 5), (4, 5), (2, 5)]


def test_a_whole_dose_of_a_product_that_failed_later_is_no_whole_dose_that_counts():
    fallen = replace(GOOD, late_oos=True)
    found = trial(replace(WAITING, batches=(fallen, replace(GOOD, code="B2", infusions=(PARTIAL,)))))
    assert {one.counted: one.k for one in found.infusion}[WHOLE] == 0


@pytest.mark.req("TR-S1", "TR-S2")
def test_patients_events_possible_and_serious_are_counted_apart():
    found = trial(
        given(GOOD, reactions=(SEVERE, SEVERE, Reaction(3, None))),
        given(GOOD, reactions=(Reaction(3, POSSIBLE),)),
        given(GOOD, reactions=(Reaction(2, PROBABLE, serious=True),)),
        given(GOOD, reactions=(Reaction(4, PROBABLE, pending_adjudication=True),)),
        replace(WAITING, reactions=(SEVERE,)),
    )
    counts = {one.counted: (one.confirmed, one.pending, one.hold) for one in found.safety}
    assert counts == {PATIENTS: (1, 1, False), EVENTS: (2, 2, True), POSSIBLE_TOO: (2, 1, True), SERIOUS: (1, 0, False)}


def test_what_is_in_force_says_the_same_as_the_figures():
    patients = tuple(replace(given(GOOD, reactions=(SEVERE,)), code=f"P{one}") for one in range(8))
    patients += tuple(replace(WAITING, code=f"W{one}") for one in range(4))
    figures = feasibility(patients, RULES)
    found = other_readings(sums_of(patients, RULES), figures, RULES)
    in_force = [
        (one.k, one.n, each.rule, each.met)
        for one in (*found.inclusion, *found.infusion)
        for each in one.verdicts
        if each.in_force
    ]
    judged = (figures.inclusion, figures.infusion, figures.infusion_final)
    assert in_force == [(one.k, one.n, one.rule, one.met) for one in judged]
    assert [one.hold for one in found.safety if one.in_force] == [figures.safety.hold]


def test_a_bar_compares_whole_numbers_at_its_very_edge():
    assert [Bar(2, 3, strict=True).met(2, 3), Bar(2, 3, strict=False).met(2, 3)] == [False, True]
    assert Bar(66, 100, strict=True).met(33, 50) is False
    assert Bar(2, 3, strict=False).rule(8, 12) == "3 × 8 ≥ 2 × 12"


TABLE = """
0/12 no no no no no
2/12 no no no no no
3/12 no no no no no
6/12 no yes no no no
7/12 yes yes no no no
8/12 yes yes yes no yes
9/12 yes yes yes yes yes
10/12 yes yes yes yes yes
11/12 yes yes yes yes yes
12/12 yes yes yes yes yes
12/23 yes yes no no no
12/24 no yes no no no
6/9 yes yes yes no yes
"""


@pytest.mark.req("TR-F1", "TR-F2")
@pytest.mark.parametrize("line", TABLE.strip().splitlines())
def test_each_check_value_passes_and_fails_by_each_reading_as_the_table_says(line):
    """Of process design 7.3: more than and at least half, more than 66 %, more than and at least two thirds."""
    ratio, *expected = line.split()
    k, n = map(int, ratio.split("/"))
    bars = (*inclusion_bars(RULES), *infusion_bars(RULES))
    assert ["yes" if bar.met(k, n) else "no" for bar in bars] == expected
