"""What became of every container of a batch: a page, and the same on the page of the batch."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.quantities import expanded
from kernel.refusals import N_
from kernel.web.registry import TASKS, Task, panel, view
from kernel.web.site import Viewer
from release.domain.reconciling import UNUSED_AFTER, Idle
from release.queries.reconciling import idle_containers, reconciliation

IDLE = {
    Idle.RETURNED: N_(
        "was not given whole; %(left)s mL are with the ward or back and wait to be destroyed by two people"
    ),
    Idle.REJECTED: N_("is rejected; %(left)s mL wait to be destroyed by two people"),
    Idle.EXPIRED: N_("is expired; %(left)s mL wait to be destroyed by two people"),
    Idle.UNUSED: N_(
        "was not dispensed in %(days)s days; ask whether its %(left)s mL are still wanted, else destroy them"
    ),
}


@view(
    "batch.reconciliation",
    "/batches/<batch_id>/reconciliation",
    permission="release:read",
    template="release/reconciliation.html",
    summary="Every container of a batch to the last mL: filled, drawn, given, destroyed, lost, left.",
)
def reconciled(session: Session, viewer: Viewer, batch_id: str) -> dict[str, Any]:
    found = reconciliation(session, batch_id)
    return found | {"open": [viewer.speech.refusal(one) for one in found["open"]]}


def reconciliation_panel(session: Session, viewer: Viewer, batch_id: str, **_ids: str) -> dict[str, Any] | None:
    """Where somebody may see it and something was filled."""
    found = reconciliation(session, batch_id) if viewer.may("release:read") else None
    return {"template": "release/reconciliation_panel.html", **found} if found and found["containers"] else None


def idle_tasks(session: Session, viewer: Viewer) -> list[Task]:
    """Units that nobody will get any more, for whoever may destroy them (DSP-REM)."""
    if not viewer.may("container:destroy"):
        return []
    days = str(UNUSED_AFTER.days)
    return [
        Task(
            "container:destroy",
            container.code,
            IDLE[why],
            f"/containers/{container.id}/destroy",
            N_("Destroy"),
            {"left": expanded(unit.left), "days": days},
        )
        for container, unit, why in idle_containers(session, viewer.at)
    ]


panel("batch", reconciliation_panel)
TASKS.append(idle_tasks)
