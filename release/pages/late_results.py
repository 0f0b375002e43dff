"""What the pharmacy sees beside the scan: alarms that somebody has to answer, and what left with results pending."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.web.registry import panel
from kernel.web.site import Viewer
from release.queries.administration import dispensed_conditionally
from release.queries.late_results import open_alerts


def pharmacy_panel(session: Session, viewer: Viewer) -> dict[str, Any] | None:
    """For whoever dispenses (DSP-LATE)."""
    if not viewer.may("container:dispense"):
        return None
    return {
        "template": "release/pharmacy_panel.html",
        "late": open_alerts(session, viewer.at),
        "dispensings": dispensed_conditionally(session),
    }


panel("pharmacy", pharmacy_panel)
