"""The parts of a batch that are not always done: what decides about each, and what people decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import asked_once
from kernel.quantities import expanded
from kernel.words import Words
from manufacturing.domain.calculations import Calculated, by_figure, shown
from manufacturing.domain.conditions import (
    ConditionAnswer,
    ConditionFacts,
    Decision,
    Trigger,
    deciding_refusals,
    need,
)
from manufacturing.domain.deviations import SETTLED
from manufacturing.domain.expected_yields import FIGURES
from manufacturing.domain.plan import Process
from manufacturing.domain.steps import StepVerdict, limits_text
from manufacturing.tables.batches import ConditionRow, StepRow, StepValueRow
from manufacturing.tables.deviations import DeviationRow


@asked_once
def decisions_of(session: Session, batch_id: str) -> list[ConditionRow]:
    """Every decision about a part of this batch, the oldest first."""
    query = sa.select(ConditionRow).where(ConditionRow.batch_id == batch_id).order_by(ConditionRow.number)
    return list(session.execute(query).scalars())


def condition_facts(
    process: Process,
    steps: Sequence[StepRow],
    values: Mapping[str, Sequence[StepValueRow]],
    calculations: Mapping[int, tuple[Calculated, ...]],
    deviations: Iterable[DeviationRow],
    decisions: Iterable[ConditionRow],
) -> dict[str, ConditionFacts]:
    """By the key of the condition; what the caller has read is not read again."""
    settled = {one.step_id for one in deviations if one.status in SETTLED}
    newest = {one.condition: one for one in decisions}
    found: dict[str, ConditionFacts] = {}
    for one in process.conditions:
        own = [step for step in steps if process.step(step.position).condition == one.key]
        after = [step for step in steps if own and step.position > own[-1].position]
        triggers = (
            trigger(process, step, field, values.get(step.id, ()), calculations, step.id in settled)
            for key, field in one.opens_on
            for step in steps
            if step.key == key
        )
        found[one.key] = ConditionFacts(
            one,
            tuple(triggers),
            decision_in(newest.get(one.key)),
            first_recorded(own),
            first_recorded(after),
            need(found[one.within]) if one.within else None,
        )
    return found


def decision_in(row: ConditionRow | None) -> Decision | None:
    return None if row is None else Decision(ConditionAnswer(row.answer), row.triggered)


def first_recorded(steps: Iterable[StepRow]) -> Words | None:
    return next((step.title for step in steps if step.performed_at is not None), None)


def trigger(
    process: Process,
    step: StepRow,
    field: str,
    values: Sequence[StepValueRow],
    calculations: Mapping[int, tuple[Calculated, ...]],
    assessed: bool,  # noqa: FBT001  (a fact beside the others)
) -> Trigger:
    planned = process.step(step.position).field(field)
    if planned is None:
        return computed_trigger(process, step, field, by_figure(calculations.get(step.position, ())), assessed)
    row = next((one for one in values if one.field == field), None)
    limits = f"{limits_text(planned.action)} {planned.unit}".strip() if planned.action.given else planned.expected
    if row is None:
        return Trigger(step.key, planned.label, "", limits, None, assessed)
    value = f"{expanded(row.number)} {row.unit}".strip() if row.number is not None else row.text or ""
    return Trigger(step.key, planned.label, value, limits, StepVerdict(row.verdict), assessed)


def computed_trigger(
    process: Process,
    step: StepRow,
    figure: str,
    found: Mapping[str, Calculated],
    assessed: bool,  # noqa: FBT001
) -> Trigger:
    plan = next(one for one in process.step(step.position).calculations if one.figure == figure)
    one, limits = found.get(figure), limits_text(plan.action)
    if one is None:
        return Trigger(step.key, FIGURES[figure], "", limits, None, assessed)
    return Trigger(step.key, one.label, shown(one), limits, one.verdict, assessed)


def condition_view(facts: ConditionFacts, row: ConditionRow | None, people: Mapping[str, str]) -> dict[str, Any]:
    """Why a part is done or not, and what may be decided about it now. ``row``: the decision, if it still holds."""
    return {
        "key": facts.condition.key,
        "title": facts.condition.title,
        "need": need(facts).value,
        "by_choice": facts.condition.by_choice,
        "because": [
            {
                "label": one.label,
                "value": one.shown,
                "limits": one.limits,
                "verdict": None if one.verdict is None else one.verdict.value,
            }
            for one in facts.triggers
        ],
        "decision": decision_view(row, people) if row is not None and holds(facts) else None,
        "may_open": not deciding_refusals(facts, ConditionAnswer.OPEN),
        "may_leave_out": not deciding_refusals(facts, ConditionAnswer.NOT_NEEDED),
    }


def holds(facts: ConditionFacts) -> bool:
    decision = facts.decision
    return decision is not None and (decision.answer is ConditionAnswer.OPEN or decision.triggered == facts.triggered)


def decision_view(row: ConditionRow, people: Mapping[str, str]) -> dict[str, Any]:
    by = people.get(row.decided_by, row.decided_by)
    return {"answer": row.answer, "reason": row.reason, "by": by, "at": row.decided_at}


def decision_facts(row: ConditionRow, process: Process) -> dict[str, Any]:
    """What a signature on the batch or on a later step covers of it."""
    part = process.condition(row.condition)
    return {
        "part": part.title if part else row.condition,
        "answer": row.answer,
        "because": row.reason,
        "decided at": row.decided_at,
    }
