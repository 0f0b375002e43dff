"""What was not normal at the bench, for the review by exception (AT-EXC): limits, late, changed, repeated, left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.i18n import moment_words
from kernel.words import Fact, Words, joined, phrase
from manufacturing.domain.calculations import Calculated, shown
from manufacturing.domain.conditions import ConditionAnswer, Need, need
from manufacturing.domain.corrections import Link
from manufacturing.domain.entries import as_text
from manufacturing.domain.numbering import field_numbers
from manufacturing.domain.steps import StepVerdict
from manufacturing.queries.collections import get_collection
from manufacturing.queries.conditions import decisions_of
from manufacturing.queries.corrections import moment_or
from manufacturing.queries.entries import entries_of_batch, entries_view
from manufacturing.queries.history import links_of_values
from manufacturing.queries.measurements import measurements_of_batch
from manufacturing.queries.record import Record, read_record
from manufacturing.queries.steps import batch_steps, process_of, values_of_batch
from manufacturing.queries.transcriptions import transcriptions_of
from manufacturing.tables.batches import BatchRow, StepRow

CORRECTED = N_("corrected value")
NOT_ASKED_FOR = N_("N/A")


def bench_exceptions(session: Session, batch: BatchRow, people: dict[str, str]) -> list[dict[str, Any]]:
    """What was not normal at the bench; see :func:`entry` for the shape of one."""
    return [
        *step_values(session, batch),
        *computed_values(session, batch),
        *opened_parts(session, batch),
        *decided_parts(session, batch, people),
        *measured_again(session, batch, people),
        *changed_before_signing(session, batch, people),
        *corrected_values(session, batch),
        *late_steps(session, batch, people),
        *transcribed_steps(session, batch, people),
        *delays(session, batch),
        *empty_fields(session, batch, people),
    ]


def entry(kind: str, what: Fact, **more: Any) -> dict[str, Any]:
    """``what``: a text, or words where titles and labels of the process stand in it."""
    return {"kind": kind, "what": what, "who": None, "at": None, "why": None, **more}


def changed_before_signing(session: Session, batch: BatchRow, people: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Fields that held another value before the step was signed; no reason is asked for that (docs/decisions/0010)."""
    left, process, fields = entries_of_batch(session, batch.id), process_of(session, batch), field_names(session, batch)
    for step in batch_steps(session, batch.id):
        plan = process.step(step.position)
        first = [one for one in left.get(step.id, []) if not one.after_signatures]
        for name, one in entries_view(first, plan, people).items():
            values = joined(" → ", [told(held["value"]) for held in (*one["before"], one)])
            if one["before"]:
                words = fields.get((step.id, name)) or f"{step.position} " + Words.same(name)
                yield entry(N_("changed before signing"), words + ": " + values, who=one["by"], at=one["at"])


def step_names(session: Session, batch: BatchRow) -> dict[str, Words]:
    """``4 CD3 depletion`` by step."""
    process = process_of(session, batch)
    return {step.id: f"{step.position} " + process.step(step.position).title for step in batch_steps(session, batch.id)}


def field_names(session: Session, batch: BatchRow) -> dict[tuple[str, str], Words]:
    """``4.2 White cells`` by step and field."""
    process = process_of(session, batch)
    found = {}
    for step in batch_steps(session, batch.id):
        plan = process.step(step.position)
        numbers = field_numbers(step.position, plan)
        found |= {(step.id, one.key): f"{numbers[one.key]} " + one.label for one in plan.fields}
    return found


def step_values(session: Session, batch: BatchRow) -> Iterator[dict[str, Any]]:
    values, fields = values_of_batch(session, batch.id), field_names(session, batch)
    for step in batch_steps(session, batch.id):
        for value in values.get(step.id, []):
            if value.verdict in {"alert", "action"}:
                kind = N_("in-process alert limit") if value.verdict == "alert" else N_("in-process action limit")
                found = f"{value.number:f} {value.unit}".strip() if value.number is not None else value.text
                yield entry(kind, fields[step.id, value.field] + f": {found}")


def computed_values(session: Session, batch: BatchRow) -> Iterator[dict[str, Any]]:
    kinds = {StepVerdict.ALERT: N_("in-process alert limit"), StepVerdict.ACTION: N_("in-process action limit")}
    record = read_record(session, batch.id)
    for step in record.steps:
        for one in record.calculations.get(step.position, ()):
            if one.verdict in kinds:
                yield entry(kinds[one.verdict], computed_words(record, step, one))


def computed_words(record: Record, step: StepRow, one: Calculated) -> Fact:
    return (f"{step.position} " + record.plan(step).title, *phrase(one.label, shown(one) or "–"))


def opened_parts(session: Session, batch: BatchRow) -> Iterator[dict[str, Any]]:
    """Parts that are done because a value was beyond its action limit; see :func:`decided_parts` for the others."""
    for facts in read_record(session, batch.id).conditions.values():
        if facts.triggered and need(facts) is Need.NEEDED:
            values = [
                each for one in facts.triggers if one.beyond for each in phrase(one.label, one.shown, f"({one.limits})")
            ]
            yield entry(N_("part opened by a value"), (facts.condition.title, *values))


def decided_parts(session: Session, batch: BatchRow, people: dict[str, str]) -> Iterator[dict[str, Any]]:
    kinds = {
        ConditionAnswer.OPEN: N_("part opened by decision"),
        ConditionAnswer.NOT_NEEDED: N_("part left out by decision"),
    }
    titles = {one.key: one.title for one in process_of(session, batch).conditions}
    for one in decisions_of(session, batch.id):
        who, what = people.get(one.decided_by, one.decided_by), titles[one.condition]
        yield entry(kinds[ConditionAnswer(one.answer)], what, who=who, at=one.decided_at, why=one.reason)


def measured_again(session: Session, batch: BatchRow, people: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Every field measured more than once: all values, which is used, who chose it and why."""
    found, names_of_fields = measurements_of_batch(session, batch.id), field_names(session, batch)
    for rows in values_of_batch(session, batch.id).values() if found else ():
        for value in rows:
            if all_values := found.get((value.step_id, value.field)):
                text = "; ".join(f"{one.number}: {one.value:f} {one.unit}".strip() for one in all_values)
                what = names_of_fields[value.step_id, value.field] + f": {text} ({value.measurement})"
                who, used = people.get(value.chosen_by or "", value.chosen_by), value.measurement
                at, why = all_values[-1].recorded_at, value.chosen_because
                yield entry(N_("measured again"), what, who=who, at=at, why=why, used=used)


def corrected_values(session: Session, batch: BatchRow) -> Iterator[dict[str, Any]]:
    """Values of steps that the trail says were changed after they were first written."""
    rows = {row.id: row for values in values_of_batch(session, batch.id).values() for row in values}
    if not rows:
        return
    names_of_fields = field_names(session, batch)
    for link in links_of_values(session, batch.id):
        for change in link.changes:
            if change["id"] in rows and change["op"] == "change":
                row = rows[change["id"]]
                yield correction(names_of_fields[row.step_id, row.field], change, link)


def correction(field: Words, change: Mapping[str, Any], link: Link) -> dict[str, Any]:
    kept = [name for name in ("number", "text", "moment") if name in change["new"]]
    pairs = [[moment_or(change[side].get(name)) for side in ("old", "new")] for name in kept]
    text = joined(", ", [joined(" → ", map(told, pair)) for pair in pairs])
    return entry(CORRECTED, field + ": " + text, who=link.who, at=link.at, why=link.reason)


def told(value: Any) -> Words:
    """A value as people read it; a time as every page shows it."""
    return moment_words(value) if isinstance(value, datetime) else Words.same(as_text(value))


def late_steps(session: Session, batch: BatchRow, people: dict[str, str]) -> Iterator[dict[str, Any]]:
    titles = step_names(session, batch)
    for step in batch_steps(session, batch.id):
        if step.late_reason:
            who = people.get(step.performed_by or "", step.performed_by)
            yield entry(N_("late entry"), titles[step.id], who=who, at=step.recorded_at, why=step.late_reason)


def transcribed_steps(session: Session, batch: BatchRow, people: dict[str, str]) -> Iterator[dict[str, Any]]:
    papers, titles = transcriptions_of(session, batch.id), step_names(session, batch)
    for step in batch_steps(session, batch.id):
        if step.id in papers:
            one = papers[step.id]
            who = people.get(one.transcribed_by, one.transcribed_by)
            what = titles[step.id] + f": {one.paper}"
            yield entry(N_("copied from paper"), what, who=who, at=one.transcribed_at, why=one.why)


def delays(session: Session, batch: BatchRow) -> Iterator[dict[str, Any]]:
    """What the courier was late with; the hold times tell whether the cells waited too long."""
    row = get_collection(session, batch.collection_id)
    if row.delay:
        yield entry(N_("delay of the courier"), row.number, at=row.received_at, why=row.delay)


def empty_fields(session: Session, batch: BatchRow, people: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Fields that are N/A, one entry for each step and reason; and fields that are blank, should there be any."""
    record, labels = read_record(session, batch.id), field_names(session, batch)
    for step in record.steps:
        reasons: dict[str, list[Words]] = {}
        for key, row in record.values_of(step).items():
            if row.not_applicable:
                reasons.setdefault(row.not_applicable, []).append(labels[step.id, key])
        for why, fields in reasons.items():
            who = people.get(step.performed_by or "", step.performed_by)
            what = joined(", ", fields)
            yield entry(NOT_ASKED_FOR, what, who=who, at=step.recorded_at, why=why)
        if left := record.blank(step):
            yield entry(N_("left blank"), f"{step.position} " + joined(", ", left))
