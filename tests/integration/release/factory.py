"""A batch up to “production complete”, entered straight through the unit of work; and the acts of the deciding half."""

from __future__ import annotations

import json
import secrets
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import sqlalchemy as sa

from kernel.accounts.tables import PersonRow, RoleGrantRow
from kernel.canonical import canonical, digest
from kernel.documents.tables import DocumentRow
from kernel.errors import Refused
from kernel.tables import TrailRow
from kernel.words import Words
from kernel.work import SYSTEM, Actor, unit_of_work
from labels.tables.labels import LabelRow
from manufacturing.domain.donors import ALWAYS
from manufacturing.events import BatchOpened, ContainerFilled
from manufacturing.tables.batches import BatchRow, ContainerRow, StepRow, StepValueRow
from manufacturing.tables.collections import CollectionRow, DonorRow, MarkerRow
from manufacturing.tables.deviations import DeviationRow
from manufacturing.tables.trial import SubjectRow, TrialRow, WeightRow
from release.queries.decisions import decision_content
from release.queries.records import decisions_of, dispositions_of
from release.queries.review import review_content
from release.queries.testing import content_of_test, parsed_specification, required_tests
from release.queries.verifying import verify_content
from release.services.decisions import (
    certify_full,
    certify_stage_one,
    certify_stage_two,
    reject_batch,
    sign_weight,
    sponsor_release,
)
from release.services.entering import measured_row
from release.services.late_results import quarantine
from release.services.review import review_batch
from release.services.testing import (
    conclude_culture,
    correct_result,
    enter_result,
    inoculate,
    read_culture,
    request_tests,
    verify_result,
)
from release.tables.decisions import DecisionRow, DispositionRow
from release.tables.testing import QcTestRow, ResultRow
from tests.presets import bare_process
from tests.training import enter_trained

D = Decimal
PRESET = json.loads(Path("config/presets/specification.json").read_text(encoding="utf-8"))["body"]
PROCESS = bare_process()
CONFIRMED = {"manufacturing_authorised": True, "national_duties": True, "register_entry": True}
READY = {"trial_authorised": True, "site_ready": True}
COUNT = {
    "events": 42,
    "bead_events": 20000,
    "beads_per_tube": D("49850"),
    "sample_volume": D(50),
    "dilution": D(1),
}


def nk_count(thousands):
    """Viable NK cells against 19,940 beads: so many thousand per mL."""
    return {**COUNT, "events": thousands, "bead_events": 19940, "dilution": D(20)}


GOOD = {
    "purity": {"value": D("95.1"), "unit": "%"},
    "cd3_dose": COUNT,
    "nk_dose": nk_count(11000),
    "viability": {"value": D(96), "unit": "%"},
    "endotoxin": {"operator": "<", "value": D("0.5"), "unit": "EU/mL"},
    "gram": {"text": "no organisms"},
    "culture": {"text": "no growth to date"},
    "volume": {"value": D(50), "unit": "mL"},
    "appearance": {"text": "suspension without clumps, container intact"},
}


def specification_body(**changes):
    return {**json.loads(json.dumps(PRESET)), **changes}


class Made:
    """One batch with its people. Each act is done as the product does it: content read first, signed by who is named."""

    def __init__(self, database, *, number="NK-2026-001", subject="NK-01", body=None, containers=1, trial=None):
        self.database = database
        self.number, self.subject_code, self.body = number, subject, body or specification_body()
        self.filled = containers
        with unit_of_work(database, SYSTEM, "test.make") as work:
            self.t1, self.t2, self.qa, self.qp, self.sp, self.dr = (
                self.employ(work, role) for role in ("T", "T", "QA", "QP", "Sp", "Dr")
            )
            work.signers = (self.t1, self.t2)
            self.build(work, trial)
            enter_trained(work, self.qa, self.qp)

    @property
    def now(self):
        return self.database.clock.now()

    def employ(self, work, role):
        """An active person with this role; without a password, because nobody signs in here."""
        login = f"{role.lower()}-{secrets.token_hex(4)}"
        row = work.add(PersonRow(login=login, full_name=f"Person {role}", status="active", requested_by="test"))
        work.add(RoleGrantRow(person_id=row.id, role=role, status="active", requested_by="test"))
        return Actor(row.id, row.full_name, frozenset({role}))

    def build(self, work, trial):
        self.trial_id = trial or self.new_trial(work)
        subject = work.add(
            SubjectRow(
                trial_id=self.trial_id,
                code=self.subject_code,
                status="included",
                diagnosis="AML",
                donor_type="mismatched_family",
                age_years=6,
                age_months=3,
                transplanted_on=(work.at - timedelta(days=80)).date(),
                included_at=work.at - timedelta(days=60),
            )
        )
        self.subject_id = subject.id
        donor = work.add(DonorRow(code=f"DN-{self.number[-3:]}", subject_id=subject.id, donor_type="mismatched_family"))
        self.collection(work, donor)
        self.batch(work, donor)
        self.steps(work)
        request_tests(work, BatchOpened(self.batch_id))
        self.containers(work)
        self.weigh_in(work, "20")

    def new_trial(self, work):
        return work.add(TrialRow(code="NL-OMON26066", title="NK cells", eu_trial_number="2026-500000-00-00")).id

    def collection(self, work, donor):
        row = work.add(
            CollectionRow(
                number=f"LA-{self.number}",
                is_din=False,
                subject_id=self.subject_id,
                donor_id=donor.id,
                status="consumed",
                planned_on=work.at.date(),
                consent_reference="DC-7",
                consented_on=work.at.date(),
                mobilised=False,
                started_at=work.at - timedelta(hours=12),
                ended_at=work.at - timedelta(hours=9),
                received_at=work.at - timedelta(hours=8),
                received_by=self.t1.id,
                verified_by=self.t2.id,
                accepted_by=self.qa.id,
                accepted_at=work.at - timedelta(hours=7),
            )
        )
        self.collection_id = row.id
        for marker in ALWAYS:
            work.add(
                MarkerRow(
                    collection_id=row.id,
                    marker=marker.value,
                    result="non_reactive",
                    laboratory="Virology",
                    kit="panel",
                    report_reference="VR-1",
                    entered_by=self.t1.id,
                )
            )

    def document(self, work, kind, body, code=""):
        text = canonical(body)
        code = f"{code or kind.upper()}-{self.number}"
        row = DocumentRow(
            kind=kind, code=code, number=1, title=kind, body=text, sha256=digest(body), author_id=self.qa.id
        )
        return work.add(row).id

    def batch(self, work, donor):
        formulated = work.at - timedelta(hours=1)
        row = work.add(
            BatchRow(
                number=self.number,
                collection_id=self.collection_id,
                subject_id=self.subject_id,
                donor_id=donor.id,
                process_document_id=self.document(work, "process", PROCESS),
                specification_document_id=self.document(work, "specification", self.body),
                status="production_complete",
                room="C1",
                opened_by=self.t1.id,
                opened_at=work.at - timedelta(hours=6),
                started_at=work.at - timedelta(hours=6),
                formulated_at=formulated,
                expires_at=formulated + timedelta(hours=24),
                completed_at=work.at,
            )
        )
        self.batch_id = row.id
        work.sign(row, "line clearance performed", 0)
        work.sign(row, "line clearance verified", 1)

    def steps(self, work):
        for position, key in enumerate(("inspect", "formulate"), start=1):
            step = work.add(
                StepRow(
                    batch_id=self.batch_id,
                    position=position,
                    key=key,
                    title=Words.same(key),
                    status="verified",
                    performed_at=work.at - timedelta(hours=3 - position),
                    recorded_at=work.at - timedelta(hours=3 - position),
                    performed_by=self.t1.id,
                    verified_by=self.t2.id,
                    verified_at=work.at,
                )
            )
            work.sign(step, "performed", 0)
            work.sign(step, "verified", 1)
            work.add(StepValueRow(step_id=step.id, field="wbc", number=D("28.4"), unit="10^6/mL", verdict="pass"))

    def containers(self, work):
        self.container_ids = []
        for number in range(1, self.filled + 1):
            row = work.add(
                ContainerRow(
                    batch_id=self.batch_id,
                    subject_id=self.subject_id,
                    number=number,
                    code=f"{self.number}-{number}",
                    container_type="bag",
                    volume_ml=D(50),
                    viable_nk=D("5.6e8"),
                    filled_at=work.at - timedelta(minutes=50),
                    expires_at=work.at + timedelta(hours=23),
                    filled_by=self.t1.id,
                    verified_by=self.t2.id,
                )
            )
            work.sign(row, "filled", 0)
            quarantine(work, ContainerFilled(row.id))
            self.label(work, row)
            self.container_ids.append(row.id)

    def label(self, work, container):
        template = self.document(work, "label_template", {}, f"LABEL{container.number}")
        work.add(
            LabelRow(
                container_id=container.id,
                template_document_id=template,
                issue=1,
                label_id=f"L-{container.code}",
                payload=f"P-{container.code}",
                short_number=f"{container.code}-1",
                facts="{}",
                status="applied",
                printed_by=self.t1.id,
                printed_at=work.at,
                verified_by=self.t2.id,
                verified_at=work.at,
                applied_by=self.t1.id,
                applied_at=work.at,
            )
        )

    def weigh_in(self, work, kg, measured_at=None):
        row = WeightRow(
            subject_id=self.subject_id,
            kg=D(kg),
            measured_at=measured_at or work.at,
            recorded_at=work.at,
            entered_by=self.dr.id,
            verified_by=self.sp.id,
        )
        return work.add(row).id

    def weigh(self, kg, measured_at=None):
        with unit_of_work(self.database, SYSTEM, "test.weigh") as work:
            return self.weigh_in(work, kg, measured_at)

    def change(self, table, record_id, **values):
        """Another act changes a record meanwhile."""
        with unit_of_work(self.database, SYSTEM, "test.change") as work:
            row = work.lock(table, record_id)
            for name, value in values.items():
                setattr(row, name, value)

    def put(self, row):
        with unit_of_work(self.database, SYSTEM, "test.put") as work:
            return work.add(row).id

    def deviation(self, classification="minor", status="open"):
        return self.put(
            DeviationRow(
                number=f"DV-{self.number}-{classification}",
                record_kind="batch",
                record_id=self.batch_id,
                record=Words.same(self.number),
                batch_id=self.batch_id,
                classification=classification,
                status=status,
                description="the wash took longer",
                raised_by=self.t1.id,
                raised_at=self.now,
            )
        )

    def read(self, query, *ids):
        with self.database.reading() as session:
            return query(session, *ids)

    def test_id(self, criterion):
        return next(one.id for one in self.read(required_tests, self.batch_id) if one.criterion == criterion)

    def test(self, criterion):
        return next(one for one in self.read(required_tests, self.batch_id) if one.criterion == criterion)

    def row(self, table, record_id):
        return self.read(lambda session: session.get_one(table, record_id))

    def rows(self, table):
        return self.read(
            lambda session: list(session.execute(sa.select(table).order_by(*table.__table__.primary_key)).scalars())
        )

    @contextmanager
    def act(self, name, signer, content, *ids, reason=None, seen=None):
        shown = seen if seen is not None else digest(self.read(content, *ids))
        with unit_of_work(self.database, signer, name, signers=(signer,), seen=shown, reason=reason) as work:
            yield work

    def about(self):
        return {"method": "as specified", "measured_at": self.now, "raw_data_reference": "RAW-1"}

    def enter(self, criterion, *, by=None, **entry):
        test_id = self.test_id(criterion)
        fields = {**self.about(), **(entry or GOOD[criterion])}
        with self.act("result.enter", by or self.t1, content_of_test, test_id) as work:
            return enter_result(work, test_id, **fields)

    def correct(self, criterion, *, by=None, reason="read the wrong line", **entry):
        test_id = self.test_id(criterion)
        with self.act("result.correct", by or self.t1, content_of_test, test_id, reason=reason) as work:
            return correct_result(work, test_id, **{**self.about(), **entry})

    def verify(self, criterion, *, by=None, seen=True):
        test_id = self.test_id(criterion)
        with self.act("result.verify", by or self.t2, verify_content, test_id) as work:
            return verify_result(work, test_id, raw_data_seen=seen)

    def result(self, criterion, **entry):
        self.enter(criterion, **entry)
        return self.verify(criterion)

    def inoculate(self, at=None):
        test_id = self.test_id("sterility")
        with self.act("sterility.inoculate", self.t1, content_of_test, test_id) as work:
            return inoculate(work, test_id, inoculated_at=at or self.now)

    def read_negative(self, at=None):
        test_id = self.test_id("sterility")
        with self.act("sterility.read", self.t1, content_of_test, test_id) as work:
            return read_culture(work, test_id, read_at=at or self.now, method="BacT", raw_data_reference="RAW-2")

    def conclude(self, reading, at=None):
        test_id = self.test_id("sterility")
        entry = {"reading": reading, "read_at": at or self.now, "method": "BacT", "raw_data_reference": "RAW-3"}
        with self.act("sterility.conclude", self.t1, content_of_test, test_id) as work:
            return conclude_culture(work, test_id, **entry)

    def tested(self, **instead):
        """Every result that has to be there before the infusion, verified; the culture in test.

        The good ones are written down at once; what is given ``instead`` goes the way of a result.
        """
        tests = {one.criterion: one.id for one in self.read(required_tests, self.batch_id)}
        with unit_of_work(self.database, SYSTEM, "test.results") as work:
            for criterion in GOOD.keys() - instead.keys():
                self.write_result(work, work.lock(QcTestRow, tests[criterion]), criterion)
            culture = work.lock(QcTestRow, tests["sterility"])
            culture.status, culture.inoculated_at, culture.inoculated_by = "in_test", work.at, self.t1.id
        for criterion, entry in instead.items():
            self.result(criterion, **entry)
        return self

    def write_result(self, work, test, criterion):
        parsed = parsed_specification(canonical(self.body)).criterion(criterion)
        values = measured_row(parsed, {**self.about(), **GOOD[criterion]}, work.at, None)
        row = ResultRow(
            **{"operator": "=", "unit": "", "typed_unit": "", **values},
            test_id=test.id,
            sequence=1,
            entered_by=self.t1.id,
            entered_at=work.at,
            verified_by=self.t2.id,
            verified_at=work.at,
        )
        test.result_id, test.status, test.outcome = work.add(row).id, "verified", "pass"

    def review(self, by=None, answer=None, seen=None):
        with self.act("batch.review", by or self.qa, review_content, self.batch_id, seen=seen) as work:
            return review_batch(work, self.batch_id, difference_answer=answer)

    def decide(self, service, by, *, reason=None, seen=None, **fields):
        with self.act("release.decide", by, decision_content, self.batch_id, reason=reason, seen=seen) as work:
            return service(work, self.batch_id, **fields)

    def stage_one(self, by=None, seen=None, **changed):
        return self.decide(certify_stage_one, by or self.qp, seen=seen, **{**CONFIRMED, **changed})

    def full(self, by=None, seen=None, **changed):
        return self.decide(certify_full, by or self.qp, seen=seen, **{**CONFIRMED, **changed})

    def stage_two(self, by=None, seen=None, **changed):
        return self.decide(certify_stage_two, by or self.qp, seen=seen, **{**CONFIRMED, **changed})

    def sponsor(self, by=None, **changed):
        return self.decide(sponsor_release, by or self.sp, **{**READY, **changed})

    def reject(self, by=None, reason="out of specification"):
        return self.decide(reject_batch, by or self.qp, reason=reason)

    def sign_weight(self, by=None):
        return self.decide(sign_weight, by or self.qp)

    def states(self):
        return [row.status for row in self.read(dispositions_of, self.batch_id)]

    def decisions(self):
        return self.read(decisions_of, self.batch_id)

    def later(self, **time):
        self.database.clock.advance(timedelta(**time))


def tested_and_reviewed(made):
    made.tested()
    made.review()


def refused(act, *args, **fields):
    """The codes an act is refused with; nothing but the refusal may be on the trail then."""
    try:
        act(*args, **fields)
    except Refused as said:
        return [one.code for one in said.refusals]
    return []


def snapshot(made):
    """Every record of the deciding half as it is, and the number of links that changed something."""
    tables = (QcTestRow, ResultRow, DispositionRow, DecisionRow, BatchRow, ContainerRow)
    rows = {table.__tablename__: {row.id: row.version for row in made.rows(table)} for table in tables}
    done = [one.seq for one in made.rows(TrailRow) if one.outcome == "done"]
    return rows, len(done)
