"""What is asked of the server: the acts and pages that are measured, and the records they are measured on."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count, repeat

import sqlalchemy as sa

from config.demo_people import DEMO_PASSWORD
from config.playing import text
from config.products import TESTING
from kernel.database import Database
from kernel.documents.tables import DocumentRow
from labels.tables.labels import LabelRow
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.trial import SubjectRow
from release.domain.decisions import QcTestStatus
from release.tables.testing import QcTestRow
from tests.bench.copies import FIRST
from tests.bench.large_batch import CODE
from tests.bench.long_record import FIELDS
from tests.bench.many_containers import BARE, EVENTS, LOTS, newest_copy
from tests.bench.measuring import ROUNDS, Failed, Person, Sending, Timed, send, timed

WAITING, IN_TESTING, AT_THE_BENCH = "NK-03", "NK-04", "NK-06"  # subjects of the worked example
LONG = f"-{FIRST + 1}"  # how the first copy of the first story ends, which is infused and final
STEP_AT_THE_BENCH = 4
ENTERED = {
    "b_percent": {"value": TESTING.b_percent, "unit": "%"},
    "endotoxin": {"operator": "<", "value": TESTING.endotoxin, "unit": "EU/mL"},
}
WORKERS = {"technician": "tech1", "QA": "qa1", "QP": "qp1", "pharmacist": "pharm1"}

FEW = 3  # rounds of what takes seconds
DOSSIER = f"dossier PDF, large, of {FEW}"


def large_ending(stories: int) -> str:
    """How the number of the second copy of the first story ends, the large batch."""
    return f"-{FIRST + 1 + stories}"


@dataclass
class Scene:
    """One database behind one running server. The batch pages show a product of the worked example in testing."""

    database: Database
    url: str

    def person(self, login: str) -> Person:
        return Person(self.url, login, DEMO_PASSWORD)

    def batch_of(self, subject: str) -> str:
        query = sa.select(BatchRow.id).join(SubjectRow, SubjectRow.id == BatchRow.subject_id)
        with self.database.reading() as session:
            return session.execute(query.where(SubjectRow.code == subject)).scalar_one()

    def long_batch(self) -> str:
        with self.database.reading() as session:
            return session.execute(sa.select(BatchRow.id).where(BatchRow.number.endswith(LONG))).scalar_one()

    def number_of(self, batch_id: str) -> str:
        with self.database.reading() as session:
            return session.get_one(BatchRow, batch_id).number

    def large_batch(self) -> str:
        """The one with a specification of its own."""
        wide = sa.select(DocumentRow.id).where(DocumentRow.code == CODE)
        with self.database.reading() as session:
            query = sa.select(BatchRow.id).where(BatchRow.specification_document_id.in_(wide))
            return session.execute(query).scalar_one()

    def label_of(self, subject: str) -> LabelRow:
        """The newest print."""
        query = sa.select(LabelRow).join(ContainerRow, ContainerRow.id == LabelRow.container_id)
        of_batch = query.where(ContainerRow.batch_id == self.batch_of(subject)).order_by(LabelRow.issue.desc())
        with self.database.reading() as session:
            return session.execute(of_batch.limit(1)).scalar_one()

    def reprint(self) -> str:
        """A print that nobody verified yet, so that its file may be drawn."""
        path = f"/labels/{self.label_of(IN_TESTING).id}/reprint"
        sending = self.person("tech1").acting(path, second="tech2", reason="smudged in the printer")
        return str(send(self.url, sending).json()["id"])

    def scans(self) -> Iterator[Sending]:
        pharmacist, label = self.person("pharm1"), self.label_of(WAITING)
        body = {"label_code": label.payload, "subject_code": WAITING, "place": "pharmacy"}
        seen = pharmacist.read("/dispense")["seen"]
        place, start = 0, secrets.token_hex(4)
        while place := place + 1:
            yield pharmacist.posting("/dispense", {**body, "seen": seen, "idempotency_key": f"scan-{start}-{place}"})

    def saves(self) -> Iterator[Sending]:
        """One box of the step being done, each time with another value after the one that was seen."""
        technician = self.person("tech1")
        path = f"/batches/{self.batch_of(AT_THE_BENCH)}/steps/{STEP_AT_THE_BENCH}/save"
        for seen in count():
            fields = {"volume": str(150 + seen % 10), "volume_seen": str(seen)}
            yield technician.posting(path, {**fields, "idempotency_key": f"save-{seen}"})

    def results(self) -> Iterator[Sending]:
        """Tests without a value, of copied batches: each can be entered once."""
        query = (
            sa.select(QcTestRow.id, QcTestRow.criterion)
            .join(BatchRow, BatchRow.id == QcTestRow.batch_id)
            .where(QcTestRow.criterion.in_(ENTERED), QcTestRow.status == QcTestStatus.REQUESTED)
            .where(BatchRow.completed_at.is_not(None), BatchRow.number >= f"NK26-{FIRST}")
            .order_by(QcTestRow.number)
        )
        with self.database.reading() as session:
            waiting = session.execute(query.limit(100)).all()
        technician = self.person("tech1")
        measured = text(datetime.now(UTC) - timedelta(minutes=5))
        for test_id, criterion in waiting:
            facts = {"method": "as in the specification", "measured_at": measured, "raw_data_reference": "RAW"}
            yield technician.acting(f"/tests/{test_id}/enter", **facts, **ENTERED[criterion])

    def page(self, login: str, path: str) -> Iterator[Sending]:
        """Signed in when it begins, because a later sign-in of the same person ends the session before."""
        yield from repeat(self.person(login).page(path))

    def page_after_a_scan(self, login: str, path: str) -> Iterator[Sending]:
        """Each look is the first one on a new line of the trail; the scan itself is not timed."""
        page = self.person(login).page(path)
        for one in self.scans():
            send(self.url, one)
            yield page

    def label_file(self) -> Iterator[Sending]:
        path = f"/labels/{self.reprint()}/label.pdf"
        yield from self.page("tech1", path)

    def batch_of_many(self) -> str:
        with self.database.reading() as session:
            return newest_copy(session)

    def all_labels(self, batch_id: str) -> str:
        """Prints what the batch of many containers lacks, in one act; answers where its file is."""
        path = f"/batches/{batch_id}/print-labels"
        printed = send(self.url, self.person("tech1").acting(path)).json()["labels"]
        if len(printed) != BARE:
            raise Failed(f"{len(printed)} labels were printed at once, not {BARE}")
        return f"/labels/batches/{batch_id}/labels"

    def tasks(self) -> str:
        """How many lines the Work page has for each who is measured."""
        found = {role: self.person(login).read("/")["page"]["total"] for role, login in WORKERS.items()}
        return ", ".join(f"{role} {count}" for role, count in found.items())

    def everything(self) -> dict[str, Iterator[Sending]]:
        batch = f"/batches/{self.batch_of(IN_TESTING)}"
        long, large = f"/batches/{self.long_batch()}", f"/batches/{self.large_batch()}"
        many = self.batch_of_many()
        labels = self.all_labels(many)
        return {
            "scan verdict: guards, trail": self.scans(),
            "field saved at the bench": self.saves(),
            "result entered and signed": self.results(),
            **{f"Work page, {role}": self.page(login, "/") for role, login in WORKERS.items()},
            "batch list": self.page("qa1", "/batches"),
            "batch page": self.page("qa1", batch),
            f"batch page, {FIELDS} fields": self.page("qa1", long),
            f"batch record PDF, {FIELDS} fields": self.page("qa1", f"{long}/record.pdf"),
            "what blocks release": self.page("qp1", f"{batch}/release"),
            "what blocks release, large": self.page("qp1", f"{large}/release"),
            "review form, large": self.page("qa1", f"{large}/review"),
            "exceptions, large": self.page("qa1", f"{large}/exceptions"),
            DOSSIER: self.page("qa1", f"{large}/dossier.pdf"),
            f"trace, {FIELDS} fields": self.page("qa1", f"/trace/{self.number_of(self.long_batch())}"),
            "trial page": self.page("qa1", "/trial"),
            "feasibility figures": self.page("qa1", "/trial/feasibility"),
            "feasibility figures after a scan": self.page_after_a_scan("qa1", "/trial/feasibility"),
            "subjects of a stage": self.page("qa1", "/trial/stages/T"),
            "accountability log of the trial": self.page("qa1", "/accountability"),
            "label PDF": self.label_file(),
            f"{BARE} labels as one PDF, of {FEW}": self.page("tech1", f"{labels}.pdf"),
            f"{BARE} labels as one ZPL, of {FEW}": self.page("tech1", f"{labels}.zpl"),
            f"trace, {LOTS} lots, {EVENTS} events": self.page("qa1", f"/trace/{self.number_of(many)}"),
        }


def measured(scenes: list[Scene]) -> list[dict[str, Timed]]:
    """Every act and page, one after the other, in all scenes side by side."""
    asked = [scene.everything() for scene in scenes]
    found: list[dict[str, Timed]] = [{} for _ in scenes]
    for name in asked[0]:
        rounds = FEW if name.endswith(f"of {FEW}") else ROUNDS
        every = timed([(scene.url, one[name]) for scene, one in zip(scenes, asked, strict=True)], rounds)
        for place, one in enumerate(every):
            found[place][name] = one
    return found
