"""Defects as pages, on the pages of containers and batches, and what of them waits for whom."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.refusals import N_
from kernel.web.registry import FINDERS, NAVIGATION, TASKS, Nav, Task, panel, view
from kernel.web.site import Viewer
from manufacturing.queries.bench import signatures_of
from release.domain.defects import ASSESS_WITHIN, DefectStatus
from release.queries.defects import (
    context,
    defect_by_number,
    defect_line,
    defects_of_batch,
    get_defect,
    list_defects,
    open_defects,
)
from release.queries.reconciling import get_container

DEFECTS = "/defects"
NAVIGATION.append(Nav(N_("Defects"), DEFECTS, "defect:read", 40, aside=True))


@view(
    "defect.list",
    DEFECTS,
    permission="defect:read",
    template="release/defects.html",
    summary="Defects and complaints about containers; ?status=.",
)
def show_defects(session: Session, viewer: Viewer) -> dict[str, Any]:
    rows, page = list_defects(session, viewer.args)
    return {"defects": rows, "page": page, "statuses": [one.value for one in DefectStatus]}


@view(
    "defect.show",
    "/defects/<defect_id>",
    permission="defect:read",
    template="release/defect.html",
    summary="One defect with its container, the same lots and material elsewhere, reactions, and what follows.",
)
def show_defect(session: Session, _viewer: Viewer, defect_id: str) -> dict[str, Any]:
    row = get_defect(session, defect_id)
    return {
        "defect": defect_line(session, row, names(session)),
        "around": context(session, row.container_id),
        "signatures": signatures_of(session, defect_id),
    }


def batch_panel(session: Session, viewer: Viewer, batch_id: str, **_ids: str) -> dict[str, Any] | None:
    people = names(session)
    found = [defect_line(session, one, people) for one in defects_of_batch(session, batch_id)]
    if not found or not viewer.may("defect:read"):
        return None
    return {"template": "release/defect_panel.html", "defects": found, "of_container": None}


def container_panel(session: Session, viewer: Viewer, container_id: str, **_ids: str) -> dict[str, Any] | None:
    """What was reported of it, and the way to report more."""
    if not viewer.may("defect:read"):
        return None
    people, batch_id = names(session), get_container(session, container_id).batch_id
    found = [one for one in defects_of_batch(session, batch_id) if one.container_id == container_id]
    lines = [defect_line(session, one, people) for one in found]
    return {"template": "release/defect_panel.html", "defects": lines, "of_container": container_id}


def find_defect(session: Session, code: str) -> str | None:
    row = defect_by_number(session, code.strip())
    return f"{DEFECTS}/{row.id}" if row else None


def defect_tasks(session: Session, viewer: Viewer) -> list[Task]:
    """To be assessed by QA within a day; then to be closed by somebody without a part in it."""
    if not (viewer.may("defect:assess") or viewer.may("defect:close")):
        return []
    tasks = []
    for row in open_defects(session):
        place = f"{DEFECTS}/{row.id}"
        facts = {"container": get_container(session, row.container_id).code, "kind": row.kind}
        if row.status == DefectStatus.REPORTED:
            reason, due = N_("of %(container)s was reported (%(kind)s): assess it"), row.reported_at + ASSESS_WITHIN
            one = Task("defect:assess", row.number, reason, f"{place}/assess", N_("Assess"), facts, due, urgent=True)
            tasks.append(one)
        elif viewer.actor.id not in {row.reported_by, row.assessed_by}:
            reason = N_("of %(container)s is assessed (%(kind)s): close it")
            tasks.append(Task("defect:close", row.number, reason, f"{place}/close", N_("Close"), facts))
    return tasks


FINDERS.append(find_defect)
TASKS.append(defect_tasks)
panel("batch", batch_panel)
panel("container", container_panel)
