"""Kits with their lots, and what a batch took."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.errors import NotFound
from manufacturing.domain.kits import read_kit_code
from manufacturing.queries.batches import get_batch
from manufacturing.queries.materials import kind_of, lot_line
from manufacturing.queries.trial import paged
from manufacturing.tables.materials import KitLotRow, KitRow, LotRow

SORTS = {"code": KitRow.code, "assembled": KitRow.assembled_at}


def get_kit(session: Session, kit_id: str) -> KitRow:
    row = session.get(KitRow, kit_id)
    if row is None:
        raise NotFound(f"kit {kit_id}")
    return row


def kit_by_code(session: Session, code: str) -> KitRow | None:
    read = read_kit_code(code)
    if read is None:
        return None
    return session.execute(sa.select(KitRow).where(KitRow.code == read)).scalar_one_or_none()


def kits_of_batch(session: Session, batch_id: str) -> list[KitRow]:
    """Oldest first; the newest comes first where two have the same material."""
    query = sa.select(KitRow).where(KitRow.batch_id == batch_id).order_by(KitRow.taken_at, KitRow.code)
    return list(session.execute(query).scalars())


def lots_of_kit(session: Session, kit_id: str) -> list[LotRow]:
    query = sa.select(LotRow).join(KitLotRow, KitLotRow.lot_id == LotRow.id).where(KitLotRow.kit_id == kit_id)
    return list(session.execute(query.order_by(LotRow.code)).scalars())


def kit_lots_of_batch(session: Session, batch_id: str) -> dict[str, str]:
    """The code of the lot to put into the form, by its material."""
    return {lot.material: lot.code for kit in kits_of_batch(session, batch_id) for lot in lots_of_kit(session, kit.id)}


def kit_view(session: Session, row: KitRow, now: datetime) -> dict[str, Any]:
    people = names(session)
    batch = get_batch(session, row.batch_id) if row.batch_id else None
    return {
        "id": row.id,
        "code": row.code,
        "assembled_at": row.assembled_at,
        "assembled_by": people.get(row.assembled_by, row.assembled_by),
        "batch": {"id": batch.id, "number": batch.number} if batch else None,
        "taken_at": row.taken_at,
        "lots": [lot_line(one, kind_of(session, one), now) for one in lots_of_kit(session, row.id)],
    }


def list_kits(session: Session, args: dict[str, str], now: datetime) -> tuple[list[dict[str, Any]], dict[str, int]]:
    query = sa.select(KitRow)
    if wanted := args.get("code", "").strip():
        query = query.where(KitRow.code.contains(wanted, autoescape=True))
    rows, page = paged(session, query, args, SORTS, "-code")
    return [kit_view(session, row, now) for row in rows], page
