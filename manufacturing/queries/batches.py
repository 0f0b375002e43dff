"""Batches as rules, signatures and the packages above need them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import asked_once
from kernel.documents.queries import document_body, get_document
from kernel.errors import NotFound
from manufacturing.domain.batches import BatchStatus, StepStatus
from manufacturing.domain.deviations import DeviationStatus
from manufacturing.domain.expiry import Expiry, ShelfLife, expiry
from manufacturing.queries.collections import codes, collected_at, collections_of_batch
from manufacturing.queries.hands import people_of_batch
from manufacturing.queries.holds import OpenHold, open_holds
from manufacturing.queries.steps import batch_steps, step_values
from manufacturing.queries.trial import get_subject, paged
from manufacturing.queries.yields import batch_yields
from manufacturing.tables.batches import BatchRow, ContainerRow, PauseRow, StepRow
from manufacturing.tables.collections import DonorRow
from manufacturing.tables.deviations import DeviationBatchRow, DeviationRow
from manufacturing.tables.trial import SubjectRow

__all__ = [
    "batch_by_number",
    "batch_steps",
    "batch_yields",
    "containers_of",
    "expiry_clocks",
    "get_batch",
    "get_container",
    "holds_over_batch",
    "list_batches",
    "open_deviations",
    "people_of_batch",
    "step_values",
]
AT_THE_BENCH = (BatchStatus.IN_PROCESS, BatchStatus.PAUSED)
SORTS = {
    "number": BatchRow.number,
    "status": BatchRow.status,
    "opened": BatchRow.opened_at,
    "expires": BatchRow.expires_at,
}


def get_batch(session: Session, batch_id: str) -> BatchRow:
    row = session.get(BatchRow, batch_id)
    if row is None:
        raise NotFound(f"batch {batch_id}")
    return row


def batch_by_number(session: Session, number: str) -> BatchRow | None:
    return session.execute(sa.select(BatchRow).where(BatchRow.number == number)).scalar_one_or_none()


def get_container(session: Session, container_id: str) -> ContainerRow:
    row = session.get(ContainerRow, container_id)
    if row is None:
        raise NotFound(f"container {container_id}")
    return row


def container_by_code(session: Session, code: str) -> ContainerRow | None:
    return session.execute(sa.select(ContainerRow).where(ContainerRow.code == code)).scalar_one_or_none()


def containers_of(session: Session, batch_id: str) -> list[ContainerRow]:
    query = sa.select(ContainerRow).where(ContainerRow.batch_id == batch_id).order_by(ContainerRow.number)
    return list(session.execute(query).scalars())


@asked_once
def pauses_of(session: Session, batch_id: str) -> list[PauseRow]:
    query = sa.select(PauseRow).where(PauseRow.batch_id == batch_id).order_by(PauseRow.paused_at)
    return list(session.execute(query).scalars())


@asked_once
def deviations_of(session: Session, batch_id: str) -> list[DeviationRow]:
    """Those of the batch and those that name it as affected, the oldest first (ATMP-DEV-1)."""
    named = sa.select(DeviationBatchRow.deviation_id).where(DeviationBatchRow.batch_id == batch_id)
    affects = sa.or_(DeviationRow.batch_id == batch_id, DeviationRow.id.in_(named))
    query = sa.select(DeviationRow).where(affects).order_by(DeviationRow.raised_at, DeviationRow.id)
    return list(session.execute(query).scalars())


def open_deviations(session: Session, batch_id: str) -> list[DeviationRow]:
    """Not closed: raised and assessed ones."""
    return [one for one in deviations_of(session, batch_id) if one.status != DeviationStatus.CLOSED]


def get_deviation(session: Session, deviation_id: str) -> DeviationRow:
    row = session.get(DeviationRow, deviation_id)
    if row is None:
        raise NotFound(f"deviation {deviation_id}")
    return row


def batches_of_subject(session: Session, subject_id: str) -> list[BatchRow]:
    query = sa.select(BatchRow).where(BatchRow.subject_id == subject_id).order_by(BatchRow.number)
    return list(session.execute(query).scalars())


def busy_in_room(session: Session, room: str, except_id: str) -> tuple[str, ...]:
    """Numbers of batches in process in this room; one that pauses lies there too, unless it was sealed and taken out."""
    away = sa.select(PauseRow.batch_id).where(PauseRow.sealed.is_(sa.true()), PauseRow.resumed_at.is_(None))
    query = sa.select(BatchRow.number).where(
        BatchRow.room == room,
        BatchRow.status.in_(AT_THE_BENCH),
        BatchRow.id != except_id,
        BatchRow.id.not_in(away),
    )
    return tuple(session.execute(query.order_by(BatchRow.number)).scalars())


def holds_over_batch(session: Session, batch: BatchRow) -> list[OpenHold]:
    """Every open hold on the batch or on anything above it (decision 26)."""
    subject = get_subject(session, batch.subject_id)
    material = [one.id for one in collections_of_batch(session, batch)]
    return open_holds(session, trial=subject.trial_id, subject=subject.id, collections=material, batch=batch.id)


def list_batches(session: Session, args: dict[str, str]) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """One page of batches with the codes they belong to; three queries whatever the page shows."""
    query = sa.select(BatchRow)
    if args.get("status"):
        query = query.where(BatchRow.status == args["status"])
    if wanted := args.get("code", "").strip():
        of_subject = sa.select(SubjectRow.id).where(SubjectRow.code.icontains(wanted, autoescape=True))
        by_number = BatchRow.number.contains(wanted, autoescape=True)
        query = query.where(sa.or_(by_number, BatchRow.subject_id.in_(of_subject)))
    rows, page = paged(session, query, args, SORTS, "-number")
    subjects = codes(session, SubjectRow, {row.subject_id for row in rows})
    donors = codes(session, DonorRow, {row.donor_id for row in rows})
    done = verified_counts(session, [row.id for row in rows])
    return [
        {
            "id": row.id,
            "number": row.number,
            "status": row.status,
            "subject": subjects[row.subject_id],
            "donor": donors[row.donor_id],
            "opened_at": row.opened_at,
            "expires_at": row.expires_at,
            "room": row.room,
            "steps": done.get(row.id, (0, 0)),
        }
        for row in rows
    ], page


def verified_counts(session: Session, batch_ids: list[str]) -> dict[str, tuple[int, int]]:
    """Verified steps, and all of them without those that are not needed, by batch."""
    verified, needed = (
        sa.func.sum(sa.case((which, 1), else_=0))
        for which in (StepRow.status == StepStatus.VERIFIED, StepRow.status != StepStatus.NOT_NEEDED)
    )
    query = sa.select(StepRow.batch_id, verified, needed).where(StepRow.batch_id.in_(batch_ids))
    rows = session.execute(query.group_by(StepRow.batch_id))
    return {batch_id: (int(done), int(total)) for batch_id, done, total in rows}


def expiry_clocks(session: Session, batch: BatchRow, formulated_at: datetime | None) -> Expiry | None:
    """The clocks of the frozen specification that run already (process design 3.14); None before the collection."""
    body = document_body(get_document(session, batch.specification_document_id))
    collected = collected_at(session, batch)
    clocks = []
    if collected is not None:
        clocks.append(ShelfLife("apheresis", collected, Decimal(body["hours_after_apheresis"])))
    if formulated_at is not None:
        clocks.append(ShelfLife("formulation", formulated_at, Decimal(body["hours_after_formulation"])))
    return expiry(tuple(clocks)) if clocks else None


def deviation_by_number(session: Session, number: str) -> DeviationRow | None:
    return session.execute(sa.select(DeviationRow).where(DeviationRow.number == number)).scalar_one_or_none()
