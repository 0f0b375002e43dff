"""What was used of lots: by lot for their balance, by step and batch for the record."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import asked_once
from kernel.db import Audited
from kernel.errors import NotFound
from kernel.refusals import Refusal
from kernel.words import Words
from manufacturing.domain.batches import StepStatus
from manufacturing.domain.lot_uses import (
    MATERIAL_MISSING,
    LotFacts,
    date_refusals,
    missing_materials,
    read_piece_code,
)
from manufacturing.domain.material_kinds import MaterialKind
from manufacturing.domain.materials import LOT_NOT_APPROVED, STOPPED, Balance, LotStatus, total
from manufacturing.domain.plan import PlannedStep
from manufacturing.ports import administered_containers
from manufacturing.queries.batches import containers_of
from manufacturing.queries.materials import kind_of, known_kinds, lot_content
from manufacturing.queries.record import Record, read_record
from manufacturing.tables.batches import BatchRow, StepRow
from manufacturing.tables.materials import LotDecisionRow, LotDiscardRow, LotPieceRow, LotRow, LotUseRow


@dataclass(frozen=True, slots=True)
class Used:
    """One use with its lot, the kind as the list said at the receipt, and the opened piece where one was named."""

    use: LotUseRow
    lot: LotRow
    kind: MaterialKind
    piece: LotPieceRow | None
    states: tuple[tuple[datetime, str], ...]

    @property
    def decided(self) -> str:
        """What the newest decision says of the lot."""
        return self.states[-1][1]

    def facts(self) -> LotFacts:
        """The lot as it was when it was used; what was left then no longer matters."""
        return LotFacts(
            code=self.lot.code,
            kind=self.kind,
            state=state_at(self.states, self.use.used_at),
            expires_at=self.lot.expires_at,
            left=self.use.quantity,
            piece=self.piece.code if self.piece else "",
            until=self.piece.usable_until if self.piece else None,
        )


def get_use(session: Session, use_id: str) -> LotUseRow:
    row = session.get(LotUseRow, use_id)
    if row is None:
        raise NotFound(f"use of a lot {use_id}")
    return row


def state_at(states: tuple[tuple[datetime, str], ...], at: datetime) -> str:
    """The newest decision made until then; before the first one a lot was not even received."""
    known = [state for decided_at, state in states if decided_at <= at]
    return known[-1] if known else LotStatus.QUARANTINE


def states_of(session: Session, lot_ids: Collection[str]) -> dict[str, tuple[tuple[datetime, str], ...]]:
    """Every decision about these lots, oldest first."""
    query = sa.select(LotDecisionRow).where(LotDecisionRow.lot_id.in_(lot_ids)).order_by(LotDecisionRow.sequence)
    found: dict[str, tuple[tuple[datetime, str], ...]] = {}
    for row in session.execute(query).scalars():
        found[row.lot_id] = (*found.get(row.lot_id, ()), (row.decided_at, row.status))
    return found


USES = (
    sa.select(LotUseRow, LotRow, LotPieceRow, LotDecisionRow.decided_at, LotDecisionRow.status)
    .join(LotRow, LotRow.id == LotUseRow.lot_id)
    .join(LotDecisionRow, LotDecisionRow.lot_id == LotRow.id)
    .outerjoin(LotPieceRow, LotPieceRow.id == LotUseRow.piece_id)
    .order_by(LotUseRow.used_at, LotUseRow.id, LotDecisionRow.sequence)
)


def used_where(session: Session, where: Any) -> list[Used]:
    """In the order in which it was used, each with every decision about its lot; one query, and one for each version of
    the list that lots were received by."""
    found: dict[str, Used] = {}
    for use, lot, piece, decided_at, status in session.execute(USES.where(where)):
        before = found[use.id].states if use.id in found else ()
        found[use.id] = Used(use, lot, kind_of(session, lot), piece, (*before, (decided_at, status)))
    return list(found.values())


@asked_once
def used_in_batch(session: Session, batch_id: str) -> list[Used]:
    return used_where(session, LotUseRow.batch_id == batch_id)


@asked_once
def used_in_step(session: Session, step_id: str) -> list[Used]:
    return used_where(session, LotUseRow.step_id == step_id)


def lot_records(session: Session, batch_id: str) -> list[Audited]:
    """Uses, lots, opened pieces and decisions a batch rests on, each once."""
    used = used_in_batch(session, batch_id)
    if not used:
        return []
    lots = {one.lot.id: one.lot for one in used}
    pieces = {one.piece.id: one.piece for one in used if one.piece}
    query = sa.select(LotDecisionRow).where(LotDecisionRow.lot_id.in_(list(lots)))
    return [*(one.use for one in used), *lots.values(), *pieces.values(), *session.execute(query).scalars()]


def uses_of_lot(session: Session, lot_id: str) -> list[LotUseRow]:
    query = sa.select(LotUseRow).where(LotUseRow.lot_id == lot_id)
    return list(session.execute(query.order_by(LotUseRow.used_at, LotUseRow.id)).scalars())


def discards_of(session: Session, lot_id: str) -> list[LotDiscardRow]:
    query = sa.select(LotDiscardRow).where(LotDiscardRow.lot_id == lot_id)
    return list(session.execute(query.order_by(LotDiscardRow.discarded_at, LotDiscardRow.id)).scalars())


def balance_of(session: Session, row: LotRow) -> Balance:
    used = [one.quantity for one in uses_of_lot(session, row.id)]
    discarded = [one.quantity for one in discards_of(session, row.id)]
    return Balance(row.quantity, total(used), total(discarded))


def balances(session: Session, rows: Collection[LotRow]) -> dict[str, Balance]:
    """The balance of each lot; two queries."""
    spent: dict[str, tuple[list[Decimal], list[Decimal]]] = {row.id: ([], []) for row in rows}
    for place, table in enumerate((LotUseRow, LotDiscardRow)):
        query = sa.select(table.lot_id, table.quantity).where(table.lot_id.in_(list(spent)))
        for lot_id, quantity in session.execute(query):
            spent[lot_id][place].append(quantity)
    return {row.id: Balance(row.quantity, total(spent[row.id][0]), total(spent[row.id][1])) for row in rows}


def pieces_of(session: Session, lot_id: str) -> list[LotPieceRow]:
    query = sa.select(LotPieceRow).where(LotPieceRow.lot_id == lot_id)
    return list(session.execute(query.order_by(LotPieceRow.number)).scalars())


def get_piece(session: Session, piece_id: str) -> LotPieceRow:
    row = session.get(LotPieceRow, piece_id)
    if row is None:
        raise NotFound(f"piece {piece_id}")
    return row


def piece_by_code(session: Session, code: str) -> LotPieceRow | None:
    read = read_piece_code(code)
    if read is None:
        return None
    return session.execute(sa.select(LotPieceRow).where(LotPieceRow.code == read)).scalar_one_or_none()


def usable_lots(session: Session, now: datetime) -> list[LotRow]:
    """Approved and in date, the one that expires first before the others."""
    query = sa.select(LotRow).where(LotRow.status == LotStatus.APPROVED, LotRow.expires_at > now)
    return list(session.execute(query.order_by(LotRow.expires_at, LotRow.code)).scalars())


def missing_in(plan: PlannedStep, used: Collection[Used]) -> tuple[str, ...]:
    """Keys of required kinds without a lot in this step."""
    return missing_materials(plan.materials, ((one.lot.material, one.use.quantity) for one in used))


def kind_names(session: Session, keys: Collection[str]) -> tuple[Words, ...]:
    """As the list in force calls them, otherwise by their keys."""
    known = known_kinds(session)
    return tuple(known[key].title if key in known else Words.same(key) for key in keys)


def use_content(session: Session, use_id: str) -> dict[str, Any]:
    """What whoever corrects a use is shown and signs."""
    use = get_use(session, use_id)
    (one,) = used_where(session, LotUseRow.id == use_id)
    batch, step = session.get_one(BatchRow, use.batch_id), session.get_one(StepRow, use.step_id)
    return {
        "title": one.lot.code,
        "batch": batch.number,
        "step": f"{step.position} " + step.title,
        "step status": step.status,
        **use_facts(one),
        "left of the lot": balance_of(session, one.lot).left,
    }


def stop_content(session: Session, lot_id: str) -> dict[str, Any]:
    """What whoever stops a lot, or decides anew about it, is shown and signs: with every batch and container it is in."""
    content = lot_content(session, lot_id)
    used = [in_batch(session, one) for one in batches_with(session, lot_id)]
    return {"title": content["title"], "lot": content["lot"], "used in": used, **content}


def batches_with(session: Session, lot_id: str) -> list[BatchRow]:
    used = sa.select(LotUseRow.batch_id).where(LotUseRow.lot_id == lot_id)
    return list(session.execute(sa.select(BatchRow).where(BatchRow.id.in_(used)).order_by(BatchRow.number)).scalars())


def in_batch(session: Session, batch: BatchRow) -> dict[str, Any]:
    containers = containers_of(session, batch.id)
    given = administered_containers(session, [one.id for one in containers])
    return {
        "batch": batch.number,
        "status": batch.status,
        "containers": [f"{one.code}{' (administered)' if one.id in given else ''}" for one in containers],
    }


def lot_refusals(session: Session, batch: BatchRow) -> tuple[Refusal, ...] | None:
    """What speaks against the lots in a batch now; None where the process asks for none and none was used.

    A lot stopped since counts like one that was never approved; a new decision of QA ends that.
    """
    record, used = (
        read_record(session, batch.id),
        [one for one in used_in_batch(session, batch.id) if one.use.quantity > 0],
    )
    if not used and not any(record.plan(step).materials for step in record.steps):
        return None
    return (*missing_in_batch(session, record), *dict.fromkeys(no for one in used for no in against(one)))


def against(one: Used) -> list[Refusal]:
    facts = one.facts()
    state = one.decided if one.decided in STOPPED else facts.state
    found = list(date_refusals(facts, one.use.used_at))
    if state != LotStatus.APPROVED:
        found.insert(0, LOT_NOT_APPROVED(lot=facts.code, material=facts.material, state=state))
    return [no.kind(**{name: said for name, said in no.facts if name != "field"}) for no in found]


def material_refusals(
    session: Session, plan: PlannedStep, step: StepRow, at: datetime, *, deviated: bool
) -> list[Refusal]:
    """Why a step could not have been performed with what is on record: something missing, or a lot that ran out of
    date before its end. That it did is recorded with a deviation of the step."""
    used = [one for one in used_in_step(session, step.id) if one.use.quantity > 0]
    refusals = missing_refusals(session, plan, step, used)
    late = () if deviated else (no for one in used for no in date_refusals(one.facts(), at))
    return [*refusals, *(no.kind(**{name: said for name, said in no.facts if name != "field"}) for no in late)]


def missing_refusals(session: Session, plan: PlannedStep, step: StepRow, used: Collection[Used]) -> list[Refusal]:
    missing = missing_in(plan, used)
    if not missing:
        return []
    return [MATERIAL_MISSING(position=step.position, step=step.title, materials=kind_names(session, missing))]


def missing_in_batch(session: Session, record: Record) -> list[Refusal]:
    """Every step without a lot of what it requires; what is not needed requires nothing."""
    used = used_in_batch(session, record.batch.id)
    return [
        no
        for step in record.steps
        if step.status != StepStatus.NOT_NEEDED
        for no in missing_refusals(
            session, record.plan(step), step, [one for one in used if one.use.step_id == step.id]
        )
    ]


def use_facts(one: Used) -> dict[str, Any]:
    """One use in what is signed about its step and its batch."""
    return {
        "lot": one.lot.code,
        "material": one.kind.title,
        "lot of the manufacturer": one.lot.manufacturer_lot,
        "expires at": one.lot.expires_at,
        "quantity": one.use.quantity,
        "unit": one.lot.unit,
        "used at": one.use.used_at,
        **({"opened piece": one.piece.code, "usable until": one.piece.usable_until} if one.piece else {}),
        **({"late because": one.use.late_reason} if one.use.late_reason else {}),
        **({"stopped": one.decided} if one.decided in STOPPED else {}),
        "version": one.use.version,
    }
