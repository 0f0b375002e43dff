"""What waits for somebody in manufacturing, in a handful of queries however many batches there are."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from manufacturing.domain.batches import STEPS_SETTLED, BatchStatus
from manufacturing.domain.collections import CollectionStatus
from manufacturing.tables.batches import BatchRow, ContainerRow, StepRow
from manufacturing.tables.collections import CollectionRow, MarkerRow
from manufacturing.tables.trial import HoldRow

OPEN_COLLECTIONS = (CollectionStatus.PLANNED, CollectionStatus.RECEIVED_QUARANTINE, CollectionStatus.ACCEPTED)


def open_collections(session: Session) -> list[tuple[CollectionRow, int]]:
    """Collections before a batch, with how many markers are entered, the oldest plan first."""
    query = sa.select(CollectionRow).where(CollectionRow.status.in_(OPEN_COLLECTIONS))
    rows = list(session.execute(query.order_by(CollectionRow.planned_on)).scalars())
    counted = sa.select(MarkerRow.collection_id, sa.func.count()).where(
        MarkerRow.collection_id.in_([row.id for row in rows])
    )
    markers = {found: count for found, count in session.execute(counted.group_by(MarkerRow.collection_id))}  # noqa: C416
    return [(row, markers.get(row.id, 0)) for row in rows]


CORRECTED = BatchStatus.RETURNED_FOR_CORRECTION
DOING = (BatchStatus.IN_PROCESS, CORRECTED)
UNSETTLED = sa.exists().where(StepRow.batch_id == BatchRow.id, StepRow.status.not_in(STEPS_SETTLED))
FILLED = sa.exists().where(ContainerRow.batch_id == BatchRow.id)


def batches_in(*statuses: BatchStatus) -> sa.Select[tuple[BatchRow]]:
    """Asks for batches in these states."""
    return sa.select(BatchRow).where(BatchRow.status.in_(statuses))


def next_steps(*conditions: sa.ColumnElement[bool]) -> sa.Select[tuple[BatchRow, StepRow]]:
    """Asks for batches at the bench, each with its next step: the first that is not settled."""
    later = aliased(StepRow)
    before = sa.exists().where(
        later.batch_id == StepRow.batch_id, later.position < StepRow.position, later.status.not_in(STEPS_SETTLED)
    )
    query = sa.select(BatchRow, StepRow).join(StepRow, StepRow.batch_id == BatchRow.id)
    return query.where(BatchRow.status.in_(DOING), StepRow.status.not_in(STEPS_SETTLED), ~before, *conditions)


def open_hold_rows(session: Session, causes: Iterable[str]) -> list[HoldRow]:
    query = sa.select(HoldRow).where(HoldRow.lifted_at.is_(None), HoldRow.cause.in_(list(causes)))
    return list(session.execute(query.order_by(HoldRow.set_at)).scalars())
