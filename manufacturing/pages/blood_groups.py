"""Blood groups on the pages of donor and subject."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.web.registry import panel
from kernel.web.site import Viewer
from manufacturing.queries.blood_groups import groups_view

PANEL = "manufacturing/blood_groups_panel.html"


def donor_panel(session: Session, viewer: Viewer, donor_id: str, **_ids: str) -> dict[str, Any] | None:
    return {"template": PANEL, **groups_view(session, "donor", donor_id)} if viewer.may("blood_group:read") else None


def subject_panel(session: Session, viewer: Viewer, subject_id: str, **_ids: str) -> dict[str, Any] | None:
    if not viewer.may("blood_group:read"):
        return None
    return {"template": PANEL, **groups_view(session, "subject", subject_id)}


panel("donor", donor_panel)
panel("subject", subject_panel)
