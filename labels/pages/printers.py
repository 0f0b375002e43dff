"""Printers of the network with their latest jobs; what is stuck stands on the Work page."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.registry import NAVIGATION, TASKS, Nav, Task, view
from kernel.web.site import Viewer
from labels.api.printers import PRINTERS
from labels.pages.labels import JOB_TONES
from labels.queries.printers import latest_jobs, list_printers, stuck_jobs

NAVIGATION.append(Nav(N_("Printers"), PRINTERS, "printer:read", 89, aside=True))


@view(
    "printer.list",
    PRINTERS,
    permission="printer:read",
    template="labels/printers.html",
    summary="Printers of the network, and what was sent to them.",
)
def show_printers(session: Session, _viewer: Viewer) -> dict[str, Any]:
    tones = {status.value: tone for status, tone in JOB_TONES.items()}
    return {"printers": list_printers(session), "jobs": latest_jobs(session), "job_tones": tones}


def stuck_tasks(session: Session, viewer: Viewer) -> list[Task]:
    if not viewer.may("label:print"):
        return []
    return [
        Task(
            "label:print",
            label.short_number,
            N_("did not certainly come out of its printer; look there"),
            f"/print-jobs/{job.id}/send-again",
            N_("Look"),
            deadline=job.written_at,
            urgent=True,
        )
        for job, label, _printer in stuck_jobs(session)
    ]


TASKS.append(stuck_tasks)
