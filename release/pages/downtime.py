"""Downtime: the kit that is printed before, its sheets afterwards, and how many of them are not entered yet (DSP-DOWN)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from kernel.files.queries import file_views
from kernel.refusals import N_
from kernel.web.registry import FINDERS, NAVIGATION, TASKS, Nav, Task, download, panel, view
from kernel.web.site import Viewer
from manufacturing.queries.bench import signatures_of
from release.api.downtime import DOWNTIME, KIT
from release.drawing.paper import draw_paper
from release.pages.downtime_paper import kit_paper
from release.pages.printed import PDF, asked_speech, file_name, printed_by
from release.queries.downtime import (
    LISTED,
    NOT_LISTED,
    entries_of,
    entries_of_order,
    entry_views,
    get_kit,
    kit_by_number,
    kit_view,
    list_kits,
    open_sheets,
    said_again,
    waiting_on_paper,
)
from release.services.downtime_sheets import ENTITY

NAVIGATION.append(Nav(N_("Downtime"), DOWNTIME, "downtime:read", 48, aside=True))


@view(
    "downtime.list",
    DOWNTIME,
    permission="downtime:read",
    template="release/downtime.html",
    summary="Kits printed for a downtime, which of them is valid, and sheets that are not entered yet.",
)
def show_kits(session: Session, viewer: Viewer) -> dict[str, Any]:
    kits = [kit_view(session, one, viewer.at) for one in list_kits(session)]
    return {
        "kits": kits,
        "valid": next((one for one in kits if one["valid"]), None),
        "open": sum(one["open"] or 0 for one in kits),
        "uncounted": [one for one in kits if one["open"] is None and not one["valid"]],
    }


@view(
    "downtime.show",
    KIT,
    permission="downtime:read",
    template="release/downtime_kit.html",
    summary="One kit: what it allows, what was entered from its sheets, and what speaks against it.",
)
def show_kit(session: Session, viewer: Viewer, kit_id: str) -> dict[str, Any]:
    row = get_kit(session, kit_id)
    content = json.loads(row.content)
    entries = entry_views(session, entries_of(session, [kit_id]))
    return {
        "kit": kit_view(session, row, viewer.at),
        "head": content["trail head"],
        "sha256": row.content_sha256,
        "listed": [{**one, "expires_at": datetime.fromisoformat(one["expires_at"])} for one in content[LISTED]],
        "not_listed": [{**one, "reasons": spoken(viewer, one["reasons"])} for one in content[NOT_LISTED]],
        "entries": [with_files(session, viewer, one) for one in entries],
        "waiting": waiting_on_paper(session),
        "signatures": signatures_of(session, kit_id),
    }


def spoken(viewer: Viewer, reasons: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [viewer.speech.refusal(one) for one in said_again(reasons)]


def with_files(session: Session, viewer: Viewer, one: dict[str, Any]) -> dict[str, Any]:
    files = [{"id": file["id"], "filename": file["filename"]} for file in file_views(session, ENTITY, one["id"])]
    return {**one, "conflicts": spoken(viewer, one["conflicts"]), "files": files}


@download(
    "downtime.pdf",
    f"{KIT}/kit.pdf",
    permission="downtime:read",
    summary="A downtime kit as PDF: what may be dispensed, what may not, and its sheets; ?language=nl or en.",
)
def kit_pdf(session: Session, viewer: Viewer, kit_id: str) -> tuple[Callable[[], bytes], str, str]:
    speech = asked_speech(viewer)
    printed = kit_paper(session, get_kit(session, kit_id), speech, **printed_by(viewer))
    return partial(draw_paper, printed), PDF, file_name("downtime", printed.code, speech.language)


def order_panel(session: Session, viewer: Viewer, order_id: str) -> dict[str, Any] | None:
    """On the order: what of it happened on paper."""
    rows = entries_of_order(session, order_id) if viewer.may("downtime:read") else []
    if not rows:
        return None
    return {
        "template": "release/downtime_panel.html",
        "entries": [with_files(session, viewer, one) for one in entry_views(session, rows)],
    }


def find_kit(session: Session, code: str) -> str | None:
    row = kit_by_number(session, code.strip())
    return f"{DOWNTIME}/{row.id}" if row else None


def downtime_tasks(session: Session, viewer: Viewer) -> list[Task]:
    """Kits whose time is over and whose sheets nobody counted; sheets that are not entered."""
    if not viewer.may("downtime:account"):
        return []
    found = []
    for row in list_kits(session):
        waiting, path = open_sheets(session, row), f"{DOWNTIME}/{row.id}"
        if waiting:
            said = N_("%(count)s sheets of a downtime are not entered yet.")
            found.append(
                Task("downtime:account", row.number, said, path, N_("Enter them"), {"count": str(waiting)}, urgent=True)
            )
        elif waiting is None and row.valid_until < viewer.at:
            said = N_("The time of this downtime kit is over: count what stands on its sheets.")
            found.append(Task("downtime:account", row.number, said, f"{path}/count", N_("Count the sheets")))
    return found


panel("order", order_panel)
FINDERS.append(find_kit)
TASKS.append(downtime_tasks)
