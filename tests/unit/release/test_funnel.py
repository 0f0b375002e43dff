"""One patient along the path, and who is marked beside the figures: each condition alone decides."""

from __future__ import annotations

from dataclasses import replace

import pytest

from release.domain.histories import BatchHistory
from release.domain.metrics import batch_counts, feasibility, inclusion_reachable, infusion_reachable, sums_of
from release.domain.patient_figures import StageKey, last_stage, stages
from tests.unit.release.test_metrics import FULL, GOOD, INCLUDED, PARTIAL, REJECTED, RULES, SECOND, patient

PENDING = replace(GOOD, certified_final=False)
LATE = replace(PENDING, late_oos=True)
ONLY_TRANSPLANTED = replace(INCLUDED, included_at=None, donor_cleared=False)
FURTHEST = {
    "T": ONLY_TRANSPLANTED,
    "I": INCLUDED,
    "L": patient(),
    "M": patient(REJECTED),
    "R": patient(replace(GOOD, infusions=())),
    "F": patient(PENDING),
}


@pytest.mark.req("TR-F3")
@pytest.mark.parametrize("stage", FURTHEST)
def test_the_furthest_stage_is_the_last_one_that_was_reached(stage):
    assert last_stage(FURTHEST[stage]) == stage
    drops = feasibility((FURTHEST[stage],), RULES).drops
    assert [drop.after.value for drop in drops] == ([] if stage == "F" else [stage])


def test_a_donor_is_cleared_and_a_certificate_final_only_where_they_are():
    assert StageKey.D not in stages(replace(INCLUDED, donor_cleared=False))
    assert StageKey.R_FINAL in stages(patient(GOOD))
    assert StageKey.R_FINAL not in stages(patient(PENDING))


@pytest.mark.req("TR-F1")
def test_of_the_eligible_only_the_transplanted_count_included_or_not():
    waiting = replace(ONLY_TRANSPLANTED, code="P02")
    before = replace(ONLY_TRANSPLANTED, code="P03", transplanted=False)
    included = replace(INCLUDED, donor_cleared=False)
    found = feasibility((included, waiting, before), RULES).inclusion_of_eligible
    assert (found.k, found.n) == (1, 2)


@pytest.mark.req("TR-F1")
def test_who_is_included_waits_for_no_inclusion():
    """Twelve of 24 would not pass: one is included and twelve ended, so eleven more have to be transplanted."""
    ended = tuple(replace(ONLY_TRANSPLANTED, code=f"E{one}", concluded=True) for one in range(12))
    assert feasibility((INCLUDED, *ended), RULES).inclusion.reachable is False


@pytest.mark.req("TR-F1", "TR-F2")
def test_what_is_within_reach_turns_exactly_at_the_percentage():
    assert inclusion_reachable(60, 119, 0, RULES)
    assert not inclusion_reachable(60, 120, 0, RULES)
    assert not inclusion_reachable(12, 24, 5, RULES), "more who wait than are needed take no transplant away"
    assert infusion_reachable(50, 16, RULES)
    assert not infusion_reachable(50, 17, RULES), "33 of 50 are 66 percent, which is not more"


MARKED = replace(REJECTED, rejected=False, oos_supplied=True, infusions=(replace(FULL, out_of_specification=True),))


@pytest.mark.req("TR-OOSFLAG")
@pytest.mark.parametrize(
    ("history", "counted"),
    [
        (patient(PENDING), 1),
        (patient(MARKED, donor_cleared=False), 1),
        (patient(MARKED, included_at=None), 0),
        (patient(MARKED, transplanted=False), 0),
    ],
)
def test_beside_f_stands_who_was_included_with_or_without_the_flag(history, counted):
    assert feasibility((history,), RULES).infusion_with_supplied.k == counted


@pytest.mark.req("TR-F2")
@pytest.mark.parametrize(
    ("history", "fell"),
    [
        (patient(LATE), True),
        (patient(LATE, REJECTED), True),
        (patient(LATE, replace(PENDING, code="B2")), False),
        (patient(LATE, collections=0), False),
        (patient(replace(LATE, certified_provisional=False)), False),
        (patient(replace(LATE, infusions=())), False),
        (patient(replace(GOOD, infusions=())), False),
    ],
    ids=["late", "and another rejected", "a second counts", "no leukapheresis", "never certified", "not given", "good"],
)
def test_who_fell_had_counted_and_counts_no_more(history, fell):
    assert feasibility((history,), RULES).fell == (("P01",) if fell else ())


BELOW = replace(PARTIAL, nk_per_kg=FULL.minimum_nk_per_kg - 1)


@pytest.mark.parametrize(
    ("history", "partial"),
    [
        (patient(replace(PENDING, infusions=(PARTIAL,))), True),
        (patient(replace(GOOD, infusions=(PARTIAL,)), replace(MARKED, code="B2")), True),
        (patient(replace(GOOD, infusions=(PARTIAL, FULL))), False),
        (patient(replace(GOOD, infusions=(BELOW,))), False),
        (patient(replace(GOOD, infusions=())), False),
    ],
    ids=["part", "part, and another supplied", "part and whole", "too little", "nothing"],
)
def test_in_part_is_who_counts_with_nothing_but_parts_of_certified_doses(history, partial):
    assert feasibility((history,), RULES).partial == (("P01",) if partial else ())


def test_a_batch_of_which_one_container_was_given_whole_is_infused():
    history = patient(replace(GOOD, infusions=(FULL, PARTIAL)), SECOND, BatchHistory("B3"))
    counts = batch_counts(sums_of((history,), RULES))
    assert (counts["infused"], counts["partially_infused"], counts["in_progress"]) == (2, 0, 1)
