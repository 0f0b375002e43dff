"""Samples of the environment taken, read and corrected, declared once for pages and API."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.registry import Done, act
from kernel.web.site import Viewer
from kernel.work import Work
from manufacturing.queries.batch_content import step_content
from manufacturing.queries.environment import get_sample, sample_content
from manufacturing.schemas.environment import SampleResultSchema, take_schema
from manufacturing.services.environment import correct_sample, read_sample, take_sample
from manufacturing.tables.environment import EnvironmentSampleRow

ONE = "/environment/<sample_id>"


def now_taken(_session: Session, viewer: Viewer, **_ids: str) -> dict[str, Any]:
    return {"initial": {"exposed_until": viewer.at}}


def before_correcting(session: Session, _viewer: Viewer, sample_id: str) -> dict[str, Any]:
    return {"initial": {"read_at": get_sample(session, sample_id).read_at}}


def done(row: EnvironmentSampleRow, message: str) -> Done:
    body = {"id": row.id, "count": row.count, "deviation_id": row.deviation_id}
    return Done(f"/batches/{row.batch_id}#environment", message, body)


@act(
    "environment.take",
    "/batches/<batch_id>/steps/<position>/environment",
    permission="environment:take",
    title=N_("Enter a sample of the environment"),
    schema=take_schema,
    dynamic_schema=True,
    content=step_content,
    prepare=now_taken,
    signs=1,
    meaning=N_("I took this sample at the place and time given."),
)
def take(work: Work, batch_id: str, position: str, **fields: Any) -> Done:
    return done(take_sample(work, batch_id, position, **fields), N_("Entered. Its result is entered when it is read."))


@act(
    "environment.read",
    f"{ONE}/read",
    permission="environment:read",
    title=N_("Enter the result"),
    schema=SampleResultSchema,
    content=sample_content,
    signs=1,
    meaning=N_("I read this sample; the count is as the report says."),
)
def read(work: Work, sample_id: str, **fields: Any) -> Done:
    row = read_sample(work, sample_id, **fields)
    said = N_("Entered. It is above its action limit: a deviation is open.") if row.deviation_id else N_("Entered.")
    return done(row, said)


@act(
    "environment.correct",
    f"{ONE}/correct",
    permission="environment:correct",
    title=N_("Correct the result"),
    schema=SampleResultSchema,
    content=sample_content,
    prepare=before_correcting,
    signs=1,
    needs_reason=True,
    meaning=N_("I corrected this result; the first one stays on the trail."),
)
def correct(work: Work, sample_id: str, **fields: Any) -> Done:
    return done(correct_sample(work, sample_id, **fields), N_("Corrected."))
