"""Steps of a batch with their values, plan and the people who touched them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import asked_once, asks_once
from kernel.documents.queries import get_document
from kernel.errors import NotFound, Refused
from kernel.tables import SignatureRow
from kernel.words import Words
from manufacturing.domain.batches import StepStatus
from manufacturing.domain.plan import PlannedField, Process
from manufacturing.domain.process import parse_process
from manufacturing.tables.batches import BatchRow, StepRow, StepValueRow

LINE_CLEARED = ("line clearance performed", "line clearance verified")


@dataclass(frozen=True, slots=True)
class StepValue:
    """One recorded field. ``verified``: its step is verified, so it may be computed with (A11-6)."""

    step: str
    position: int
    field: str
    measure: str
    parent: str
    number: Decimal | None
    text: str | None
    moment: datetime | None
    unit: str
    shown: str
    verdict: str
    verified: bool

    @property
    def value(self) -> Any:
        found = (one for one in (self.number, self.moment, self.text) if one is not None)
        return next(found, None)


@lru_cache(maxsize=32)
def _parsed(body: str) -> Process:
    parsed = parse_process(json.loads(body))
    if isinstance(parsed, tuple):
        raise Refused(*parsed)
    return parsed


def process_version(session: Session, document_id: str) -> Process:
    return _parsed(get_document(session, document_id).body)


def process_of(session: Session, batch: BatchRow) -> Process:
    """The plan frozen into the batch."""
    return process_version(session, batch.process_document_id)


def get_step(session: Session, batch_id: str, position: int | str) -> StepRow:
    wanted = as_position(position)
    row = next((one for one in batch_steps(session, batch_id) if one.position == wanted), None)
    if row is None:
        raise NotFound(f"step {position} of batch {batch_id}")
    return row


def as_position(text: int | str) -> int:
    digits = str(text)
    if not digits.isascii() or not digits.isdigit() or len(digits) > 3:
        raise NotFound(f"step {digits[:20]}")
    return int(digits)


@asked_once
def batch_steps(session: Session, batch_id: str) -> list[StepRow]:
    """In their order. A page that asks for the steps asks for their values too: both are one statement there."""
    if asks_once(session):
        return list(dict.fromkeys(step for step, _ in steps_and_values(session, batch_id)))
    query = sa.select(StepRow).where(StepRow.batch_id == batch_id).order_by(StepRow.position)
    return list(session.execute(query).scalars())


@asked_once
def steps_and_values(session: Session, batch_id: str) -> list[tuple[StepRow, StepValueRow | None]]:
    query = (
        sa.select(StepRow, StepValueRow)
        .outerjoin(StepValueRow, StepValueRow.step_id == StepRow.id)
        .where(StepRow.batch_id == batch_id)
        .order_by(StepRow.position, StepValueRow.id)
    )
    return [(step, value) for step, value in session.execute(query)]


def values_of_batch(session: Session, batch_id: str) -> dict[str, list[StepValueRow]]:
    """Value rows by step id, one query."""
    found: dict[str, list[StepValueRow]] = {}
    for step, value in steps_and_values(session, batch_id):
        if value is not None:
            found.setdefault(step.id, []).append(value)
    return found


def answered(row: StepValueRow) -> bool:
    """Not blank: there is a value, or it says why there is none."""
    return any(one is not None for one in (row.number, row.text, row.moment, row.not_applicable))


def step_value_of(step: StepRow, row: StepValueRow, planned: PlannedField | None) -> StepValue:
    return StepValue(
        step=step.key,
        position=step.position,
        field=row.field,
        measure=planned.measure if planned else "",
        parent=planned.parent if planned else "",
        number=row.number,
        text=row.text,
        moment=row.moment,
        unit=row.unit,
        shown=row.shown,
        verdict=row.verdict,
        verified=step.status == StepStatus.VERIFIED,
    )


def step_values(session: Session, batch_id: str) -> dict[str, StepValue]:
    """What was recorded, by measure (``final.wbc``), or by ``step.field`` where the field has no measure."""
    batch = session.get(BatchRow, batch_id)
    if batch is None:
        raise NotFound(f"batch {batch_id}")
    rows = values_of_batch(session, batch_id)
    return measured(process_of(session, batch), batch_steps(session, batch_id), rows)


def measured(
    process: Process, steps: Iterable[StepRow], rows: Mapping[str, Sequence[StepValueRow]]
) -> dict[str, StepValue]:
    """The same of what has been read already."""
    found: dict[str, StepValue] = {}
    for step in steps:
        plan = process.step(step.position)
        for row in rows.get(step.id, ()):
            planned = plan.field(row.field)
            value = step_value_of(step, row, planned)
            found[value.measure or f"{step.key}.{row.field}"] = value
    return found


def made_stages(process: Process, steps: Iterable[StepRow]) -> list[tuple[str, Words]]:
    """The stages in their order, without those of parts that are not needed."""
    skipped = {process.step(one.position).stage for one in steps if one.status == StepStatus.NOT_NEEDED}
    return [(key, title) for key, title in process.stages if key not in skipped]


def label(process: Process, step: StepRow, field: str) -> Words:
    planned = process.step(step.position).field(field)
    return planned.label if planned else Words.same(field)


def signatures_on(session: Session, record_id: str) -> list[SignatureRow]:
    """Every signature on a record, the oldest first."""
    query = (
        sa.select(SignatureRow)
        .where(SignatureRow.record_id == record_id)
        .order_by(SignatureRow.signed_at, SignatureRow.record_version)
    )
    return list(session.execute(query).scalars())


def corrected_steps(session: Session, batch_id: str) -> frozenset[str]:
    """Ids of the steps that somebody ever corrected."""
    steps = sa.select(StepRow.id).where(StepRow.batch_id == batch_id)
    query = sa.select(SignatureRow.record_id).where(
        SignatureRow.record_entity == "step", SignatureRow.record_id.in_(steps), SignatureRow.meaning == "corrected"
    )
    return frozenset(session.execute(query).scalars())
