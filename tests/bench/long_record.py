"""One batch with as long a record as a site may ask for: sixty steps and three hundred fields, as the step page is
tested with.
"""

from __future__ import annotations

import hashlib
from decimal import Decimal

import sqlalchemy as sa

from kernel.accounts.queries import actor_of, find_person
from kernel.canonical import canonical
from kernel.database import Database
from kernel.documents.tables import DocumentRow
from kernel.work import SYSTEM, Work, unit_of_work
from manufacturing.domain.batches import StepStatus
from manufacturing.domain.plan import PlannedStep
from manufacturing.queries.steps import batch_steps, process_version
from manufacturing.tables.batches import BatchRow, StepRow, StepValueRow
from tests.web.manufacturing.test_bench_statements import FIELDS, long_process

CODE = "PRC-LONG"
PERFORMED_AND_VERIFIED = ("performed", "verified")


def lengthen(database: Database, ending: str) -> None:
    """Gives the finished batch whose number ends so the long process; the steps it has not are done and verified by two people."""
    with database.reading() as session:
        batch_id = session.execute(sa.select(BatchRow.id).where(BatchRow.number.endswith(ending))).scalar_one()
        people = [find_person(session, login) for login in ("tech1", "tech2")]
        now = database.clock.now()
        signers = tuple(one for person in people if person and (one := actor_of(session, person.id, now)))
    with unit_of_work(database, SYSTEM, "bench.lengthen", signers=signers) as work:
        batch = work.lock(BatchRow, batch_id)
        document = long_version(work, batch.process_document_id)
        batch.process_document_id = document.id
        known = {row.key: row for row in batch_steps(work.session, batch_id)}
        plan = process_version(work.session, document.id).steps
        for place, planned in reversed(list(enumerate(plan, 1))):  # the last one makes room first
            if planned.key in known:
                known[planned.key].position = place
                work.session.flush()
            else:
                add_step(work, batch, place, planned)


def long_version(work: Work, document_id: str) -> DocumentRow:
    known = work.session.execute(sa.select(DocumentRow).where(DocumentRow.code == CODE)).scalar_one_or_none()
    if known is not None:
        return known
    body = canonical(long_process())
    was = work.session.get_one(DocumentRow, document_id)
    about = {"kind": was.kind, "code": CODE, "number": 1, "title": f"{FIELDS} fields", "author_id": was.author_id}
    dated = {"status": was.status, "effective_at": was.effective_at}
    return work.add(DocumentRow(**about, **dated, body=body, sha256=hashlib.sha256(body.encode()).hexdigest()))


def add_step(work: Work, batch: BatchRow, place: int, planned: PlannedStep) -> None:
    """Every field with a value, the step signed twice."""
    at = batch.completed_at
    times = {"performed_at": at, "recorded_at": at, "verified_at": at}
    people = {"performed_by": work.signer(0).id, "verified_by": work.signer(1).id}
    about = {"position": place, "key": planned.key, "title": planned.title, "status": StepStatus.VERIFIED}
    row = work.add(StepRow(batch_id=batch.id, **about, **times, **people))
    for field in planned.fields:
        value = {"number": Decimal(30), "unit": "min", "shown": "30 min", "verdict": "pass"}
        work.session.add(StepValueRow(id=work.new_id(), step_id=row.id, field=field.key, **value))
    work.content = {"title": f"{batch.number}, {place}"}
    for signer, meaning in enumerate(PERFORMED_AND_VERIFIED):
        work.sign(row, meaning, signer)
