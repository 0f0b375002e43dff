"""The monitoring of a batch: the document in force when it began, what was taken, what was read."""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.database import asked_once
from kernel.documents.tables import DocumentRow
from kernel.errors import NotFound, Refused
from manufacturing.domain.batches import StepStatus
from manufacturing.domain.deviations import SETTLED, DeviationStatus
from manufacturing.domain.environment import (
    ENVIRONMENT,
    Monitored,
    Reading,
    SampleFacts,
    Standing,
    Surroundings,
    parse_surroundings,
    standing,
)
from manufacturing.queries.batches import get_batch
from manufacturing.queries.record import Record
from manufacturing.queries.steps import batch_steps, get_step
from manufacturing.tables.batches import BatchRow, StepRow
from manufacturing.tables.deviations import DeviationRow
from manufacturing.tables.environment import EnvironmentSampleRow


@lru_cache(maxsize=16)
def _parsed(body: str) -> Surroundings:
    parsed = parse_surroundings(json.loads(body))
    if isinstance(parsed, tuple):
        raise Refused(*parsed)
    return parsed


def document_at(session: Session, at: datetime) -> DocumentRow | None:
    """The version in force then; a version that was retired meanwhile still tells of that time."""
    query = sa.select(DocumentRow).where(DocumentRow.kind == ENVIRONMENT, DocumentRow.effective_at <= at)
    return session.execute(query.order_by(DocumentRow.effective_at.desc()).limit(1)).scalar_one_or_none()


def around_at(session: Session, at: datetime) -> Surroundings | None:
    row = document_at(session, at)
    return _parsed(row.body) if row else None


def around_batch(session: Session, batch: BatchRow) -> Surroundings | None:
    """Rooms and samples by which the batch is judged: those in force when its line was cleared."""
    return around_at(session, batch.started_at) if batch.started_at else None


def get_sample(session: Session, sample_id: str) -> EnvironmentSampleRow:
    row = session.get(EnvironmentSampleRow, sample_id)
    if row is None:
        raise NotFound(f"environment sample {sample_id}")
    return row


@asked_once
def environment_of_batch(session: Session, batch_id: str) -> list[EnvironmentSampleRow]:
    query = sa.select(EnvironmentSampleRow).where(EnvironmentSampleRow.batch_id == batch_id)
    order = (EnvironmentSampleRow.exposed_from, EnvironmentSampleRow.key, EnvironmentSampleRow.id)
    return list(session.execute(query.order_by(*order)).scalars())


def deviation_states(session: Session, rows: list[EnvironmentSampleRow]) -> dict[str, str]:
    ids = [one.deviation_id for one in rows if one.deviation_id]
    found = session.execute(sa.select(DeviationRow.id, DeviationRow.status).where(DeviationRow.id.in_(ids)))
    return {deviation_id: status for deviation_id, status in found}  # noqa: C416  (a row is not a pair)


def standing_of_batch(session: Session, record: Record) -> Standing | None:
    """None where no document was in force when the batch began."""
    around = around_batch(session, record.batch)
    if around is None:
        return None
    rows = environment_of_batch(session, record.batch.id)
    states, keys = deviation_states(session, rows), {one.id: one.key for one in record.steps}
    taken = [
        SampleFacts(one.key, keys[one.step_id], one.count, states.get(one.deviation_id or "") == DeviationStatus.CLOSED)
        for one in rows
    ]
    assessed = {one.step_id for one in record.deviations if one.status in SETTLED}
    steps = [
        (one.key, f"{one.position} " + one.title, one.id in assessed)
        for one in record.steps
        if one.status != StepStatus.NOT_NEEDED
    ]
    return standing(around, steps, taken)


def sample_of(session: Session, row: EnvironmentSampleRow) -> Monitored:
    document = session.get_one(DocumentRow, row.document_id)
    found = _parsed(document.body).sample(row.key)
    if found is None:
        raise NotFound(f"sample {row.key}")
    return found


def environment_facts(session: Session, row: EnvironmentSampleRow) -> dict[str, Any]:
    """One sample in what is signed and reviewed."""
    sample = sample_of(session, row)
    return {
        "sample": sample.title,
        "place": row.place,
        "grade": sample.grade,
        "exposed from": row.exposed_from,
        "exposed until": row.exposed_until,
        "count": row.count,
        "unit": sample.unit,
        "reading": sample.reading(row.count).value,
        "version": row.version,
    }


def environment_view(session: Session, row: EnvironmentSampleRow, steps: dict[str, StepRow]) -> dict[str, Any]:
    sample, people = sample_of(session, row), names(session)
    return {
        **environment_facts(session, row),
        "id": row.id,
        "title": sample.title,
        "alert": sample.alert,
        "action": sample.action,
        "position": steps[row.step_id].position,
        "taken_by": people.get(row.taken_by, row.taken_by),
        "read_at": row.read_at,
        "read_by": people.get(row.read_by or ""),
        "reference": row.reference,
        "corrected_because": row.corrected_because,
        "deviation_id": row.deviation_id,
    }


def environment_page(session: Session, batch_id: str) -> dict[str, Any] | None:
    """What was taken, what is still to be taken, and the grade of the room; nothing without a document in force."""
    batch = get_batch(session, batch_id)
    around = around_batch(session, batch)
    rows = environment_of_batch(session, batch_id)
    if around is None and not rows:
        return None
    steps = {one.id: one for one in batch_steps(session, batch_id)}
    samples = [environment_view(session, row, steps) for row in rows]
    return {
        "samples": samples,
        "grade": around.rooms.get(batch.room or "") if around else None,
        "room": batch.room,
        "pending": sum(1 for one in samples if one["reading"] == Reading.PENDING),
    }


def step_samples(session: Session, batch_id: str, position: str) -> tuple[StepRow, list[Monitored]]:
    """The samples that belong to a step, by the document in force when the batch began."""
    step = get_step(session, batch_id, position)
    around = around_batch(session, get_batch(session, batch_id))
    return step, [one for one in around.samples if step.key in one.steps] if around else []


def sample_content(session: Session, sample_id: str) -> dict[str, Any]:
    """What whoever reads a plate is shown and signs."""
    row = get_sample(session, sample_id)
    batch = get_batch(session, row.batch_id)
    return {"title": batch.number, "batch": batch.number, **environment_facts(session, row)}


FIRST_EXPOSED: sa.ColumnElement[datetime] = sa.func.min(
    EnvironmentSampleRow.exposed_until, type_=EnvironmentSampleRow.exposed_until.type
)


def unread() -> sa.Select[tuple[str, str, int, datetime]]:
    """Asks for batches with samples that nobody has read: id, number, how many, and the end of the first exposure."""
    return (
        sa.select(BatchRow.id, BatchRow.number, sa.func.count(), FIRST_EXPOSED)
        .join(EnvironmentSampleRow, EnvironmentSampleRow.batch_id == BatchRow.id)
        .where(EnvironmentSampleRow.count.is_(None))
        .group_by(BatchRow.id, BatchRow.number)
    )
