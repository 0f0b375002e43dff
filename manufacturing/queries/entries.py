"""What was saved of a step while it was being done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.database import asked_once
from kernel.tables import SignatureRow
from manufacturing.domain.entries import LATE_REASON, PERFORMED_AT, Entry, box_name
from manufacturing.domain.plan import FieldKind, PlannedStep
from manufacturing.domain.steps import NOT_APPLICABLE
from manufacturing.tables.batches import StepRow, StepValueRow
from manufacturing.tables.entries import StepEntryRow

# Signatures that take what was saved of a step.
ENTERING = ("performed", "transcribed", "corrected")


def entries_of_step(session: Session, step_id: str) -> list[StepEntryRow]:
    """Every entry of the step, the oldest of each box first."""
    query = sa.select(StepEntryRow).where(StepEntryRow.step_id == step_id)
    return list(session.execute(query.order_by(StepEntryRow.number, StepEntryRow.id)).scalars())


@asked_once
def entries_of_batch(session: Session, batch_id: str) -> dict[str, list[StepEntryRow]]:
    """By the id of their step."""
    query = (
        sa.select(StepEntryRow)
        .join(StepRow, StepRow.id == StepEntryRow.step_id)
        .where(StepRow.batch_id == batch_id)
        .order_by(StepEntryRow.number, StepEntryRow.id)
    )
    found: dict[str, list[StepEntryRow]] = {}
    for row in session.execute(query).scalars():
        found.setdefault(row.step_id, []).append(row)
    return found


def value_of(row: StepEntryRow, plan: PlannedStep) -> Any:
    """What was typed, as the schema of the step reads it."""
    planned = plan.field(row.field)
    if planned is not None and planned.kind is FieldKind.YES_NO and row.text is not None:
        return row.text == "yes"
    return next((one for one in (row.value, row.moment, row.text) if one is not None), None)


def newest_entries(rows: list[StepEntryRow], plan: PlannedStep, people: Mapping[str, str]) -> dict[str, Entry]:
    """The newest entry of every box by its name; ``rows``: the oldest first."""
    return {
        row.field: Entry(
            field=row.field,
            number=row.number,
            value=value_of(row, plan),
            who=people.get(row.entered_by, row.entered_by),
            late_reason=row.late_reason,
        )
        for row in rows
    }


def saved_entries(session: Session, row: StepRow, plan: PlannedStep) -> dict[str, Entry]:
    rows = entries_of_step(session, row.id)
    return newest_entries(rows, plan, names(session)) if rows else {}


def signatures_so_far(session: Session, step_id: str) -> int:
    """How often the step was performed or corrected: the round its next entries belong to."""
    query = sa.select(sa.func.count()).where(
        SignatureRow.record_entity == "step", SignatureRow.record_id == step_id, SignatureRow.meaning.in_(ENTERING)
    )
    return session.execute(query).scalar() or 0


def unsigned_entries(session: Session, step: StepRow, rows: list[StepEntryRow]) -> list[StepEntryRow]:
    """Of all entries of the step those that wait for a signature; of a performed step, for that of a correction."""
    if step.performed_at is None:
        return rows
    later = [one for one in rows if one.after_signatures]
    current = signatures_so_far(session, step.id) if later else 0
    return [one for one in later if one.after_signatures == current]


@dataclass(frozen=True, slots=True)
class Correcting:
    """What a correction begins with: each box as it is recorded, or as somebody saved it for this correction.

    ``saved``: names of the boxes that were saved for it. ``after``: the round of its entries.
    """

    entries: Mapping[str, Entry]
    saved: frozenset[str]
    after: int

    def seen(self, given: Mapping[str, int]) -> dict[str, int]:
        """A box that nobody saved for this correction is seen as it is recorded."""
        return {name: one.number for name, one in self.entries.items() if name not in self.saved} | dict(given)


def correcting(session: Session, step: StepRow, plan: PlannedStep, values: Mapping[str, StepValueRow]) -> Correcting:
    rows = entries_of_step(session, step.id)
    last = {row.field: row.number for row in rows}
    saved = newest_entries(unsigned_entries(session, step, rows), plan, names(session))
    recorded = {
        name: Entry(field=name, number=last.get(name, 0), value=value, who="")
        for name, value in recorded_boxes(step, plan, values).items()
    }
    return Correcting(recorded | saved, frozenset(saved), signatures_so_far(session, step.id))


def recorded_boxes(step: StepRow, plan: PlannedStep, values: Mapping[str, StepValueRow]) -> dict[str, Any]:
    """The record as a form of the step would send it, in canonical units; computed fields are never sent."""
    found: dict[str, Any] = {PERFORMED_AT: step.performed_at, LATE_REASON: step.late_reason}
    for planned in plan.fields:
        row = values.get(planned.key)
        if planned.computed is None and row is not None:
            stored = row.text == "yes" if planned.kind is FieldKind.YES_NO and row.text else row.text
            found[planned.key] = next((one for one in (row.number, row.moment, stored) if one is not None), None)
            found[planned.key + NOT_APPLICABLE] = row.not_applicable
    return found


def entries_view(rows: list[StepEntryRow], plan: PlannedStep, people: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Each box that was ever saved: its newest value, who left it and when, and what stood there before."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        earlier = found.get(row.field)
        found[row.field] = {
            "number": row.number,
            "value": value_of(row, plan),
            "by": people.get(row.entered_by, row.entered_by),
            "at": row.recorded_at,
            "performed_at": row.performed_at,
            "late_reason": row.late_reason,
            "before": [*earlier["before"], {name: earlier[name] for name in ("value", "by", "at")}] if earlier else [],
        }
    return found


def entries_content(
    rows: list[StepEntryRow], position: int, plan: PlannedStep, people: Mapping[str, str]
) -> list[dict[str, Any]]:
    """What a signature on a step covers of what is saved and not signed yet."""
    return [
        {"field": box_name(name, position, plan), "value": one["value"], "by": one["by"], "at": one["at"]}
        for name, one in entries_view(rows, plan, people).items()
    ]
