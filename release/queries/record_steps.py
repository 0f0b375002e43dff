"""The steps of a batch as they are printed: every field under its number, with all that was not normal about it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.refusals import N_
from kernel.tables import SignatureRow
from kernel.web.i18n import Speech
from manufacturing.domain.batches import StepStatus
from manufacturing.domain.corrections import Correction
from manufacturing.domain.numbering import field_numbers
from manufacturing.domain.plan import PlannedField, PlannedStep
from manufacturing.domain.steps import StepVerdict
from manufacturing.queries.corrections import signature_view
from manufacturing.queries.imports import sources_of_batch
from manufacturing.queries.measurements import Measurements, measurements_of_batch
from manufacturing.queries.record import Record, read_record
from manufacturing.queries.steps import answered
from manufacturing.queries.transcriptions import transcriptions_of
from manufacturing.tables.batches import BatchRow, StepRow, StepValueRow
from manufacturing.tables.corrections import StepCorrectionRow
from manufacturing.tables.deviations import DeviationRow
from manufacturing.tables.transcriptions import TranscriptionRow
from release.domain.paper import Block, Facts, Grid, Lines, Row, Section
from release.queries.record_plan import MARKS, MEASURED_AGAIN, VERDICTS, calculation_grid, measurement_words, part_words
from release.queries.record_words import limit_words, said, value_words

CHANGED = N_("CHANGED")
VOID = N_("No longer valid – record changed on %(time)s")
OVERTAKEN = N_("overtaken by a correction")
LATE = N_("LATE ENTRY")
NOT_APPLICABLE = N_("N/A")
BLANK = N_("BLANK")
ANOTHER_VALUE = N_("The value entered is another one.")
COPIED = N_("COPIED FROM PAPER %(paper)s by %(who)s, %(at)s. Why paper: %(why)s")


@dataclass(frozen=True)
class Recorded:
    """Everything the pages of the steps need, read once."""

    record: Record
    measurements: Measurements
    speech: Speech
    people: Mapping[str, str]
    values: Mapping[str, Sequence[StepValueRow]]
    corrections: Mapping[str, Sequence[Correction]]
    signatures: Mapping[str, Sequence[SignatureRow]]
    deviations: Sequence[DeviationRow]
    papers: Mapping[str, TranscriptionRow]
    sources: Mapping[str, Mapping[str, Mapping[str, Any]]]


def signatures_by_record(session: Session, record_ids: Sequence[str]) -> dict[str, list[SignatureRow]]:
    """Oldest first, by the link of the trail they were given on; also those that a correction has overtaken."""
    query = (
        sa.select(SignatureRow)
        .where(SignatureRow.record_id.in_(record_ids))
        .order_by(SignatureRow.signed_at, SignatureRow.record_version)
    )
    found: dict[str, list[SignatureRow]] = {}
    for row in sorted(session.execute(query).scalars(), key=lambda one: int(json.loads(one.document)["head_seq"])):
        found.setdefault(row.record_id, []).append(row)
    return found


def step_sections(
    session: Session, batch: BatchRow, corrections: Mapping[str, Sequence[Correction]], speech: Speech
) -> list[Section]:
    record = read_record(session, batch.id)
    steps = record.steps
    recorded = Recorded(
        record=record,
        measurements=measurements_of_batch(session, batch.id),
        speech=speech,
        people=names(session),
        values=record.values,
        corrections=corrections,
        signatures=signatures_by_record(session, [one.id for one in steps]),
        deviations=record.deviations,
        papers=transcriptions_of(session, batch.id),
        sources=sources_of_batch(session, batch.id),
    )
    return [step_section(row, record.plan(row), recorded) for row in steps]


def step_section(row: StepRow, plan: PlannedStep, recorded: Recorded) -> Section:
    speech = recorded.speech
    title = f"{row.position} · {speech.word(plan.title)} ({speech.word(row.status)})"
    blocks: list[Block] = []
    if plan.instruction:
        blocks.append(Lines((speech.word(plan.instruction),)))
    if part := part_words(recorded.record, row, recorded.people, speech):
        blocks.append(Lines(tuple(part), strong=True))
    if row.status == StepStatus.NOT_NEEDED:
        return Section(title, tuple(blocks), level=2)
    blocks.append(field_grid(row, plan, recorded))
    if found := recorded.record.calculations.get(row.position):
        blocks.append(calculation_grid(found, speech))
    if strong := step_marks(row, recorded):
        blocks.append(Lines(tuple(strong), strong=True))
    blocks.append(Facts(tuple(step_facts(row, recorded))))
    return Section(title, tuple(blocks), level=2)


def field_grid(row: StepRow, plan: PlannedStep, recorded: Recorded) -> Grid:
    speech = recorded.speech
    numbers = field_numbers(row.position, plan)
    known = {one.field: one for one in recorded.values.get(row.id, ())}
    header = tuple(speech.say(word) for word in (N_("No."), N_("Field"), N_("Value"), N_("Limits"), N_("Verdict")))
    rows = tuple(field_row(row, numbers[one.key], one, known.get(one.key), recorded) for one in plan.fields)
    return Grid(header, (0.07, 0.31, 0.25, 0.23, 0.14), rows, speech.say(N_("Mark")))


def field_row(step: StepRow, number: str, planned: PlannedField, value: StepValueRow | None, recorded: Recorded) -> Row:
    speech = recorded.speech
    changes = recorded.corrections.get(value.id, ()) if value else ()
    text = value_words(planned, value, speech)
    marks = [CHANGED] if changes else []
    if value is not None and value.verdict in MARKS:
        marks.append(MARKS[StepVerdict(value.verdict)])
    if value is not None and value.not_applicable:
        marks.append(NOT_APPLICABLE)
    elif step.performed_at is not None and (value is None or not answered(value)):
        marks.append(BLANK)
    notes = [correction_words(one, speech) for one in changes]
    if value is not None and (repeated := recorded.measurements.get((step.id, value.field))):
        marks.append(MEASURED_AGAIN)
        notes.extend(measurement_words(value, repeated, recorded.people, speech))
    if value is not None and planned.computed is not None and value.shown:
        notes.append(speech.say(N_("computed by the server: %(how)s"), how=value.shown))
    elif value is not None and was_converted(value):
        notes.append(speech.say(N_("as typed: %(shown)s"), shown=value.shown))
    if source := recorded.sources.get(step.id, {}).get(planned.key):
        notes.append(source_words(source, value, speech))
    verdict = speech.say(VERDICTS[value.verdict]) if value is not None and value.verdict in VERDICTS else ""
    cells = (number, speech.word(planned.label), text, limit_words(planned, speech), verdict)
    return Row(cells, tuple(speech.say(one) for one in marks), tuple(notes))


def source_words(source: Mapping[str, Any], value: StepValueRow | None, speech: Speech) -> str:
    """The cell of the file that the value came out of; and where it is another value now, that it is (A11-5)."""
    text = speech.say(
        N_("From file %(file)s (SHA-256 %(sha256)s), row %(row)s, column “%(column)s”: “%(cell)s”"),
        file=source["file"]["filename"],
        sha256=source["file"]["sha256"][:16],
        row=source["row"],
        column=source["column"],
        cell=source["cell"],
    )
    agrees = value is not None and value.number == source["number"]
    return text if agrees else f"{text}. {speech.say(ANOTHER_VALUE)}"


def was_converted(value: StepValueRow) -> bool:
    """Typed in a unit whose number is another one; one million per mL and one billion per litre are the same number."""
    return value.number is not None and "×" in value.shown and " × 1 =" not in value.shown


def correction_words(one: Correction, speech: Speech) -> str:
    """``Changed from 48.2 to 47.2 by Person T, ma 23 nov 2026 16:30 CET. Reason: …`` (A11-8.2)."""
    return speech.say(
        N_("Changed from %(old)s to %(new)s by %(who)s, %(at)s. Reason: %(why)s (trail %(seq)s)"),
        old=said(one.old, speech),
        new=said(one.new, speech),
        who=one.who,
        at=speech.moment(one.at),
        why=one.why or "–",
        seq=one.seq,
    )


def step_marks(row: StepRow, recorded: Recorded) -> list[str]:
    """What is marked about the whole step: late entry, changed times, deviations."""
    speech = recorded.speech
    found = []
    if paper := recorded.papers.get(row.id):
        who, at = recorded.people.get(paper.transcribed_by, "–"), speech.moment(paper.transcribed_at)
        found.append(speech.say(COPIED, paper=paper.paper, who=who, at=at, why=paper.why))
    if row.late_reason:
        found.append(
            speech.say(
                N_("LATE ENTRY: performed %(performed)s, recorded %(recorded)s. Reason: %(why)s"),
                performed=speech.moment(row.performed_at),
                recorded=speech.moment(row.recorded_at),
                why=row.late_reason,
            )
        )
    for one in recorded.corrections.get(row.id, ()):
        name = speech.say(COLUMNS.get(one.column, one.column))
        found.append(f"{speech.say(CHANGED)} · {name}: {correction_words(one, speech)}")
    found.extend(
        speech.say(N_("DEVIATION %(number)s (%(status)s)"), number=one.number, status=one.status)
        for one in recorded.deviations
        if one.step_id == row.id
    )
    return found


COLUMNS = {
    "performed_at": N_("Performed"),
    "performed_by": N_("Performed by"),
    "late_reason": N_("Late because"),
    "expires_at": N_("Expiry"),
    "formulated_at": N_("Formulated"),
    "viable_nk": N_("Viable NK cells"),
}


def step_facts(row: StepRow, recorded: Recorded) -> list[tuple[str, str]]:
    speech = recorded.speech
    found = [
        (speech.say(N_("Performed")), said(row.performed_at, speech)),
        (speech.say(N_("Recorded")), said(row.recorded_at, speech)),
    ]
    return found + signature_facts(recorded.signatures.get(row.id, ()), speech)


def signature_facts(
    rows: Sequence[SignatureRow], speech: Speech, corrections: Sequence[StepCorrectionRow] = ()
) -> list[tuple[str, str]]:
    """Meaning, printed name and time of each signature (21 CFR 11.50); one that a correction has overtaken says so."""
    corrected = [place for place, one in enumerate(rows) if one.meaning == "corrected"]
    last = corrected[-1] if corrected else -1
    found: list[tuple[str, str]] = []
    for place, one in enumerate(rows):
        text = f"{one.signer_name} · {speech.moment(one.signed_at)}"
        if place < last:
            text += f" · {speech.say(OVERTAKEN)}"
        if since := signature_view(one, list(corrections))["void_since"]:
            text += f" · {speech.say(VOID, time=speech.moment(since))}"
        found.append((speech.say(N_("Signed: %(meaning)s"), meaning=one.meaning), text))
    return found or [(speech.say(N_("Signed: %(meaning)s"), meaning=N_("nobody yet")), "–")]


def entity_marks(rows: Sequence[Any], recorded: Recorded) -> list[str]:
    """Changes of records that have no table of fields: the leukapheresis, containers, holds."""
    speech = recorded.speech
    return [
        f"{speech.say(CHANGED)} · {speech.say(COLUMNS.get(one.column, one.column))}: {correction_words(one, speech)}"
        for row in rows
        for one in recorded.corrections.get(row.id, ())
    ]
