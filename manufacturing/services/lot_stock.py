"""What is there of a lot: pieces opened, what was thrown away, and when it is empty (ATMP-7-OPEN, ATMP-7-BAL)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from kernel.errors import Refused, refuse_any
from kernel.work import Work
from manufacturing.domain.lot_uses import (
    MOST_PIECES,
    PIECE_COUNT,
    LotFacts,
    discard_refusals,
    opening_refusals,
    piece_code,
    usable_until,
)
from manufacturing.domain.material_kinds import MaterialKind
from manufacturing.domain.materials import LOT, LotStatus
from manufacturing.queries.lot_uses import balance_of, pieces_of, state_at, states_of
from manufacturing.queries.materials import effective_kinds, kind_of, lot_content
from manufacturing.tables.materials import LotDiscardRow, LotPieceRow, LotRow


def open_piece(work: Work, lot_id: str, *, opened_at: datetime) -> LotPieceRow:
    """A bottle is opened, thawed or dissolved before anybody uses it in a step; its clock begins."""
    work.require("lot:use")
    row = work.lock(LotRow, lot_id)
    work.confirm(lot_content(work.session, lot_id))
    kind = effective_kinds(work.session).get(row.material) or kind_of(work.session, row)
    state = state_at(states_of(work.session, [lot_id])[lot_id], opened_at)
    facts = LotFacts(row.code, kind, state, row.expires_at, balance_of(work.session, row).left)
    refuse_any(opening_refusals(facts, opened_at, work.at))
    piece = opened(work, row, kind, opened_at)
    work.sign(piece, "opened")
    return piece


def opened(work: Work, row: LotRow, kind: MaterialKind, at: datetime) -> LotPieceRow:
    """A bottle or vial from the moment it was opened."""
    if kind.in_use is None:
        raise ValueError(f"{kind.key} has no in-use time")
    number = len(pieces_of(work.session, row.id)) + 1
    if number > MOST_PIECES:
        raise Refused(PIECE_COUNT(lot=row.code, most=MOST_PIECES))
    return work.add(
        LotPieceRow(
            lot_id=row.id,
            number=number,
            code=piece_code(row.code, number),
            event=kind.in_use.event,
            started_at=at,
            usable_until=usable_until(kind, at, row.expires_at),
            opened_by=work.actor.id,
        )
    )


def settle_lot(work: Work, row: LotRow) -> None:
    """Nothing left: the lot is empty; something again after a correction: it is not."""
    left = balance_of(work.session, row).left
    if not left and row.status == LotStatus.APPROVED:
        work.move(row, LOT, "use up")
    elif left and row.status == LotStatus.EMPTY:
        work.move(row, LOT, "give back")


def discard_lot(work: Work, lot_id: str, *, quantity: Decimal) -> LotDiscardRow:
    """Spilled, dropped, left over in an opened bottle: gone without anybody but who threw it away."""
    return _discarded(work, lot_id, quantity, witness=None)


def destroy_lot(work: Work, lot_id: str, *, quantity: Decimal) -> LotDiscardRow:
    """Destroyed before a second person, as what is rejected or recalled is (ATMP-7-BAL)."""
    work.require("lot:discard", work.signer(1))
    return _discarded(work, lot_id, quantity, witness=work.signer(1).id)


def _discarded(work: Work, lot_id: str, quantity: Decimal, *, witness: str | None) -> LotDiscardRow:
    work.require("lot:discard")
    row = work.lock(LotRow, lot_id)
    work.confirm(lot_content(work.session, lot_id))
    kind = kind_of(work.session, row)
    facts = LotFacts(row.code, kind, row.status, row.expires_at, balance_of(work.session, row).left)
    refuse_any(discard_refusals(facts, quantity, witnessed=witness is not None))
    gone = work.add(
        LotDiscardRow(
            lot_id=row.id,
            quantity=quantity,
            reason=(work.reason or "").strip(),
            discarded_at=work.at,
            discarded_by=work.signer().id,
            witnessed_by=witness,
        )
    )
    work.sign(gone, "lot discarded" if witness is None else "lot destroyed")
    if witness is not None:
        work.sign(gone, "destruction witnessed", 1)
    settle_lot(work, row)
    return gone
