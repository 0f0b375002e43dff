"""Scans, dispensings and dispositions as the records have them, and what stands over a container."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import asked_once
from kernel.errors import NotFound
from manufacturing.queries.collections import collections_of_batch
from manufacturing.queries.holds import open_holds
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.trial import SubjectRow
from release.domain.decisions import Disposition
from release.domain.scan_facts import HoldFacts
from release.tables.decisions import DispositionRow
from release.tables.destructions import DestructionRow
from release.tables.dispensing import DispensingRow, HandOverRow, ScanRow

PHARMACY = "pharmacy"
BEDSIDE = "bedside"


def get_scan(session: Session, scan_id: str) -> ScanRow:
    row = session.get(ScanRow, scan_id)
    if row is None:
        raise NotFound(f"scan {scan_id}")
    return row


def get_dispensing(session: Session, dispensing_id: str) -> DispensingRow:
    row = session.get(DispensingRow, dispensing_id)
    if row is None:
        raise NotFound(f"dispensing {dispensing_id}")
    return row


@asked_once
def dispensing_of_order(session: Session, order_id: str) -> DispensingRow | None:
    """What was dispensed for it; None while nothing was, and where that was cancelled."""
    query = sa.select(DispensingRow).where(DispensingRow.order_id == order_id, DispensingRow.cancelled_at.is_(None))
    return session.execute(query).scalar_one_or_none()


def disposition_of(session: Session, container_id: str) -> DispositionRow | None:
    query = sa.select(DispositionRow).where(DispositionRow.container_id == container_id)
    return session.execute(query).scalar_one_or_none()


def certified_for(session: Session, subject_ids: Collection[str]) -> list[BatchRow]:
    """Batches of these subjects with a certified container that was neither dispensed nor destroyed."""
    left = sa.select(DispensingRow.id).where(
        DispensingRow.container_id == ContainerRow.id, DispensingRow.cancelled_at.is_(None)
    )
    certified = (
        sa.select(ContainerRow.batch_id)
        .join(DispositionRow, DispositionRow.container_id == ContainerRow.id)
        .where(
            ContainerRow.subject_id.in_(subject_ids),
            DispositionRow.status.in_([Disposition.CERTIFIED_PENDING, Disposition.CERTIFIED_FINAL]),
            ~left.exists(),
            ~sa.select(DestructionRow.id).where(DestructionRow.container_id == ContainerRow.id).exists(),
        )
    )
    return list(session.execute(sa.select(BatchRow).where(BatchRow.id.in_(certified))).scalars())


def find_hand_over(session: Session, dispensing_id: str) -> HandOverRow | None:
    query = sa.select(HandOverRow).where(HandOverRow.dispensing_id == dispensing_id)
    return session.execute(query).scalar_one_or_none()


@asked_once
def destroyed_at(session: Session, container_id: str) -> datetime | None:
    query = sa.select(DestructionRow.destroyed_at).where(DestructionRow.container_id == container_id)
    return session.execute(query).scalar_one_or_none()


def holds_over(
    session: Session, batch: BatchRow, container: ContainerRow, subject: SubjectRow
) -> tuple[HoldFacts, ...]:
    """Every open hold on the container or on anything above it (decision 26)."""
    found = open_holds(
        session,
        trial=subject.trial_id,
        subject=subject.id,
        collections=[one.id for one in collections_of_batch(session, batch)],
        batch=batch.id,
        container=container.id,
    )
    return tuple(HoldFacts(hold.scope, hold.reason, hold.cause, hold.id) for hold in found)
