"""The end of a subject's observation and of the trial, and requests to erase; declared once for pages and API."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.registry import Done, act
from kernel.web.site import Viewer
from kernel.work import Work
from manufacturing.domain.expiry import local_day
from manufacturing.tables.trial import TrialRow
from release.domain.closing import open_refusals
from release.domain.retention import GROUNDS, RecordClass
from release.queries.closing import closing_content, observation_content, trial_end
from release.queries.retention import erasure_content
from release.queries.testing import get_record
from release.schemas.closing import CompletionSchema, ErasureSchema, TrialEndSchema
from release.services.closing import close_trial, complete_subject
from release.services.retention import answer_erasure

TRIAL = "/trial"


def closing_refused_now(session: Session, viewer: Viewer, trial_id: str) -> dict[str, Any]:
    """What is still open, before anybody signs."""
    trial = get_record(session, TrialRow, trial_id)
    return {"refusals": list(open_refusals(trial_end(session, trial, local_day(viewer.at), viewer.at)))}


@act(
    "trial.close",
    "/trials/<trial_id>/close",
    permission="trial:close",
    title=N_("Close the trial"),
    schema=TrialEndSchema,
    content=closing_content,
    prepare=closing_refused_now,
    signs=1,
    meaning=N_("The trial has ended on the day given; nobody is included or treated in it any more."),
    danger=True,
)
def close_it(work: Work, trial_id: str, **fields: Any) -> Done:
    row = close_trial(work, trial_id, **fields)
    body = {"id": row.id, "status": row.status, "ended_on": row.ended_on}
    return Done(f"{TRIAL}?trial={row.id}", N_("The trial is closed."), body)


@act(
    "subject.complete",
    "/subjects/<subject_id>/complete",
    permission="subject:include",
    title=N_("End the observation"),
    schema=CompletionSchema,
    content=observation_content,
    signs=1,
    meaning=N_("The observation of this subject after the infusion is complete."),
)
def complete(work: Work, subject_id: str, **fields: Any) -> Done:
    row = complete_subject(work, subject_id, **fields)
    return Done(f"/subjects/{row.id}", N_("The observation has ended."), {"id": row.id, "status": row.status})


@act(
    "erasure.answer",
    "/subjects/<subject_id>/erasure",
    permission="erasure:answer",
    title=N_("Answer a request to erase"),
    schema=ErasureSchema,
    content=erasure_content,
    signs=1,
    meaning=N_("The request is answered with the legal ground that keeps the records; nothing is erased."),
)
def answer(work: Work, subject_id: str, **fields: Any) -> Done:
    row = answer_erasure(work, subject_id, **fields)
    body = {"id": row.id, "ground": GROUNDS[RecordClass(row.ground)], "keep_until": row.keep_until}
    said = N_("Recorded. Nothing is erased; the ground and the day stand on this page.")
    return Done(f"/subjects/{subject_id}#retention", said, body)
