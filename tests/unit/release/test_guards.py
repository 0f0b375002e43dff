"""The guards as pure rules: each fault alone gives its code, and every default refuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from kernel.training.domain import NOT_TRAINED
from manufacturing.domain.batches import BatchStatus, StepStatus
from manufacturing.domain.deviations import DeviationClass, DeviationStatus
from manufacturing.domain.environment import ENVIRONMENT_MISSING, ENVIRONMENT_PENDING, Standing
from manufacturing.domain.places import CUSTODY_GAP
from release.domain.decisions import CERTIFICATES, DecisionKind, QcTestStatus
from release.domain.guards import GUARDS, GuardState, guard_lines, release_refusals, review_refusals, weight_changes
from release.domain.oos import OosStatus
from release.domain.results import Outcome
from release.domain.review import DeviationFacts, OosLine, ReleaseFacts, RequiredTest, StepFacts
from release.domain.scan_facts import HoldFacts
from release.domain.specifications import parse_specification
from tests.unit.release.preset import body

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
PURITY = RequiredTest(name="purity", status=QcTestStatus.VERIFIED, outcome=Outcome.PASS)
CULTURE = RequiredTest(
    name="sterility", status=QcTestStatus.IN_TEST, outcome=Outcome.PENDING, may_wait=True, in_test=True
)
STEP = StepFacts(1, "inspect", StepStatus.VERIFIED)
GOOD = ReleaseFacts(
    cultured=(),
    batch_status=BatchStatus.QA_REVIEWED,
    accepted=True,
    steps=(STEP,),
    tests=(PURITY, CULTURE),
    containers=1,
    unreconciled_labels=0,
    samples=(),
    training=(),
    weighed=True,
    expires_at=NOW + timedelta(hours=1, microseconds=1),
    margin=timedelta(hours=1),
    reviewed_at=NOW,
    review_current=True,
    integrity_faults=(),
    certifiers=("Person QP",),
    action_plan="SOP-RL-07",
)


def codes(facts, wanted=DecisionKind.STAGE1):
    return [one.code for one in release_refusals(facts, wanted, NOW)]


def required(*changed):
    return {"tests": changed}


ONE_FAULT = [
    ({"batch_status": BatchStatus.IN_PROCESS}, ["PRODUCTION_NOT_COMPLETE"]),
    ({"batch_status": BatchStatus.TERMINATED}, ["PRODUCTION_NOT_COMPLETE"]),
    ({"steps": ()}, ["PRODUCTION_NOT_COMPLETE"]),
    ({"steps": (replace(STEP, status=StepStatus.PERFORMED),)}, ["STEP_UNVERIFIED"]),
    ({"containers": 0}, ["CONTAINER_MISSING"]),
    ({"accepted": False}, ["DONOR_NOT_ACCEPTED"]),
    (required(), ["RESULT_MISSING"]),
    (required(replace(PURITY, status=QcTestStatus.REQUESTED)), ["RESULT_MISSING"]),
    (required(replace(PURITY, status=QcTestStatus.ENTERED)), ["RESULT_UNVERIFIED"]),
    (required(replace(PURITY, outcome=Outcome.OOS)), ["RESULT_OOS"]),
    (required(replace(PURITY, outcome=Outcome.UNDECIDABLE)), ["RESULT_UNDECIDABLE"]),
    (required(replace(PURITY, outcome=Outcome.PENDING)), ["RESULT_UNDECIDABLE"]),
    (required(replace(CULTURE, in_test=False)), ["NOT_IN_TEST"]),
    (required(replace(CULTURE, may_wait=False)), ["RESULT_MISSING"]),
    ({"unreconciled_labels": 1}, ["LABELS_OPEN"]),
    ({"unreconciled_labels": None}, ["LABELS_OPEN"]),
    ({"samples": ("NK26-0001-S01-7",)}, ["SAMPLES_OPEN"]),
    ({"samples": None}, ["SAMPLES_OPEN"]),
    ({"action_plan": ""}, ["ACTION_PLAN_MISSING"]),
    ({"training": None}, ["NOT_TRAINED"]),
    ({"training": (NOT_TRAINED(person="x", procedure="y", version="z", at="now"),)}, ["NOT_TRAINED"]),
    ({"holds": (HoldFacts("batch", "x"),)}, ["BATCH_ON_HOLD"]),
    ({"holds": (HoldFacts("subject", "x"),)}, ["BATCH_ON_HOLD"]),
    ({"holds": (HoldFacts("trial", "x"),)}, ["TRIAL_ON_HOLD"]),
    ({"weighed": False}, ["WEIGHT_MISSING"]),
    ({"expires_at": NOW + timedelta(hours=1)}, ["PRODUCT_EXPIRED"]),
    ({"expires_at": None}, ["PRODUCT_EXPIRED"]),
    ({"reviewed_at": None}, ["AUDIT_REVIEW_MISSING"]),
    ({"review_current": False}, ["AUDIT_REVIEW_STALE"]),
    ({"integrity_faults": None}, ["INTEGRITY_FAILURE"]),
    ({"integrity_faults": ("a", "b")}, ["INTEGRITY_FAILURE", "INTEGRITY_FAILURE"]),
    ({"difference": Fraction(1, 10**9)}, ["FORMULATION_DIFFERENCE"]),
    ({"uncounted": ("NK26-0001-1",), "difference_answered": True}, ["FORMULATION_COUNT_ZERO"]),
    ({"certifiers": ()}, ["CERTIFIER_MISSING"]),
]


@pytest.mark.req("ATMP-11-CHECK")
@pytest.mark.parametrize(("change", "expected"), ONE_FAULT)
def test_one_fault_gives_exactly_its_reason(change, expected):
    assert codes(GOOD) == []
    assert codes(replace(GOOD, **change)) == expected


BEFORE = (DecisionKind.STAGE1, DecisionKind.FULL)
MAKING = (*BEFORE, DecisionKind.GIVEN)


@pytest.mark.req("ATMP-11-CHECK")
def test_the_guards_and_the_decisions_they_speak_on_are_these():
    assert [(guard.key, guard.kinds, guard.recorded) for guard in GUARDS] == [
        ("results", CERTIFICATES, ""),
        ("mycoplasma", CERTIFICATES, ""),
        ("deviations", CERTIFICATES, ""),
        ("holds", CERTIFICATES, ""),
        ("review", CERTIFICATES, ""),
        ("integrity", CERTIFICATES, ""),
        ("steps", CERTIFICATES, ""),
        ("donor", CERTIFICATES, ""),
        ("labels", MAKING, ""),
        ("samples", CERTIFICATES, ""),
        ("weight", CERTIFICATES, ""),
        ("expiry", BEFORE, ""),
        ("difference", CERTIFICATES, ""),
        ("trial", BEFORE, ""),
        ("plan", (DecisionKind.STAGE1,), ""),
        ("dossier", CERTIFICATES, "dossier"),
        ("people", CERTIFICATES, ""),
        ("training", CERTIFICATES, ""),
        ("lots", CERTIFICATES, "lots"),
        ("equipment", CERTIFICATES, "equipment"),
        ("environment", CERTIFICATES, "environment"),
        ("custody", CERTIFICATES, "custody"),
        ("temperature", CERTIFICATES, "temperature"),
    ]


@pytest.mark.req("ATMP-11-CHECK")
@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"accepted": False, "collection": "L-1"}, {"collection": "L-1", "state": "–"}),
        ({"accepted": False, "collection_status": "planned"}, {"state": "planned"}),
        ({"steps": ()}, {"state": "no steps"}),
        ({"batch_status": BatchStatus.IN_PROCESS}, {"state": "in_process"}),
        ({"steps": (STEP, replace(STEP, position=2, status=StepStatus.PENDING))}, {"steps": ("2 inspect",)}),
        (required(), {"test": "The whole specification"}),
        (required(replace(PURITY, outcome=Outcome.OOS, value="81", limit="90")), {"value": "81", "limit": "90"}),
        (required(replace(PURITY, outcome=Outcome.UNDECIDABLE, why="no count")), {"test": "purity", "why": "no count"}),
        ({"unreconciled_labels": None}, {"count": "?"}),
        ({"unreconciled_labels": 2}, {"count": "2"}),
        ({"samples": None}, {"samples": "?"}),
        ({"samples": ("S1", "S2")}, {"samples": "S1, S2"}),
        ({"cultured": ("Harvest", "Wash"), "mycoplasma_omitted": True}, {"steps": ("Harvest", "Wash")}),
        ({"training": None}, {"person": "?", "procedure": "?", "version": "?", "at": "?"}),
        ({"weighed": False, "subject": "NK-03"}, {"subject": "NK-03"}),
        ({"expires_at": None}, {"expires": "–", "margin": "60"}),
        ({"expires_at": NOW}, {"expires": "2026-11-23 11:00 CET", "margin": "60"}),
        ({"review_current": False}, {"at": "2026-11-23 11:00 CET"}),
        ({"uncounted": ("C1", "C2")}, {"containers": "C1, C2"}),
        ({"difference": Fraction(25, 2), "tolerance": Fraction(10)}, {"percent": "12.5", "tolerance": "10"}),
        ({"integrity_faults": None}, {"what": "unknown"}),
        ({"oos": (OosLine("O1", "purity", OosStatus.OPEN),)}, {"number": "O1", "test": "purity"}),
    ],
)
def test_a_refusal_tells_what_it_saw(change, told):
    (refusal,) = release_refusals(replace(GOOD, **change), DecisionKind.STAGE1, NOW)
    assert {name: refusal.fact(name) for name in told} == told


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"oos": (OosLine("O1", "purity", OosStatus.OPEN),)}, ["OOS_UNDECIDED"]),
        ({"oos": (OosLine("O1", "purity", OosStatus.CONFIRMED),)}, ["OOS_CONFIRMED"]),
        ({"oos": (OosLine("O1", "purity", OosStatus.INVALIDATED),)}, []),
        (required(replace(PURITY, status=QcTestStatus.INVALIDATED)), ["RETEST_MISSING"]),
        (required(replace(PURITY, status=QcTestStatus.REOPENED)), ["RESULT_MISSING"]),
        (required(replace(PURITY, status=QcTestStatus.REQUESTED, mandatory=False)), []),
        (required(replace(PURITY, status=QcTestStatus.REQUESTED, from_records=True)), []),
        (
            required(replace(PURITY, status=QcTestStatus.REQUESTED, from_records=True, outcome=Outcome.OOS)),
            ["RESULT_OOS"],
        ),
        (required(replace(PURITY, outcome=Outcome.ALERT), replace(PURITY, outcome=Outcome.REPORT)), []),
        (required(replace(PURITY, outcome=Outcome.UNDECIDABLE, per_kg=True)), ["RESULT_UNDECIDABLE"]),
        (
            {"weighed": False, **required(replace(PURITY, outcome=Outcome.UNDECIDABLE))},
            ["RESULT_UNDECIDABLE", "WEIGHT_MISSING"],
        ),
        ({"difference": Fraction(10), "tolerance": Fraction(10)}, []),
        ({"difference": Fraction(11), "tolerance": Fraction(10), "difference_answered": True}, []),
        ({"batch_status": BatchStatus.PRODUCTION_COMPLETE}, []),
        ({"dossier": (NOT_TRAINED(person="x", procedure="y", version="z", at="now"),)}, ["NOT_TRAINED"]),
        ({"holds": (HoldFacts("collection", "x", cause="recall"),)}, ["BATCH_RECALLED"]),
    ],
)
def test_what_the_records_say_decides(change, expected):
    assert codes(replace(GOOD, **change)) == expected


@pytest.mark.req("TC-17-II.2.8")
@pytest.mark.parametrize("wanted", CERTIFICATES)
def test_what_is_stored_frozen_needs_the_later_tests_of_its_donor_for_the_final_release(wanted):
    later = NOT_TRAINED(person="x", procedure="y", version="z", at="now")
    found = codes(replace(GOOD, tests=(PURITY,), long_storage=(later,)), wanted)
    assert found == (["NOT_TRAINED"] if wanted in {DecisionKind.FULL, DecisionKind.STAGE2} else [])


@pytest.mark.parametrize("wanted", CERTIFICATES)
def test_only_a_decision_before_the_last_result_lets_one_wait(wanted):
    assert (codes(GOOD, wanted) == []) == (wanted in {DecisionKind.STAGE1, DecisionKind.GIVEN})


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"batch_status": BatchStatus.IN_PROCESS}, ["PRODUCTION_NOT_COMPLETE"]),
        ({"integrity_faults": ("hash",)}, ["INTEGRITY_FAILURE"]),
        ({"accepted": False, "weighed": False, "tests": ()}, []),
    ],
)
def test_the_review_asks_for_production_and_integrity_and_not_for_what_comes_later(change, expected):
    assert [one.code for one in review_refusals(replace(GOOD, **change), NOW)] == expected


def test_a_red_line_knows_since_when_it_could_have_been_green():
    since = {"weight": NOW - timedelta(days=2)}
    facts = replace(GOOD, since=since)
    assert {line.since for line in guard_lines(facts, DecisionKind.STAGE1, NOW)} == {None}
    lines = guard_lines(replace(facts, weighed=False), DecisionKind.STAGE1, NOW)
    assert {line.guard.key: line.since for line in lines if line.since} == since


@pytest.mark.req("ATMP-DEV-1")
@pytest.mark.req("ATMP-DEV-2")
@pytest.mark.parametrize("grade", list(DeviationClass))
@pytest.mark.parametrize("wanted", [DecisionKind.STAGE1, DecisionKind.FULL, DecisionKind.STAGE2])
def test_a_closed_deviation_never_makes_a_result_out_of_specification_acceptable(grade, wanted):
    explained = (DeviationFacts("DV-1", grade, DeviationStatus.CLOSED),)
    failed = replace(GOOD, deviations=explained, tests=(replace(PURITY, outcome=Outcome.OOS),))
    assert "RESULT_OOS" in codes(failed, wanted)


@pytest.mark.parametrize("status", list(DeviationStatus))
@pytest.mark.parametrize("grade", list(DeviationClass))
def test_a_minor_deviation_is_assessed_and_any_other_closed(status, grade):
    settled = status is DeviationStatus.CLOSED or (grade is DeviationClass.MINOR and status is DeviationStatus.ASSESSED)
    facts = replace(GOOD, deviations=(DeviationFacts("DV-1", grade, status),))
    assert codes(facts) == ([] if settled else ["DEVIATION_OPEN"])
    assert [one.code for one in review_refusals(facts, NOW)] == codes(facts)


def test_facts_that_nobody_gave_refuse_every_guard():
    lines = guard_lines(ReleaseFacts(), DecisionKind.STAGE1, NOW)
    green = {line.guard.key for line in lines if line.state is GuardState.GREEN}
    assert green == {"deviations", "holds", "difference", "trial"}


def test_what_nobody_said_is_the_answer_that_refuses():
    assert ReleaseFacts() == ReleaseFacts(
        batch_status=BatchStatus.PLANNED,
        accepted=False,
        containers=0,
        weighed=False,
        margin=timedelta(0),
        review_current=False,
        tolerance=Fraction(0),
        difference_answered=False,
        cultured=("?",),
        mycoplasma_omitted=True,
    )
    said = {"name": "purity", "status": QcTestStatus.REQUESTED, "outcome": Outcome.PENDING}
    assert RequiredTest(**said) == RequiredTest(
        **said, mandatory=True, may_wait=False, in_test=False, from_records=False, per_kg=False
    )


@pytest.mark.req("A11D-13")
def test_what_was_given_is_judged_by_how_it_was_made_and_not_by_the_day():
    late = replace(GOOD, expires_at=NOW - timedelta(days=3), holds=(HoldFacts("trial", "x"),))
    assert codes(late, DecisionKind.GIVEN) == []
    for fault in ({"accepted": False}, {"unreconciled_labels": 1}, {"review_current": False}):
        assert len(codes(replace(late, **fault), DecisionKind.GIVEN)) == 1


def test_only_stage_one_lets_a_result_wait():
    assert codes(GOOD, DecisionKind.FULL) == ["RESULT_MISSING"]
    final = replace(GOOD, tests=(PURITY, replace(CULTURE, status=QcTestStatus.VERIFIED, outcome=Outcome.PASS)))
    assert codes(final, DecisionKind.FULL) == codes(final, DecisionKind.STAGE2) == []


def test_the_final_certification_does_not_ask_for_time_that_has_passed():
    late = replace(GOOD, tests=(PURITY,), expires_at=NOW - timedelta(days=7), holds=(HoldFacts("trial", "safety"),))
    assert codes(late, DecisionKind.STAGE2) == []


def test_without_a_weight_only_the_weight_is_named():
    dose = replace(PURITY, name="dose", per_kg=True, outcome=Outcome.UNDECIDABLE)
    assert codes(replace(GOOD, tests=(PURITY, dose, CULTURE), weighed=False)) == ["WEIGHT_MISSING"]


@pytest.mark.req("PHE-2.6.7")
def test_cells_that_were_cultured_are_not_certified_by_a_version_that_omits_mycoplasma():
    cultured = replace(GOOD, cultured=("Harvest",), mycoplasma_omitted=True)
    assert codes(cultured) == ["MYCOPLASMA_OMITTED"]
    assert codes(replace(cultured, mycoplasma_omitted=False)) == []
    assert codes(replace(cultured, cultured=())) == []


def test_what_is_not_checked_is_never_green():
    lines = guard_lines(GOOD, DecisionKind.STAGE1, NOW)
    unchecked = {line.guard.key for line in lines if line.state is GuardState.NOT_CHECKED}
    assert unchecked == {"custody", "dossier", "temperature", "lots", "equipment", "environment"}
    assert [guard for guard in GUARDS if guard.check is None] == []


@pytest.mark.req("ATMP-4-EM")
@pytest.mark.parametrize(
    ("waits", "codes_"), [(False, [[], ["ENVIRONMENT_PENDING"]]), (True, [["ENVIRONMENT_PENDING"]] * 2)]
)
def test_a_plate_that_is_not_read_waits_for_the_final_certification_or_as_the_list_says(waits, codes_):
    pending = Standing(pending=((ENVIRONMENT_PENDING(sample="plate", step="8"), waits),))
    final = replace(GOOD, tests=(PURITY,), environment=pending)
    assert [codes(final, kind) for kind in (DecisionKind.STAGE1, DecisionKind.STAGE2)] == codes_
    missing = Standing(against=(ENVIRONMENT_MISSING(sample="plate", step="8"),))
    assert codes(replace(GOOD, environment=missing)) == ["ENVIRONMENT_MISSING"]


@pytest.mark.req("F-COC-1", "ATMP-7-RECALL")
@pytest.mark.parametrize("key", ["custody", "temperature", "lots", "equipment"])
def test_what_needs_records_is_checked_where_they_are_and_only_there(key):
    def state(found):
        lines = guard_lines(replace(GOOD, **{key: found}), DecisionKind.STAGE1, NOW)
        return next(line.state for line in lines if line.guard.key == key)

    assert state(None) is GuardState.NOT_CHECKED
    assert state(()) is GuardState.GREEN
    assert state((CUSTODY_GAP(unit="NK26-0001-01", at="now", found="A", recorded="B"),)) is GuardState.RED


@pytest.mark.req("PHE-KG")
@pytest.mark.parametrize(
    ("new", "changed", "count"),
    [("22", (), 0), ("22.0001", (), 1), ("18", (), 0), ("17.9999", (), 1), ("20", ("x",), 1)],
)
def test_a_weight_waits_for_the_qp_beyond_the_tolerance_or_with_another_verdict(new, changed, count):
    assert len(weight_changes(Decimal(20), Decimal(new), Decimal(10), changed)) == count


def test_a_new_weight_says_why_it_waits():
    assert weight_changes(Decimal(20), Decimal(30), Decimal(10), ("CD3",)) == ("more than the tolerance", "CD3")


@pytest.mark.req("ATMP-11.3.2-5")
def test_only_a_certification_with_results_pending_needs_the_action_plan_that_the_specification_names():
    unnamed = replace(GOOD, action_plan="")
    assert codes(unnamed) == ["ACTION_PLAN_MISSING"]
    assert "ACTION_PLAN_MISSING" not in codes(unnamed, DecisionKind.FULL)
    parsed = parse_specification(body(positive_sterility_plan=" SOP-RL-07 "))
    assert parsed.positive_sterility_plan == "SOP-RL-07"
    assert parse_specification(body()).positive_sterility_plan == ""
