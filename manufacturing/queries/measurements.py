"""Repeated measurements of a batch: every value, which one is used, who chose it and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import asked_once
from kernel.quantities import expanded
from manufacturing.tables.batches import StepRow, StepValueRow
from manufacturing.tables.measurements import MeasurementRow

Measurements = dict[tuple[str, str], list[MeasurementRow]]


@asked_once
def measurements_of_batch(session: Session, batch_id: str) -> Measurements:
    """By step id and field, in their order; fields measured once are not in it."""
    query = (
        sa.select(MeasurementRow)
        .join(StepRow, StepRow.id == MeasurementRow.step_id)
        .where(StepRow.batch_id == batch_id)
        .order_by(MeasurementRow.step_id, MeasurementRow.field, MeasurementRow.number)
    )
    found: Measurements = {}
    for row in session.execute(query).scalars():
        found.setdefault((row.step_id, row.field), []).append(row)
    return found


def last_measured(session: Session, step: StepRow, fields: Iterable[str]) -> dict[str, datetime | None]:
    """When each of the fields was recorded the last time; at first with its step."""
    found = measurements_of_batch(session, step.batch_id)
    known = {field: rows[-1].recorded_at for (step_id, field), rows in found.items() if step_id == step.id}
    return {one: known.get(one, step.recorded_at) for one in fields}


def measurements_view(
    rows: Sequence[MeasurementRow], value: StepValueRow | None, people: Mapping[str, str]
) -> dict[str, Any] | None:
    """None for a field that was measured once."""
    if not rows or value is None:
        return None
    return {
        "used": value.measurement,
        "chosen_by": people.get(value.chosen_by or ""),
        "because": value.chosen_because,
        "all": [
            {
                "number": one.number,
                "value": one.value,
                "unit": one.unit,
                "verdict": one.verdict,
                "measured_at": one.measured_at,
                "by": people.get(one.entered_by, one.entered_by),
                "reason": one.reason,
                "used": one.number == value.measurement,
            }
            for one in rows
        ],
    }


def repeated_in(session: Session, batch_ids: Collection[str]) -> dict[str, list[dict[str, Any]]]:
    """By batch: every field that was measured again, with the number that is used, of how many, and why; two queries."""
    of_batches = StepRow.batch_id.in_(batch_ids)
    counted = (
        sa.select(MeasurementRow.step_id, MeasurementRow.field, sa.func.count())
        .join(StepRow, StepRow.id == MeasurementRow.step_id)
        .where(of_batches)
        .group_by(MeasurementRow.step_id, MeasurementRow.field)
    )
    known = {(step_id, field): count for step_id, field, count in session.execute(counted)}
    query = (
        sa.select(StepRow, StepValueRow)
        .join(StepValueRow, StepValueRow.step_id == StepRow.id)
        .where(of_batches, StepValueRow.measurement.is_not(None))
        .order_by(StepRow.position, StepValueRow.field)
    )
    found: dict[str, list[dict[str, Any]]] = {batch_id: [] for batch_id in batch_ids}
    for step, row in session.execute(query):
        found[step.batch_id].append(
            {
                "position": step.position,
                "field": row.field,
                "used": row.measurement,
                "of": known.get((step.id, row.field), 1),
                "value": row.number,
                "unit": row.unit,
                "because": row.chosen_because,
            }
        )
    return found


def measurement_facts(rows: Sequence[MeasurementRow], value: StepValueRow) -> dict[str, Any]:
    """What a signature on the step covers of a field that was measured again."""
    return {
        "measurements": {str(one.number): f"{expanded(one.value)} {one.unit}".strip() for one in rows},
        "used": value.measurement,
        "because": value.chosen_because,
    }
