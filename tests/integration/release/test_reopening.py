"""A verified result that was written down wrongly, and a test that nobody needs: what QA may do, and what it costs."""

from __future__ import annotations

import pytest

from release.queries.decisions import decision_content
from release.queries.testing import content_of_test, pending_tests, results_of
from release.queries.voided import voided_batches, voided_certificate
from release.services.reopening import cancel_test, reopen_result
from tests.integration.release.factory import D, Made, refused, tested_and_reviewed

EVIDENCE = "print FACS-17 line 4 shows 91.5, entered was 95.1"
WHY = "two digits were exchanged when it was typed"


@pytest.fixture
def tested(made):
    tested_and_reviewed(made)
    return made


def reopen(made, criterion="purity", *, by=None, evidence=EVIDENCE):
    test_id = made.test_id(criterion)
    with made.act("result.reopen", by or made.qa, content_of_test, test_id, reason=WHY) as work:
        return reopen_result(work, test_id, evidence=evidence)


def cancel(made, criterion, *, by=None):
    test_id = made.test_id(criterion)
    with made.act("test.cancel", by or made.qa, content_of_test, test_id, reason="no K562 cells are in stock") as work:
        return cancel_test(work, test_id)


@pytest.mark.req("QC-OOS-1", "ATMP-6.1-CORR")
def test_a_verified_result_is_corrected_with_leave_and_the_old_value_stays_with_why(tested):
    reopen(tested)
    assert refused(tested.stage_one) == ["RESULT_MISSING", "AUDIT_REVIEW_STALE"]
    tested.correct("purity", value=D("91.5"), unit="%")
    assert refused(tested.verify, "purity", by=tested.t1) == ["SOD_RESULT"]
    assert tested.verify("purity").outcome == "pass"
    old, new = tested.read(content_of_test, tested.test_id("purity"))["entries"]
    assert (old["value"], new["value"]) == ("95.1 %", "91.5 %")
    assert (old["taken back"]["why"], old["taken back"]["evidence"]) == (WHY, EVIDENCE)
    assert refused(tested.stage_one) == ["AUDIT_REVIEW_STALE"]
    tested.review()
    tested.stage_one()


@pytest.mark.req("A11D-13", "QC-OOS-1")
def test_a_certification_that_rests_on_the_value_stands_no_longer(tested):
    tested.stage_one()
    tested.sponsor()
    tested.later(minutes=5)
    reopen(tested)
    assert tested.states() == ["quarantine"]
    voided = tested.read(voided_certificate, tested.batch_id)
    assert (voided.since, voided.reasons) == (tested.now, (WHY,))
    assert tested.read(voided_batches, [tested.batch_id]) == {tested.batch_id}
    assert tested.read(decision_content, tested.batch_id)["certification that no longer stands"]["corrections"] == [WHY]
    tested.correct("purity", value=D("91.5"), unit="%")
    tested.verify("purity")
    tested.review()
    tested.stage_one(superseding_reason="the purity was corrected; it is within its limit")
    assert tested.read(voided_batches, [tested.batch_id]) == set()


@pytest.mark.req("QC-OOS-1")
def test_a_result_that_failed_is_investigated_and_not_edited_back(made):
    made.result("purity", value=D("69"), unit="%")
    assert refused(reopen, made) == ["REOPEN_OOS"]
    assert made.test("purity").status == "verified"


def test_who_had_a_hand_in_the_value_does_not_open_it_again(database, person):
    made = Made(database)
    made.t2 = person("QA")
    made.result("purity")
    assert refused(reopen, made, by=made.t2) == ["SOD_REOPEN"]
    assert refused(reopen, made, by=made.t1) == ["ROLE_NOT_ALLOWED"]
    assert refused(reopen, made, "viability") == ["STATE_NOT_ALLOWED"]


@pytest.mark.req("ATMP-11.3.2-2")
def test_a_required_test_is_not_cancelled_into_a_pass(made):
    for criterion in ("sterility", "purity", "gram"):
        assert refused(cancel, made, criterion) == ["TEST_REQUIRED"]
    assert refused(cancel, made, "identity") == ["RESULT_FROM_RECORDS"]
    cancel(made, "potency")
    assert made.test("potency").cancelled_because == "no K562 cells are in stock"
    assert "potency" not in [one.key for one in made.read(pending_tests, made.batch_id)]
    assert refused(made.enter, "potency", value=D(60), unit="%") == ["STATE_NOT_ALLOWED"]


def test_what_has_a_value_is_not_cancelled(made):
    made.enter("potency", value=D(60), unit="%")
    assert refused(cancel, made, "potency") == ["STATE_NOT_ALLOWED"]
    made.verify("potency")
    assert refused(cancel, made, "potency") == ["STATE_NOT_ALLOWED"]
    assert len(made.read(results_of, made.test_id("potency"))) == 1
