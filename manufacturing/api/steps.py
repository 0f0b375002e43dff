"""A step at the bench, declared once for pages and API; its fields are those of the frozen process version."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.registry import ACTS, Done, act
from kernel.web.site import Viewer
from kernel.work import Work
from manufacturing.domain.batches import StepStatus
from manufacturing.domain.conditions import performing_refusals
from manufacturing.domain.hold_times import exceeded_refusals
from manufacturing.domain.plan import FieldKind
from manufacturing.domain.steps import NOT_APPLICABLE, SOD_STEP, order_refusals, role_refusals, verifier_refusals
from manufacturing.queries.batch_content import hold_content, step_content
from manufacturing.queries.batches import get_batch
from manufacturing.queries.bench import bench_view
from manufacturing.queries.hands import performers_of
from manufacturing.queries.hold_times import get_clock
from manufacturing.queries.lot_uses import material_refusals
from manufacturing.queries.record import read_record
from manufacturing.queries.steps import get_step, process_of, values_of_batch
from manufacturing.queries.yields import batch_yields
from manufacturing.schemas.batches import correcting_schema, saving_schema, step_schema
from manufacturing.schemas.deviations import AboutSchema
from manufacturing.services.entries import save_fields
from manufacturing.services.hold_times import report_hold_time
from manufacturing.services.steps import check_step, correct_step, perform_step, verify_step
from manufacturing.tables.batches import StepRow

STEP = "/batches/<batch_id>/steps/<position>"


def done(row: StepRow, message: str) -> Done:
    body = {"batch_id": row.batch_id, "position": row.position, "status": row.status}
    return Done(f"/batches/{row.batch_id}/steps/{row.position}", message, body)


def before_reporting(session: Session, viewer: Viewer, batch_id: str, position: str, hold_key: str) -> dict[str, Any]:
    """What happened, in words that can be left as they are."""
    step = get_step(session, batch_id, position)
    clock = get_clock(read_record(session, batch_id).clocks, step.position, hold_key)
    said = viewer.speech.say(
        N_("Hold time “%(hold)s” exceeded: %(minutes)s minutes since its beginning, the limit is %(limit)s."),
        hold=viewer.speech.word(clock.hold.title),
        minutes=clock.minutes(clock.ended_at or viewer.at),
        limit=clock.hold.limit_minutes,
    )
    return {"initial": {"description": said, "classification": "minor"}}


@act(
    "step.hold_time",
    f"{STEP}/hold-times/<hold_key>/deviation",
    permission="deviation:raise",
    title=N_("Open the deviation for the hold time"),
    schema=AboutSchema,
    content=hold_content,
    prepare=before_reporting,
)
def hold_time(work: Work, batch_id: str, position: str, hold_key: str, **fields: Any) -> Done:
    row = report_hold_time(work, batch_id, position, hold_key, **fields)
    body = {"id": row.id, "number": row.number, "status": row.status}
    return Done(f"/batches/{batch_id}/steps/{position}", N_("The deviation is open; the step can be recorded."), body)


def before_performing(session: Session, viewer: Viewer, batch_id: str, position: str) -> dict[str, Any]:
    """What is saved so far, usual units, and what would refuse the step."""
    record, step = read_record(session, batch_id), get_step(session, batch_id, position)
    plan = record.plan(step)
    units = {f"{one.key}_unit": one.unit for one in plan.fields if one.analyte}
    held = exceeded_refusals(record.clocks, step.position, viewer.at)
    lots = material_refusals(session, record.plan(step), step, viewer.at, deviated=record.deviated(step))
    bench = bench_view(session, batch_id, position, viewer.at)
    saved = {name: one["value"] for name, one in bench["entries"].items() if one["value"] is not None}
    return {
        "initial": units | saved,
        "refusals": [*order_refusals(record.before(step)), *performing_refusals(record.condition(step)), *held, *lots],
        "bench": bench,
        "signing": signing("step.perform", batch_id, position),
    }


def signing(name: str, batch_id: str, position: str) -> dict[str, Any]:
    """The act that the page of a step signs, from whichever act the page was opened."""
    found = ACTS[name]
    path = found.path.replace("<batch_id>", batch_id).replace("<position>", position)
    return {"act": found, "path": path}


@act(
    "step.perform",
    f"{STEP}/perform",
    permission="batch:perform",
    title=N_("Record the step"),
    schema=step_schema,
    dynamic_schema=True,
    content=step_content,
    prepare=before_performing,
    signs=1,
    template="manufacturing/bench.html",
    meaning=N_("I performed this step as written, at the time given."),
)
def perform(work: Work, batch_id: str, position: str, **fields: Any) -> Done:
    return done(perform_step(work, batch_id, position, **fields), N_("Recorded. Another person verifies it now."))


def before_correcting(session: Session, viewer: Viewer, batch_id: str, position: str) -> dict[str, Any]:
    """The values as they are, in canonical units."""
    prepared = before_performing(session, viewer, batch_id, position)
    step = get_step(session, batch_id, position)
    known = {row.field: row for row in values_of_batch(session, batch_id).get(step.id, [])}
    plan = process_of(session, get_batch(session, batch_id)).step(step.position)
    units = {f"{one.key}_unit": one.unit for one in plan.fields if one.analyte}
    initial = {**units, "performed_at": step.performed_at, "late_reason": step.late_reason}
    for field in plan.fields:
        row = known.get(field.key)
        if row is not None:
            stored = row.text == "yes" if field.kind is FieldKind.YES_NO and row.text else row.text
            initial[field.key] = next((one for one in (row.number, row.moment, stored) if one is not None), None)
            initial[field.key + NOT_APPLICABLE] = row.not_applicable
    signed = signing("step.correct", batch_id, position)
    saved = {name: one["value"] for name, one in prepared["bench"]["entries"].items()}
    return {**prepared, "initial": initial | saved, "refusals": [], "signing": signed}


def before_saving(session: Session, viewer: Viewer, batch_id: str, position: str) -> dict[str, Any]:
    """Of a step that is performed its boxes are saved for a correction."""
    pending = get_step(session, batch_id, position).status == StepStatus.PENDING
    return (before_performing if pending else before_correcting)(session, viewer, batch_id, position)


@act(
    "step.save",
    f"{STEP}/save",
    permission="batch:perform",
    title=N_("Save"),
    schema=saving_schema,
    dynamic_schema=True,
    content=step_content,
    prepare=before_saving,
    template="manufacturing/bench.html",
)
def save(work: Work, batch_id: str, position: str, **fields: Any) -> Done:
    """Boxes of a step are kept while it is being done, or corrected; the signature takes them."""
    rows = save_fields(work, batch_id, position, **fields)
    page = "perform" if get_step(work.session, batch_id, position).status == StepStatus.PENDING else "correct"
    body = {"batch_id": batch_id, "position": int(position), "saved": {row.field: row.number for row in rows}}
    return Done(f"/batches/{batch_id}/steps/{position}/{page}", N_("Saved. It is not signed yet."), body)


@act(
    "step.correct",
    f"{STEP}/correct",
    permission="batch:perform",
    title=N_("Correct the step"),
    schema=correcting_schema,
    dynamic_schema=True,
    content=step_content,
    prepare=before_correcting,
    signs=1,
    needs_reason=True,
    template="manufacturing/bench.html",
    meaning=N_("I corrected these values; the old ones stay on the trail and the step is verified anew."),
)
def correct(work: Work, batch_id: str, position: str, **fields: Any) -> Done:
    return done(correct_step(work, batch_id, position, **fields), N_("Corrected. It needs to be verified again."))


def before_verifying(session: Session, viewer: Viewer, batch_id: str, position: str) -> dict[str, Any]:
    """The values with their limits and what follows from them, so that a slip is seen before it is signed."""
    step = get_step(session, batch_id, position)
    performers = performers_of(session, step.id)
    refusals = verifier_refusals(viewer.actor.id, performers) if step.status == StepStatus.PERFORMED else ()
    wanted = process_of(session, get_batch(session, batch_id)).step(step.position).verifies
    refusals = (*role_refusals(wanted, viewer.actor.roles), *refusals)
    return {
        "refusals": list(refusals),
        "bench": bench_view(session, batch_id, position, viewer.at),
        "yields": batch_yields(session, batch_id),
    }


def before_checking(session: Session, viewer: Viewer, batch_id: str, position: str) -> dict[str, Any]:
    return {**before_verifying(session, viewer, batch_id, position), "refusals": []}


@act(
    "step.verify",
    f"{STEP}/verify",
    permission="batch:verify",
    title=N_("Verify the step"),
    content=step_content,
    prepare=before_verifying,
    signs=1,
    template="manufacturing/verify.html",
    meaning=N_("I compared this step and its values with the originals; they agree."),
)
def verify(work: Work, batch_id: str, position: str) -> Done:
    return done(verify_step(work, batch_id, position), N_("Verified."))


@act(
    "step.check",
    f"{STEP}/check",
    permission="batch:perform",
    title=N_("Have it verified here"),
    content=step_content,
    prepare=before_checking,
    signs=2,
    second_permission="batch:verify",
    same_person=SOD_STEP,
    template="manufacturing/verify.html",
    meaning=N_("The second person compared this step and its values with the originals; they agree."),
)
def check(work: Work, batch_id: str, position: str) -> Done:
    return done(check_step(work, batch_id, position), N_("Verified."))
