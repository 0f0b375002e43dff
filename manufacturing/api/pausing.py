"""Pausing a batch and going on with it, for pages and API; both with a reason (requirements 14.2)."""

from __future__ import annotations

from typing import Any

from kernel.refusals import N_
from kernel.web.registry import Done, act
from kernel.work import Work
from manufacturing.queries.batch_content import batch_content
from manufacturing.schemas.batches import ClearAgainSchema, PauseSchema
from manufacturing.services.batches import clear_line_again, pause_batch, resume_batch
from manufacturing.tables.batches import BatchRow

ONE = "/batches/<batch_id>"


def done(row: BatchRow, message: str) -> Done:
    return Done(f"/batches/{row.id}", message, {"id": row.id, "number": row.number, "status": row.status})


@act(
    "batch.pause",
    f"{ONE}/pause",
    permission="batch:perform",
    title=N_("Pause the batch"),
    schema=PauseSchema,
    content=batch_content,
    needs_reason=True,
)
def pause(work: Work, batch_id: str, **fields: Any) -> Done:
    return done(pause_batch(work, batch_id, **fields), N_("Paused. The hold times run on."))


@act(
    "batch.resume",
    f"{ONE}/resume",
    permission="batch:perform",
    title=N_("Go on with the batch"),
    content=batch_content,
    needs_reason=True,
)
def resume(work: Work, batch_id: str) -> Done:
    return done(resume_batch(work, batch_id), N_("Work goes on."))


@act(
    "batch.clear_again",
    f"{ONE}/clear-again",
    permission="batch:perform",
    title=N_("Clear the line again"),
    schema=ClearAgainSchema,
    content=batch_content,
    signs=2,
    second_permission="batch:verify",
    meaning=N_(
        "The line is clear of everything else; the sealed material of this batch is back, and it is the right one."
    ),
)
def clear_again(work: Work, batch_id: str, **fields: Any) -> Done:
    return done(clear_line_again(work, batch_id, **fields), N_("Work goes on."))
