"""What “production complete” is judged by."""

from __future__ import annotations

from sqlalchemy.orm import Session

from manufacturing.domain.batches import STEPS_SETTLED, CompletionFacts
from manufacturing.domain.entries import box_name, unsigned_fields, unsigned_refusals
from manufacturing.domain.hold_times import unexplained
from manufacturing.domain.samples import unaccounted
from manufacturing.domain.steps import assessed, blank_refusals
from manufacturing.ports import unreconciled_labels
from manufacturing.queries.balance import open_balance
from manufacturing.queries.batches import containers_of
from manufacturing.queries.entries import entries_of_batch, newest_entries, recorded_boxes, unsigned_entries
from manufacturing.queries.expected_yields import unexplained_yields
from manufacturing.queries.lot_uses import missing_in_batch
from manufacturing.queries.record import Record, read_record
from manufacturing.queries.samples import samples_behind
from manufacturing.tables.batches import BatchRow


def completion_facts(session: Session, batch: BatchRow) -> CompletionFacts:
    record = read_record(session, batch.id)
    states = record.states()
    return CompletionFacts(
        unverified=tuple(step.title for step in states if step.status not in STEPS_SETTLED),
        unassessed=tuple(step.title for step in states if not assessed(step)),
        containers=len(containers_of(session, batch.id)),
        unreconciled=unreconciled_labels(session, batch.id),
        samples=unaccounted(samples_behind(session, batch)),
        unbalanced=open_balance(session, batch),
        hold_times=unexplained(record.clocks),
        yields=unexplained_yields(session, record),
        blank=blank_refusals({step.title: record.blank(step) for step in record.steps}),
        materials=tuple(missing_in_batch(session, record)),
        unsigned=unsigned_refusals(unsigned_in_batch(session, record)),
    )


def unsigned_in_batch(session: Session, record: Record) -> dict[str, tuple[str, ...]]:
    """What was left in performed steps for a correction that nobody signed: names of fields by the title of the step."""
    rows, found = entries_of_batch(session, record.batch.id), {}
    for step in record.steps:
        plan = record.plan(step)
        waiting = unsigned_entries(session, step, rows.get(step.id, [])) if step.performed_at else []
        recorded = recorded_boxes(step, plan, record.values_of(step)) if waiting else {}
        left = unsigned_fields(plan, recorded, newest_entries(waiting, plan, {}))
        found[step.title] = tuple(box_name(name, step.position, plan) for name in left)
    return found
