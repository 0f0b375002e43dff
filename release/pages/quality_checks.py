"""Quality checks as pages, on the page of the batch, and on the Work page of QA until they are concluded."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.refusals import N_
from kernel.web.registry import FINDERS, NAVIGATION, TASKS, Nav, Task, panel, view
from kernel.web.site import Viewer
from manufacturing.queries.bench import signatures_of
from release.api.quality_checks import CHECKS
from release.domain.quality_checks import CheckStatus
from release.queries.quality_checks import (
    check_by_number,
    check_line,
    check_view,
    checks,
    get_check,
    list_checks,
    open_checks,
)
from release.tables.quality_checks import ReactionCheckRow

NAVIGATION.append(Nav(N_("Quality checks"), CHECKS, "check:read", 67, aside=True))


@view(
    "check.list",
    CHECKS,
    permission="check:read",
    template="release/quality_checks.html",
    summary="Quality checks after severe or serious reactions; ?status= (TR-S4).",
)
def show_checks(session: Session, viewer: Viewer) -> dict[str, Any]:
    rows, page = list_checks(session, viewer.args)
    return {"checks": rows, "page": page, "statuses": [one.value for one in CheckStatus]}


@view(
    "check.show",
    f"{CHECKS}/<check_id>",
    permission="check:read",
    template="release/quality_check.html",
    summary="One quality check with its checklist, filled from the records of batch, donor and other units.",
)
def show_check(session: Session, _viewer: Viewer, check_id: str) -> dict[str, Any]:
    return {**check_view(session, get_check(session, check_id)), "signatures": signatures_of(session, check_id)}


def batch_panel(session: Session, viewer: Viewer, batch_id: str, **_ids: str) -> dict[str, Any] | None:
    """Not for who makes the product: it tells an outcome (TR-ROLE)."""
    if not viewer.may("check:read"):
        return None
    people = names(session)
    found = [check_line(session, one, people) for one in checks(session, ReactionCheckRow.batch_id == batch_id)]
    return {"template": "release/quality_check_panel.html", "checks": found} if found else None


def find_check(session: Session, code: str) -> str | None:
    row = check_by_number(session, code.strip())
    return f"{CHECKS}/{row.id}" if row else None


def check_tasks(session: Session, viewer: Viewer) -> list[Task]:
    """Until it is concluded, however long it is overdue."""
    if not viewer.may("check:conclude"):
        return []
    people = names(session)
    tasks = []
    for row in open_checks(session):
        line = check_line(session, row, people)
        facts = {"batch": line["batch"], "grade": str(line["grade"])}
        reason = N_("reaction of grade %(grade)s after %(batch)s: look for a cause in the product")
        place = f"{CHECKS}/{row.id}"
        tasks.append(
            Task("check:conclude", row.number, reason, place, N_("Look"), facts, row.due_at, urgent=line["serious"])
        )
    return tasks


FINDERS.append(find_check)
TASKS.append(check_tasks)
panel("batch", batch_panel)
