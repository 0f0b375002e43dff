"""What waits for somebody in manufacturing, in a handful of queries however many batches there are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from manufacturing.domain.batches import STEPS_SETTLED, BatchStatus
from manufacturing.domain.collections import CollectionStatus
from manufacturing.queries.batches import AT_THE_BENCH
from manufacturing.tables.batches import BatchRow, ContainerRow, StepRow
from manufacturing.tables.collections import CollectionRow, MarkerRow
from manufacturing.tables.trial import HoldRow

OPEN_COLLECTIONS = (CollectionStatus.PLANNED, CollectionStatus.RECEIVED_QUARANTINE, CollectionStatus.ACCEPTED)


@dataclass(frozen=True, slots=True)
class BatchState:
    """A batch that is not complete, with the step that is next and whether anything is filled."""

    batch: BatchRow
    next: StepRow | None
    filled: int


def open_collections(session: Session) -> list[tuple[CollectionRow, int]]:
    """Collections before a batch, with how many markers are entered, the oldest plan first."""
    query = sa.select(CollectionRow).where(CollectionRow.status.in_(OPEN_COLLECTIONS))
    rows = list(session.execute(query.order_by(CollectionRow.planned_on).limit(200)).scalars())
    counted = sa.select(MarkerRow.collection_id, sa.func.count()).where(
        MarkerRow.collection_id.in_([row.id for row in rows])
    )
    markers = {found: count for found, count in session.execute(counted.group_by(MarkerRow.collection_id))}  # noqa: C416
    return [(row, markers.get(row.id, 0)) for row in rows]


CORRECTED = BatchStatus.RETURNED_FOR_CORRECTION


def open_batches(session: Session) -> list[BatchState]:
    query = sa.select(BatchRow).where(BatchRow.status.in_([BatchStatus.PLANNED, *AT_THE_BENCH, CORRECTED]))
    batches = list(session.execute(query.order_by(BatchRow.opened_at).limit(200)).scalars())
    ids = [batch.id for batch in batches]
    waiting = sa.select(StepRow).where(StepRow.batch_id.in_(ids), StepRow.status.not_in(STEPS_SETTLED))
    first: dict[str, StepRow] = {}
    for step in session.execute(waiting.order_by(StepRow.position)).scalars():
        first.setdefault(step.batch_id, step)
    counted = sa.select(ContainerRow.batch_id, sa.func.count()).where(ContainerRow.batch_id.in_(ids))
    filled = {found: count for found, count in session.execute(counted.group_by(ContainerRow.batch_id))}  # noqa: C416
    return [BatchState(batch, first.get(batch.id), filled.get(batch.id, 0)) for batch in batches]


def open_hold_rows(session: Session, causes: Iterable[str]) -> list[HoldRow]:
    query = sa.select(HoldRow).where(HoldRow.lifted_at.is_(None), HoldRow.cause.in_(list(causes)))
    return list(session.execute(query.order_by(HoldRow.set_at).limit(200)).scalars())
