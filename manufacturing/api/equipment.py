"""Equipment registered, looked after, used and doubted, declared once for pages and API."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.registry import Done, act
from kernel.web.site import Viewer
from kernel.work import Work
from manufacturing.queries.batch_content import step_content
from manufacturing.queries.batches import get_batch
from manufacturing.queries.equipment import equipment_content
from manufacturing.queries.equipment_pages import kind_choices, step_equipment_view, to_scan
from manufacturing.queries.steps import process_of
from manufacturing.schemas.equipment import (
    EquipmentEventSchema,
    EquipmentSchema,
    ToleranceSchema,
    UseEquipmentSchema,
)
from manufacturing.services.equipment import (
    add_equipment,
    find_out_of_tolerance,
    record_event,
    register_equipment,
    retire_equipment,
    return_equipment,
    use_equipment,
)
from manufacturing.tables.equipment import EquipmentRow, EquipmentUseRow

EQUIPMENT = "/equipment"
ONE = f"{EQUIPMENT}/<equipment_id>"
STEP = "/batches/<batch_id>/steps/<position>"


def done(row: EquipmentRow, message: str) -> Done:
    return Done(f"{EQUIPMENT}/{row.id}", message, {"id": row.id, "code": row.code, "status": row.status})


def kinds_to_choose(session: Session, viewer: Viewer) -> dict[str, Any]:
    return {"choices": {"kind": kind_choices(session, viewer)}}


@act(
    "equipment.register",
    f"{EQUIPMENT}/new",
    permission="equipment:manage",
    title=N_("Register equipment"),
    schema=EquipmentSchema,
    prepare=kinds_to_choose,
    signs=1,
    meaning=N_("This device is qualified for its use, and may be used until the days given."),
)
def register(work: Work, **fields: Any) -> Done:
    return done(register_equipment(work, **fields), N_("Registered. Put its code on the device."))


def now_at(name: str) -> Any:
    def prepare(_session: Session, viewer: Viewer, **_ids: str) -> dict[str, Any]:
        return {"initial": {name: viewer.at}}

    return prepare


@act(
    "equipment.record",
    f"{ONE}/events/new",
    permission="equipment:record",
    title=N_("Record what was done or found"),
    schema=EquipmentEventSchema,
    content=equipment_content,
    prepare=now_at("at"),
    signs=1,
    meaning=N_("This was done or found, as the evidence shows."),
)
def record(work: Work, equipment_id: str, **fields: Any) -> Done:
    return done(record_event(work, equipment_id, **fields), N_("It stands in the log."))


@act(
    "equipment.return",
    f"{ONE}/return",
    permission="equipment:manage",
    title=N_("Return it to service"),
    content=equipment_content,
    signs=1,
    needs_reason=True,
    meaning=N_("It is fit for use again."),
)
def back(work: Work, equipment_id: str) -> Done:
    return done(return_equipment(work, equipment_id), N_("It is in service again."))


@act(
    "equipment.retire",
    f"{ONE}/retire",
    permission="equipment:manage",
    title=N_("Retire it for good"),
    content=equipment_content,
    signs=1,
    needs_reason=True,
    meaning=N_("It is not used any more."),
    danger=True,
)
def retire(work: Work, equipment_id: str) -> Done:
    return done(retire_equipment(work, equipment_id), N_("Retired for good."))


@act(
    "equipment.out_of_tolerance",
    f"{ONE}/out-of-tolerance",
    permission="equipment:manage",
    title=N_("Found out of tolerance"),
    schema=ToleranceSchema,
    content=equipment_content,
    prepare=now_at("found_at"),
    signs=1,
    meaning=N_("What it measured since its last good calibration is in doubt; every batch of that time is stopped."),
    danger=True,
)
def doubted(work: Work, equipment_id: str, **fields: Any) -> Done:
    numbers = find_out_of_tolerance(work, equipment_id, **fields)
    said = N_(
        "Out of service. Every batch that used it since has a deviation, and is held where it can still be given."
    )
    return Done(f"{EQUIPMENT}/{equipment_id}", said, {"id": equipment_id, "batches": numbers})


def before_using(session: Session, viewer: Viewer, batch_id: str, position: str) -> dict[str, Any]:
    found = step_equipment_view(session, batch_id, position)
    late = process_of(session, get_batch(session, batch_id)).late_entry_minutes
    return {
        "initial": {"performed_at": viewer.at},
        "equipment": found,
        "usable": to_scan(session, found),
        "late_minutes": late,
    }


def used(rows: list[EquipmentUseRow], batch_id: str, position: str, message: str) -> Done:
    return Done(f"/batches/{batch_id}/steps/{position}", message, {"ids": [one.id for one in rows]}, 201)


@act(
    "step.use_equipment",
    f"{STEP}/equipment",
    permission="equipment:use",
    title=N_("Scan the equipment"),
    schema=UseEquipmentSchema,
    content=step_content,
    prepare=before_using,
    template="manufacturing/step_equipment.html",
)
def use(work: Work, batch_id: str, position: str, **fields: Any) -> Done:
    rows = use_equipment(work, batch_id, position, **fields)
    return used(rows, batch_id, position, N_("Entered. Whoever records the step signs it with this equipment."))


@act(
    "step.add_equipment",
    f"{STEP}/equipment/add",
    permission="equipment:use",
    title=N_("Add forgotten equipment"),
    schema=UseEquipmentSchema,
    content=step_content,
    prepare=before_using,
    signs=1,
    needs_reason=True,
    template="manufacturing/step_equipment.html",
    meaning=N_("This equipment was used in this step and not entered then; the step is verified anew."),
)
def add(work: Work, batch_id: str, position: str, **fields: Any) -> Done:
    rows = add_equipment(work, batch_id, position, **fields)
    return used(rows, batch_id, position, N_("Entered. The step needs to be verified again."))
