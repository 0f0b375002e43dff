"""Review by exception: what deviated, was late, was corrected, failed or was stopped (AT-EXC)."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.accounts.tables import PersonRow
from kernel.quantities import expanded
from kernel.refusals import N_
from kernel.tables import TrailChangeRow, TrailRow
from kernel.work import NOBODY
from labels.queries.labels import labels_of_batch
from manufacturing.domain.calculations import shown
from manufacturing.domain.conditions import ConditionAnswer
from manufacturing.domain.environment import Reading
from manufacturing.domain.numbering import field_numbers
from manufacturing.domain.steps import StepVerdict
from manufacturing.queries.batches import deviations_of
from manufacturing.queries.conditions import decisions_of
from manufacturing.queries.environment import environment_of_batch, sample_of
from manufacturing.queries.measurements import measurements_of_batch
from manufacturing.queries.record import read_record
from manufacturing.queries.steps import batch_steps, process_of, values_of_batch
from manufacturing.queries.transcriptions import transcriptions_of
from manufacturing.tables.batches import BatchRow
from release.domain.results import Outcome
from release.queries.judging import batch_verdicts
from release.queries.records import all_holds, everyone_involved
from release.queries.testing import required_tests, result_document, results_by_test

LATE_RESULT = timedelta(hours=24)
BENCH_ACTS = ("collection.", "batch.", "step.", "container.", "label.", "deviation.", "result.", "sterility.")
DECIDING_ACTS = ("batch.review", "batch.reject")


def list_exceptions(session: Session, batch: BatchRow) -> list[dict[str, Any]]:
    """One entry each: ``kind``, ``what``, ``who``, ``at``, ``why``; in the order of the kinds, then of time."""
    people = names(session)
    return [
        *failing_results(session, batch),
        *deviations(session, batch, people),
        *step_values(session, batch),
        *computed_values(session, batch),
        *decided_parts(session, batch, people),
        *measured_again(session, batch, people),
        *corrected_results(session, batch, people),
        *corrected_values(session, batch),
        *environment(session, batch, people),
        *late_entries(session, batch, people),
        *transcribed_steps(session, batch, people),
        *empty_fields(session, batch),
        *voided_labels(session, batch),
        *holds(session, batch, people),
        *failed_signatures(session, batch),
    ]


def entry(kind: str, what: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "what": what, "who": None, "at": None, "why": None, **more}


def environment(session: Session, batch: BatchRow, people: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Samples of the environment that are above a limit, or not read yet; above first (ATMP-4-EM)."""
    rows = environment_of_batch(session, batch.id)
    found = [(row, sample_of(session, row)) for row in rows]
    for row, sample in sorted(found, key=lambda one: one[0].count is None):
        reading = sample.reading(row.count)
        if reading is not Reading.PASS:
            said = "–" if row.count is None else f"{expanded(row.count)} {sample.unit}"
            what = f"{sample.title['en']} ({row.place}, {sample.grade}): {said}"
            kind = N_("environment pending") if reading is Reading.PENDING else N_("environment above its limit")
            who = people.get(row.read_by or row.taken_by)
            yield entry(kind, what, who=who, at=row.read_at or row.exposed_until, why=row.corrected_because)


def failing_results(session: Session, batch: BatchRow) -> Iterator[dict[str, Any]]:
    words = {
        Outcome.OOS: N_("out of specification"),
        Outcome.ALERT: N_("beyond the alert limit"),
    }
    for one in batch_verdicts(session, batch.id):
        if one.verdict.outcome in words:
            text = f"{one.criterion.name}: {one.value} ({one.limit})"
            yield entry(words[one.verdict.outcome], text, test=one.test.number)


def deviations(session: Session, batch: BatchRow, people: dict[str, str]) -> Iterator[dict[str, Any]]:
    for one in deviations_of(session, batch.id):
        text = f"{one.number}: {one.description}"
        who = people.get(one.raised_by, one.raised_by)
        more = {"class": one.classification, "status": one.status}
        yield entry(N_("deviation"), text, who=who, at=one.raised_at, why=one.impact, **more)


def step_values(session: Session, batch: BatchRow) -> Iterator[dict[str, Any]]:
    values = values_of_batch(session, batch.id)
    for step in batch_steps(session, batch.id):
        numbers = field_numbers(step.position, process_of(session, batch).step(step.position))
        for value in values.get(step.id, []):
            if value.verdict in {"alert", "action"}:
                kind = N_("in-process alert limit") if value.verdict == "alert" else N_("in-process action limit")
                found = f"{value.number:f} {value.unit}".strip() if value.number is not None else value.text
                yield entry(kind, f"{numbers.get(value.field, step.position)} {step.key}, {value.field}: {found}")


def computed_values(session: Session, batch: BatchRow) -> Iterator[dict[str, Any]]:
    kinds = {StepVerdict.ALERT: N_("in-process alert limit"), StepVerdict.ACTION: N_("in-process action limit")}
    record = read_record(session, batch.id)
    for step in record.steps:
        for one in record.calculations.get(step.position, ()):
            if one.verdict in kinds:
                text = f"{step.position} {step.key}, {one.label}: {shown(one) or '–'}"
                yield entry(kinds[one.verdict], text)


def measured_again(session: Session, batch: BatchRow, people: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Every field measured more than once: all values, which is used, who chose it and why."""
    found, names_of_fields = measurements_of_batch(session, batch.id), field_names(session, batch)
    for rows in values_of_batch(session, batch.id).values() if found else ():
        for value in rows:
            if all_values := found.get((value.step_id, value.field)):
                text = "; ".join(f"{one.number}: {one.value:f} {one.unit}".strip() for one in all_values)
                name = names_of_fields.get((value.step_id, value.field), value.field)
                who, used = people.get(value.chosen_by or "", value.chosen_by), value.measurement
                at, why = all_values[-1].recorded_at, value.chosen_because
                yield entry(N_("measured again"), f"{name}: {text} ({used})", who=who, at=at, why=why, used=used)


def decided_parts(session: Session, batch: BatchRow, people: dict[str, str]) -> Iterator[dict[str, Any]]:
    kinds = {
        ConditionAnswer.OPEN: N_("part opened by decision"),
        ConditionAnswer.NOT_NEEDED: N_("part left out by decision"),
    }
    for one in decisions_of(session, batch.id):
        who = people.get(one.decided_by, one.decided_by)
        yield entry(kinds[ConditionAnswer(one.answer)], one.condition, who=who, at=one.decided_at, why=one.reason)


def corrected_results(session: Session, batch: BatchRow, people: dict[str, str]) -> Iterator[dict[str, Any]]:
    results = results_by_test(session, batch.id)
    for test in required_tests(session, batch.id):
        kept = [row for row in results[test.id] if row.day is None or row.reason]
        for before, after in itertools.pairwise(kept):
            old, new = (result_document(row, people)["value"] for row in (before, after))
            who = people.get(after.entered_by, after.entered_by)
            text = f"{test.number}: {old} → {new}"
            yield entry(N_("corrected result"), text, who=who, at=after.entered_at, why=after.reason)


def corrected_values(session: Session, batch: BatchRow) -> Iterator[dict[str, Any]]:
    """Values of steps that the trail says were changed after they were first written."""
    rows = {row.id: row for values in values_of_batch(session, batch.id).values() for row in values}
    if not rows:
        return
    names_of_fields = field_names(session, batch)
    changed = (
        sa.select(TrailRow.payload, TrailRow.at)
        .where(
            TrailRow.seq.in_(
                sa.select(TrailChangeRow.seq).where(
                    TrailChangeRow.entity == "step_value",
                    TrailChangeRow.version > 1,
                    TrailChangeRow.record_id.in_(list(rows)),
                )
            )
        )
        .order_by(TrailRow.seq)
    )
    for payload, at in session.execute(changed):
        content = json.loads(payload)
        for change in content["changes"]:
            if change["id"] in rows and change["op"] == "change":
                row = rows[change["id"]]
                yield correction(names_of_fields.get((row.step_id, row.field), row.field), change, content, at)


def field_names(session: Session, batch: BatchRow) -> dict[tuple[str, str], str]:
    """``4.2 wbc`` by step and field."""
    process = process_of(session, batch)
    return {
        (step.id, key): f"{number} {key}"
        for step in batch_steps(session, batch.id)
        for key, number in field_numbers(step.position, process.step(step.position)).items()
    }


def correction(field: str, change: dict[str, Any], content: dict[str, Any], at: Any) -> dict[str, Any]:
    kept = [name for name in ("number", "text", "moment") if name in change["new"]]
    text = ", ".join(f"{change['old'].get(name)} → {change['new'][name]}" for name in kept)
    who = content["actor"]["name"]
    return entry(N_("corrected value"), f"{field}: {text}", who=who, at=at, why=content.get("reason"))


def late_entries(session: Session, batch: BatchRow, people: dict[str, str]) -> Iterator[dict[str, Any]]:
    for step in batch_steps(session, batch.id):
        if step.late_reason:
            who = people.get(step.performed_by or "", step.performed_by)
            yield entry(
                N_("late entry"), f"{step.position} {step.key}", who=who, at=step.recorded_at, why=step.late_reason
            )
    results = results_by_test(session, batch.id)
    for test in required_tests(session, batch.id):
        for row in results[test.id]:
            if row.entered_at - row.measured_at > LATE_RESULT:
                who = people.get(row.entered_by, row.entered_by)
                yield entry(N_("late entry"), test.number, who=who, at=row.entered_at, why=row.reason)


def transcribed_steps(session: Session, batch: BatchRow, people: dict[str, str]) -> Iterator[dict[str, Any]]:
    papers = transcriptions_of(session, batch.id)
    for step in batch_steps(session, batch.id):
        if step.id in papers:
            one = papers[step.id]
            who = people.get(one.transcribed_by, one.transcribed_by)
            text = f"{step.position} {step.key}: {one.paper}"
            yield entry(N_("copied from paper"), text, who=who, at=one.transcribed_at, why=one.why)


def empty_fields(session: Session, batch: BatchRow) -> Iterator[dict[str, Any]]:
    """Fields that are N/A, one entry for each step and reason; and fields that are blank, should there be any."""
    record, people = read_record(session, batch.id), names(session)
    for step in record.steps:
        numbers = field_numbers(step.position, record.plan(step))
        reasons: dict[str, list[str]] = {}
        for key, row in record.values_of(step).items():
            if row.not_applicable:
                reasons.setdefault(row.not_applicable, []).append(f"{numbers.get(key, step.position)} {key}")
        for why, fields in reasons.items():
            who = people.get(step.performed_by or "", step.performed_by)
            yield entry(N_("N/A"), ", ".join(fields), who=who, at=step.recorded_at, why=why)
        if left := record.blank(step):
            yield entry(N_("left blank"), f"{step.position} {', '.join(left)}")


def voided_labels(session: Session, batch: BatchRow) -> Iterator[dict[str, Any]]:
    for one in labels_of_batch(session, batch.id):
        if one.status in {"voided", "destroyed", "superseded"}:
            yield entry(N_("voided label"), f"{one.short_number} ({one.status})", at=one.ended_at, why=one.reason)


def holds(session: Session, batch: BatchRow, people: dict[str, str]) -> Iterator[dict[str, Any]]:
    for one in all_holds(session, batch.id):
        who = people.get(one.set_by, one.set_by)
        yield entry(N_("hold"), one.cause, who=who, at=one.set_at, why=one.reason, lifted_at=one.lifted_at)


def failed_signatures(session: Session, batch: BatchRow) -> Iterator[dict[str, Any]]:
    """Wrong passwords under the names of people of this batch, on acts of the bench, since it was opened.

    An attempt belongs to a person and a moment, not to a batch: it may have been meant for another one.
    """
    involved = everyone_involved(session, batch.id)
    people = sa.select(PersonRow.login, PersonRow.full_name).where(PersonRow.id.in_(list(involved)))
    logins = dict(session.execute(people).all())
    refused = (
        sa.select(TrailRow.payload, TrailRow.at, TrailRow.action)
        .where(TrailRow.outcome == "refused", TrailRow.actor_id == NOBODY.id, TrailRow.at >= batch.opened_at)
        .order_by(TrailRow.seq)
    )
    for payload, at, action in session.execute(refused):
        login = json.loads(payload).get("details", {}).get("login")
        if login in logins and action.startswith(BENCH_ACTS) and action not in DECIDING_ACTS:
            yield entry(N_("failed signature"), action, who=logins[login], at=at)
