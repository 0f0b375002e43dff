"""Copying a step from paper, declared once for pages and API."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.registry import Done, act
from kernel.web.site import Viewer
from kernel.work import Work
from manufacturing.api.steps import STEP, before_performing, done, signing
from manufacturing.queries.batch_content import step_content
from manufacturing.schemas.transcribing import transcribing_schema
from manufacturing.services.transcribing import transcribe_step


def before_transcribing(session: Session, viewer: Viewer, batch_id: str, position: str) -> dict[str, Any]:
    prepared = before_performing(session, viewer, batch_id, position)
    return {**prepared, "signing": signing("step.transcribe", batch_id, position)}


@act(
    "step.transcribe",
    f"{STEP}/transcribe",
    permission="batch:perform",
    title=N_("Copy the step from paper"),
    schema=transcribing_schema,
    dynamic_schema=True,
    content=step_content,
    prepare=before_transcribing,
    signs=1,
    template="manufacturing/bench.html",
    meaning=N_("I copied this step from the paper named, field by field; another person compares the two."),
)
def transcribe(work: Work, batch_id: str, position: str, **fields: Any) -> Done:
    row = transcribe_step(work, batch_id, position, **fields)
    return done(row, N_("Copied. Another person compares it with the paper now."))
