"""What can be done about deviations, declared once for pages and API."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.registry import Done, act
from kernel.web.site import Viewer
from kernel.work import Work
from manufacturing.domain.deviations import DeviationStatus
from manufacturing.queries.bench import unreported_of
from manufacturing.queries.deviations import deviation_content, deviations_about
from manufacturing.queries.reportable import get_record
from manufacturing.queries.steps import batch_steps
from manufacturing.schemas.deviations import (
    AboutSchema,
    AffectedSchema,
    AssessSchema,
    DeviationSchema,
    InvestigateSchema,
    JudgeSchema,
    ReclassifySchema,
)
from manufacturing.services.deviations import (
    assess_deviation,
    close_deviation,
    investigate_deviation,
    judge_deviation,
    name_affected_batch,
    reclassify_deviation,
    reopen_deviation,
    report_about,
    report_deviation,
)
from manufacturing.tables.deviations import DeviationRow

DEVIATIONS = "/deviations"
ONE = f"{DEVIATIONS}/<deviation_id>"


def told(row: DeviationRow, message: str) -> Done:
    return Done(f"{DEVIATIONS}/{row.id}", message, {"id": row.id, "number": row.number, "status": row.status})


def step_choices(session: Session, viewer: Viewer, batch_id: str) -> dict[str, Any]:
    steps = [
        (str(step.position), f"{step.position} · {viewer.speech.word(step.title)}")
        for step in batch_steps(session, batch_id)
    ]
    return {"choices": {"step": steps}}


@act(
    "deviation.report",
    "/batches/<batch_id>/deviations/new",
    permission="deviation:raise",
    title=N_("Report a deviation"),
    schema=DeviationSchema,
    prepare=step_choices,
)
def report(work: Work, batch_id: str, **fields: Any) -> Done:
    return told(report_deviation(work, batch_id, **fields), N_("The deviation is on record."))


def what_it_is_about(session: Session, viewer: Viewer, record_kind: str, record_id: str) -> dict[str, Any]:
    """The record the person came from, and what is open about it already."""
    about = get_record(session, record_kind, record_id)
    say = viewer.speech.say
    notes = [say(N_("About: %(kind)s %(record)s"), kind=about.kind, record=about.name)]
    known = [one for one in deviations_about(session, record_kind, record_id) if one.status != DeviationStatus.CLOSED]
    notes += [say(N_("Open already: %(number)s, %(what)s"), number=one.number, what=one.description) for one in known]
    outside = unreported_of(session, about.row, viewer.at) if about.kind == "step" else []
    return {"notes": notes, "initial": {"description": "\n".join(told_outside(viewer, one) for one in outside)}}


def told_outside(viewer: Viewer, breach: dict[str, Any]) -> str:
    """What the record knows already, so that nobody copies a number; the rest is told by whoever reports."""
    return viewer.speech.say(N_("%(label)s: %(value)s, outside the action limit (%(limits)s)."), **breach)


@act(
    "deviation.report_about",
    f"{DEVIATIONS}/new/<record_kind>/<record_id>",
    permission="deviation:raise",
    title=N_("Report a deviation"),
    schema=AboutSchema,
    prepare=what_it_is_about,
)
def about(work: Work, record_kind: str, record_id: str, **fields: Any) -> Done:
    return told(report_about(work, record_kind, record_id, **fields), N_("The deviation is on record."))


@act(
    "deviation.investigate",
    f"{ONE}/investigate",
    permission="deviation:investigate",
    title=N_("Record the investigation"),
    schema=InvestigateSchema,
    content=deviation_content,
    signs=1,
    meaning=N_("I looked into why this happened; this is the cause and what was done at once."),
)
def investigate(work: Work, deviation_id: str, **fields: Any) -> Done:
    return told(investigate_deviation(work, deviation_id, **fields), N_("The investigation is on record."))


@act(
    "deviation.name_batch",
    f"{ONE}/batches",
    permission="deviation:investigate",
    title=N_("Name another batch"),
    schema=AffectedSchema,
    content=deviation_content,
)
def name_batch(work: Work, deviation_id: str, **fields: Any) -> Done:
    return told(name_affected_batch(work, deviation_id, **fields), N_("It stands on the page of that batch now."))


@act(
    "deviation.reclassify",
    f"{ONE}/classify",
    permission="deviation:assess",
    title=N_("Change the class"),
    schema=ReclassifySchema,
    content=deviation_content,
    signs=1,
    needs_reason=True,
    meaning=N_("The deviation belongs to this class, for the reason given."),
)
def reclassify(work: Work, deviation_id: str, **fields: Any) -> Done:
    return told(reclassify_deviation(work, deviation_id, **fields), N_("The class is changed."))


@act(
    "deviation.assess",
    f"{ONE}/assess",
    permission="deviation:assess",
    title=N_("Assess the deviation"),
    schema=AssessSchema,
    content=deviation_content,
    signs=1,
    meaning=N_("I assessed what this deviation means for quality and safety."),
)
def assess(work: Work, deviation_id: str, **fields: Any) -> Done:
    return told(assess_deviation(work, deviation_id, **fields), N_("Assessed."))


@act(
    "deviation.judge",
    f"{ONE}/judge",
    permission="deviation:judge",
    title=N_("Assess as QP"),
    schema=JudgeSchema,
    content=deviation_content,
    signs=1,
    meaning=N_("I assessed as QP what this deviation means for each batch it affects."),
)
def judge(work: Work, deviation_id: str, **fields: Any) -> Done:
    return told(judge_deviation(work, deviation_id, **fields), N_("The assessment of the QP is on record."))


@act(
    "deviation.close",
    f"{ONE}/close",
    permission="deviation:close",
    title=N_("Close the deviation"),
    content=deviation_content,
    signs=1,
    meaning=N_("The deviation is dealt with and may be closed; actions that are not finished stay due."),
)
def close(work: Work, deviation_id: str) -> Done:
    return told(close_deviation(work, deviation_id), N_("Closed."))


@act(
    "deviation.reopen",
    f"{ONE}/reopen",
    permission="deviation:assess",
    title=N_("Reopen the deviation"),
    content=deviation_content,
    signs=1,
    needs_reason=True,
    meaning=N_("This has to be looked into again, for the reason given; what was written stays."),
    danger=True,
)
def reopen(work: Work, deviation_id: str) -> Done:
    return told(reopen_deviation(work, deviation_id), N_("Under investigation again."))
