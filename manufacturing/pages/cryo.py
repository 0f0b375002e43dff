"""What was frozen and thawed, on the page of the container."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.web.registry import panel
from kernel.web.site import Viewer
from manufacturing.queries.cryo import cryo_view


def cryo_panel(session: Session, viewer: Viewer, container_id: str, **_ids: str) -> dict[str, Any] | None:
    """Nothing where the process version freezes nothing."""
    found = cryo_view(session, container_id) if viewer.may("batch:read") else None
    return None if found is None else {"template": "manufacturing/cryo_panel.html", **found}


panel("container", cryo_panel)
