"""A batch that failed and is supplied at the physician's request: asked, evaluated, accepted, told; and stopped again."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from kernel.files.domain.refusals import Upload
from kernel.tables import SignatureRow
from kernel.work import SYSTEM, unit_of_work
from manufacturing.events import StepCorrected
from release.domain.oos import OosStatus
from release.domain.supply import Recipient
from release.ports import mail_is_sent
from release.queries.decisions import decision_view
from release.queries.judging import batch_verdicts
from release.queries.oos import oos_of_batch
from release.queries.recall_units import source_content
from release.queries.supplies import notices_of, open_notices, supplies_of
from release.queries.supply import candidates, notice_content, request_content, supply_content
from release.queries.testing import content_of_test
from release.queries.verifying import verify_content
from release.services.corrections import void_certification
from release.services.oos import confirm_oos
from release.services.recalls import open_recall
from release.services.supply import (
    accept_supply,
    agree_to_risk,
    authorise_supply,
    copy_acceptance,
    copy_request,
    decline_supply,
    evaluate_risk,
    report_notice,
    request_supply,
    withdraw_supply,
)
from release.services.testing import enter_result, verify_result
from release.tables.decisions import DispositionRow
from release.tables.messages import MessageRow
from release.tables.supply import NoticeRow, SupplyRow
from tests.integration.release.factory import refused, snapshot
from tests.integration.release.test_oos import WORDS, Failed
from tests.places import along

D = Decimal
REASON = "the disease progresses and no other donor was found in time"
ASKED = {"hazard": REASON, "alternatives": REASON, "consequence": REASON}
DOCUMENT = Upload("risk.txt", b"Purity 69.9 % instead of at least 70 %: no added risk.\n")
FORM = Upload("form.txt", b"signed on paper\n")


class Supplied(Failed):
    """A batch whose failed purity is confirmed and whose record QA has reviewed, with the acts of a supply."""

    def __init__(self, made):
        super().__init__(made)
        self.laboratory(cause=False)
        self.do(confirm_oos, made.qa, decision=WORDS)
        made.review(by=self.qa2)
        self.ph = self.employed_as("Ph")
        self.dr2, self.qp2 = self.employed_as("Dr"), self.employed_as("QP")

    def employed_as(self, role):
        with unit_of_work(self.made.database, SYSTEM, "test.employ") as work:
            return self.made.employ(work, role)

    @property
    def supply(self):
        return self.made.read(supplies_of, self.made.batch_id)[-1]

    def request(self, by=None, **changed):
        with self.made.act("oos_supply.request", by or self.made.dr, request_content, self.made.batch_id) as work:
            return request_supply(work, self.made.batch_id, **{**ASKED, **changed})

    def on(self, service, by, *, second=None, reason=None, **given):
        supply_id = self.supply.id
        with self.made.act("oos_supply.do", by, supply_content, supply_id, reason=reason) as work:
            work.signers = (by, second) if second else (by,)
            return service(work, supply_id, **given)

    def evaluate(self, by=None, file=DOCUMENT):
        return self.on(evaluate_risk, by or self.made.qa, evaluation=REASON, file=file)

    def agree(self, by=None):
        return self.on(agree_to_risk, by or self.made.qp)

    def told(self, by=None, **changed):
        about = {"informed": "parents", "informed_by": (by or self.made.dr).id, "informed_at": self.made.now}
        return {**about, **changed}

    def accept(self, by=None, **changed):
        return self.on(accept_supply, by or self.made.dr, **self.told(**changed))

    def given_to_the_physician(self):
        self.request()
        self.evaluate()
        self.agree()
        return self

    def in_force(self):
        self.given_to_the_physician().accept()
        return self

    def fail(self, criterion="viability", **entry):
        """A further result turns out of specification."""
        made, test_id = self.made, self.made.test_id(criterion)
        made.change(type(made.test(criterion)), test_id, status="requested", result_id=None, outcome=None)
        with made.act("result.enter", made.t1, content_of_test, test_id) as work:
            enter_result(work, test_id, **{**made.about(), **(entry or {"value": D(20), "unit": "%"})})
        with made.act("result.verify", made.t2, verify_content, test_id) as work:
            verify_result(work, test_id, raw_data_seen=True)

    def notify(self, recipient, reference="", by=None):
        row = next(one for one in self.made.read(notices_of, self.supply.id) if one.recipient == recipient)
        with self.made.act("oos_supply.notify", by or self.made.sp, notice_content, row.id) as work:
            return report_notice(work, row.id, reference=reference)


@pytest.fixture
def supplied(made):
    return along(made, "supplied", lambda: Supplied(made))


@pytest.mark.req("ATMP-11.53", "ATMP-11.54a", "ATMP-11.54b", "ATMP-11.54c", "ATMP-11.5-INFO")
def test_four_signatures_put_the_supply_in_force_and_the_sponsor_is_told_in_the_same_moment(supplied):
    made = supplied.made
    assert [one["number"] for one in made.read(lambda s: candidates(s, made.now))] == [made.number]
    for act in (supplied.request, supplied.evaluate, supplied.agree):
        act()
        assert made.states() == ["quarantine"]
    supplied.accept()
    row = supplied.supply
    assert (row.number, row.status, made.states()) == ("NK-2026-001-E1", "supply_in_force", ["oos_supply"])
    assert (row.informed, row.informed_by, row.sponsor_notified_at) == ("parents", made.dr.id, row.accepted_at)
    assert [one.recipient for one in made.read(notices_of, row.id)] == list(Recipient)
    decision = made.decisions()[-1]
    assert (decision.kind, decision.decided_by, decision.register_number) == ("oos_supply", made.dr.id, None)
    shown = made.read(lambda s: decision_view(s, decision))
    assert [one["meaning"] for one in shown["signatures"]] == [
        "risk accepted: supplied out of specification at my request"
    ]
    assert "69.9 %" in shown["reason"]
    assert made.read(lambda s: candidates(s, made.now)) == []


@pytest.mark.req("ATMP-11.53")
def test_the_batch_is_never_certified_before_or_after(supplied):
    supplied.in_force()
    assert refused(supplied.made.stage_one) == ["STATE_NOT_ALLOWED"]
    supplied.on(withdraw_supply, supplied.made.dr, reason="another donor was found")
    assert sorted(refused(supplied.made.full))[:2] == ["BATCH_ON_HOLD", "OOS_CONFIRMED"]
    supplied.made.reject()
    assert refused(supplied.request) == ["BATCH_REJECTED"]


@pytest.mark.req("S3", "S11", "ATMP-11.54a")
def test_the_same_person_never_signs_twice_in_one_supply(supplied):
    made = supplied.made
    both = type(made.qa)(made.qa.id, made.qa.name, frozenset({"QA", "QP", "Dr"}))
    reviewer = type(made.qa)(supplied.qa2.id, "QA 2", frozenset({"QA", "QP"}))
    analyst = type(made.qa)(made.t1.id, "T 1", frozenset({"T", "Dr", "QA"}))
    assert refused(supplied.request, analyst) == ["SOD_SUPPLY"]
    supplied.request()
    assert refused(supplied.evaluate, analyst) == ["SOD_SUPPLY", "NOT_TRAINED"]
    supplied.evaluate(both)
    assert refused(supplied.agree, both) == refused(supplied.agree, reviewer) == ["SOD_SUPPLY"]
    supplied.agree()
    assert refused(supplied.accept, both) == ["SOD_SUPPLY"]
    supplied.accept(supplied.dr2)


@pytest.mark.req("ATMP-11.5-SCOPE")
def test_the_qp_agrees_and_the_physician_accepts_only_when_nothing_else_blocks(supplied):
    made = supplied.made
    supplied.request()
    supplied.evaluate()
    made.deviation("major")
    assert set(refused(supplied.agree)) == {"DEVIATION_OPEN", "AUDIT_REVIEW_STALE"}
    before = snapshot(made)
    assert refused(supplied.accept) == ["STATE_NOT_ALLOWED"]
    assert snapshot(made) == before


def test_an_expired_product_is_not_accepted(supplied):
    supplied.given_to_the_physician()
    supplied.made.later(days=4)
    assert "PRODUCT_EXPIRED" in refused(supplied.accept)


@pytest.mark.req("ATMP-11.5-INFO")
def test_who_informed_whom_and_when_is_asked(supplied):
    made = supplied.given_to_the_physician().made
    assert refused(supplied.accept, informed_by=made.qa.id) == ["SUPPLY_PHYSICIAN"]
    later = supplied.told()["informed_at"].replace(year=2099)
    assert refused(supplied.accept, informed_at=later) == ["FUTURE_TIME"]
    supplied.accept(informed_by=supplied.dr2.id)
    assert supplied.supply.informed_by == supplied.dr2.id
    signed = [json.loads(one.document)["content"].get("entered", {}) for one in made.rows(SignatureRow)]
    assert [(one["informed"], one["informed by"]) for one in signed if "informed" in one] == [
        ("parents", supplied.dr2.id)
    ] * 2


@pytest.mark.req("ATMP-11.53")
def test_a_request_without_its_reasons_in_words_is_not_taken(supplied):
    made = supplied.made

    def asked(**changed):
        with made.act("oos_supply.request", made.dr, request_content, made.batch_id) as work:
            return request_supply(work, made.batch_id, **{**ASKED, **changed})

    for word in ASKED:
        assert len(refused(asked, **{word: "-"})) == 1
    assert made.rows(SupplyRow) == []


@pytest.mark.req("ATMP-11.5-SCOPE", "QC-LATE-OOS")
def test_a_further_failure_outdates_the_supply_in_the_same_act_and_a_new_request_names_both(supplied):
    made = supplied.in_force().made
    supplied.fail()
    assert (supplied.supply.status, made.states()) == ("supply_outdated", ["late_oos"])
    assert "viability" in supplied.supply.end_reason.lower()
    assert made.decisions()[-1].kind == "late_oos"
    assert refused(supplied.request) == ["OOS_UNDECIDED"]
    supplied.laboratory(cause=False, place=1)
    supplied.do(confirm_oos, made.qa, place=1, decision=WORDS)
    supplied.request()
    found = supplied.supply
    assert (found.number, found.status) == ("NK-2026-001-E2", "supply_requested")
    assert found.named.count("-O") == 2
    supplied.evaluate(file=Upload("risk2.txt", b"both together\n"))
    made.review(by=supplied.qa3)
    supplied.agree()
    supplied.accept()
    assert made.states() == ["oos_supply"]


@pytest.mark.parametrize(("service", "by"), [(withdraw_supply, "dr"), (decline_supply, "qp"), (decline_supply, "qa")])
def test_whoever_may_stop_it_stops_it_at_once_with_a_reason(supplied, service, by):
    made = supplied.in_force().made
    assert refused(supplied.on, service, getattr(made, by), reason="no") == ["MISSING_REASON"]
    supplied.on(service, getattr(made, by), reason="another donor was found")
    assert made.states() == ["quarantine"]
    assert supplied.supply.ended_by == getattr(made, by).id
    assert refused(supplied.on, service, getattr(made, by), reason="another donor") == ["STATE_NOT_ALLOWED"]


def test_a_corrected_record_outdates_the_supply(supplied):
    made = supplied.in_force().made
    with unit_of_work(made.database, SYSTEM, "test.correct") as work:
        void_certification(work, StepCorrected(made.batch_id, "step"))
    assert (supplied.supply.status, made.states()) == ("supply_outdated", ["quarantine"])


def recall(supplied):
    made = supplied.made
    with made.act("recall.open", made.qa, source_content, "batch", made.batch_id) as work:
        return open_recall(work, "batch", made.batch_id, recall_class="class_1", why=REASON)


@pytest.mark.req("ATMP-14-RECALL", "ATMP-11.5-SCOPE")
def test_a_recall_is_no_hold_that_a_request_covers_before_the_acceptance(supplied):
    supplied.given_to_the_physician()
    recall(supplied)
    assert "BATCH_RECALLED" in refused(supplied.accept)


def test_a_rejection_ends_a_supply_in_force(supplied):
    made = supplied.in_force().made
    made.reject()
    assert (supplied.supply.status, made.states()) == ("supply_outdated", ["rejected"])
    assert supplied.supply.end_reason == "the batch was rejected"


@pytest.mark.req("ATMP-11.54b")
def test_a_signed_form_is_copied_by_two_and_kept_with_its_digest(supplied):
    made = supplied.made
    about = {**ASKED, "physician": made.dr.id, "file": FORM}

    def copy(second, **changed):
        with made.act("oos_supply.copy", made.qa, request_content, made.batch_id) as work:
            work.signers = (made.qa, second)
            return copy_request(work, made.batch_id, **{**about, **changed})

    assert refused(copy, made.qa) == ["SOD_SECOND"]
    assert refused(copy, made.t1) == ["SECOND_ROLE_NOT_ALLOWED"]
    assert refused(copy, supplied.ph, physician=made.qp.id) == ["SUPPLY_PHYSICIAN"]
    copy(supplied.ph)
    row = supplied.supply
    assert (row.requested_by, row.request_file_id is not None) == (made.dr.id, True)
    supplied.evaluate(supplied.qa3)
    supplied.agree()
    signed = {**supplied.told(), "physician": made.dr.id, "file": FORM}
    supplied.on(copy_acceptance, made.qa, second=supplied.ph, **signed)
    assert (supplied.supply.accepted_by, made.states()) == (made.dr.id, ["oos_supply"])
    shown = made.read(supply_content, supplied.supply.id)
    assert shown["acceptance"]["form"]["sha256"] == FORM.sha256


@pytest.mark.req("ATMP-11.54c")
def test_the_authorities_stay_open_until_their_reference_is_there(supplied):
    made = supplied.in_force().made
    assert refused(supplied.notify, "igj") == ["MISSING_FIELD"]
    assert refused(supplied.notify, "igj", "IGJ-1", made.qa) == ["ROLE_NOT_ALLOWED"]
    supplied.notify("sponsor")
    supplied.notify("igj", "IGJ-2026-0117")
    left = made.read(open_notices)
    assert [notice.recipient for notice, _ in left] == ["ccmo"]
    assert refused(supplied.notify, "igj", "again") == ["STATE_NOT_ALLOWED"]
    assert [one.reference for one in made.rows(NoticeRow) if one.reference] == ["IGJ-2026-0117"]


@pytest.mark.req("F-D11.1.2")
def test_the_director_may_authorise_once_the_physician_has_the_evaluation(supplied):
    supplied.request()
    assert refused(supplied.on, authorise_supply, supplied.qp2) == ["STATE_NOT_ALLOWED"]
    supplied.evaluate()
    supplied.agree()
    assert refused(supplied.on, authorise_supply, supplied.made.qp) == ["SOD_SUPPLY"]
    supplied.on(authorise_supply, supplied.qp2)
    assert (supplied.supply.authorised_by, supplied.supply.status) == (supplied.qp2.id, "risk_evaluation_given")


def test_no_request_without_a_confirmed_failure(made):
    made.tested()
    with (
        pytest.raises(Exception, match="SUPPLY_NO_OOS"),
        made.act("x", made.dr, request_content, made.batch_id) as work,
    ):
        request_supply(work, made.batch_id, **ASKED)
    assert made.rows(SupplyRow) == []


def test_the_supply_names_every_record_of_the_batch_by_what_was_found(supplied):
    supplied.request()
    (record,) = supplied.made.read(oos_of_batch, supplied.made.batch_id)
    assert record.status == OosStatus.CONFIRMED
    shown = supplied.made.read(supply_content, supplied.supply.id)
    assert shown["failed results"] == [{"record": record.number, "found": record.found}]
    assert {row.status for row in supplied.made.rows(DispositionRow)} == {"quarantine"}
    judged = supplied.made.read(lambda s: batch_verdicts(s, supplied.made.batch_id))
    assert [one.criterion.key for one in judged if one.verdict.outcome.value == "oos"] == ["purity"]


def test_a_request_is_written_to_those_who_evaluate_it_and_a_supply_in_force_to_the_sponsor(made, monkeypatch):
    monkeypatch.setattr(mail_is_sent, "answer", lambda: True)
    Supplied(made).in_force()
    rows = made.rows(MessageRow)
    assert sorted(row.duty for row in rows if row.facts != "{}") == ["qp", "quality_assurance"]
    assert [row.duty for row in rows if row.facts == "{}"] == ["sponsor"] * 3
