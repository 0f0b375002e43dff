"""Measuring again, and choosing which measurement is used: each signed, with its reason, and verified anew."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kernel.errors import Refused, refuse_any
from kernel.refusals import MISSING_REASON
from kernel.training.services import untrained
from kernel.work import Work
from manufacturing.domain.batches import STEP
from manufacturing.domain.computed import compute, read_step
from manufacturing.domain.entries import EntryTime, entry_time_refusals
from manufacturing.domain.measurements import choosing_refusals, repeating_refusals
from manufacturing.domain.procedures import MANUFACTURING
from manufacturing.domain.steps import SHORTEST_REASON, UNIT, EntryTimes, Value
from manufacturing.queries.measurements import measurements_of_batch
from manufacturing.queries.record import Record
from manufacturing.queries.steps import values_of_batch
from manufacturing.services.batches import in_step
from manufacturing.services.conditions import settle_conditions
from manufacturing.services.steps import at_the_bench, enter_values
from manufacturing.tables.batches import StepRow, StepValueRow
from manufacturing.tables.measurements import MeasurementRow


def measure_again(
    work: Work, batch_id: str, position: str, *, measured_at: datetime, use_new: bool, **typed: Any
) -> StepRow:
    """New values of fields that have one. ``use_new``: whether they are used from now on; the reason says why.

    ``typed``: numbers by field, their units beside them; a field that is left out was not measured again.
    """
    record, row = at_the_bench(work, batch_id, position)
    in_step(row, "measure_again")
    reason = reasoned(work, record)
    values = new_values(work, record, row, measured_at, typed)
    for value in values:
        stored = work.lock(StepValueRow, record.values_of(row)[value.field].id)
        number = following(work, row, stored)
        work.add(measurement(row, number, value, measured_at, work, reason))
        if use_new:
            use(work, stored, value, number, reason)
        elif stored.measurement is None:
            stored.measurement, stored.chosen_by, stored.chosen_because = 1, work.signer().id, reason
    return verified_anew(work, record, row, "measure_again")


def choose_measurement(work: Work, batch_id: str, position: str, *, field: str, number: int) -> StepRow:
    """Another measurement of the field is used; what follows from the value follows from this one."""
    record, row = at_the_bench(work, batch_id, position)
    in_step(row, "choose")
    reason = reasoned(work, record)
    rows = {one.number: one for one in measurements_of_batch(work.session, batch_id).get((row.id, field), [])}
    found = record.values_of(row).get(field)
    refuse_any(choosing_refusals(field, number, rows, found.measurement if found else None))
    stored = work.lock(StepValueRow, record.values_of(row)[field].id)
    chosen = rows[number]
    stored.number, stored.unit, stored.shown, stored.verdict = chosen.value, chosen.unit, chosen.shown, chosen.verdict
    stored.measurement, stored.chosen_by, stored.chosen_because = number, work.signer().id, reason
    return verified_anew(work, record, row, "choose")


def reasoned(work: Work, record: Record) -> str:
    """Why, from somebody who is trained for the process version of the batch."""
    refuse_any(untrained(work, MANUFACTURING, work.signer(), document=record.batch.process_document_id))
    reason = (work.reason or "").strip()
    if len(reason) < SHORTEST_REASON:
        raise Refused(MISSING_REASON(field="reason"))
    return reason


def new_values(
    work: Work, record: Record, row: StepRow, measured_at: datetime, typed: dict[str, Any]
) -> tuple[Value, ...]:
    """In canonical units with their verdicts, or every reason why not."""
    given = {name: one for name, one in typed.items() if one is not None and not name.endswith(UNIT)}
    measured = {name for name, one in record.values_of(row).items() if one.number is not None}
    limit = record.process.late_entry_minutes
    fields = tuple(one for one in record.plan(row).fields if one.key in given)
    times = EntryTimes(measured_at, work.at, record.batch.started_at, limit, work.reason)
    values, refusals = read_step(fields, typed, times)
    late = entry_time_refusals(EntryTime(measured_at, work.at, limit), work.reason, "measured_at")
    refuse_any([*repeating_refusals(given, measured), *late, *refusals])
    return values


def following(work: Work, row: StepRow, stored: StepValueRow) -> int:
    """The number of the next measurement; the first time, the value that stands there is kept as number one."""
    known = measurements_of_batch(work.session, row.batch_id).get((row.id, stored.field), [])
    if known:
        return known[-1].number + 1
    first = Value(stored.field, stored.number, unit=stored.unit, shown=stored.shown)
    kept = measurement(row, 1, first, row.performed_at or work.at, work, None)
    kept.verdict, kept.recorded_at = stored.verdict, row.recorded_at or work.at
    kept.entered_by = row.performed_by or work.signer().id
    work.add(kept)
    return 2


def measurement(
    row: StepRow, number: int, value: Value, measured_at: datetime, work: Work, reason: str | None
) -> MeasurementRow:
    return MeasurementRow(
        step_id=row.id,
        field=value.field,
        number=number,
        value=value.number,
        unit=value.unit,
        shown=value.shown,
        verdict=value.verdict.value,
        measured_at=measured_at,
        recorded_at=work.at,
        entered_by=work.signer().id,
        reason=reason,
    )


def use(work: Work, stored: StepValueRow, value: Value, number: int, reason: str) -> None:
    stored.number, stored.unit, stored.shown, stored.verdict = (
        value.number,
        value.unit,
        value.shown,
        value.verdict.value,
    )
    stored.measurement, stored.chosen_by, stored.chosen_because = number, work.signer().id, reason


def verified_anew(work: Work, record: Record, row: StepRow, action: str) -> StepRow:
    """What is computed of the values follows them; then somebody else verifies the step anew."""
    stored = values_of_batch(work.session, row.batch_id)[row.id]
    known = {one.field: Value(one.field, number=one.number, not_applicable=one.not_applicable) for one in stored}
    values, refusals = compute(record.plan(row).fields, known, {})
    refuse_any(refusals)
    enter_values(work, row, values)
    row.verified_by, row.verified_at = None, None
    work.move(row, STEP, action)
    settle_conditions(work, row.batch_id)
    return row
