"""Certification in one or two stages, sponsor release, rejection, a new weight: who, when, on what."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from kernel.canonical import digest
from kernel.work import SYSTEM, unit_of_work
from labels.tables.labels import LabelRow
from manufacturing.domain.deviations import DeviationStatus
from manufacturing.services.holds import set_hold
from manufacturing.tables.batches import BatchRow
from manufacturing.tables.deviations import DeviationRow
from manufacturing.tables.trial import SubjectRow, TrialRow
from release.domain.decisions import DecisionKind
from release.pages.decisions import show_register
from release.queries.decisions import decision_content, weight_is_settled
from release.queries.late_results import alerts_of_batch, late_content, open_alerts
from release.queries.review import review_content
from release.services.decisions import acknowledge_late_result, certify_stage_one
from release.tables.decisions import DispositionRow
from release.tables.testing import QcTestRow
from tests.integration.release.factory import (
    CONFIRMED,
    Made,
    refused,
    snapshot,
    specification_body,
    tested_and_reviewed,
)
from tests.places import along
from tests.races.test_work_statements import counted

D = Decimal


@pytest.fixture
def ready(made):
    """Tested, reviewed, waiting for the QP."""
    along(made, "reviewed", lambda: tested_and_reviewed(made))
    return made


@pytest.fixture
def certified(ready):
    along(ready, "stage one", ready.stage_one)
    return ready


def hold(made, scope, record_id, cause="person"):
    with unit_of_work(made.database, SYSTEM, "test.hold") as work:
        set_hold(work, scope, record_id, cause=cause, reason="for the test")


@pytest.mark.req("ATMP-11.3.2-1", "ATMP-11.3.2-3", "CTR-62")
def test_two_stages_lead_from_quarantine_to_final(certified):
    assert certified.states() == ["certified_pending"]
    first = certified.decisions()[-1]
    assert '"test":"Sterility of the final container"' in first.pending
    certified.later(days=7)
    certified.conclude("final_negative")
    certified.verify("sterility")
    assert refused(certified.stage_two) == ["AUDIT_REVIEW_STALE"]
    certified.review()
    certified.stage_two()
    assert certified.states() == ["certified_final"]


def test_stage_two_is_refused_while_the_culture_runs(certified):
    assert refused(certified.stage_two) == ["RESULT_MISSING"]


def test_with_every_result_final_there_is_one_full_certification(made):
    made.tested()
    made.later(days=7)
    made.conclude("final_negative")
    made.verify("sterility")
    made.review()
    assert "NOTHING_PENDING" in refused(made.stage_one)


@pytest.mark.req("ATMP-11.3.2-2")
def test_full_certification_needs_the_culture(ready):
    assert refused(ready.full) == ["RESULT_MISSING"]


def test_a_test_may_wait_only_when_its_sample_is_in_test(database):
    made = Made(database)
    for criterion in (
        "purity",
        "cd3_dose",
        "nk_dose",
        "viability",
        "endotoxin",
        "gram",
        "culture",
        "volume",
        "appearance",
    ):
        made.result(criterion)
    made.review()
    assert refused(made.stage_one) == ["NOT_IN_TEST"]


@pytest.mark.req("A16-REG")
def test_the_register_counts_certifications_without_a_gap_under_refusals(database):
    first = Made(database).tested()
    second = Made(database, number="NK-2026-002", subject="NK-02", trial=first.trial_id).tested()
    for one in (first, second):
        assert refused(one.stage_one) == ["AUDIT_REVIEW_MISSING"]
        one.review()
        one.stage_one()
        assert refused(one.stage_one) == ["STATE_NOT_ALLOWED"]
        assert refused(one.full) == ["STATE_NOT_ALLOWED"]
    third = Made(database, number="NK-2026-003", subject="NK-03", trial=first.trial_id).tested()
    third.review()
    third.stage_one()
    numbers = [row.register_number for one in (first, second, third) for row in one.decisions()]
    assert [number for number in numbers if number] == [1, 2, 3]
    with database.looking() as session, counted(database.engine) as said:
        entries = show_register(session, None)["entries"]
    assert [(one["register_number"], len(one["signatures"])) for one in entries] == [(1, 1), (2, 1), (3, 1)]
    assert sum("FROM signature" in one for one in said) == 1


@pytest.mark.req("A16-PERS")
def test_each_personal_statement_is_confirmed(ready):
    before = snapshot(ready)
    for statement in sorted(CONFIRMED):
        assert refused(ready.stage_one, **{statement: False}) == ["STATEMENT_OPEN"]
    assert snapshot(ready) == before


@pytest.mark.req("REL-SOD")
def test_who_made_or_tested_the_batch_does_not_certify_it(database, person):
    made = Made(database)
    both = person("T", "QP")
    made.t2 = both
    made.tested()
    made.review()
    assert refused(made.stage_one, by=both) == ["SOD_RELEASE"]


@pytest.mark.req("REL-SOD")
def test_who_made_or_tested_the_batch_does_not_review_it(database, person):
    made = Made(database)
    made.t2 = person("QA")
    made.tested()
    assert refused(made.review, by=made.t2) == ["SOD_RELEASE"]


@pytest.mark.req("S11")
def test_who_reviewed_does_not_certify(database, person):
    made = Made(database).tested()
    both = person("QA", "QP")
    made.review(by=both)
    assert refused(made.stage_one, by=both) == ["SOD_QA_QP"]


def test_who_certified_does_not_release_for_the_sponsor(ready, person):
    both = person("QP", "Sp")
    ready.stage_one(by=both)
    assert refused(ready.sponsor, by=both) == ["SOD_SPONSOR"]


@pytest.mark.req("A11-15")
def test_nobody_but_the_qp_certifies_or_rejects(ready, person):
    for role in ("T", "QA", "Ph", "Sp", "Dr", "In", "Ad"):
        other = person(role)
        assert refused(ready.stage_one, by=other) == ["ROLE_NOT_ALLOWED"]
        assert refused(ready.reject, by=other) == ["ROLE_NOT_ALLOWED"]


def test_a_deviation_is_certified_only_with_the_qps_assessment_in_words(made):
    made.tested()
    made.deviation("major", "closed")
    made.review()
    assert refused(made.stage_one) == ["DEVIATION_NOT_JUDGED"]
    made.stage_one(deviation_assessment="the wash does not touch viability or count")
    assert made.states() == ["certified_pending"]


def change_result(made):
    made.change(QcTestRow, made.test_id("potency"), status="entered")


def change_weight(made):
    made.later(seconds=1)
    made.weigh("20.1")


def change_deviation(made):
    made.deviation("minor", "assessed")


def change_label(made):
    label = next(one for one in made.rows(LabelRow))
    made.change(LabelRow, label.id, reason="smudged")


def change_specification(made):
    """The version frozen into the batch is another one (a repaired record)."""
    with unit_of_work(made.database, SYSTEM, "test.freeze") as work:
        made.number += "b"
        other = made.document(work, "specification", specification_body(sterility_final_days="14"))
        work.lock(BatchRow, made.batch_id).specification_document_id = other


def change_hold(made):
    hold(made, "batch", made.batch_id)


CHANGES = [change_result, change_weight, change_deviation, change_label, change_specification, change_hold]


@pytest.mark.req("SIG-WYSIWYS")
def test_a_page_opened_before_something_changed_cannot_be_signed(ready):
    for change in CHANGES:
        seen = digest(ready.read(decision_content, ready.batch_id))
        change(ready)
        before = snapshot(ready)
        assert refused(ready.stage_one, seen=seen) == ["STALE_VERSION"], change
        assert snapshot(ready) == before


@pytest.mark.req("SIG-WYSIWYS")
def test_a_review_opened_before_something_changed_cannot_be_signed(made):
    made.tested()
    for change in CHANGES:
        seen = digest(made.read(review_content, made.batch_id))
        change(made)
        assert refused(made.review, seen=seen) == ["STALE_VERSION"], change


@pytest.mark.req("ATMP-REJ")
def test_a_rejection_needs_a_reason_is_final_and_outranks_a_stale_page(certified):
    certified.sponsor()
    seen = digest(certified.read(decision_content, certified.batch_id))
    assert refused(certified.reject, reason=" ") == ["MISSING_REASON"]
    certified.reject()
    assert certified.states() == ["rejected"]
    assert refused(certified.stage_two, seen=seen) == ["STATE_NOT_ALLOWED"]
    assert refused(certified.reject) == ["STATE_NOT_ALLOWED"]
    assert refused(certified.sponsor) == ["NOT_CERTIFIED"]


@pytest.mark.req("SP-RELEASE")
def test_the_sponsor_releases_only_what_is_certified_and_once(ready):
    assert refused(ready.sponsor) == ["NOT_CERTIFIED"]
    ready.stage_one()
    ready.sponsor()
    assert refused(ready.sponsor) == ["STATE_NOT_ALLOWED"]


@pytest.mark.req("SP-RELEASE", "A16-PERS")
@pytest.mark.parametrize("statement", ["trial_authorised", "site_ready"])
def test_the_sponsor_releases_nothing_without_each_of_both_statements(certified, statement):
    assert refused(lambda: certified.sponsor(**{statement: False})) == ["STATEMENT_OPEN"]
    assert not any(one.sponsor_released for one in certified.rows(DispositionRow))


@pytest.mark.req("SP-RELEASE")
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (lambda m: m.change(SubjectRow, m.subject_id, status="concluded"), "SUBJECT_NOT_INCLUDED"),
        (
            lambda m: m.change(TrialRow, m.trial_id, status="closed", ended_on=m.now.date(), closed_at=m.now),
            "TRIAL_CLOSED",
        ),
        (lambda m: hold(m, "trial", m.trial_id, "safety"), "TRIAL_ON_HOLD"),
        (lambda m: hold(m, "collection", m.collection_id), "BATCH_ON_HOLD"),
        (lambda m: hold(m, "container", m.container_ids[0]), "BATCH_ON_HOLD"),
        (lambda m: m.later(hours=22), "PRODUCT_EXPIRED"),
    ],
)
@pytest.mark.every_case
def test_one_fault_gives_exactly_its_reason_at_the_sponsors_release(certified, fault, code):
    fault(certified)
    assert refused(certified.sponsor) == [code]


def settled(made):
    return [one.code for one in made.read(lambda s: weight_is_settled(s, made.batch_id, at=made.now))]


@pytest.mark.req("PHE-KG")
@pytest.mark.parametrize(
    ("kg", "codes"), [("22", []), ("22.01", ["WEIGHT_CHANGED"]), ("18", []), ("17.99", ["WEIGHT_CHANGED"])]
)
def test_a_weight_changed_beyond_the_tolerance_waits_for_the_qp(certified, kg, codes):
    certified.later(minutes=1)
    certified.weigh(kg)
    assert settled(certified) == codes
    if codes:
        certified.sign_weight()
        assert settled(certified) == []
        assert refused(certified.sign_weight) == ["WEIGHT_UNCHANGED"]


@pytest.mark.req("PHE-KG")
@pytest.mark.parametrize(
    ("later", "codes"), [(timedelta(days=7), []), (timedelta(days=7, seconds=1), ["WEIGHT_STALE"])]
)
def test_a_weight_is_good_for_seven_days(certified, later, codes):
    certified.database.clock.advance(later)
    assert settled(certified) == codes


def test_another_verdict_within_the_tolerance_waits_for_the_qp_too(database):
    made = Made(database).tested(endotoxin={"value": D("2"), "unit": "EU/mL"})
    made.review()
    made.stage_one()
    made.later(minutes=1)
    made.weigh("19.9")
    assert settled(made) == ["WEIGHT_CHANGED"]
    assert refused(made.sign_weight) == ["RESULT_OOS"]


def test_the_first_weight_signed_for_is_the_one_of_the_certificate(certified):
    assert certified.decisions()[-1].weight_id is not None
    assert settled(certified) == []


@pytest.mark.req("QC-LATE-OOS", "DSP-LATE")
def test_each_role_that_has_to_know_of_a_late_failure_answers_it_once_against_its_clock(certified):
    certified.later(days=1)
    certified.conclude("positive")
    certified.verify("sterility")
    late = certified.decisions()[-1]
    with unit_of_work(certified.database, SYSTEM, "test.person") as work:
        pharmacist = certified.employ(work, "Ph")

    def acknowledge(by):
        with certified.act("late_oos.acknowledge", by, late_content, late.id) as work:
            acknowledge_late_result(work, late.id, answer="the child is seen today, blood cultures are drawn")

    def waiting():
        (alert,) = certified.read(lambda session: alerts_of_batch(session, certified.batch_id, certified.now))
        return [(one["role"], one["overdue"]) for one in alert["waiting"]]

    def listed():
        return [one["id"] for one in certified.read(lambda session: open_alerts(session, certified.now))]

    assert waiting() == [("Dr", False), ("Ph", False), ("QP", False), ("Sp", False)]
    certified.later(hours=1, seconds=1)
    assert waiting() == [("Dr", True), ("Ph", True), ("QP", False), ("Sp", False)]
    assert refused(acknowledge, certified.t1) == ["ROLE_NOT_ALLOWED"]
    for somebody in (certified.qp, certified.dr, pharmacist):
        assert refused(acknowledge, somebody) == []
    assert (waiting(), listed()) == ([("Sp", False)], [late.id])
    assert refused(acknowledge, certified.sp) == []
    assert listed() == [], "all have answered"
    assert refused(acknowledge, certified.qp) == ["ALREADY_ACKNOWLEDGED"]
    answers = certified.decisions()[-4:]
    assert {one.kind for one in answers} == {DecisionKind.ACKNOWLEDGED}
    assert {one.reason for one in answers} == {"the child is seen today, blood cultures are drawn"}


@pytest.mark.req("QC-LATE-OOS")
def test_a_second_failure_of_a_batch_that_is_late_oos_is_told_to_everybody_again(database):
    body = specification_body()
    (potency,) = [one for one in body["criteria"] if one["key"] == "potency"]
    potency |= {"report_only": False, "limit": "10"}
    made = Made(database, body=body)
    tested_and_reviewed(made)
    made.stage_one()
    made.later(days=1)
    made.conclude("positive")
    made.verify("sterility")
    made.result("potency", value=D(1), unit="%")
    told = made.read(lambda session: alerts_of_batch(session, made.batch_id, made.now))
    assert [(one["reason"].split()[0], len(one["waiting"])) for one in told] == [("Sterility", 4), ("Killing", 4)]


def test_a_late_failure_can_still_be_rejected(certified):
    certified.later(days=1)
    certified.conclude("positive")
    certified.verify("sterility")
    certified.reject()
    assert certified.states() == ["rejected"]


def test_an_open_deviation_after_stage_one_keeps_the_final_certificate_away(certified):
    certified.deviation("critical", DeviationStatus.ASSESSED)
    certified.later(days=7)
    certified.conclude("final_negative")
    certified.verify("sterility")
    assert refused(certified.review) == ["DEVIATION_OPEN"]
    row = next(one for one in certified.rows(DeviationRow))
    certified.change(DeviationRow, row.id, status="closed")
    certified.review()
    certified.stage_two(deviation_assessment="found after the infusion, without effect")
    assert certified.states() == ["certified_final"]


def test_a_decision_carries_the_signature_over_what_was_shown(ready):
    content = ready.read(decision_content, ready.batch_id)
    decision = ready.stage_one()
    assert decision.content_sha256 == digest(content)
    assert certify_stage_one.__name__ == "certify_stage_one"
