"""One step as the bench shows it: its fields with limits and values, its neighbours, who did what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.tables import SignatureRow
from manufacturing.domain.plan import PlannedField, PlannedStep
from manufacturing.domain.steps import limits_text
from manufacturing.queries.bars import limit_bar
from manufacturing.queries.batch_content import identity
from manufacturing.queries.batches import deviations_of, get_batch
from manufacturing.queries.steps import batch_steps, get_step, process_of, values_of_batch
from manufacturing.tables.batches import BatchRow, StepRow, StepValueRow


def bench_view(session: Session, batch_id: str, position: str) -> dict[str, Any]:
    batch = get_batch(session, batch_id)
    row = get_step(session, batch_id, position)
    process = process_of(session, batch)
    plan = process.step(row.position)
    steps = batch_steps(session, batch_id)
    values = {one.field: one for one in values_of_batch(session, batch_id).get(row.id, [])}
    return {
        "batch": {"id": batch.id, "number": batch.number, "status": batch.status, "expires_at": batch.expires_at},
        "identity": identity(session, batch),
        "position": row.position,
        "of": len(steps),
        "step": step_head(session, row, plan),
        "fields": [field_view(planned, values.get(planned.key)) for planned in plan.fields],
        "steps": [
            {"position": one.position, "title": dict(process.step(one.position).title), "status": one.status}
            for one in steps
        ],
        "hold_until": hold_until(plan, steps, row),
        "signatures": signatures_of(session, row.id),
        "late_minutes": process.late_entry_minutes,
        "deviations": [
            {"id": one.id, "number": one.number, "status": one.status}
            for one in deviations_of(session, batch_id)
            if one.step_id == row.id
        ],
    }


def step_head(session: Session, row: StepRow, plan: PlannedStep) -> dict[str, Any]:
    people = names(session)
    return {
        "id": row.id,
        "key": row.key,
        "title": dict(plan.title),
        "instruction": dict(plan.instruction),
        "status": row.status,
        "performed_at": row.performed_at,
        "recorded_at": row.recorded_at,
        "late_reason": row.late_reason,
        "performed_by": people.get(row.performed_by or ""),
        "verified_by": people.get(row.verified_by or ""),
        "verified_at": row.verified_at,
    }


def field_view(planned: PlannedField, value: StepValueRow | None) -> dict[str, Any]:
    return {
        "key": planned.key,
        "label": dict(planned.label),
        "kind": planned.kind.value,
        "unit": planned.unit,
        "required": planned.required,
        "alert": limits_text(planned.alert),
        "action": limits_text(planned.action),
        "number": None if value is None else value.number,
        "text": None if value is None else value.text,
        "moment": None if value is None else value.moment,
        "shown": "" if value is None else value.shown,
        "verdict": "none" if value is None else value.verdict,
        "bar": limit_bar(planned, None if value is None else value.number),
    }


def hold_until(plan: PlannedStep, steps: list[StepRow], row: StepRow) -> Any:
    """When the process wants this step done at the latest; shown as a clock, judged by people."""
    before = next((one for one in steps if one.position == row.position - 1), None)
    if plan.hold_minutes is None or before is None or before.performed_at is None:
        return None
    return before.performed_at + timedelta(minutes=plan.hold_minutes)


def signatures_of(session: Session, record_id: str) -> list[dict[str, Any]]:
    """Every signature on a record, the oldest first; also those that a correction has overtaken."""
    query = sa.select(SignatureRow).where(SignatureRow.record_id == record_id).order_by(SignatureRow.signed_at)
    return [
        {"meaning": one.meaning, "by": one.signer_name, "at": one.signed_at, "version": one.record_version}
        for one in session.execute(query).scalars()
    ]


def next_position(batch: BatchRow, steps: list[StepRow]) -> int | None:
    """The first step that is not verified, while the batch is in process."""
    if batch.status != "in_process":
        return None
    return next((one.position for one in steps if one.status != "verified"), None)
