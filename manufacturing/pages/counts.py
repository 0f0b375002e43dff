"""Counts of cells where people look for them: on the page of the sample and of the step it was drawn in."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.web.registry import panel
from kernel.web.site import Viewer
from manufacturing.queries.counts import sample_counts, step_counts
from manufacturing.queries.record import read_record
from manufacturing.queries.samples import get_sample
from manufacturing.queries.steps import get_step

PANEL = "manufacturing/counts_panel.html"


def sample_panel(session: Session, viewer: Viewer, sample_id: str, **_ids: str) -> dict[str, Any] | None:
    if not viewer.may("sample:read"):
        return None
    status = get_sample(session, sample_id).status
    counted = sample_counts(session, sample_id)
    return {"template": PANEL, "counts": counted, "sample_id": sample_id, "open": status != "discarded"}


def step_panel(session: Session, viewer: Viewer, batch_id: str, position: str) -> dict[str, Any] | None:
    """Where the process asks for a count and one was recorded; any other count stands on the page of its sample."""
    record = read_record(session, batch_id)
    step = get_step(session, batch_id, position)
    if record.plan(step).count is None or not viewer.may("sample:read"):
        return None
    counted = step_counts(session, step.id)
    return {"template": PANEL, "counts": counted, "sample_id": None, "open": False} if counted else None


panel("sample", sample_panel)
panel("step", step_panel)
