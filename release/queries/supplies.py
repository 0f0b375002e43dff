"""Requests for a supply out of specification as they stand, without what they mean."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import asked_once
from release.domain.supply import LIVE, NamedResult, Recipient, SupplyStatus
from release.tables.supply import NoticeRow, OverlayRow, SupplyRow


@asked_once
def supplies_of(session: Session, batch_id: str) -> list[SupplyRow]:
    """Every request for the batch, oldest first."""
    query = sa.select(SupplyRow).where(SupplyRow.batch_id == batch_id)
    order = (SupplyRow.requested_at, sa.func.length(SupplyRow.number), SupplyRow.number)
    return list(session.execute(query.order_by(*order)).scalars())


def live_supply(session: Session, batch_id: str) -> SupplyRow | None:
    """The one request that is under way or in force."""
    return next((row for row in supplies_of(session, batch_id) if row.status in LIVE), None)


def accepted_supply(session: Session, batch_id: str) -> SupplyRow | None:
    """The newest that the physician accepted, whatever became of it since."""
    accepted = [row for row in supplies_of(session, batch_id) if row.accepted_at is not None]
    return accepted[-1] if accepted else None


def agreed_supplies(session: Session, batch_id: str) -> set[str]:
    """Every QP who ever agreed to a supply of the batch."""
    return {row.agreed_by for row in supplies_of(session, batch_id) if row.agreed_by}


def notices_of(session: Session, supply_id: str) -> list[NoticeRow]:
    """The sponsor first, then the authorities."""
    query = sa.select(NoticeRow).where(NoticeRow.supply_id == supply_id)
    return sorted(session.execute(query).scalars(), key=lambda row: list(Recipient).index(Recipient(row.recipient)))


def named_of(row: SupplyRow) -> tuple[NamedResult, ...]:
    return tuple(NamedResult(**one) for one in json.loads(row.named))


def covered_holds(row: SupplyRow | None) -> frozenset[str]:
    """The holds of the failed results that a supply in force names; no other hold is covered."""
    if row is None or row.status != SupplyStatus.IN_FORCE:
        return frozenset()
    return frozenset(one.hold_id for one in named_of(row))


def supply_records(session: Session, batch_id: str) -> list[Any]:
    """Every row of these supplies, for the check of trail and signatures (INT-VERIFY)."""
    rows = supplies_of(session, batch_id)
    if not rows:
        return []
    overlays = session.execute(sa.select(OverlayRow).where(OverlayRow.supply_id.in_([row.id for row in rows])))
    return [*rows, *(notice for row in rows for notice in notices_of(session, row.id)), *overlays.scalars()]


def supplies_in(session: Session, *statuses: SupplyStatus) -> list[SupplyRow]:
    query = sa.select(SupplyRow).where(SupplyRow.status.in_(statuses)).order_by(SupplyRow.requested_at, SupplyRow.id)
    return list(session.execute(query).scalars())


def open_notices(session: Session) -> list[tuple[NoticeRow, SupplyRow]]:
    query = (
        sa.select(NoticeRow, SupplyRow)
        .join(SupplyRow, SupplyRow.id == NoticeRow.supply_id)
        .where(NoticeRow.done_at.is_(None))
        .order_by(NoticeRow.opened_at, NoticeRow.id)
    )
    return [(notice, supply) for notice, supply in session.execute(query)]
