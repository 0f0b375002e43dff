"""Measuring again and choosing a measurement, declared once for pages and API."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.quantities import expanded
from kernel.refusals import N_
from kernel.web.registry import ACTS, Done, act
from kernel.web.site import Viewer
from kernel.work import Work
from manufacturing.api.steps import STEP, done
from manufacturing.domain.batches import BatchStatus
from manufacturing.domain.cell_counts import new_means
from manufacturing.queries.batch_content import step_content
from manufacturing.queries.counts import counted_in_step
from manufacturing.queries.measurements import last_measured, measurements_of_batch
from manufacturing.queries.record import Record, read_record
from manufacturing.queries.steps import get_step
from manufacturing.schemas.measurements import ChoosingSignedSchema, measuring_signed_schema
from manufacturing.services.measurements import choose_measurement, measure_again


def before_measuring(session: Session, _viewer: Viewer, batch_id: str, position: str) -> dict[str, Any]:
    record, step = read_record(session, batch_id), get_step(session, batch_id, position)
    plan = record.plan(step)
    units = {f"{one.key}_unit": one.unit for one in plan.fields if one.analyte}
    known = last_measured(session, step, (one.key for one in plan.fields))
    means = new_means(plan, counted_in_step(session, step.id), known)
    return {"initial": {**units, **means}, **shown_first(record, f"{position}/measure-again")}


def shown_first(record: Record, place: str) -> dict[str, Any]:
    """Where a finished record shows what follows before it is signed; nothing of a record that is being made."""
    if record.batch.status != BatchStatus.RETURNED_FOR_CORRECTION:
        return {}
    name = "step.measuring_effect" if place.endswith("measure-again") else "step.choosing_effect"
    return {"effect": {"act": ACTS[name], "path": f"/batches/{record.batch.id}/steps/{place}/effect"}}


@act(
    "step.measure_again",
    f"{STEP}/measure-again",
    permission="batch:perform",
    title=N_("Measure again"),
    schema=measuring_signed_schema,
    dynamic_schema=True,
    content=step_content,
    prepare=before_measuring,
    signs=1,
    needs_reason=True,
    template="manufacturing/measuring.html",
    meaning=N_("I measured these fields again; all values stay, and the reason says why this one is used."),
)
def again(work: Work, batch_id: str, position: str, **fields: Any) -> Done:
    row = measure_again(work, batch_id, position, **fields)
    return done(row, N_("Measured again. All values stay; the step needs to be verified again."))


def before_choosing(session: Session, viewer: Viewer, batch_id: str, position: str) -> dict[str, Any]:
    record, step = read_record(session, batch_id), get_step(session, batch_id, position)
    found, choices = measurements_of_batch(session, batch_id), []
    for planned in record.plan(step).fields:
        for one in found.get((step.id, planned.key), []):
            if one.number != record.values_of(step)[planned.key].measurement:
                name = viewer.speech.word(planned.label)
                words = (
                    f"{name}: {one.number} · {expanded(one.value)} {one.unit} · {viewer.speech.moment(one.measured_at)}"
                )
                choices.append((f"{planned.key}:{one.number}", words))
    return {"choices": {"choice": choices}, **shown_first(record, f"{position}/choose-measurement")}


def parted(choice: str) -> tuple[str, int]:
    """Field and number of a chosen measurement."""
    field, _, number = choice.partition(":")
    return field, int(number)


@act(
    "step.choose_measurement",
    f"{STEP}/choose-measurement",
    permission="batch:perform",
    title=N_("Use another measurement"),
    schema=ChoosingSignedSchema,
    content=step_content,
    prepare=before_choosing,
    signs=1,
    needs_reason=True,
    template="manufacturing/measuring.html",
    meaning=N_("This measurement is used, for the reason given; the others stay on the record."),
)
def choose(work: Work, batch_id: str, position: str, choice: str, effect_seen: str | None = None) -> Done:
    field, number = parted(choice)
    row = choose_measurement(work, batch_id, position, field=field, number=number, effect_seen=effect_seen)
    return done(row, N_("Chosen. The step needs to be verified again."))
