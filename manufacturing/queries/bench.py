"""One step as the bench shows it: its fields with limits and values, its neighbours, who did what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from manufacturing.domain.batches import STEPS_SETTLED, BatchStatus, StepStatus
from manufacturing.domain.computed import computed_view, read_step
from manufacturing.domain.conditions import Need, need
from manufacturing.domain.entries import Entry
from manufacturing.domain.numbering import field_numbers
from manufacturing.domain.plan import PlannedField, PlannedStep
from manufacturing.domain.steps import EntryTimes, Value, limits_text
from manufacturing.queries.bars import limit_bar
from manufacturing.queries.batch_content import identity
from manufacturing.queries.batches import get_batch
from manufacturing.queries.breaches import unreported
from manufacturing.queries.calculations import calculation_views
from manufacturing.queries.conditions import condition_view
from manufacturing.queries.corrections import correction_view, signature_view, step_corrections
from manufacturing.queries.entries import entries_of_step, entries_view, newest_entries, unsigned_entries
from manufacturing.queries.hold_times import clock_view
from manufacturing.queries.imports import sources_of_step
from manufacturing.queries.measurements import measurements_of_batch, measurements_view
from manufacturing.queries.record import Record, read_record
from manufacturing.queries.steps import get_step, process_of, signatures_on
from manufacturing.queries.transcriptions import paper_of, paper_view
from manufacturing.queries.yields import batch_yields
from manufacturing.tables.batches import BatchRow, StepRow, StepValueRow
from manufacturing.tables.measurements import MeasurementRow

CORRECTING = {"corrected", "measured again", "measurement chosen"}


def bench_view(session: Session, batch_id: str, position: str, now: datetime) -> dict[str, Any]:
    record = read_record(session, batch_id)
    batch, process = record.batch, record.process
    row = get_step(session, batch_id, position)
    plan = record.plan(row)
    values: Mapping[str, StepValueRow | Value] = record.values_of(row)
    people, rows = names(session), entries_of_step(session, row.id)
    signed = signatures_on(session, row.id) if row.performed_at else []
    meanings = {one.meaning for one in signed}
    returned = batch.status == BatchStatus.RETURNED_FOR_CORRECTION
    corrections = step_corrections(session, batch_id) if returned or meanings & CORRECTING else []
    paper = paper_of(session, row.id) if "transcribed" in meanings else None
    if row.status == StepStatus.PENDING:
        values = standing_values(record, row, newest_entries(rows, plan, people), now)
    again = any(one.measurement is not None for one in record.values.get(row.id, ()))
    repeats = measurements_of_batch(session, batch_id) if again else {}
    numbers = field_numbers(row.position, plan)
    sources = sources_of_step(session, row, rows)
    return {
        "batch": {"id": batch.id, "number": batch.number, "status": batch.status, "expires_at": batch.expires_at},
        "identity": identity(session, batch),
        "position": row.position,
        "of": len(record.steps),
        "step": step_head(row, plan, people),
        "next": next_view(record),
        "fields": [
            field_view(planned, values.get(planned.key))
            | {"no": numbers[planned.key]}
            | sourced(sources.get(planned.key), values.get(planned.key))
            | repeated(repeats.get((row.id, planned.key), ()), values.get(planned.key), people)
            for planned in plan.fields
        ],
        "entries": entries_view(unsigned_entries(session, row, rows), plan, people),
        "paper": paper_view(session, paper),
        "steps": [
            {"position": one.position, "title": dict(process.step(one.position).title), "status": one.status}
            for one in record.steps
        ],
        "calculations": calculation_views(record.calculations.get(row.position, ())),
        "condition": part_view(session, record, plan.condition),
        "hold_times": hold_times_view(record, row, now),
        "signatures": [signature_view(one, corrections) for one in signed],
        "corrections": [correction_view(one, people) for one in corrections if one.step_id == row.id],
        "unreported": unreported(record, row, values),
        "late_minutes": process.late_entry_minutes,
        "deviations": reported_of(record, row),
    }


def reported_of(record: Record, row: StepRow) -> list[dict[str, Any]]:
    about = (one for one in record.deviations if one.step_id == row.id)
    return [{"id": one.id, "number": one.number, "status": one.status} for one in about]


def unreported_of(session: Session, row: StepRow, now: datetime) -> list[dict[str, Any]]:
    """What a report about this step begins with: of a step that is being done, as it is saved."""
    record = read_record(session, row.batch_id)
    values: Mapping[str, StepValueRow | Value] = record.values_of(row)
    if row.status == StepStatus.PENDING:
        saved = newest_entries(entries_of_step(session, row.id), record.plan(row), names(session))
        values = standing_values(record, row, saved, now)
    return unreported(record, row, values)


def sourced(source: Mapping[str, Any] | None, value: StepValueRow | Value | None) -> dict[str, Any]:
    """The cell of the file a value came out of, and whether the value is still what stands there."""
    if source is None:
        return {"source": None}
    return {"source": {**source, "agrees": value is not None and value.number == source["number"]}}


def repeated(
    rows: Sequence[MeasurementRow], value: StepValueRow | Value | None, people: Mapping[str, str]
) -> dict[str, Any]:
    stored = value if isinstance(value, StepValueRow) else None
    return {"measurements": measurements_view(rows, stored, people)}


def part_view(session: Session, record: Record, key: str) -> dict[str, Any] | None:
    """The part of the process a step belongs to; None for a step that is always done."""
    if key not in record.conditions:
        return None
    return condition_view(record.conditions[key], record.decision(key), names(session))


def yields_of_step(session: Session, batch_id: str, position: str) -> dict[str, Any]:
    """The yields beside a performed step that counts; nothing beside one that has no part in them."""
    row = get_step(session, batch_id, position)
    plan = process_of(session, get_batch(session, batch_id)).step(row.position)
    counts = row.performed_at is not None and any(field.measure for field in plan.fields)
    return batch_yields(session, batch_id) if counts else {"rows": [], "findings": []}


def hold_times_view(record: Record, row: StepRow, now: datetime) -> list[dict[str, Any]]:
    """The clocks that end with this step, then those that run towards a later one."""
    here = [one for one in record.clocks if one.position == row.position]
    later = [one for one in record.clocks if one.position > row.position and one.started_at and not one.ended_at]
    return [clock_view(one, now) for one in [*here, *later]]


def standing_values(record: Record, row: StepRow, saved: Mapping[str, Entry], now: datetime) -> Mapping[str, Value]:
    """What is saved as the signature would store it, field by field; a field that would be refused is left out."""
    plan, typed = record.plan(row), {name: one.value for name, one in saved.items()}
    times = EntryTimes(now, now, record.batch.started_at, record.process.late_entry_minutes, None)
    return {value.field: value for value in read_step(plan.fields, typed, times)[0]}


def step_head(row: StepRow, plan: PlannedStep, people: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": row.id,
        "key": row.key,
        "title": plan.title,
        "instruction": plan.instruction,
        "status": row.status,
        "verifies": sorted(plan.verifies),
        "performed_at": row.performed_at,
        "recorded_at": row.recorded_at,
        "late_reason": row.late_reason,
        "performed_by": people.get(row.performed_by or ""),
        "verified_by": people.get(row.verified_by or ""),
        "verified_at": row.verified_at,
    }


def field_view(planned: PlannedField, value: StepValueRow | Value | None) -> dict[str, Any]:
    return {
        "key": planned.key,
        "label": planned.label,
        "kind": planned.kind.value,
        "unit": planned.unit,
        "required": planned.required,
        "not_applicable": None if value is None else value.not_applicable,
        "alert": limits_text(planned.alert),
        "action": limits_text(planned.action),
        "number": None if value is None else value.number,
        "text": None if value is None else value.text,
        "moment": None if value is None else value.moment,
        "shown": "" if value is None else value.shown,
        "parent": planned.parent,
        "computed": computed_view(planned, "" if value is None else value.shown),
        "verdict": "none" if value is None else str(value.verdict),
        "bar": limit_bar(planned, None if value is None else value.number),
        "record": value.id if isinstance(value, StepValueRow) else None,
    }


def signatures_of(session: Session, record_id: str) -> list[dict[str, Any]]:
    """They as a page of a record without corrections of its own shows them."""
    return [signature_view(one, []) for one in signatures_on(session, record_id)]


def next_view(record: Record) -> dict[str, Any] | None:
    """Where the work goes on; ``ready``: whether the step can be entered, as far as its part decides about it."""
    position = next_position(record.batch, record.steps)
    if position is None:
        return None
    row = record.steps[position - 1]
    part = record.condition(row)
    ready = row.status == StepStatus.PENDING and (part is None or need(part) is Need.NEEDED)
    return {"position": position, "title": dict(record.plan(row).title), "ready": ready}


def next_position(batch: BatchRow, steps: list[StepRow]) -> int | None:
    """The first step that something waits for, while the record may be written."""
    if batch.status not in {BatchStatus.IN_PROCESS, BatchStatus.RETURNED_FOR_CORRECTION}:
        return None
    return next((one.position for one in steps if one.status not in STEPS_SETTLED), None)
