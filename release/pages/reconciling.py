"""What became of every container of a batch: a page, and the same on the page of the batch."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.web.registry import panel, view
from kernel.web.site import Viewer
from release.queries.reconciling import reconciliation


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


panel("batch", reconciliation_panel)
