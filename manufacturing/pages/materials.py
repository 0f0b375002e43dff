"""Lots of materials as pages: the register with its file, one lot, and what waits for QA."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.exports import csv_bytes
from kernel.refusals import N_
from kernel.web.registry import FINDERS, NAVIGATION, TASKS, Nav, Task, download, panel, view
from kernel.web.site import Viewer
from manufacturing.domain.materials import EXPIRED, LotStatus
from manufacturing.queries.batches import get_batch
from manufacturing.queries.bench import signatures_of
from manufacturing.queries.kits import get_kit, kit_by_code, kit_view, kits_of_batch, list_kits
from manufacturing.queries.lot_pages import lot_page, unassessed_stops
from manufacturing.queries.lot_uses import piece_by_code
from manufacturing.queries.materials import (
    all_lots,
    known_kinds,
    list_lots,
    lot_by_code,
    lots_in_quarantine,
)
from manufacturing.queries.step_lots import batch_lots_view, step_lots_view
from manufacturing.queries.steps import process_of

NAVIGATION.append(Nav(N_("Materials"), "/lots", "lot:read", 31))
STATES = [LotStatus.QUARANTINE, LotStatus.APPROVED, EXPIRED, LotStatus.EMPTY, LotStatus.REJECTED, LotStatus.RECALLED]
HEADER = ("code", "material", "state", "supplier", "manufacturer_lot", "quantity", "unit", "expires_at", "received_at")


@view(
    "lot.list",
    "/lots",
    permission="lot:read",
    template="manufacturing/lots.html",
    summary="Lots of materials with state, expiry and quantity.",
)
def show_lots(session: Session, viewer: Viewer) -> dict[str, Any]:
    rows, page = list_lots(session, viewer.args, viewer.at)
    kinds = [{"key": one.key, "title": one.title} for one in known_kinds(session).values()]
    return {"lots": rows, "page": page, "states": [str(one) for one in STATES], "kinds": kinds}


@download("lot.csv", "/lots/lots.csv", permission="lot:read", summary="Exactly the lots that are filtered, as CSV.")
def lots_csv(session: Session, viewer: Viewer) -> tuple[bytes, str, str]:
    rows = all_lots(session, viewer.args, viewer.at)
    said = ({**row, "material": viewer.speech.word(row["material"])} for row in rows)
    return csv_bytes(list(HEADER), ([row[name] for name in HEADER] for row in said)), "text/csv", "lots.csv"


@view(
    "lot.show",
    "/lots/<lot_id>",
    permission="lot:read",
    template="manufacturing/lot.html",
    summary="One lot: what it is, its balance, the batches that used it, every decision about it.",
)
def show_lot(session: Session, viewer: Viewer, lot_id: str) -> dict[str, Any]:
    return {"lot": lot_page(session, lot_id, viewer.at), "signatures": signatures_of(session, lot_id)}


@view("kit.list", "/kits", permission="lot:read", template="manufacturing/kits.html", summary="Kits with their lots.")
def show_kits(session: Session, viewer: Viewer) -> dict[str, Any]:
    rows, page = list_kits(session, viewer.args, viewer.at)
    return {"kits": rows, "page": page}


@view("kit.show", "/kits/<kit_id>", permission="lot:read", template="manufacturing/kit.html", summary="One kit.")
def show_kit(session: Session, viewer: Viewer, kit_id: str) -> dict[str, Any]:
    row = get_kit(session, kit_id)
    return {"kit": kit_view(session, row, viewer.at), "signatures": signatures_of(session, kit_id)}


def step_panel(session: Session, viewer: Viewer, batch_id: str, position: str) -> dict[str, Any] | None:
    """What the step is made with; nothing where the process names nothing and nothing was used."""
    if not viewer.may("lot:read"):
        return None
    lots = step_lots_view(session, batch_id, position, viewer.at)
    return {"template": "manufacturing/step_lots_panel.html", "lots": lots}


def batch_panel(session: Session, viewer: Viewer, batch_id: str, **_ids: str) -> dict[str, Any] | None:
    if not viewer.may("lot:read"):
        return None
    batch, lots = get_batch(session, batch_id), batch_lots_view(session, batch_id, viewer.at)
    kits = [{"id": one.id, "code": one.code} for one in kits_of_batch(session, batch_id)]
    asks = any(step.materials for step in process_of(session, batch).steps)
    more = {"kits": kits, "takes": asks and batch.status in {"planned", "in_process"}}
    return {"template": "manufacturing/batch_lots_panel.html", "lots": lots, **more} if lots or asks else None


def find_lot(session: Session, code: str) -> str | None:
    """Only a code whose check character fits; a slip of one character opens nothing."""
    row = lot_by_code(session, code)
    kit = kit_by_code(session, code)
    if kit is not None:
        return f"/kits/{kit.id}"
    piece = piece_by_code(session, code) if row is None else None
    found = row.id if row else piece.lot_id if piece else None
    return f"/lots/{found}" if found else None


def lot_tasks(session: Session, viewer: Viewer) -> list[Task]:
    """Lots in quarantine, for everybody in QA but who received them."""
    if not viewer.may("lot:approve"):
        return []
    reason, action = N_("was received and waits in quarantine"), N_("Decide")
    return [
        Task("lot:approve", row.code, reason, f"/lots/{row.id}", action)
        for row in lots_in_quarantine(session)
        if row.received_by != viewer.actor.id
    ]


def stop_tasks(session: Session, viewer: Viewer) -> list[Task]:
    """Stopped lots that went into batches, until somebody assessed what it means for each of them."""
    if not viewer.may("lot:recall"):
        return []
    reason, action = N_("is stopped and was used in %(batches)s: assess what it means"), N_("Assess")
    return [
        Task("lot:recall", code, reason, f"/lots/{lot_id}", action, {"batches": ", ".join(batches)}, urgent=True)
        for lot_id, code, batches in unassessed_stops(session)
    ]


FINDERS.append(find_lot)
TASKS.extend([lot_tasks, stop_tasks])
panel("step", step_panel)
panel("batch", batch_panel)
