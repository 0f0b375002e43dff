"""How much of a record was normal, so that a reviewer knows what is folded away under a count (AT-EXC)."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from manufacturing.queries.batches import get_batch
from manufacturing.queries.history import corrections_of, links_of_values
from manufacturing.queries.steps import answered, batch_steps, values_of_batch
from manufacturing.queries.transcriptions import transcriptions_of
from manufacturing.tables.batches import StepRow, StepValueRow

NOT_NORMAL = {"alert", "action"}


def normal_entries(session: Session, batch_id: str) -> dict[str, Any]:
    """``entries``: every recorded field; ``normal``: those on time, unchanged, within their limits, not from paper."""
    batch = get_batch(session, batch_id)
    steps = {row.id: row for row in batch_steps(session, batch.id)}
    papers = transcriptions_of(session, batch.id)
    rows = [row for values in values_of_batch(session, batch.id).values() for row in values]
    changed = corrections_of(links_of_values(session, batch.id))
    normal = [
        row
        for row in rows
        if is_normal(row, steps[row.step_id]) and row.id not in changed and row.step_id not in (papers.keys() | changed)
    ]
    return {"entries": len(rows), "normal": len(normal)}


def is_normal(row: StepValueRow, step: StepRow) -> bool:
    return (
        answered(row)
        and not row.not_applicable
        and row.measurement is None
        and row.verdict not in NOT_NORMAL
        and not step.late_reason
    )
