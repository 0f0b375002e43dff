"""The monitoring of the environment on the page of the batch and of the step, and what waits to be read."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.lines import first_lines
from kernel.web.registry import TASKS, Lines, Task, panel, view
from kernel.web.site import Viewer
from manufacturing.queries.environment import FIRST_EXPOSED, environment_page, step_samples, unread
from manufacturing.tables.batches import BatchRow

OVERDUE = timedelta(days=7)
EMPTY: dict[str, Any] = {"samples": [], "grade": None, "room": None, "pending": 0}


@view(
    "environment.list",
    "/batches/<batch_id>/environment",
    permission="batch:read",
    template="manufacturing/environment.html",
    summary="Samples of air, surfaces and gloves of one batch with their results and limits.",
)
def show(session: Session, _viewer: Viewer, batch_id: str) -> dict[str, Any]:
    return {"environment": environment_page(session, batch_id) or EMPTY, "batch_id": batch_id}


def batch_panel(session: Session, viewer: Viewer, batch_id: str, **_ids: str) -> dict[str, Any] | None:
    found = environment_page(session, batch_id) if viewer.may("batch:read") else None
    return {"template": "manufacturing/environment_panel.html", "environment": found} if found else None


def step_panel(session: Session, viewer: Viewer, batch_id: str, position: str) -> dict[str, Any] | None:
    step, known = step_samples(session, batch_id, position)
    if not known or not viewer.may("batch:read"):
        return None
    page = environment_page(session, batch_id) or EMPTY
    mine = [one for one in page["samples"] if one["position"] == step.position]
    wanted = [{"title": one.title, "grade": one.grade} for one in known]
    return {"template": "manufacturing/environment_step_panel.html", "samples": mine, "wanted": wanted}


def environment_tasks(session: Session, viewer: Viewer) -> list[Lines]:
    """Plates that wait to be read."""
    action = N_("Enter the results")
    kind: dict[str, Any] = {
        "permission": "environment:read",
        "action": action,
        "record": BatchRow.number,
        "deadline": FIRST_EXPOSED,
    }

    def line(batch_id: str, number: str, count: int, since: datetime) -> Task:
        reason, place = N_("samples of the environment are not read yet: %(count)s"), f"/batches/{batch_id}/environment"
        facts = {"count": str(count)}
        return Task("environment:read", number, reason, place, action, facts, deadline=since + OVERDUE)

    return first_lines(session, viewer, unread(), line, **kind)


TASKS.append(environment_tasks)
panel("batch", batch_panel)
panel("step", step_panel)
