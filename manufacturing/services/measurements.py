"""Measuring again, and choosing which measurement is used: each signed, with its reason, and verified anew."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kernel.errors import Refused, refuse_any
from kernel.refusals import MISSING_REASON
from kernel.training.services import untrained
from kernel.work import Work
from manufacturing.domain.batches import STEP
from manufacturing.domain.cell_counts import chosen_refusals, repeated_refusals
from manufacturing.domain.computed import compute, read_step
from manufacturing.domain.entries import EntryTime, entry_time_refusals
from manufacturing.domain.measurements import choosing_refusals, repeating_refusals
from manufacturing.domain.procedures import MANUFACTURING
from manufacturing.domain.steps import SHORTEST_REASON, UNIT, EntryTimes, StepVerdict, Value
from manufacturing.queries.counts import counted_in_step
from manufacturing.queries.measurements import last_measured, measurements_of_batch
from manufacturing.queries.record import Record
from manufacturing.queries.steps import values_of_batch
from manufacturing.services.batches import in_step
from manufacturing.services.conditions import settle_conditions
from manufacturing.services.corrections import finished_record_changed, foresee, unseen_refusals
from manufacturing.services.steps import CORRECTABLE, at_the_bench, enter_values, set_value, verified
from manufacturing.tables.batches import StepRow, StepValueRow
from manufacturing.tables.measurements import MeasurementRow


def measure_again(
    work: Work,
    batch_id: str,
    position: str,
    *,
    measured_at: datetime,
    use_new: bool,
    effect_seen: str | None = None,
    **typed: Any,
) -> StepRow:
    """New values of fields that have one. ``use_new``: whether they are used from now on; the reason says why.

    ``typed``: numbers by field, their units beside them; a field that is left out was not measured again.
    ``effect_seen``: as of a correction.
    """
    record, row = at_the_bench(work, batch_id, position, allowed=CORRECTABLE)
    reason, values = measured(work, record, row, measured_at, typed)
    effect = effect_of_using(work, record, row, values if use_new else ())
    refuse_any(unseen_refusals(record.batch, effect, effect_seen))
    for value in values:
        stored = work.lock(StepValueRow, record.values_of(row)[value.field].id)
        number = following(work, row, stored)
        work.add(measurement(row, number, value, measured_at, work, reason))
        if use_new:
            use(work, stored, value, number, reason)
        elif stored.measurement is None:
            stored.measurement, stored.chosen_by, stored.chosen_because = 1, work.signer().id, reason
    return verified_anew(work, record, row, "measure_again", effect)


def measured(
    work: Work, record: Record, row: StepRow, measured_at: datetime, typed: dict[str, Any]
) -> tuple[str, tuple[Value, ...]]:
    """The reason and the new values, or every reason why not."""
    in_step(row, "measure_again")
    reason = reasoned(work, record)
    return reason, new_values(work, record, row, measured_at, typed)


def foresee_measuring(
    work: Work, batch_id: str, position: str, *, measured_at: datetime, use_new: bool, **typed: Any
) -> list[dict[str, Any]]:
    """Every derived value that the new values would change, before and after; nothing is changed."""
    record, row = at_the_bench(work, batch_id, position, allowed=CORRECTABLE)
    _, values = measured(work, record, row, measured_at, typed)
    return effect_of_using(work, record, row, values if use_new else ())


def choose_measurement(
    work: Work, batch_id: str, position: str, *, field: str, number: int, effect_seen: str | None = None
) -> StepRow:
    """Another measurement of the field is used; what follows from the value follows from this one."""
    record, row = at_the_bench(work, batch_id, position, allowed=CORRECTABLE)
    reason, chosen = chosen_measurement(work, record, row, field, number)
    effect = effect_of_using(work, record, row, (value_of(chosen),))
    refuse_any(unseen_refusals(record.batch, effect, effect_seen))
    stored = work.lock(StepValueRow, record.values_of(row)[field].id)
    stored.number, stored.unit, stored.shown, stored.verdict = chosen.value, chosen.unit, chosen.shown, chosen.verdict
    stored.measurement, stored.chosen_by, stored.chosen_because = number, work.signer().id, reason
    return verified_anew(work, record, row, "choose", effect)


def chosen_measurement(work: Work, record: Record, row: StepRow, field: str, number: int) -> tuple[str, MeasurementRow]:
    in_step(row, "choose")
    reason = reasoned(work, record)
    rows = {one.number: one for one in measurements_of_batch(work.session, row.batch_id).get((row.id, field), [])}
    found = record.values_of(row).get(field)
    refuse_any(choosing_refusals(field, number, rows, found.measurement if found else None))
    refuse_any(chosen_refusals(record.plan(row), counted_in_step(work.session, row.id), value_of(rows[number])))
    return reason, rows[number]


def foresee_choosing(work: Work, batch_id: str, position: str, *, field: str, number: int) -> list[dict[str, Any]]:
    """Every derived value that this measurement would change, before and after; nothing is changed."""
    record, row = at_the_bench(work, batch_id, position, allowed=CORRECTABLE)
    _, chosen = chosen_measurement(work, record, row, field, number)
    return effect_of_using(work, record, row, (value_of(chosen),))


def value_of(row: MeasurementRow) -> Value:
    return Value(row.field, row.value, unit=row.unit, shown=row.shown, verdict=StepVerdict(row.verdict))


def effect_of_using(work: Work, record: Record, row: StepRow, used: tuple[Value, ...]) -> list[dict[str, Any]]:
    """What follows from these values once the step is verified with them."""

    def change() -> None:
        rows = {one.field: one for one in values_of_batch(work.session, row.batch_id)[row.id]}
        for value in used:
            set_value(rows[value.field], value)
        for value in computed_values(record, row, list(rows.values())):
            set_value(rows[value.field], value)
        verified(work, record, row)

    return foresee(work, row.batch_id, change)


def computed_values(record: Record, row: StepRow, stored: list[StepValueRow]) -> tuple[Value, ...]:
    known = {one.field: Value(one.field, number=one.number, not_applicable=one.not_applicable) for one in stored}
    values, refusals = compute(record.plan(row).fields, known, {})
    refuse_any(refusals)
    return values


def reasoned(work: Work, record: Record) -> str:
    """Why, from somebody who is trained for the process version of the batch."""
    who = next(iter(work.signers), work.actor)
    refuse_any(untrained(work, MANUFACTURING, who, document=record.batch.process_document_id))
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
    last = last_measured(work.session, row, given)
    refuse_any(repeated_refusals(record.plan(row), counted_in_step(work.session, row.id), values, last))
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


def verified_anew(work: Work, record: Record, row: StepRow, action: str, effect: list[dict[str, Any]]) -> StepRow:
    """What is computed of the values follows them; then somebody else verifies the step anew."""
    enter_values(work, row, computed_values(record, row, values_of_batch(work.session, row.batch_id)[row.id]))
    row.verified_by, row.verified_at = None, None
    work.move(row, STEP, action)
    settle_conditions(work, row.batch_id)
    finished_record_changed(work, record.batch, row, effect)
    return row
