"""Equipment as checks and pages need it: its events, its uses, and what it may be used for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from kernel.database import asked_once
from kernel.errors import NotFound
from kernel.refusals import Refusal
from manufacturing.domain.batches import StepStatus
from manufacturing.domain.equipment import (
    EQUIPMENT_MISSING,
    EQUIPMENT_TOLERANCE,
    EquipmentEvent,
    EquipmentFacts,
    EquipmentStatus,
    missing_kinds,
    use_refusals,
)
from manufacturing.domain.expiry import local_text
from manufacturing.domain.holds import HoldCause
from manufacturing.domain.plan import PlannedStep, Process
from manufacturing.queries.holds import open_holds
from manufacturing.queries.record import Record
from manufacturing.tables.batches import StepRow
from manufacturing.tables.equipment import EquipmentEventRow, EquipmentRow, EquipmentUseRow


@dataclass(frozen=True, slots=True)
class EquipmentUse:
    use: EquipmentUseRow
    equipment: EquipmentRow


def get_equipment(session: Session, equipment_id: str) -> EquipmentRow:
    row = session.get(EquipmentRow, equipment_id)
    if row is None:
        raise NotFound(f"equipment {equipment_id}")
    return row


def equipment_by_code(session: Session, code: str) -> EquipmentRow | None:
    query = sa.select(EquipmentRow).where(EquipmentRow.code == code.strip().upper())
    return session.execute(query).scalar_one_or_none()


def events_of(session: Session, equipment_ids: Collection[str]) -> dict[str, list[EquipmentEventRow]]:
    """By device, in the order in which they happened."""
    found: dict[str, list[EquipmentEventRow]] = {one: [] for one in equipment_ids}
    query = sa.select(EquipmentEventRow).where(EquipmentEventRow.equipment_id.in_(equipment_ids))
    for row in session.execute(query.order_by(EquipmentEventRow.at, EquipmentEventRow.id)).scalars():
        found[row.equipment_id].append(row)
    return found


def happened(rows: Sequence[EquipmentEventRow]) -> tuple[EquipmentEvent, ...]:
    return tuple(EquipmentEvent(one.what, one.at, one.due_on) for one in rows)


def used_where(session: Session, *conditions: Any) -> list[EquipmentUse]:
    query = (
        sa.select(EquipmentUseRow, EquipmentRow)
        .join(EquipmentRow, EquipmentRow.id == EquipmentUseRow.equipment_id)
        .where(*conditions)
        .order_by(EquipmentUseRow.used_at, EquipmentRow.code)
    )
    return [EquipmentUse(use, row) for use, row in session.execute(query)]


@asked_once
def equipment_in_step(session: Session, step_id: str) -> list[EquipmentUse]:
    return used_where(session, EquipmentUseRow.step_id == step_id)


@asked_once
def equipment_in_batch(session: Session, batch_id: str) -> list[EquipmentUse]:
    return used_where(session, EquipmentUseRow.batch_id == batch_id)


def equipment_facts(
    session: Session,
    rows: Collection[EquipmentRow],
    batch_id: str,
    clean: Collection[str],
    times: Collection[datetime],
) -> dict[str, EquipmentFacts]:
    """By id. ``batch_id``: the batch that wants it, whose own uses need no cleaning between them; ``clean``: kinds;
    ``times``: the instants at which it will be judged."""
    events = events_of(session, [row.id for row in rows])
    used = uses_by_others(session, [row.id for row in rows if row.kind in clean], batch_id, times)
    return {
        row.id: EquipmentFacts(row.code, row.title, happened(events[row.id]), used.get(row.id, ()), row.kind in clean)
        for row in rows
    }


def uses_by_others(
    session: Session, ids: Collection[str], batch_id: str, times: Collection[datetime]
) -> dict[str, tuple[datetime, ...]]:
    """Of each device the last use before the first of these times, and all from there to the last: no earlier use
    changes what is clean at any of them, however many batches there were."""
    if not ids or not times:
        return {}
    use, before = EquipmentUseRow, aliased(EquipmentUseRow)
    last = (
        sa.select(sa.func.max(before.used_at))
        .where(before.equipment_id == use.equipment_id, before.batch_id != batch_id, before.used_at < min(times))
        .correlate(use)
        .scalar_subquery()
    )
    theirs = sa.select(use.equipment_id, use.used_at).where(use.equipment_id.in_(ids), use.batch_id != batch_id)
    between = theirs.where(use.used_at >= sa.func.coalesce(last, min(times)), use.used_at <= max(times))
    found: dict[str, tuple[datetime, ...]] = {}
    for equipment_id, at in session.execute(between):
        found[equipment_id] = (*found.get(equipment_id, ()), at)
    return found


def clean_kinds(process: Process) -> set[str]:
    """Kinds that the frozen process wants cleaned before each batch."""
    return {one.kind for step in process.steps for one in step.equipment if one.clean}


def equipment_refusals(
    session: Session, record: Record, plan: PlannedStep, step: StepRow, at: datetime, *, deviated: bool
) -> list[Refusal]:
    """Why a step could not have been performed with what is on record: something missing, or not fit at its time.
    That an unfit one was used is recorded with a deviation of the step."""
    used = equipment_in_step(session, step.id)
    refusals = missing_refusals(plan, step, used)
    if not deviated:
        devices = [one.equipment for one in used]
        facts = equipment_facts(session, devices, record.batch.id, clean_kinds(record.process), [at])
        refusals += [no for one in facts.values() for no in use_refusals(one, at, local_text(at))]
    return refusals


def missing_refusals(plan: PlannedStep, step: StepRow, used: Sequence[EquipmentUse]) -> list[Refusal]:
    missing = missing_kinds(plan.equipment, (one.equipment.kind for one in used))
    if not missing:
        return []
    kinds = tuple(one.title for one in missing)
    return [EQUIPMENT_MISSING(position=step.position, step=step.title, kinds=kinds)]


def equipment_behind(
    session: Session, batch_id: str, process: Process
) -> tuple[list[EquipmentUse], dict[str, EquipmentFacts]]:
    """Every use of a device in the batch, and of each device what is known of it at those times."""
    used = equipment_in_batch(session, batch_id)
    devices, times = {one.equipment.id: one.equipment for one in used}.values(), [one.use.used_at for one in used]
    return used, equipment_facts(session, devices, batch_id, clean_kinds(process), times)


def equipment_of_batch(session: Session, record: Record) -> tuple[Refusal, ...] | None:
    """What stands against a release: nothing on record of what is required, unfit at its time without a deviation of
    the step, or found out of tolerance since. None where the process plans none and none was used."""
    used, facts = equipment_behind(session, record.batch.id, record.process)
    planned = any(step.equipment for step in record.process.steps)
    if not used and not planned:
        return None
    refusals: list[Refusal] = []
    for step in record.steps:
        mine = [one for one in used if one.use.step_id == step.id]
        if step.status != StepStatus.NOT_NEEDED:
            refusals += missing_refusals(record.plan(step), step, mine)
        if not record.deviated(step):
            for one in mine:
                at = one.use.used_at
                refusals += use_refusals(facts[one.equipment.id], at, local_text(at))
    doubted = [one for one in open_holds(session, batch=record.batch.id) if one.cause == HoldCause.EQUIPMENT]
    return (*refusals, *(EQUIPMENT_TOLERANCE(reason=one.reason) for one in doubted))


def use_document(one: EquipmentUse) -> dict[str, Any]:
    """One use in what is signed about its step and its batch."""
    return {
        "equipment": one.equipment.code,
        "what": one.equipment.title,
        "used at": one.use.used_at,
        **({"late because": one.use.late_reason} if one.use.late_reason else {}),
        "version": one.use.version,
    }


def usable_equipment(session: Session, kinds: Collection[str]) -> list[EquipmentRow]:
    """In service, of these kinds first, then of all others."""
    query = sa.select(EquipmentRow).where(EquipmentRow.status == EquipmentStatus.IN_SERVICE)
    rows = session.execute(query.order_by(EquipmentRow.code)).scalars().all()
    return sorted(rows, key=lambda row: row.kind not in kinds)


def equipment_content(session: Session, equipment_id: str) -> dict[str, Any]:
    """What whoever records something about a device is shown and signs."""
    row = get_equipment(session, equipment_id)
    events = events_of(session, [row.id])[row.id]
    return {
        "title": row.code,
        "what": row.title,
        "kind": row.kind,
        "status": row.status,
        "version": row.version,
        "events": [
            {"what": one.what, "at": one.at, "due on": one.due_on, "evidence": one.evidence} for one in events[-10:]
        ],
    }
