"""The materials of one step as the bench shows them: what is planned, what was scanned, what can be chosen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.quantities import expanded
from kernel.refusals import N_
from kernel.web.site import Viewer
from kernel.words import Words
from manufacturing.domain.lot_uses import NEW_PIECE
from manufacturing.domain.materials import shown_state
from manufacturing.domain.plan import PlannedMaterial
from manufacturing.queries.batches import get_batch
from manufacturing.queries.kits import kit_lots_of_batch
from manufacturing.queries.lot_uses import Used, balances, usable_lots, used_in_batch, used_in_step
from manufacturing.queries.materials import known_kinds
from manufacturing.queries.steps import batch_steps, get_step, process_of
from manufacturing.tables.materials import LotPieceRow, LotRow

OTHER = "other"


def used_view(one: Used, now: datetime) -> dict[str, Any]:
    return {
        "id": one.use.id,
        "lot_id": one.lot.id,
        "lot": one.lot.code,
        "material": one.kind.title,
        "manufacturer_lot": one.lot.manufacturer_lot,
        "quantity": one.use.quantity,
        "unit": one.lot.unit,
        "used_at": one.use.used_at,
        "late_reason": one.use.late_reason,
        "expires_on": one.lot.expires_on,
        "expires_at": one.lot.expires_at,
        "state": shown_state(one.lot.status, one.lot.expires_at, now),
        "piece": one.piece.code if one.piece else None,
        "piece_until": one.piece.usable_until if one.piece else None,
    }


def step_lots_view(session: Session, batch_id: str, position: str, now: datetime) -> dict[str, Any]:
    """Planned materials with what was used of each, then what was used beside the plan."""
    batch, step = get_batch(session, batch_id), get_step(session, batch_id, position)
    planned = process_of(session, batch).step(step.position).materials
    kinds, used = known_kinds(session), used_in_step(session, step.id)
    lines = []
    for one in planned:
        mine = [use for use in used if use.lot.material == one.kind]
        lines.append(
            {
                "kind": one.kind,
                "title": kinds[one.kind].title if one.kind in kinds else Words.same(one.kind),
                "quantity": one.quantity,
                "unit": one.unit,
                "required": one.required,
                "missing": one.required and not any(use.use.quantity > 0 for use in mine),
                "used": [used_view(use, now) for use in mine],
            }
        )
    named = {one.kind for one in planned}
    more = [used_view(use, now) for use in used if use.lot.material not in named]
    return {"status": step.status, "batch_status": batch.status, "lines": lines, "more": more}


def batch_lots_view(session: Session, batch_id: str, now: datetime) -> list[dict[str, Any]]:
    """Every lot in the batch once, with the steps that took of it."""
    positions = {step.id: step.position for step in batch_steps(session, batch_id)}
    found: dict[str, dict[str, Any]] = {}
    for one in used_in_batch(session, batch_id):
        line = found.setdefault(one.lot.id, {**used_view(one, now), "uses": []})
        line["uses"].append({"position": positions[one.use.step_id], "quantity": one.use.quantity})
    return sorted(found.values(), key=lambda one: str(one["lot"]))


def chosen_now(session: Session, viewer: Viewer, batch_id: str, position: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What each box of the form offers, and what stands in it; the lot of the kit, unless one is on record already."""
    view = step_lots_view(session, batch_id, position, viewer.at)
    rows = usable_lots(session, viewer.at)
    left = {lot_id: balance.left for lot_id, balance in balances(session, rows).items()}
    pieces = open_pieces(session, [row.id for row in rows], viewer.at)
    kit = kit_lots_of_batch(session, batch_id)
    choices: dict[str, Any] = {}
    initial: dict[str, Any] = {}
    for line in view["lines"]:
        mine = [row for row in rows if row.material == line["kind"]]
        choices |= boxes_of(line["kind"], mine, left, pieces, viewer)
        if not line["used"]:
            initial[f"{line['kind']}_lot"] = kit.get(line["kind"])
            initial[f"{line['kind']}_quantity"] = line["quantity"]
    choices |= boxes_of(OTHER, rows, left, pieces, viewer, named=known_titles(session, viewer))
    return choices, initial


def known_titles(session: Session, viewer: Viewer) -> dict[str, str]:
    return {key: viewer.speech.word(kind.title) for key, kind in known_kinds(session).items()}


def boxes_of(
    key: str,
    rows: list[LotRow],
    left: Mapping[str, Decimal],
    pieces: list[LotPieceRow],
    viewer: Viewer,
    named: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The receipts to choose from, each with what is left and until when; the pieces that are open."""
    codes = {row.id: row.code for row in rows}
    lots = [(row.code, lot_words(row, left[row.id], viewer, (named or {}).get(row.material, ""))) for row in rows]
    mine = [
        (one.code, f"{one.code} · {until_words(one.usable_until, viewer)}") for one in pieces if one.lot_id in codes
    ]
    return {f"{key}_lot": lots, f"{key}_piece": [(NEW_PIECE, viewer.speech.say(N_("opened for this use"))), *mine]}


def lot_words(row: LotRow, left: Decimal, viewer: Viewer, title: str) -> str:
    say = viewer.speech.say
    rest = say(N_("%(left)s %(unit)s left"), left=expanded(left), unit=viewer.speech.word(row.unit))
    parts = (title, row.manufacturer_lot, rest, until_words(row.expires_at, viewer))
    return " · ".join(part for part in parts if part)


def until_words(moment: datetime, viewer: Viewer) -> str:
    return viewer.speech.say(N_("until %(day)s"), day=viewer.speech.moment(moment))


def open_pieces(session: Session, lot_ids: list[str], now: datetime) -> list[LotPieceRow]:
    query = sa.select(LotPieceRow).where(LotPieceRow.lot_id.in_(lot_ids), LotPieceRow.usable_until > now)
    return list(session.execute(query.order_by(LotPieceRow.code)).scalars())


def planned_materials(session: Session, batch_id: str, position: str) -> tuple[PlannedMaterial, ...]:
    step = get_step(session, batch_id, position)
    return process_of(session, get_batch(session, batch_id)).step(step.position).materials
