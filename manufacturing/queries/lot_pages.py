"""The page of one lot: its balance, what was opened, thrown away, and every batch it went into (ATMP-7-BAL)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from manufacturing.domain.materials import STOPPED
from manufacturing.ports import administered_containers
from manufacturing.queries.lot_uses import balance_of, discards_of, pieces_of, uses_of_lot
from manufacturing.queries.materials import get_lot, kind_of, lot_view
from manufacturing.tables.batches import BatchRow, ContainerRow, StepRow
from manufacturing.tables.materials import LotRow, LotUseRow


def lot_page(session: Session, lot_id: str, now: datetime) -> dict[str, Any]:
    row, people = get_lot(session, lot_id), names(session)
    balance = balance_of(session, row)
    return {
        **lot_view(session, lot_id, now),
        "assessment": row.assessment,
        "assessed_at": row.assessed_at,
        "assessed_by": people.get(row.assessed_by or ""),
        "clock": kind_of(session, row).in_use is not None,
        "balance": {
            "received": balance.received,
            "used": balance.used,
            "discarded": balance.discarded,
            "left": balance.left,
        },
        "batches": batches_of_lot(session, lot_id),
        "pieces": [
            {
                "code": one.code,
                "event": one.event,
                "started_at": one.started_at,
                "usable_until": one.usable_until,
                "over": one.usable_until <= now,
                "by": people.get(one.opened_by, one.opened_by),
            }
            for one in pieces_of(session, lot_id)
        ],
        "discards": [
            {
                "quantity": one.quantity,
                "reason": one.reason,
                "at": one.discarded_at,
                "by": people.get(one.discarded_by, one.discarded_by),
                "witness": people.get(one.witnessed_by or ""),
            }
            for one in discards_of(session, lot_id)
        ],
    }


def batches_of_lot(session: Session, lot_id: str) -> list[dict[str, Any]]:
    """Every batch that used it, with its containers and the steps; also where the quantity was corrected to 0."""
    uses = uses_of_lot(session, lot_id)
    ids = {one.batch_id for one in uses}
    steps = {one.id: one for one in _rows(session, StepRow, StepRow.id.in_({use.step_id for use in uses}))}
    containers = _rows(session, ContainerRow, ContainerRow.batch_id.in_(ids))
    given = administered_containers(session, [one.id for one in containers])
    return [
        {
            "id": batch.id,
            "number": batch.number,
            "status": batch.status,
            "containers": [
                {"id": one.id, "code": one.code, "administered": one.id in given}
                for one in sorted(containers, key=lambda one: one.number)
                if one.batch_id == batch.id
            ],
            "uses": [
                {
                    "position": steps[one.step_id].position,
                    "step": steps[one.step_id].title,
                    "quantity": one.quantity,
                    "at": one.used_at,
                }
                for one in uses
                if one.batch_id == batch.id
            ],
        }
        for batch in sorted(_rows(session, BatchRow, BatchRow.id.in_(ids)), key=lambda one: one.number)
    ]


def _rows(session: Session, table: type[Any], where: Any) -> list[Any]:
    return list(session.execute(sa.select(table).where(where)).scalars())


def unassessed_stops(session: Session) -> list[tuple[str, str, list[str]]]:
    """Id and code of each stopped lot that nobody assessed, with the numbers of the batches that used it."""
    query = (
        sa.select(LotRow.id, LotRow.code, BatchRow.number)
        .join(LotUseRow, LotUseRow.lot_id == LotRow.id)
        .join(BatchRow, BatchRow.id == LotUseRow.batch_id)
        .where(LotRow.status.in_(STOPPED), LotRow.assessed_at.is_(None))
        .distinct()
        .order_by(LotRow.code, BatchRow.number)
    )
    found: dict[tuple[str, str], list[str]] = {}
    for lot_id, code, number in session.execute(query):
        found.setdefault((lot_id, code), []).append(number)
    return [(lot_id, code, numbers) for (lot_id, code), numbers in found.items()]
