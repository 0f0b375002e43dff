"""What people are shown and sign about a batch, its steps."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.database import one_look
from kernel.documents.queries import get_document
from kernel.errors import NotFound
from kernel.words import Words
from manufacturing.domain.conditions import need
from manufacturing.domain.numbering import field_numbers
from manufacturing.domain.plan import PlannedStep, Process
from manufacturing.queries.batches import (
    containers_of,
    deviations_of,
    get_batch,
    holds_over_batch,
    pauses_of,
)
from manufacturing.queries.calculations import calculation_facts
from manufacturing.queries.chain import read_chain
from manufacturing.queries.conditions import decision_facts, decisions_of
from manufacturing.queries.deviations import deviation_facts
from manufacturing.queries.entries import entries_content, entries_of_step, unsigned_entries
from manufacturing.queries.equipment import equipment_in_batch, equipment_in_step, use_document
from manufacturing.queries.hold_times import clock_facts, get_clock
from manufacturing.queries.imports import sources_of_step
from manufacturing.queries.lot_uses import use_facts, used_in_batch, used_in_step
from manufacturing.queries.measurements import measurement_facts, measurements_of_batch
from manufacturing.queries.record import Record, read_record
from manufacturing.queries.samples import sample_facts, samples_of_batch
from manufacturing.queries.steps import batch_steps, get_step, process_of, signatures_on, values_of_batch
from manufacturing.queries.transcriptions import paper_of
from manufacturing.tables.batches import BatchRow, ContainerRow, PauseRow, StepRow, StepValueRow


def frozen_version(session: Session, document_id: str) -> dict[str, Any]:
    row = get_document(session, document_id)
    return {"version": f"{row.code} v{row.number}", "sha256": row.sha256}


def identity(session: Session, batch: BatchRow) -> dict[str, str]:
    """The chain a batch hangs in: subject, donor, collection."""
    return read_chain(session, batch.id).codes()


@one_look
def batch_content(session: Session, batch_id: str) -> dict[str, Any]:
    """Everything a decision about the whole batch rests on, versions of all its parts included."""
    row = get_batch(session, batch_id)
    process, rows = process_of(session, row), values_of_batch(session, batch_id)
    return {
        "title": row.number,
        "batch": row.number,
        "version": row.version,
        "status": row.status,
        **identity(session, row),
        "process": frozen_version(session, row.process_document_id),
        "specification": frozen_version(session, row.specification_document_id),
        "room": row.room,
        "formulated at": row.formulated_at,
        "expires at": row.expires_at,
        "steps": [
            step_facts(step, process.step(step.position), rows.get(step.id, []))
            for step in batch_steps(session, batch_id)
        ],
        "containers": [container_facts(one, process) for one in containers_of(session, batch_id)],
        "samples": [sample_facts(one) for one in samples_of_batch(session, batch_id)],
        "materials": [use_facts(one) for one in used_in_batch(session, batch_id)],
        "equipment": [use_document(one) for one in equipment_in_batch(session, batch_id)],
        "deviations": [deviation_facts(one) for one in deviations_of(session, batch_id)],
        "pauses": [pause_facts(one) for one in pauses_of(session, batch_id)],
        "parts decided": [decision_facts(one, process) for one in decisions_of(session, batch_id)],
        "open holds": [hold.document() for hold in holds_over_batch(session, row)],
    }


def pause_facts(row: PauseRow) -> dict[str, Any]:
    return {
        "paused at": row.paused_at,
        "because": row.reason,
        "sealed": row.sealed,
        "resumed at": row.resumed_at,
        "resumed because": row.resume_reason,
    }


def step_facts(step: StepRow, plan: PlannedStep, values: list[StepValueRow]) -> dict[str, Any]:
    return {
        "step": f"{step.position} " + step.title,
        "version": step.version,
        "status": step.status,
        "performed at": step.performed_at,
        "recorded at": step.recorded_at,
        "late because": step.late_reason,
        "values": [{"field": field_words(step, plan, row.field), "value": value_text(row)} for row in values],
    }


def field_words(step: StepRow, plan: PlannedStep, key: str) -> Words:
    """``4.2 White cells``; a field the process no longer knows by its key."""
    planned = plan.field(key)
    return f"{field_numbers(step.position, plan)[key]} " + planned.label if planned else Words.same(key)


def value_text(row: StepValueRow) -> Any:
    if row.not_applicable:
        return f"N/A: {row.not_applicable}"
    found = next((one for one in (row.number, row.moment, row.text) if one is not None), None)
    flagged = row.verdict in {"alert", "action"}
    return {"value": found, "unit": row.unit, "verdict": row.verdict} if flagged or row.unit else found


def container_facts(row: ContainerRow, process: Process) -> dict[str, Any]:
    kind = process.container_type(row.container_type)
    return {
        "container": row.code,
        "version": row.version,
        "type": kind.title if kind else row.container_type,
        "volume (mL)": row.volume_ml,
        "viable NK cells": row.viable_nk,
        "filled at": row.filled_at,
        "expires at": row.expires_at,
        **({"frozen at": row.frozen_at, "thawed at": row.thawed_at} if row.frozen_at else {}),
    }


def paper_facts(session: Session, step_id: str) -> dict[str, Any]:
    """The paper a step was copied from; nothing for one that was entered at the bench."""
    copied = any(one.meaning == "transcribed" for one in signatures_on(session, step_id))
    row = paper_of(session, step_id) if copied else None
    return {} if row is None else {"copied from paper": row.paper, "why paper": row.why}


def entered_facts(session: Session, step: StepRow, plan: PlannedStep) -> dict[str, Any]:
    """What is saved of a step and not signed: while it is done, or for a correction of it."""
    rows = unsigned_entries(session, step, entries_of_step(session, step.id))
    return {"saved": entries_content(rows, step.position, plan, names(session))} if rows else {}


def imported_facts(session: Session, step: StepRow, plan: PlannedStep) -> dict[str, Any]:
    """Which fields came out of which cell of which file."""
    left = entries_of_step(session, step.id)
    sources = sources_of_step(session, step, left)
    cells = [{"field": field_words(step, plan, name), "value": source_words(one)} for name, one in sources.items()]
    return {"read from files": cells} if cells else {}


def source_words(source: dict[str, Any]) -> str:
    return f"{source['file']['sha256'][:12]} row {source['row']}, {source['column']}: {source['cell']}"


@one_look
def step_content(session: Session, batch_id: str, position: str) -> dict[str, Any]:
    """A step with what it rests on: the frozen process, the steps before it, their breaches and deviations."""
    record = read_record(session, batch_id)
    batch, step = record.batch, get_step(session, batch_id, position)
    plan = record.plan(step)
    return {
        "title": f"{batch.number} · {step.position}",
        "batch": batch.number,
        "batch status": batch.status,
        **identity(session, batch),
        "process": frozen_version(session, batch.process_document_id),
        **step_facts(step, plan, record.values.get(step.id, [])),
        **(paper_facts(session, step.id) if step.performed_at else {}),
        **entered_facts(session, step, plan),
        "materials": [use_facts(one) for one in used_in_step(session, step.id)],
        "equipment": [use_document(one) for one in equipment_in_step(session, step.id)],
        **imported_facts(session, step, plan),
        **repeated_facts(session, record, step),
        **({"computed": calculation_facts(found)} if (found := record.calculations.get(step.position)) else {}),
        **({"part": condition_words(record, key)} if (key := plan.condition) else {}),
        "hold times": [clock_facts(one) for one in record.clocks if one.position == step.position],
        "steps before": [
            {
                "step": f"{state.position} " + state.title,
                "status": state.status,
                "outside action limit": state.breaches,
                "deviations": list(state.deviations),
            }
            for state in record.before(step)
        ],
    }


def repeated_facts(session: Session, record: Record, step: StepRow) -> dict[str, Any]:
    """Fields of the step that were measured again, with all their values."""
    values = record.values.get(step.id, [])
    if all(one.measurement is None for one in values):
        return {}
    found, plan = measurements_of_batch(session, record.batch.id), record.plan(step)
    return {
        "measured again": [
            {"field": field_words(step, plan, one.field), **measurement_facts(found[step.id, one.field], one)}
            for one in values
            if (step.id, one.field) in found
        ]
    }


def condition_words(record: Record, key: str) -> dict[str, Any]:
    """A part of the process: what decides about it, and what was decided."""
    facts, row = record.conditions[key], record.decision(key)
    return {
        "part": facts.part,
        "need": need(facts).value,
        "opens unless": [
            {
                "step": record.process.step(record.process.place_of(one.step) or 0).title,
                "field": one.label,
                "value": f"{one.shown or '–'} ({one.limits})",
            }
            for one in facts.triggers
        ],
        "decision": None if row is None else decision_facts(row, record.process),
    }


@one_look
def condition_content(session: Session, batch_id: str, condition: str) -> dict[str, Any]:
    """What somebody decides about who opens a part or leaves it out; its steps with their versions."""
    record = read_record(session, batch_id)
    if condition not in record.conditions:
        raise NotFound(f"condition {condition} of batch {batch_id}")
    return {
        "title": f"{record.batch.number} · " + record.conditions[condition].part,
        "batch": record.batch.number,
        "batch status": record.batch.status,
        **identity(session, record.batch),
        **condition_words(record, condition),
        "steps": [
            {"step": f"{one.position} " + one.title, "version": one.version, "status": one.status}
            for one in record.steps
            if record.plan(one).condition == condition
        ],
    }


def hold_content(session: Session, batch_id: str, position: str, hold_key: str) -> dict[str, Any]:
    """What a deviation for a hold time is opened about."""
    record = read_record(session, batch_id)
    clock = get_clock(record.clocks, get_step(session, batch_id, position).position, hold_key)
    return {"title": f"{record.batch.number} · {position}", **identity(session, record.batch), **clock_facts(clock)}
