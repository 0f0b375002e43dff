"""The page “Integrity”: the last checks and backups, how old the newest one is, what may be lost and for how long."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.accounts.permissions import AD, IN, QA
from kernel.permissions import permission
from kernel.refusals import N_
from kernel.upkeep.domain import Worry
from kernel.upkeep.queries import integrity_view, worries_now
from kernel.web.registry import TASKS, Task, panel, view
from kernel.web.site import Viewer

INTEGRITY = "/administration/integrity"
permission("upkeep:read", AD, QA, IN)
permission("upkeep:mend", AD, QA)
SAID = {
    Worry.FAULTY: N_("The last check of the records found faults."),
    Worry.MISSED: N_("The check of the records did not run when it was due."),
    Worry.BACKUP_FAULTY: N_("The last backup, or its read-back, failed."),
    Worry.BACKUP_MISSED: N_("No good backup is as new as the rules want it."),
}


@view(
    "upkeep.show",
    INTEGRITY,
    permission="upkeep:read",
    template="kernel/integrity.html",
    summary="The last checks of chain, signatures and records, the backups and their read-back, and what is overdue.",
)
def show_integrity(session: Session, viewer: Viewer) -> dict[str, Any]:
    found = integrity_view(session, viewer.at)
    return {**found, "worried": [viewer.speech.say(SAID[Worry(one)]) for one in found["worries"]]}


def upkeep_tasks(session: Session, viewer: Viewer) -> list[Task]:
    if not viewer.may("upkeep:mend"):
        return []
    record = viewer.speech.say(N_("Records"))
    return [
        Task("upkeep:mend", record, SAID[one], INTEGRITY, N_("Look"), urgent=one is Worry.FAULTY)
        for one in worries_now(session, viewer.at)
    ]


def banner(session: Session, viewer: Viewer) -> dict[str, Any] | None:
    """Above the work of whoever may read it."""
    found = worries_now(session, viewer.at) if viewer.may("upkeep:read") else ()
    said = [viewer.speech.say(SAID[one]) for one in found]
    return {"template": "kernel/integrity_banner.html", "worries": said} if said else None


TASKS.append(upkeep_tasks)
panel("work", banner)
