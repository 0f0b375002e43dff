"""Values of a step outside their action limit while nobody reported a deviation: whoever sees one is led to report it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from kernel.quantities import expanded
from manufacturing.domain.batches import BatchStatus
from manufacturing.domain.calculations import Calculated, shown
from manufacturing.domain.plan import PlannedField, PlannedStep
from manufacturing.domain.steps import StepVerdict, Value, limits_text
from manufacturing.queries.record import Record
from manufacturing.queries.work_list import DOING
from manufacturing.tables.batches import BatchRow, StepRow, StepValueRow
from manufacturing.tables.deviations import DeviationRow


def unreported(record: Record, row: StepRow, values: Mapping[str, StepValueRow | Value]) -> list[dict[str, Any]]:
    """Each with its name, value and limits; none where the step has a deviation."""
    if record.deviated(row):
        return []
    return [*outside(record.plan(row), values), *outside_computed(record.calculations.get(row.position, ()))]


def outside(plan: PlannedStep, values: Mapping[str, StepValueRow | Value]) -> list[dict[str, Any]]:
    found = ((one, values[one.key]) for one in plan.fields if one.key in values)
    return [breach(one, value) for one, value in found if value.verdict == StepVerdict.ACTION]


def breach(planned: PlannedField, value: StepValueRow | Value) -> dict[str, Any]:
    said = (value.text or "") if value.number is None else f"{expanded(value.number)} {planned.unit}".strip()
    limits = f"{limits_text(planned.action)} {planned.unit}".strip() if planned.action.given else planned.expected
    return {"label": planned.label, "value": said, "limits": limits}


def outside_computed(found: Iterable[Calculated]) -> list[dict[str, Any]]:
    return [
        {"label": one.label, "value": shown(one), "limits": limits_text(one.calculation.action)}
        for one in found
        if one.verdict is StepVerdict.ACTION
    ]


def breached_steps() -> sa.Select[tuple[BatchRow, StepRow]]:
    """Asks for signed steps of batches being made with such a value. What the server computes of them is not stored, so
    it is not looked for here; the page of the step shows it."""
    value = sa.exists().where(StepValueRow.step_id == StepRow.id, StepValueRow.verdict == StepVerdict.ACTION)
    reported = sa.exists().where(DeviationRow.step_id == StepRow.id)
    query = sa.select(BatchRow, StepRow).join(StepRow, StepRow.batch_id == BatchRow.id)
    return query.where(BatchRow.status.in_((*DOING, BatchStatus.PAUSED)), value, ~reported)
