"""Serious reactions and their clocks; what waits stands on the Work page of who has to act."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.registry import NAVIGATION, TASKS, Nav, Task, view
from kernel.web.site import Viewer
from release.api.reporting import REPORTS
from release.domain.reporting import ReportKind
from release.queries.reporting import report_list, waiting_reports

NAVIGATION.append(Nav(N_("Safety reports"), REPORTS, "report:read", 66, aside=True))
TOLD = {
    ReportKind.SPONSOR: (
        "reaction:report_sponsor",
        N_("serious reaction: the sponsor has to know within 24 hours"),
        "report-to-sponsor",
        N_("Record the report"),
    ),
    ReportKind.AUTHORITY: (
        "reaction:report_authority",
        N_("serious reaction, perhaps due to the product: report it, or judge that it is not a SUSAR"),
        "report-to-authorities",
        N_("Record the report"),
    ),
    ReportKind.FOLLOW_UP: (
        "reaction:report_authority",
        N_("fatal or life-threatening reaction: what followed has to be reported too"),
        "follow-up-to-authorities",
        N_("Record the report"),
    ),
    ReportKind.DONATION: (
        "reaction:report_donation",
        N_("serious reaction, perhaps due to the donation: tell the tissue establishment, or judge that it is not"),
        "report-to-tissue-establishment",
        N_("Record the report"),
    ),
}
JUDGED_BESIDE = frozenset({ReportKind.AUTHORITY, ReportKind.DONATION})
"""Of these the list offers the judgement beside the report."""


@view(
    "report.list",
    REPORTS,
    permission="report:read",
    template="release/reports.html",
    summary="Serious reactions, who has to hear of them by when, and what was reported (TR-S3, TR-S5).",
)
def show_reports(session: Session, viewer: Viewer) -> dict[str, Any]:
    return {"reactions": report_list(session, viewer.at)}


def report_tasks(session: Session, viewer: Viewer) -> list[Task]:
    """Each stays until somebody has recorded what was done, however long it is overdue."""
    if not any(viewer.may(permission) for permission, *_ in TOLD.values()):
        return []
    tasks = []
    for row, subject, due in waiting_reports(session):
        permission, reason, path, action = TOLD[due.report]
        location = f"{REPORTS}#{row.id}" if due.report in JUDGED_BESIDE else f"/reactions/{row.id}/{path}"
        tasks.append(Task(permission, subject, reason, location, action, deadline=due.due_at, urgent=True))
    return tasks


TASKS.append(report_tasks)
