"""Parts of the process that are not always done: opened or left out by a person, or by the values themselves."""

from __future__ import annotations

from kernel.errors import NotFound, Refused, refuse_any
from kernel.refusals import MISSING_REASON
from kernel.training.services import untrained
from kernel.work import Work
from manufacturing.domain.batches import BatchStatus, StepStatus
from manufacturing.domain.conditions import ConditionAnswer, Need, deciding_refusals, need
from manufacturing.domain.procedures import MANUFACTURING
from manufacturing.domain.steps import SHORTEST_REASON
from manufacturing.queries.batch_content import condition_content
from manufacturing.queries.record import Record, read_record
from manufacturing.services.batches import in_state
from manufacturing.services.corrections import finished_record_changed
from manufacturing.services.hands import refuse_deciders
from manufacturing.tables.batches import BatchRow, ConditionRow, StepRow

DECIDED = "part of the process decided"


def decide_condition(work: Work, batch_id: str, condition: str, answer: ConditionAnswer) -> ConditionRow:
    """One act with one reason for the whole part, signed: it is done, or its steps and fields are not needed."""
    work.require("batch:perform")
    batch = work.lock(BatchRow, batch_id)
    work.confirm(condition_content(work.session, batch_id, condition))
    in_state(batch, "decide", BatchStatus.IN_PROCESS, BatchStatus.RETURNED_FOR_CORRECTION)
    refuse_deciders(work, batch_id)
    record = read_record(work.session, batch_id)
    facts = record.conditions.get(condition)
    if facts is None:
        raise NotFound(f"condition {condition} of batch {batch_id}")
    if len((work.reason or "").strip()) < SHORTEST_REASON:
        raise Refused(MISSING_REASON(field="reason"))
    lacking = untrained(work, MANUFACTURING, work.signer(), document=batch.process_document_id)
    refuse_any([*lacking, *deciding_refusals(facts, answer)])
    row = work.add(
        ConditionRow(
            batch_id=batch_id,
            number=len(record.decisions) + 1,
            condition=condition,
            answer=answer,
            triggered=facts.triggered,
            reason=(work.reason or "").strip(),
            decided_by=work.signer().id,
            decided_at=work.at,
        )
    )
    work.sign(row, DECIDED)
    settle_conditions(work, batch_id)
    finished_record_changed(work, batch, first_step(record, condition), [])
    return row


def first_step(record: Record, condition: str) -> StepRow:
    return next(one for one in record.steps if record.plan(one).condition == condition)


def settle_conditions(work: Work, batch_id: str) -> None:
    """The steps of every part follow what decides about it; called after each change of a value or a decision."""
    work.session.flush()
    record = read_record(work.session, batch_id)
    for step in record.steps:
        facts = record.condition(step)
        if facts is None or step.performed_at is not None:
            continue
        target = StepStatus.NOT_NEEDED if need(facts) is Need.NOT_NEEDED else StepStatus.PENDING
        if step.status != target:
            work.system_move(work.lock(StepRow, step.id), target)
