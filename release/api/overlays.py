"""The overlay of a product out of specification: print it, put it on, destroy it; and its print file."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from kernel.errors import Refused
from kernel.refusals import N_, STATE_NOT_ALLOWED, Refusal
from kernel.web.registry import Done, act, download
from kernel.web.site import Viewer
from kernel.work import Work
from labels.domain.slots import DPI_203, RESOLUTIONS
from labels.drawing.overlay import draw_overlay, overlay_job
from labels.drawing.zpl import ZPL
from release.domain.overlays import OVERLAY, OVERLAY_OPEN, OverlayStatus
from release.domain.supply import SupplyStatus
from release.domain.supply_refusals import SUPPLY_NOT_IN_FORCE
from release.queries.overlays import live_overlay, overlay_content, overlay_print_content, stored_overlay
from release.queries.testing import get_record
from release.schemas.supply import ApplyOverlaySchema
from release.services.overlays import apply_overlay, destroy_overlay, print_overlay
from release.tables.supply import OverlayRow

OVERLAYS = "/overlays"


def told(row: OverlayRow, message: str) -> Done:
    body = {"id": row.id, "number": row.number, "status": row.status}
    return Done(f"/supplies/{row.supply_id}#overlays", message, body)


def before_printing(session: Session, _viewer: Viewer, container_id: str) -> dict[str, Any]:
    content = overlay_print_content(session, container_id)
    if content["status"] != SupplyStatus.IN_FORCE:
        return {"refusals": [SUPPLY_NOT_IN_FORCE(number=content["supply"] or "–", state=content["status"] or "–")]}
    live = live_overlay(session, container_id)
    refusal = OVERLAY_OPEN(container=content["title"], number=live.number, state=live.status) if live else None
    return {"refusals": [refusal] if refusal else []}


def before(action: str) -> Callable[..., dict[str, Any]]:
    def prepare(session: Session, _viewer: Viewer, overlay_id: str) -> dict[str, Any]:
        row = get_record(session, OverlayRow, overlay_id)
        transition = OVERLAY.transition(action, row.status)
        return {"refusals": [transition] if isinstance(transition, Refusal) else []}

    return prepare


@act(
    "overlay.print",
    "/containers/<container_id>/overlay/print",
    permission="oos_supply:overlay",
    title=N_("Print the overlay"),
    content=overlay_print_content,
    prepare=before_printing,
    signs=1,
    meaning=N_("I print this overlay for this container."),
)
def print_one(work: Work, container_id: str) -> Done:
    return told(print_overlay(work, container_id), N_("Ready to print. Open the print file, print it at 100 %."))


@act(
    "overlay.apply",
    OVERLAYS + "/<overlay_id>/apply",
    permission="oos_supply:overlay",
    title=N_("Put the overlay on the container"),
    schema=ApplyOverlaySchema,
    content=overlay_content,
    prepare=before("apply_overlay"),
    signs=2,
    second_permission="oos_supply:witness",
    meaning=N_("I put the overlay on this container, beside its label; the second person watched."),
)
def apply_one(work: Work, overlay_id: str, **fields: str) -> Done:
    return told(apply_overlay(work, overlay_id, **fields), N_("On the container. It can be dispensed now."))


@act(
    "overlay.destroy",
    OVERLAYS + "/<overlay_id>/destroy",
    permission="oos_supply:overlay",
    title=N_("Destroy the overlay"),
    content=overlay_content,
    prepare=before("destroy_overlay"),
    signs=2,
    second_permission="oos_supply:witness",
    needs_reason=True,
    danger=True,
    meaning=N_("I destroyed this overlay; the second person watched."),
)
def destroy_one(work: Work, overlay_id: str) -> Done:
    return told(destroy_overlay(work, overlay_id), N_("Destroyed."))


@download(
    "overlay.pdf", OVERLAYS + "/<overlay_id>/overlay.pdf", permission="oos_supply:overlay", summary="The print file."
)
def print_file(session: Session, viewer: Viewer, overlay_id: str) -> tuple[Callable[[], bytes], str, str]:
    row = printable(session, overlay_id)
    return drawn(row, viewer, draw_overlay), "application/pdf", f"{row.number}.pdf"


@download(
    "overlay.zpl",
    OVERLAYS + "/<overlay_id>/overlay.zpl",
    permission="oos_supply:overlay",
    summary="The same overlay as a job for a thermal printer (ZPL), dot by dot.",
    inline=False,
)
def print_job(session: Session, viewer: Viewer, overlay_id: str) -> tuple[Callable[[], bytes], str, str]:
    row = printable(session, overlay_id)
    return drawn(row, viewer, overlay_job), ZPL, f"{row.number}.zpl"


def printable(session: Session, overlay_id: str) -> OverlayRow:
    """The overlay that is printed and not on its container yet; for one print only."""
    row = get_record(session, OverlayRow, overlay_id)
    if row.status != OverlayStatus.PRINTED:
        raise Refused(STATE_NOT_ALLOWED(action="open the print file", record="overlay", state=row.status))
    return row


def drawn(row: OverlayRow, viewer: Viewer, draw: Callable[..., bytes]) -> Callable[[], bytes]:
    """From the stored facts. ``?dpi=300`` or 203."""
    return partial(draw, stored_overlay(row), resolution=RESOLUTIONS.get(viewer.args.get("dpi", "203"), DPI_203))
