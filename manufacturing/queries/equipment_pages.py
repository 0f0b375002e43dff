"""Equipment as its pages show it: the register, one device with its log, and the equipment of a step or batch."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.documents.queries import find_effective
from kernel.web.site import Viewer
from kernel.words import Words
from manufacturing.domain.equipment import DUE, SOON_DAYS, EquipmentFacts, EquipmentStatus
from manufacturing.domain.expiry import local_day
from manufacturing.domain.plan import Process
from manufacturing.domain.process import PROCESS
from manufacturing.queries.batches import get_batch
from manufacturing.queries.equipment import (
    EquipmentUse,
    equipment_in_batch,
    equipment_in_step,
    events_of,
    get_equipment,
    happened,
    usable_equipment,
)
from manufacturing.queries.steps import batch_steps, get_step, process_of, process_version
from manufacturing.queries.trial import paged
from manufacturing.tables.batches import BatchRow, StepRow
from manufacturing.tables.equipment import EquipmentEventRow, EquipmentRow, EquipmentUseRow

SORTS = {"code": EquipmentRow.code, "title": EquipmentRow.title, "kind": EquipmentRow.kind}
NOWHERE: dict[str, Any] = {"batch": None, "batch_id": None, "step": None, "due_on": None}
LOG = ("at", "what", "by", "evidence", "batch", "step", "due_on", "recorded_at")


def kinds_of(process: Process | None) -> dict[str, Words]:
    """Words by kind, as the steps of a process version name them."""
    steps = process.steps if process else ()
    return {one.kind: one.title for step in steps for one in step.equipment}


def known_kinds(session: Session) -> dict[str, Words]:
    row = find_effective(session, PROCESS)
    named = kinds_of(process_version(session, row.id)) if row else {}
    others = session.execute(sa.select(EquipmentRow.kind).distinct()).scalars()
    return {kind: Words.same(kind) for kind in others} | named


def kind_choices(session: Session, viewer: Viewer) -> list[tuple[str, str]]:
    return [(kind, viewer.speech.word(words)) for kind, words in known_kinds(session).items()]


def dues_of(events: list[EquipmentEventRow], now: datetime) -> dict[str, date | None]:
    facts = EquipmentFacts("", "", happened(events))
    return {what.value: facts.due(what, now) for what in DUE}


def list_equipment(
    session: Session, args: dict[str, str], now: datetime
) -> tuple[list[dict[str, Any]], dict[str, int]]:
    query = sa.select(EquipmentRow)
    if args.get("status") in set(EquipmentStatus):
        query = query.where(EquipmentRow.status == args["status"])
    if wanted := args.get("code", "").strip():
        query = query.where(EquipmentRow.code.contains(wanted.upper(), autoescape=True))
    rows, page = paged(session, query, args, SORTS, "code")
    events, kinds = events_of(session, [row.id for row in rows]), known_kinds(session)
    return [equipment_view(row, events[row.id], kinds, now) for row in rows], page


def equipment_view(
    row: EquipmentRow, events: list[EquipmentEventRow], kinds: dict[str, Words], now: datetime
) -> dict[str, Any]:
    dues = dues_of(events, now)
    today = local_day(now)
    return {
        "id": row.id,
        "code": row.code,
        "title": row.title,
        "kind": kinds.get(row.kind, Words.same(row.kind)),
        "room": row.room,
        "status": row.status,
        "dues": [{"what": what, "on": due, "standing": standing(due, today)} for what, due in dues.items() if due],
    }


def standing(due: date, today: date) -> str:
    if due < today:
        return "overdue"
    return "due soon" if due - today <= timedelta(days=SOON_DAYS) else "valid"


def equipment_page(session: Session, equipment_id: str, now: datetime) -> dict[str, Any]:
    row = get_equipment(session, equipment_id)
    events = events_of(session, [row.id])[row.id]
    view = equipment_view(row, events, known_kinds(session), now)
    return {"equipment": view, "log": equipment_log(session, row, events)}


def equipment_log(session: Session, row: EquipmentRow, events: list[EquipmentEventRow]) -> list[dict[str, Any]]:
    """Use, cleaning, calibration, fault: everything in the order in which it happened, with who entered it."""
    people = names(session)
    lines = [
        NOWHERE
        | {
            "at": one.at,
            "what": one.what,
            "by": people.get(one.recorded_by, one.recorded_by),
            "evidence": one.evidence,
            "due_on": one.due_on,
            "recorded_at": one.recorded_at,
        }
        for one in events
    ]
    query = (
        sa.select(EquipmentUseRow, BatchRow.number, StepRow)
        .join(BatchRow, BatchRow.id == EquipmentUseRow.batch_id)
        .join(StepRow, StepRow.id == EquipmentUseRow.step_id)
        .where(EquipmentUseRow.equipment_id == row.id)
    )
    for use, number, step in session.execute(query):
        lines.append(
            NOWHERE
            | {
                "at": use.used_at,
                "what": "used",
                "by": people.get(use.recorded_by, use.recorded_by),
                "evidence": use.late_reason or "",
                "batch": number,
                "batch_id": use.batch_id,
                "step": f"{step.position} " + step.title,
                "recorded_at": use.recorded_at,
            }
        )
    return sorted(lines, key=lambda line: (line["at"], line["recorded_at"]))


def use_view(one: EquipmentUse) -> dict[str, Any]:
    return {
        "id": one.equipment.id,
        "code": one.equipment.code,
        "title": one.equipment.title,
        "kind": one.equipment.kind,
        "used_at": one.use.used_at,
        "late_reason": one.use.late_reason,
    }


def step_equipment_view(session: Session, batch_id: str, position: str) -> dict[str, Any]:
    """Planned kinds with what was scanned of each, and what was used beside the plan."""
    batch, step = get_batch(session, batch_id), get_step(session, batch_id, position)
    planned = process_of(session, batch).step(step.position).equipment
    used = equipment_in_step(session, step.id)
    lines = []
    for one in planned:
        mine = [use_view(use) for use in used if use.equipment.kind == one.kind]
        lines.append(
            {
                "kind": one.kind,
                "title": one.title,
                "required": one.required,
                "missing": one.required and not mine,
                "used": mine,
            }
        )
    named = {one.kind for one in planned}
    more = [use_view(use) for use in used if use.equipment.kind not in named]
    return {"status": step.status, "batch_status": batch.status, "lines": lines, "more": more}


def to_scan(session: Session, view: Mapping[str, Any]) -> list[dict[str, str]]:
    """Devices in service of the kinds that a step is planned with."""
    kinds = {line["kind"] for line in view["lines"]}
    return [{"code": row.code, "title": row.title} for row in usable_equipment(session, kinds) if row.kind in kinds]


def batch_equipment_view(session: Session, batch_id: str) -> list[dict[str, Any]]:
    """Every device of the batch once, with its steps."""
    positions = {step.id: step.position for step in batch_steps(session, batch_id)}
    found: dict[str, dict[str, Any]] = {}
    for one in equipment_in_batch(session, batch_id):
        line = found.setdefault(one.equipment.id, {**use_view(one), "steps": []})
        line["steps"].append(positions[one.use.step_id])
    return sorted(found.values(), key=lambda line: str(line["code"]))


def due_soon(session: Session, now: datetime) -> list[dict[str, Any]]:
    """Devices in service of which something is due within two weeks, or overdue."""
    rows = session.execute(sa.select(EquipmentRow).where(EquipmentRow.status == EquipmentStatus.IN_SERVICE)).scalars()
    devices = list(rows)
    events = events_of(session, [row.id for row in devices])
    today = local_day(now)
    return [
        {"id": row.id, "code": row.code, "what": what, "on": due, "standing": standing(due, today)}
        for row in devices
        for what, due in dues_of(events[row.id], now).items()
        if due is not None and standing(due, today) != "valid"
    ]
