"""A failed result from its verification to the certification of its batch, or to its end."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

import pytest

import config.wiring  # noqa: F401  (which records take files)
from kernel.files.domain.refusals import Upload
from kernel.files.services import attach_file
from kernel.web.i18n import Speech
from kernel.work import SYSTEM, unit_of_work
from manufacturing.tables.batches import StepRow
from manufacturing.tables.samples import SampleRow
from manufacturing.tables.trial import HoldRow
from release.domain.oos import CHECKLIST, Answer
from release.pages.testing import show_tests
from release.queries.analysis_certificate import analysis_certificate
from release.queries.batch_record import executed_record
from release.queries.decisions import decision_content
from release.queries.judging import batch_verdicts
from release.queries.oos import oos_content, oos_of_batch
from release.queries.review import release_facts, review_content
from release.queries.testing import content_of_test, required_tests, results_of
from release.queries.verifying import verify_content
from release.services.oos import authorise_retest, conclude_laboratory_phase, confirm_oos, invalidate_result
from release.services.testing import enter_result, verify_result
from tests.integration.release.factory import refused, snapshot
from tests.training import enter_trained

D = Decimal
LOW = {"value": D("69.9"), "unit": "%"}
FINE = {"value": D("95"), "unit": "%"}
WORDS = "the antibody of the tube had expired in October"


class Failed:
    """A batch whose purity was verified out of specification, with the acts that follow."""

    def __init__(self, made):
        self.made = made
        made.tested(purity=LOW)
        self.qa2, self.qa3 = self.employed(), self.employed()
        step = made.rows(StepRow)[0]
        self.sample = "NK-2026-001-S01-X"
        made.put(
            SampleRow(
                code=self.sample,
                number=1,
                batch_id=made.batch_id,
                step_id=step.id,
                kind="flow_cytometry",
                volume_ml=D(1),
                status="tested",
                drawn_at=made.now,
                recorded_at=made.now,
                drawn_by=made.t1.id,
            )
        )

    def employed(self):
        with unit_of_work(self.made.database, SYSTEM, "test.employ") as work:
            person = self.made.employ(work, "QA")
            enter_trained(work, self.made.qa, self.made.qp)
            return person

    def oos(self, place=0):
        return self.records()[place]

    def records(self):
        return self.made.read(oos_of_batch, self.made.batch_id)

    def do(self, service, by, place=0, **given):
        oos_id = self.oos(place).id
        with self.made.act("oos.do", by, oos_content, oos_id) as work:
            return service(work, oos_id, **given)

    def laboratory(self, by=None, *, cause=True, place=0):
        answers = dict.fromkeys(CHECKLIST, (Answer.YES, "seen")) | {"reagents": (Answer.NO, "expired")}
        given = {"answers": answers, "cause_found": cause, "conclusion": WORDS}
        return self.do(conclude_laboratory_phase, by or self.made.t2, place, **given)

    def evidence(self, place=0):
        upload = Upload(f"log{place}.csv", b"lot,expiry\r\nAB-1,2026-10-31\r\n")
        with unit_of_work(self.made.database, self.made.t2, "file.attach") as work:
            attach_file(work, upload, entity="oos", record_id=self.oos(place).id, purpose="evidence")

    def invalidate(self, by=None, place=0):
        return self.do(invalidate_result, by or self.made.qa, place, cause=WORDS)

    def authorise(self, by=None, place=0, **changed):
        plan = {
            "sample_choice": "same_sample",
            "sample": self.sample,
            "analyst": self.made.t1.id,
            "replicates": 2,
            "rationale": WORDS,
        }
        return self.do(authorise_retest, by or self.qa2, place, **{**plan, **changed})

    def to_retest(self, **plan):
        self.laboratory()
        self.evidence()
        self.invalidate()
        self.authorise(**plan)
        return self

    def tests(self):
        found = self.made.read(required_tests, self.made.batch_id)
        return [one for one in found if one.criterion == "purity"]

    def enter(self, number, by=None, **entry):
        test_id = self.tests()[number].id
        with self.made.act("result.enter", by or self.made.t1, content_of_test, test_id) as work:
            return enter_result(work, test_id, **{**self.made.about(), **(entry or FINE)})

    def verify(self, number, by=None):
        test_id = self.tests()[number].id
        with self.made.act("result.verify", by or self.made.t2, verify_content, test_id) as work:
            return verify_result(work, test_id, raw_data_seen=True)

    def measure(self, number, **entry):
        self.enter(number, **entry)
        return self.verify(number)

    def open_holds(self):
        return [one.reason for one in self.made.rows(HoldRow) if one.lifted_at is None]


@pytest.fixture
def failed(made):
    return Failed(made)


@pytest.mark.req("QC-OOS-1")
def test_a_verified_failure_opens_its_record_with_the_hold_in_one_transaction(failed):
    record, (hold,) = failed.oos(), failed.made.rows(HoldRow)
    assert (record.number, record.status, record.hold_id) == ("NK-2026-001-O1", "oos_open", hold.id)
    assert record.result_id == failed.made.test("purity").result_id
    assert "69.9 %" in record.found


@pytest.mark.req("QC-OOS-2", "QC-INVALID", "QC-RETEST")
def test_nothing_is_measured_again_before_investigation_evidence_and_authorisation(failed):
    before = snapshot(failed.made)
    assert refused(failed.enter, 0) == ["RETEST_NOT_AUTHORISED"]
    assert refused(failed.invalidate) == ["LAB_PHASE_MISSING", "EVIDENCE_MISSING"]
    assert refused(failed.authorise) == ["STATE_NOT_ALLOWED"]
    assert snapshot(failed.made) == before
    failed.laboratory(cause=False)
    assert refused(failed.invalidate) == ["ASSIGNABLE_CAUSE_MISSING", "EVIDENCE_MISSING"]
    failed.laboratory()
    failed.evidence()
    failed.invalidate()
    assert refused(failed.enter, 0) == ["RETEST_NOT_AUTHORISED"]
    assert [one.status for one in failed.tests()] == ["invalidated"]


@pytest.mark.req("QC-OOS-2")
def test_a_confirmed_failure_blocks_certification_for_ever(failed):
    failed.laboratory(cause=False)
    failed.do(confirm_oos, failed.made.qa, decision="the manufacture was reviewed and shows no cause")
    failed.made.review(by=failed.qa2)
    assert sorted(refused(failed.made.stage_one)) == ["BATCH_ON_HOLD", "OOS_CONFIRMED", "RESULT_OOS"]
    assert refused(failed.invalidate) == ["STATE_NOT_ALLOWED"]
    failed.made.reject()
    assert failed.made.states() == ["rejected"]


@pytest.mark.req("QC-BLANK", "QC-SHOWALL")
def test_a_retest_starts_blank_and_the_first_value_stays_on_everything_that_is_read_or_signed(failed):
    failed.to_retest()
    first, *blank = failed.tests()
    assert (first.status, first.outcome) == ("invalidated", "oos")
    assert [(one.number, one.status) for one in blank] == [
        (f"{first.number}-R1", "requested"),
        (f"{first.number}-R2", "requested"),
    ]
    empty = ("result_id", "outcome", "inoculated_at", "inoculated_by", "last_read_at", "last_read_day")
    assert [[getattr(one, name) for name in empty] for one in blank] == [[None] * 6] * 2
    assert all(failed.made.read(results_of, one.id) == [] for one in blank)
    for content in (decision_content, review_content):
        shown = failed.made.read(content, failed.made.batch_id)
        results = [one for one in shown.get("results", shown.get("verdicts")) if one["criterion"].startswith("NK")]
        assert ("oos", "invalidated") in {(one["outcome"], one["status"]) for one in results}
        assert shown["out of specification"][0]["result"]["value"] == "69.9 %"
    numbers = [one.number for one in failed.tests()]
    page = failed.made.read(show_tests, None, failed.made.batch_id)["tests"]
    assert [one["number"] for one in page if one["number"] in numbers] == numbers
    for paper in (analysis_certificate, executed_record):
        printed = partial(paper, by="Person QA", at=failed.made.now)
        said = failed.made.read(printed, failed.made.batch_id, Speech("en"))
        rows = [row for one in said.sections for block in one.blocks for row in getattr(block, "rows", ())]
        tests = {row.cells[0]: row for row in rows if row.cells[0] in numbers}
        assert list(tests) == numbers
        assert "69.9 %" in str(tests[first.number])


@pytest.mark.req("QC-RETEST", "S5")
def test_people_stay_apart_over_the_whole_history(failed):
    assert refused(failed.laboratory, failed.made.t1) == ["SOD_OOS"]
    failed.laboratory(failed.qa3)
    failed.evidence()
    assert refused(failed.invalidate, failed.qa3) == ["SOD_OOS"]
    failed.invalidate()
    assert refused(failed.authorise, failed.made.qa) == ["SOD_RETEST"]
    failed.authorise()
    assert refused(failed.authorise, failed.qa3) == ["RETEST_LIMIT"]
    assert refused(failed.enter, 1, failed.made.t2) == ["RETEST_ANALYST"]
    failed.enter(1)
    assert refused(failed.verify, 1, failed.made.qa) == refused(failed.verify, 1, failed.qa2) == ["SOD_OOS"]
    assert refused(failed.verify, 1, failed.made.t1) == ["SOD_RESULT"]


@pytest.mark.req("S2", "QC-RETEST")
def test_who_measured_the_invalid_result_does_not_verify_its_retest(failed):
    failed.to_retest(analyst=failed.made.t2.id)
    failed.enter(1, failed.made.t2)
    assert refused(failed.verify, 1, failed.made.t1) == ["SOD_RESULT"]
    failed.verify(1, failed.qa3)


@pytest.mark.req("QC-RETEST", "QC-NOAVG")
def test_the_last_good_value_lifts_exactly_the_hold_of_this_failure_and_the_batch_is_certified(failed):
    made = failed.made
    other = made.put(
        HoldRow(scope="batch", record_id=made.batch_id, cause="person", reason="asked", set_by="x", set_at=made.now)
    )
    failed.to_retest()
    failed.measure(1)
    assert len(failed.open_holds()) == 2
    failed.measure(2, value=D("70.1"), unit="%")
    assert failed.open_holds() == ["asked"]
    made.change(HoldRow, other, lifted_at=made.now, lifted_by="x")
    made.review(by=failed.qa3)
    made.stage_one()
    assert made.states() == ["certified_pending"]


@pytest.mark.req("QC-NOAVG", "QC-SHOWALL")
def test_a_value_of_a_retest_that_fails_opens_its_own_record_whatever_the_mean(failed):
    failed.to_retest()
    failed.measure(1, value=D("99"), unit="%")
    failed.measure(2, **LOW)
    assert [(one.number, one.status) for one in failed.records()] == [
        ("NK-2026-001-O1", "result_invalidated"),
        ("NK-2026-001-O2", "oos_open"),
    ]
    assert len(failed.open_holds()) == 2
    failed.laboratory(place=1)
    failed.evidence(1)
    failed.invalidate(place=1)
    failed.authorise(place=1, replicates=1)
    assert [one.number[-2:] for one in failed.tests()[1:]] == ["R1", "R2", "R3"]
    failed.measure(3)
    assert failed.open_holds() == []
    counted = failed.made.read(lambda s: batch_verdicts(s, failed.made.batch_id))
    assert sorted(one.test.number[-2:] for one in counted if one.test.criterion == "purity") == ["R1", "R3"]


def test_a_failure_is_not_forgotten_because_another_weight_lets_it_pass(made):
    made.later(minutes=1)
    made.weigh("12")
    made.result("endotoxin", value=D(2), unit="EU/mL")
    made.later(minutes=1)
    made.weigh("70")
    facts = made.read(lambda s: release_facts(s, made.batch_id, made.now))
    judged = {
        one.criterion.key: one.verdict.outcome.value for one in made.read(lambda s: batch_verdicts(s, made.batch_id))
    }
    assert judged["endotoxin"] == "pass"
    assert [one.status.value for one in facts.oos] == ["oos_open"]
