"""Out of specification: who may do what to a failed result, and what ends its hold."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

import release.permissions  # noqa: F401  (every role has its permissions)
from kernel.permissions import PERMISSIONS
from manufacturing.domain.samples import SampleStatus
from release.domain.decisions import DISPOSITION, QC_TEST, DecisionKind, Disposition, QcTestStatus
from release.domain.oos import (
    CHECKLIST,
    MOST_REPLICATES,
    OOS,
    Answer,
    OosFacts,
    OosState,
    OosStatus,
    RetestPlan,
    RetestValue,
    authorising_refusals,
    deciding_refusals,
    invalidating_refusals,
    laboratory_refusals,
    plan_refusals,
    settled,
)
from release.domain.results import Outcome
from release.domain.review import OosLine, ReleaseFacts, RequiredTest, results_are_in_specification

FACTS = OosFacts(
    number="B-O1",
    signer="decider",
    analysts=frozenset({"analyst"}),
    verifiers=frozenset({"verifier"}),
    investigators=frozenset({"investigator"}),
    cause_found=True,
    evidence=1,
)
IN_ORDER = dict.fromkeys(CHECKLIST, (Answer.YES, "seen"))
BROKEN = IN_ORDER | {"reagents": (Answer.NO, "the lot had expired")}
WORDS = "the control was read with an expired antibody"
PLAN = RetestPlan("S-1", SampleStatus.AT_LAB, analyst_may_test=True, analyst_id="analyst", rationale=WORDS)


def codes(refusals):
    return [one.code for one in refusals]


def concluded(facts=FACTS, answers=BROKEN, *, cause=True, words=WORDS):
    return codes(laboratory_refusals(facts, answers, cause_found=cause, conclusion=words))


@pytest.mark.req("QC-OOS-2")
def test_the_laboratory_answers_every_point_in_words_and_shows_where_a_cause_lies():
    assert concluded() == concluded(answers=IN_ORDER, cause=False) == []
    assert concluded(answers=IN_ORDER) == ["CAUSE_NOT_SHOWN"]
    for key in CHECKLIST:
        for text, missing in ((" no ", ["MISSING_FIELD"]), (" lot ", [])):
            assert concluded(answers=BROKEN | {key: (Answer.NO, text)}) == missing, key
        assert concluded(answers={k: v for k, v in IN_ORDER.items() if k != key}, cause=False) == ["MISSING_FIELD"]
    assert concluded(words="found it, wrong") == []  # fifteen characters
    assert concluded(words=" found it wrong ") == ["MISSING_FIELD"]


@pytest.mark.req("QC-OOS-2")
def test_no_analyst_investigates_a_result_of_his_own():
    assert concluded(replace(FACTS, signer="analyst")) == ["SOD_OOS"]
    assert concluded(replace(FACTS, signer="verifier")) == []


@pytest.mark.req("QC-INVALID", "QC-OOS-2")
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"cause_found": None}, ["LAB_PHASE_MISSING"]),
        ({"cause_found": False}, ["ASSIGNABLE_CAUSE_MISSING"]),
        ({"evidence": 0}, ["EVIDENCE_MISSING"]),
        ({"cause_found": False, "evidence": 0}, ["ASSIGNABLE_CAUSE_MISSING", "EVIDENCE_MISSING"]),
        ({"signer": "analyst"}, ["SOD_OOS"]),
        ({"signer": "verifier"}, ["SOD_OOS"]),
        ({"signer": "investigator"}, ["SOD_OOS"]),
    ],
)
def test_a_result_is_declared_invalid_for_a_cause_with_evidence_by_somebody_else(change, expected):
    assert codes(invalidating_refusals(replace(FACTS, **change))) == expected


def test_facts_that_nobody_gave_declare_nothing_invalid():
    bare = OosFacts("B-O1", "decider", frozenset(), frozenset(), cause_found=True)
    assert codes(invalidating_refusals(bare)) == ["EVIDENCE_MISSING"]
    assert MOST_REPLICATES == 6


def test_a_result_is_confirmed_without_a_cause_but_not_without_an_investigation():
    assert codes(deciding_refusals(replace(FACTS, cause_found=False, evidence=0))) == []
    assert codes(deciding_refusals(replace(FACTS, cause_found=None))) == ["LAB_PHASE_MISSING"]


INVALID = replace(FACTS, signer="authoriser", invalidator="decider")


@pytest.mark.req("QC-RETEST", "S5")
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"signer": "decider"}, ["SOD_RETEST"]),
        ({"signer": "analyst"}, ["SOD_RETEST"]),
        ({"signer": "verifier"}, ["SOD_RETEST"]),
        ({"replicates": 2}, ["RETEST_LIMIT"]),
    ],
)
def test_a_retest_is_authorised_once_and_not_by_who_declared_the_result_invalid(change, expected):
    assert codes(authorising_refusals(replace(INVALID, **change))) == expected


@pytest.mark.req("QC-RETEST")
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"rationale": "again"}, ["MISSING_FIELD"]),
        ({"sample_status": None}, ["RETEST_SAMPLE"]),
        ({"sample_status": SampleStatus.DISCARDED}, ["RETEST_SAMPLE"]),
        ({"sample_status": SampleStatus.TESTED}, []),
        ({"analyst_may_test": False}, ["RETEST_PERSON"]),
        ({"analyst_id": "authoriser"}, ["SOD_RETEST"]),
    ],
)
def test_sample_analyst_and_reason_of_a_retest_are_fixed_in_advance(change, expected):
    assert codes(plan_refusals(INVALID, replace(PLAN, **change))) == expected


def value(status="verified", outcome="pass", oos=None):
    return RetestValue(QcTestStatus(status), Outcome(outcome) if outcome else None, oos)


def is_settled(*values, status="result_invalidated", **others):
    return settled("O1", {"O1": OosState(OosStatus(status), values), **others})


@pytest.mark.req("QC-NOAVG", "QC-RETEST")
def test_a_hold_ends_only_when_every_single_value_of_the_retest_meets_the_limit():
    assert is_settled(value())
    assert is_settled(value(), value(outcome="alert"), value(outcome="report"))
    assert not is_settled()
    assert not is_settled(value(), value(outcome="oos"))
    assert not is_settled(value(), value("entered", None))
    assert not is_settled(value(), value("requested", None))
    assert not is_settled(value(), value(outcome="undecidable"))


@pytest.mark.req("QC-INVALID")
@pytest.mark.parametrize("status", ["oos_open", "oos_confirmed"])
def test_no_retest_settles_a_result_that_is_not_invalid(status):
    assert not is_settled(value(), status=status)


def test_a_value_that_failed_again_counts_as_replaced_when_its_own_record_is_settled():
    failed = value("invalidated", "oos", "O2")
    again = OosState(OosStatus.INVALIDATED, (value(),))
    assert is_settled(failed, O2=again)
    assert not is_settled(failed, value(outcome="oos"), O2=again)
    assert not is_settled(failed, O2=replace(again, status=OosStatus.OPEN))
    assert not is_settled(failed, O2=OosState(OosStatus.INVALIDATED))
    assert not is_settled(replace(failed, oos=None))
    assert not is_settled(replace(failed, status=QcTestStatus.REOPENED), O2=again)


GOOD_TEST = RequiredTest(name="purity", status=QcTestStatus.VERIFIED, outcome=Outcome.PASS)


@pytest.mark.req("QC-OOS-1", "QC-OOS-2")
@pytest.mark.parametrize(
    ("status", "expected"),
    [("oos_open", ["OOS_UNDECIDED"]), ("oos_confirmed", ["OOS_CONFIRMED"]), ("result_invalidated", [])],
)
def test_a_failure_blocks_certification_until_it_is_decided_and_for_ever_when_confirmed(status, expected):
    facts = ReleaseFacts(tests=(GOOD_TEST,), oos=(OosLine("B-O1", "purity", OosStatus(status)),))
    for kind in (DecisionKind.STAGE1, DecisionKind.FULL, DecisionKind.STAGE2):
        assert codes(results_are_in_specification(facts, kind, None)) == expected


def test_an_invalid_result_without_a_retest_is_no_result_even_of_a_test_that_may_wait():
    test = replace(GOOD_TEST, status=QcTestStatus.INVALIDATED, may_wait=True, mandatory=False)
    assert codes(results_are_in_specification(ReleaseFacts(tests=(test,)), DecisionKind.STAGE1, None)) == [
        "RETEST_MISSING"
    ]


# From, action, to, roles, signature: requirements 14.3, written by hand.
TEST_TABLE = """
requested  inoculate  in_test      T    inoculated
in_test    read       interim      T    interim read
interim    read       interim      T    interim read
requested  enter      entered      T    result entered
in_test    conclude   entered      T    final reading entered
interim    conclude   entered      T    final reading entered
entered    correct    entered      T    result corrected
entered    verify     verified     T+QA verified
verified   invalidate invalidated  QA   -
verified   reopen     reopened     QA   correction of a verified result authorised
reopened   correct    entered      T    result corrected
requested  cancel     cancelled    QA   test cancelled
in_test    cancel     cancelled    QA   test cancelled
interim    cancel     cancelled    QA   test cancelled
"""
OOS_TABLE = """
oos_open           conclude_laboratory_phase oos_open           T+QA laboratory phase concluded
oos_open           invalidate                result_invalidated QA   result invalid: assignable cause
oos_open           confirm                   oos_confirmed      QA   out of specification: result confirmed
result_invalidated authorise_retest          result_invalidated QA   retest authorised
"""
# Requirements 14.4; what the system sets (late OOS, supply out of specification, quarantine again) is nobody's act.
DISPOSITION_TABLE = """
quarantine        certify_stage_one     certified_pending QP -
quarantine        certify               certified_final   QP -
certified_pending certify_stage_two     certified_final   QP -
quarantine        certify_given_pending certified_pending QP -
certified_pending certify_given_pending certified_pending QP -
quarantine        certify_given         certified_final   QP -
certified_pending certify_given         certified_final   QP -
certified_final   certify_given         certified_final   QP -
quarantine        fail_given            late_oos          QP -
certified_pending fail_given            late_oos          QP -
certified_final   fail_given            late_oos          QP -
quarantine        reject                rejected          QP -
certified_pending reject                rejected          QP -
certified_final   reject                rejected          QP -
late_oos          reject                rejected          QP -
oos_supply        reject                rejected          QP -
"""


def test_nothing_leads_back_to_quarantine_and_nothing_out_of_rejected():
    assert Disposition.QUARANTINE not in {one.target for one in DISPOSITION.transitions}
    assert all(Disposition.REJECTED not in one.sources for one in DISPOSITION.transitions)


@pytest.mark.req("QC-OOS-1", "QC-RETEST", "A11-15", "ATMP-REJ")
@pytest.mark.parametrize(
    ("lifecycle", "table"), [(QC_TEST, TEST_TABLE), (OOS, OOS_TABLE), (DISPOSITION, DISPOSITION_TABLE)]
)
def test_what_may_be_done_in_which_state_by_whom_is_exactly_this(lifecycle, table):
    """Every state with every action: a pair that is not in the table is refused, whoever asks."""
    written = {}
    for line in table.strip().splitlines():
        state, action, target, roles, meaning = line.split(maxsplit=4)
        written[state, action] = (target, set(roles.split("+")), meaning)
    for state, action in product(lifecycle.states, lifecycle.actions()):
        found = lifecycle.transition(action, state)
        if (state.value, action) not in written:
            assert getattr(found, "code", "allowed") == "STATE_NOT_ALLOWED", (state, action)
            continue
        said = (found.target.value, set(PERMISSIONS[found.permission]), "; ".join(found.meaning) or "-")
        assert said == written[state.value, action], (state, action)
    assert {action for _, action in written} == set(lifecycle.actions())
