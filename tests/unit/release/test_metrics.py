"""Every row of the counting rules (process design, section 7.2), the decisions of 7.3-7.4, and the invariants."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from release.domain.histories import BatchHistory, DropReason, Given, InfusionHistory, PatientHistory
from release.domain.metrics import (
    TrialRules,
    batch_counts,
    feasibility,
    inclusion_reachable,
    infusion_reachable,
    summed,
    sums_of,
)
from release.domain.patient_figures import StageKey, stages

D = Decimal
RULES = TrialRules()
FULL = InfusionHistory(Given.FULL, D("1.2e7"), D("3e6"))
PARTIAL = replace(FULL, given=Given.PARTIAL)
GOOD = BatchHistory("B1", manufactured=True, certified_provisional=True, certified_final=True, infusions=(FULL,))
REJECTED = BatchHistory("B0", manufactured=True, rejected=True)
INCLUDED = PatientHistory("P01", transplanted=True, included_at=date(2026, 1, 5), donor_cleared=True)


def patient(*batches, **fields):
    return replace(INCLUDED, **{"collections": 1, "batches": batches, **fields})


def path(history):
    order = ("T", "I", "L", "M", "R", "F", "F_final")
    reached = stages(history)
    return "".join("1" if StageKey(key) in reached else "0" for key in order)


SECOND = replace(GOOD, code="B2")
ROWS = [
    ("rejected after certification", patient(replace(GOOD, rejected=True)), "1111000", {"rejected": 1, "released": 0}),
    (
        "supplied out of specification after certification",
        patient(replace(GOOD, oos_supplied=True)),
        "1111000",
        {"rejected": 1},
    ),
    (
        "terminated after certification",
        patient(replace(GOOD, terminated=True)),
        "1111000",
        {"terminated": 1, "released": 0},
    ),
    (
        "two batches in spec, both infused",
        patient(GOOD, SECOND),
        "1111111",
        {"started": 2, "released": 2, "infused": 2},
    ),
    (
        "first rejected, second infused",
        patient(REJECTED, SECOND, collections=2),
        "1111111",
        {"started": 2, "rejected": 1, "released": 1},
    ),
    ("pooled from two leukaphereses", patient(GOOD, collections=2), "1111111", {"started": 1}),
    (
        "partial at the minimum",
        patient(replace(GOOD, infusions=(replace(PARTIAL, nk_per_kg=D("3e6")),))),
        "1111111",
        {"partially_infused": 1},
    ),
    (
        "partial below the minimum",
        patient(replace(GOOD, infusions=(replace(PARTIAL, nk_per_kg=D("2999999")),))),
        "1111100",
        {"partially_infused": 1},
    ),
    ("dose unknown", patient(replace(GOOD, infusions=(replace(FULL, nk_per_kg=None),))), "1111100", {"infused": 1}),
    (
        "capped by T cells, above the minimum",
        patient(replace(GOOD, infusions=(replace(FULL, nk_per_kg=D("4e6")),))),
        "1111111",
        {"infused": 1},
    ),
    (
        "released, not infused",
        patient(replace(GOOD, infusions=(), not_infused_reason=DropReason.GVHD)),
        "1111100",
        {"released": 1, "not_infused": 1},
    ),
    ("released, waiting", patient(replace(GOOD, infusions=())), "1111100", {"released": 1, "pending": 1}),
    (
        "supplied out of specification",
        patient(replace(REJECTED, oos_supplied=True, infusions=(FULL,))),
        "1111000",
        {"rejected": 1, "released": 0},
    ),
    (
        "certified, failed late, then supplied",
        patient(
            replace(
                GOOD,
                certified_final=False,
                late_oos=True,
                oos_supplied=True,
                infusions=(replace(FULL, out_of_specification=True),),
            )
        ),
        "1111100",
        {"rejected": 0, "released": 1, "infused": 1},
    ),
    (
        "supplied, then another result failed",
        patient(
            BatchHistory(
                "B1",
                manufactured=True,
                late_oos=True,
                oos_supplied=True,
                infusions=(replace(FULL, out_of_specification=True),),
            )
        ),
        "1111000",
        {"rejected": 1, "released": 0},
    ),
    (
        "one bag in spec, one supplied",
        patient(replace(GOOD, late_oos=True, infusions=(FULL, replace(FULL, out_of_specification=True)))),
        "1111100",
        {"infused": 1},
    ),
    (
        "late failure after infusion",
        patient(replace(GOOD, certified_final=False, late_oos=True)),
        "1111100",
        {"released": 1, "infused": 1},
    ),
    ("sterility pending", patient(replace(GOOD, certified_final=False)), "1111110", {"infused": 1}),
    (
        "given against the verdict",
        patient(replace(GOOD, infusions=(replace(FULL, against_verdict=True),))),
        "1111100",
        {"infused": 1},
    ),
    ("donor withdraws", replace(INCLUDED, concluded=True, drop_reason=DropReason.DONOR), "1100000", {"started": 0}),
    (
        "relapse before leukapheresis",
        replace(INCLUDED, concluded=True, drop_reason=DropReason.PROGRESSIVE_DISEASE),
        "1100000",
        {"started": 0},
    ),
    ("in progress", patient(BatchHistory("B1")), "1110000", {"started": 1, "in_progress": 1}),
    ("terminated", patient(BatchHistory("B1", terminated=True)), "1110000", {"started": 1, "terminated": 1}),
    ("transplanted, not included", PatientHistory("P01", transplanted=True), "1000000", {}),
    ("consent before transplantation", replace(INCLUDED, transplanted=False), "0000000", {}),
    ("certified without a final container", patient(replace(GOOD, manufactured=False)), "1110000", {"in_progress": 1}),
]


@pytest.mark.req("TR-F1", "TR-F2", "TR-PROV")
@pytest.mark.parametrize(("history", "expected", "counts"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_counting_rule(history, expected, counts):
    assert path(history) == expected
    found = batch_counts(sums_of((history,), RULES))
    assert counts.items() <= found.items()


def test_a_patient_counts_once_with_its_code():
    answer = feasibility((patient(GOOD, SECOND),), RULES)
    assert answer.stages[StageKey.F] == ("P01",)
    assert answer.stages[StageKey.D] == ("P01",)


@pytest.mark.req("TR-F2")
def test_a_late_failure_falls_from_both_counts_and_stays_in_the_safety_set():
    before = feasibility((patient(replace(GOOD, certified_final=False)),), RULES)
    after = feasibility((patient(replace(GOOD, certified_final=False, late_oos=True)),), RULES)
    assert (before.infusion.k, before.infusion_final.k, before.fell) == (1, 0, ())
    assert (after.infusion.k, after.infusion_final.k, after.fell) == (0, 0, ("P01",))
    assert after.safety.infused == ("P01",)


def test_a_good_second_batch_makes_up_for_a_late_failure():
    answer = feasibility((patient(replace(GOOD, certified_final=False, late_oos=True), SECOND),), RULES)
    assert (answer.infusion_final.k, answer.fell) == (1, ())


def test_a_partial_infusion_in_f_is_marked():
    answer = feasibility((patient(replace(GOOD, infusions=(PARTIAL,))), replace(patient(GOOD), code="P02")), RULES)
    assert (answer.stages[StageKey.F], answer.partial) == (("P01", "P02"), ("P01",))


@pytest.mark.req("TR-F3")
def test_each_drop_has_its_stage_and_one_reason_and_open_patients_none():
    gone = patient(replace(GOOD, infusions=()), code="P02", concluded=True, drop_reason=DropReason.STEROIDS)
    gap = replace(INCLUDED, code="P03", concluded=True)
    still = replace(INCLUDED, code="P04", drop_reason=DropReason.DONOR)
    never = PatientHistory("P05", transplanted=True, concluded=True, drop_reason=DropReason.NO_CONSENT)
    answer = feasibility((patient(GOOD), gone, gap, still, never), RULES)
    assert [(drop.code, drop.after.value, drop.concluded, drop.reason) for drop in answer.drops] == [
        ("P02", "R", True, DropReason.STEROIDS),
        ("P03", "I", True, None),
        ("P04", "I", False, None),
        ("P05", "T", True, DropReason.NO_CONSENT),
    ]
    assert (answer.infusion.k, answer.infusion.n) == (1, 4)
    assert (answer.infusion_of_concluded.k, answer.infusion_of_concluded.n) == (1, 3)


def cohort(transplanted, included, infused, *, concluded=False):
    def one(number):
        history = PatientHistory(f"P{number:02}", transplanted=True, concluded=concluded)
        if number < included:
            history = replace(history, included_at=date(2026, 1, 5), collections=1)
        return replace(history, batches=(GOOD,)) if number < infused else history

    return feasibility(tuple(one(number) for number in range(transplanted)), RULES)


@pytest.mark.req("TR-F1")
@pytest.mark.parametrize(
    ("k", "n", "met"), [(6, 12, False), (7, 12, True), (12, 23, True), (12, 24, False), (0, 0, False)]
)
def test_more_than_half_of_the_transplanted(k, n, met):
    answer = cohort(n, k, 0).inclusion
    assert (answer.k, answer.n, answer.met, 2 * k > n) == (k, n, met, met)
    assert answer.rule == f"100 × {k} > 50 × {n}"


@pytest.mark.req("TR-F2")
@pytest.mark.parametrize(
    ("k", "n", "met"), [(7, 12, False), (8, 12, True), (6, 9, True), (33, 50, False), (34, 50, True), (0, 0, False)]
)
def test_more_than_66_percent_of_the_included(k, n, met):
    answer = cohort(n, n, k)
    assert (answer.infusion.met, answer.infusion_final.met, 100 * k > 66 * n) == (met, met, met)


def test_the_eligible_denominator_stands_beside():
    others = tuple(PatientHistory(f"X{number}", transplanted=True, eligible=False) for number in range(2))
    answer = feasibility((INCLUDED, *others), RULES)
    assert (answer.inclusion.met, answer.inclusion_of_eligible.met) == (False, True)
    assert (answer.inclusion.n, answer.inclusion_of_eligible.n) == (3, 1)


@pytest.mark.req("TR-F1")
def test_whoever_was_included_and_is_not_of_the_accepted_age_by_a_later_version_is_in_neither_of_its_numbers():
    """A version that narrows the age after an inclusion: one of one, where two were included."""
    answer = feasibility((INCLUDED, replace(INCLUDED, code="P02", eligible=False)), RULES)
    assert (answer.inclusion.k, answer.inclusion.n) == (2, 2)
    assert (answer.inclusion_of_eligible.k, answer.inclusion_of_eligible.n) == (1, 1)


def test_interval_values_come_with_the_proportion():
    answer = cohort(12, 12, 8).infusion
    assert abs(answer.exact95.low - D("0.348876")) < D("1e-6")
    assert abs(answer.lower95 - D("0.390862")) < D("1e-6")


@pytest.mark.req("TR-F2")
@pytest.mark.parametrize(("lost", "reachable"), [(0, True), (4, True), (5, False)])
def test_futility_of_the_infusion_criterion(lost, reachable):
    assert infusion_reachable(12, lost, RULES) is reachable
    gone = tuple(replace(INCLUDED, code=f"P{number}", concluded=True) for number in range(lost))
    assert feasibility((*gone, replace(INCLUDED, code="open")), RULES).infusion.reachable is reachable


@pytest.mark.req("TR-F1")
@pytest.mark.parametrize(
    ("included", "transplanted", "waiting", "reachable"),
    [
        (12, 23, 0, True),
        (12, 24, 0, False),
        (11, 22, 0, True),
        (11, 23, 0, False),
        (11, 23, 1, True),
        (0, 11, 0, True),
        (0, 12, 0, False),
    ],
)
def test_futility_of_the_inclusion_criterion(included, transplanted, waiting, reachable):
    assert inclusion_reachable(included, transplanted, waiting, RULES) is reachable


SUPPLIED = patient(
    replace(REJECTED, rejected=False, oos_supplied=True, infusions=(replace(FULL, out_of_specification=True),))
)


@pytest.mark.req("TR-OOSFLAG")
def test_a_dose_out_of_specification_is_safety_and_infused_and_shown_beside_f_never_in_it():
    found = feasibility((SUPPLIED, replace(patient(GOOD), code="P02")), RULES)
    assert found.stages[StageKey.F] == found.stages[StageKey.F_FINAL] == ("P02",)
    assert found.supplied == ("P01",)
    assert found.safety.infused == ("P01", "P02")
    assert (found.infusion.k, found.infusion_with_supplied.k, found.infusion_with_supplied.n) == (1, 2, 2)


@pytest.mark.req("TR-OOSFLAG")
@pytest.mark.parametrize("change", [{"nk_per_kg": D("2e6")}, {"nk_per_kg": None}, {"against_verdict": True}])
def test_beside_f_only_a_dose_is_shown_that_would_have_counted(change):
    weak = replace(FULL, out_of_specification=True, **change)
    found = feasibility((patient(BatchHistory("B1", manufactured=True, oos_supplied=True, infusions=(weak,))),), RULES)
    assert (found.supplied, found.infusion_with_supplied.k) == (("P01",), 0)


@pytest.mark.req("TR-OOSFLAG")
def test_a_patient_with_both_kinds_of_dose_counts_once():
    both = replace(SUPPLIED, batches=(*SUPPLIED.batches, SECOND))
    found = feasibility((both,), RULES)
    assert (found.infusion.k, found.infusion_with_supplied.k, found.supplied) == (1, 1, ("P01",))


@pytest.mark.req("TR-OOSFLAG", "TR-F2")
def test_a_dose_that_was_supplied_out_of_specification_never_counts_whatever_its_batch_became():
    marked = replace(FULL, out_of_specification=True)
    assert path(patient(replace(GOOD, infusions=(marked,)))) == "1111100"
    assert path(patient(replace(GOOD, infusions=(marked, FULL)))) == "1111111"


@pytest.mark.req("TR-F1", "TR-F2")
def test_nothing_is_within_reach_of_a_closed_trial():
    """Three of five infused: in a running trial nine more could follow."""
    patients = tuple(replace(patient(GOOD) if one < 3 else patient(), code=f"P{one}") for one in range(5))
    running, closed = summed(sums_of(patients, RULES), RULES), feasibility(patients, RULES, closed=True)
    assert (running.infusion.met, running.infusion.reachable) == (False, True)
    assert [closed.infusion.reachable, closed.infusion_final.reachable, closed.inclusion.reachable] == [None] * 3


@pytest.mark.req("TR-F1")
def test_whoever_may_not_be_included_is_no_hope_for_the_inclusion():
    """Twelve of 23 would pass: twelve wait, but one of them is too old, so a 24th has to be transplanted."""
    waiting = replace(INCLUDED, included_at=None, donor_cleared=False)
    ended = replace(waiting, concluded=True)
    patients = tuple(replace(waiting, code=f"W{one}") for one in range(12))
    patients += tuple(replace(ended, code=f"E{one}") for one in range(11))
    assert feasibility(patients, RULES).inclusion.reachable is True
    too_old = (replace(patients[0], eligible=False), *patients[1:])
    assert feasibility(too_old, RULES).inclusion.reachable is False
