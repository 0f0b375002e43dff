"""A step that was done on paper, copied into the record afterwards; another person compares the two (ATMP-6.1-TIME)."""

from __future__ import annotations

from typing import Any

from kernel.work import Work
from manufacturing.services.steps import perform_step
from manufacturing.tables.batches import StepRow
from manufacturing.tables.transcriptions import TranscriptionRow


def transcribe_step(work: Work, batch_id: str, position: str, *, paper: str, why_paper: str, **fields: Any) -> StepRow:
    """``fields``: as of a step that is performed; why paper was used is the reason of the late entry."""
    given = {**fields, "late_reason": why_paper}
    row = perform_step(work, batch_id, position, action="transcribe", **given)
    work.add(
        TranscriptionRow(
            step_id=row.id,
            batch_id=row.batch_id,
            paper=paper.strip(),
            why=why_paper.strip(),
            transcribed_by=work.signer().id,
            transcribed_at=work.at,
        )
    )
    return row
