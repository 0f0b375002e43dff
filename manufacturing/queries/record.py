"""The record of a batch read once: five queries however many steps and fields it has."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from kernel.database import asked_once, one_look
from kernel.words import Words
from manufacturing.domain.calculations import Calculated, breaches
from manufacturing.domain.conditions import ConditionFacts, Need, need
from manufacturing.domain.hold_times import HoldClock
from manufacturing.domain.plan import PlannedStep, Process
from manufacturing.domain.steps import StepState, StepVerdict
from manufacturing.queries.batches import deviations_of
from manufacturing.queries.calculations import calculations_of
from manufacturing.queries.chain import read_chain
from manufacturing.queries.conditions import condition_facts, decisions_of
from manufacturing.queries.hold_times import hold_clocks
from manufacturing.queries.steps import answered, batch_steps, label, measured, process_of, values_of_batch
from manufacturing.tables.batches import BatchRow, ConditionRow, StepRow, StepValueRow
from manufacturing.tables.deviations import DeviationRow


@dataclass(frozen=True, slots=True)
class Record:
    """``values``: by the id of their step; ``calculations``: by position; ``conditions``: by key, with what decides
    about them as it is now."""

    batch: BatchRow
    process: Process
    steps: list[StepRow]
    values: dict[str, list[StepValueRow]]
    deviations: list[DeviationRow]
    clocks: tuple[HoldClock, ...]
    calculations: dict[int, tuple[Calculated, ...]]
    decisions: list[ConditionRow]
    conditions: dict[str, ConditionFacts]

    def plan(self, row: StepRow) -> PlannedStep:
        return self.process.step(row.position)

    def values_of(self, row: StepRow) -> dict[str, StepValueRow]:
        return {one.field: one for one in self.values.get(row.id, ())}

    def states(self) -> tuple[StepState, ...]:
        """Every step as the rules of the next one see it."""
        return tuple(self.state(step) for step in self.steps)

    def state(self, step: StepRow) -> StepState:
        return StepState(
            position=step.position,
            title=step.title,
            status=step.status,
            performed_at=step.performed_at,
            breaches=(
                *(
                    label(self.process, step, row.field)
                    for row in self.values.get(step.id, ())
                    if row.verdict == StepVerdict.ACTION
                ),
                *breaches(self.calculations.get(step.position, ())),
            ),
            deviations=tuple(one.status for one in self.deviations if one.step_id == step.id),
            undecided=self.undecided(step),
        )

    def condition(self, step: StepRow) -> ConditionFacts | None:
        """Of the part this step belongs to; None for a step that is always done."""
        return self.conditions.get(self.plan(step).condition)

    def decision(self, key: str) -> ConditionRow | None:
        """The newest decision about a part."""
        return next((one for one in reversed(self.decisions) if one.condition == key), None)

    def undecided(self, step: StepRow) -> Words | None:
        facts = self.condition(step)
        return facts.part if facts is not None and need(facts) is Need.UNDECIDED else None

    def blank(self, step: StepRow) -> tuple[Words, ...]:
        """Fields of a performed step with neither a value nor N/A; a contract of every way to enter values."""
        if step.performed_at is None:
            return ()
        known = self.values_of(step)
        return tuple(
            label(self.process, step, one.key)
            for one in self.plan(step).fields
            if one.key not in known or not answered(known[one.key])
        )

    def deviated(self, row: StepRow) -> bool:
        return any(one.step_id == row.id for one in self.deviations)

    def before(self, row: StepRow) -> tuple[StepState, ...]:
        return tuple(self.state(step) for step in self.steps if step.position < row.position)


@asked_once
@one_look
def read_record(session: Session, batch_id: str) -> Record:
    chain = read_chain(session, batch_id)
    batch = chain.batch
    process, steps = process_of(session, batch), batch_steps(session, batch_id)
    values, deviations = values_of_batch(session, batch_id), deviations_of(session, batch_id)
    clocks = hold_clocks(chain, process, steps, values, deviations)
    calculations = calculations_of(process, measured(process, steps, values))
    decisions = decisions_of(session, batch_id) if process.conditions else []
    conditions = condition_facts(process, steps, values, calculations, deviations, decisions)
    return Record(batch, process, steps, values, deviations, clocks, calculations, decisions, conditions)
