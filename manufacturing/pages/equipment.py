"""Equipment as pages: the register, one device with its log as page and file, and what is due."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.exports import csv_bytes
from kernel.refusals import N_
from kernel.web.registry import FINDERS, NAVIGATION, TASKS, Nav, Task, download, panel, view
from kernel.web.site import Viewer
from manufacturing.domain.equipment import EquipmentStatus
from manufacturing.queries.bench import signatures_of
from manufacturing.queries.equipment import equipment_by_code
from manufacturing.queries.equipment_pages import (
    LOG,
    batch_equipment_view,
    due_soon,
    equipment_page,
    list_equipment,
    step_equipment_view,
)

NAVIGATION.append(Nav(N_("Equipment"), "/equipment", "equipment:read", 32))


@view(
    "equipment.list",
    "/equipment",
    permission="equipment:read",
    template="manufacturing/equipment_list.html",
    summary="Equipment with state and due days.",
)
def show_list(session: Session, viewer: Viewer) -> dict[str, Any]:
    rows, page = list_equipment(session, viewer.args, viewer.at)
    return {"equipment": rows, "page": page, "states": [one.value for one in EquipmentStatus]}


@view(
    "equipment.show",
    "/equipment/<equipment_id>",
    permission="equipment:read",
    template="manufacturing/equipment.html",
    summary="One device: due days and its log of uses, cleanings, calibrations and faults in their order.",
)
def show_one(session: Session, viewer: Viewer, equipment_id: str) -> dict[str, Any]:
    return {**equipment_page(session, equipment_id, viewer.at), "signatures": signatures_of(session, equipment_id)}


@download(
    "equipment.log",
    "/equipment/<equipment_id>/log.csv",
    permission="equipment:read",
    summary="The whole log of one device, as CSV.",
)
def log_csv(session: Session, viewer: Viewer, equipment_id: str) -> tuple[bytes, str, str]:
    found = equipment_page(session, equipment_id, viewer.at)
    lines = ({**line, "step": line["step"] and viewer.speech.word(line["step"])} for line in found["log"])
    rows = ([line.get(name) for name in LOG] for line in lines)
    return csv_bytes(list(LOG), rows), "text/csv", f"{found['equipment']['code']}-log.csv"


def step_panel(session: Session, viewer: Viewer, batch_id: str, position: str) -> dict[str, Any] | None:
    """What the step is done with; nothing where the process names nothing and nothing was used."""
    if not viewer.may("equipment:read"):
        return None
    found = step_equipment_view(session, batch_id, position)
    return {"template": "manufacturing/step_equipment_panel.html", "equipment": found}


def batch_panel(session: Session, viewer: Viewer, batch_id: str, **_ids: str) -> dict[str, Any] | None:
    found = batch_equipment_view(session, batch_id) if viewer.may("equipment:read") else []
    return {"template": "manufacturing/batch_equipment_panel.html", "equipment": found} if found else None


def find_equipment(session: Session, code: str) -> str | None:
    row = equipment_by_code(session, code)
    return f"/equipment/{row.id}" if row else None


def equipment_tasks(session: Session, viewer: Viewer) -> list[Task]:
    """What is due within two weeks, or overdue, for those who see to it."""
    if not viewer.may("equipment:record"):
        return []
    reason, action = N_("%(what)s is due on %(on)s (%(standing)s)"), N_("Look")
    return [
        Task(
            "equipment:record",
            one["code"],
            reason,
            f"/equipment/{one['id']}",
            action,
            facts={"what": one["what"], "on": str(one["on"]), "standing": one["standing"]},
            urgent=one["standing"] == "overdue",
        )
        for one in due_soon(session, viewer.at)
    ]


FINDERS.append(find_equipment)
TASKS.append(equipment_tasks)
panel("step", step_panel)
panel("batch", batch_panel)
