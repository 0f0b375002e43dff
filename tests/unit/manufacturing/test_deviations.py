"""Deviations and their actions: who closes, what is settled, and what a day is still good for."""

from __future__ import annotations

from datetime import date

import pytest

from manufacturing.domain.batches import BatchStatus
from manufacturing.domain.capa import CheckFacts, due_refusals, overdue, owner_refusals, somebody_else_checks
from manufacturing.domain.deviations import (
    SETTLED,
    TO_CERTIFY,
    ClosingFacts,
    DeviationStatus,
    class_refusals,
    impact_refusals,
    investigation_refusals,
    naming_refusals,
    somebody_else_closes,
    the_qp_has_judged,
)
from manufacturing.domain.steps import StepState, assessed

TODAY = date(2026, 11, 23)


def closing(signer="qa2", involved=("qa1", "tech1"), to_certify=(), judged=False):
    return ClosingFacts(signer, frozenset(involved), tuple(to_certify), judged)


@pytest.mark.req("S4")
def test_only_somebody_who_took_no_part_closes():
    assert somebody_else_closes(closing()) is None
    assert somebody_else_closes(closing(signer="qa1")).code == "SOD_DEVIATION"


@pytest.mark.req("ATMP-DEV-2")
@pytest.mark.parametrize(
    ("batches", "judged", "code"), [((), False, None), (("NK1",), False, "QP"), (("NK1",), True, None)]
)
def test_the_qp_judges_where_a_batch_may_still_be_certified(batches, judged, code):
    found = the_qp_has_judged(closing(to_certify=batches, judged=judged))
    assert (found.code if found else None) == ("QP_JUDGEMENT_MISSING" if code else None)


def test_every_batch_that_has_not_ended_may_still_be_certified():
    assert frozenset(BatchStatus) - TO_CERTIFY == {BatchStatus.TERMINATED, BatchStatus.CLOSED}


@pytest.mark.req("ATMP-DEV-1")
@pytest.mark.parametrize("status", list(DeviationStatus))
def test_what_is_open_or_under_investigation_explains_nothing(status):
    state = StepState(3, "Wash", "verified", None, ("Viability",), (status.value,))
    assert assessed(state) is (status in SETTLED) is (status in {DeviationStatus.ASSESSED, DeviationStatus.CLOSED})


@pytest.mark.req("ATMP-DEV-2")
def test_words_are_asked_for_not_ticks():
    assert [one.code for one in impact_refusals(" no effect    ")] == ["MISSING_FIELD"]
    assert impact_refusals("No effect at all") == ()
    assert [one.fact("field") for one in investigation_refusals("unknown", "none")] == ["root_cause", "action"]
    assert investigation_refusals("tubing kinked", "laid anew, run on") == ()


def test_a_batch_is_named_once_and_exists():
    assert [one.code for one in naming_refusals("NK9", known=False, named=False)] == ["BATCH_UNKNOWN"]
    assert [one.code for one in naming_refusals("NK9", known=True, named=True)] == ["BATCH_NAMED"]
    assert naming_refusals("NK9", known=True, named=False) == ()
    assert [one.code for one in class_refusals("minor", "minor")] == ["SAME_CLASS"]
    assert class_refusals("minor", "major") == ()


@pytest.mark.req("ATMP-DEV-1")
def test_whoever_owned_or_did_an_action_does_not_check_it():
    assert somebody_else_checks(CheckFacts("qa1", frozenset({"tech1"}))) is None
    assert somebody_else_checks(CheckFacts("tech1", frozenset({"tech1", "qa1"}))).code == "SOD_CAPA"


@pytest.mark.parametrize(("day", "late"), [(date(2026, 11, 22), True), (TODAY, False), (date(2026, 11, 24), False)])
def test_the_due_day_itself_is_still_good(day, late):
    assert overdue("open", day, TODAY) is late
    assert not overdue("done", day, TODAY)
    assert [one.code for one in due_refusals(day, TODAY)] == (["DUE_DAY_PAST"] if late else [])
    assert [one.code for one in owner_refusals(known=not late)] == (["OWNER_UNKNOWN"] if late else [])
