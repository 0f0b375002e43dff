"""The certificate of analysis: generated from the records, never typed (QC-COA, 2017/1569 art. 8(1)(g))."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.quantities import expanded
from kernel.refusals import N_
from kernel.tables import SignatureRow
from kernel.web.i18n import Speech
from manufacturing.queries.batch_content import frozen_version, identity
from manufacturing.queries.batches import get_batch
from manufacturing.queries.trial import latest_weight
from manufacturing.tables.batches import BatchRow
from release.domain.decisions import QcTestStatus
from release.domain.entries import is_from_records
from release.domain.paper import Block, Facts, Lines, Printed, Row, Section
from release.domain.results import Outcome
from release.queries.decisions import settled_weight
from release.queries.judging import JudgedTest, batch_verdicts
from release.queries.oos import oos_stories
from release.queries.paper_frame import framed, watermark_of
from release.queries.record_parts import (
    criterion_words,
    decision_section,
    entry_words,
    grid,
    none_line,
    pending_words,
)
from release.queries.record_steps import CHANGED, signature_facts, signatures_by_record
from release.queries.record_words import NOTHING, code_words, each_word, said
from release.queries.review import outcome_shown
from release.queries.testing import RESOLVED, pending_tests, result_document, results_by_test

PENDING = N_("PENDING")
NOT_DONE = N_("not done")
INVALID = N_("INVALID")
RETEST = N_("RETEST")
OUT = N_("OUT OF SPECIFICATION")
GENERATED = N_("Generated from the records of the batch; nothing on this certificate was typed.")


def analysis_certificate(
    session: Session, batch_id: str, speech: Speech, *, by: str, at: datetime, demo: bool = False
) -> Printed:
    """As the records are now; watermarked until every container is finally certified."""
    batch = get_batch(session, batch_id)
    return framed(
        session,
        batch,
        speech,
        title=speech.say(N_("Certificate of analysis %(number)s"), number=batch.number),
        subtitle=speech.say(GENERATED),
        mark=watermark_of(session, batch),
        head=(identity_facts(session, batch, speech),),
        sections=[*analysis_sections(session, batch, speech), decision_section(session, batch, speech)],
        by=by,
        at=at,
        demo=demo,
    )


def identity_facts(session: Session, batch: BatchRow, speech: Speech) -> Facts:
    """Whose product this is: the chain of identity, in codes."""
    chain = identity(session, batch)
    pairs = (
        (N_("Batch"), batch.number),
        (N_("Subject"), chain["subject"]),
        (N_("Donor"), chain["donor"]),
        (N_("Collection"), chain["collection"]),
    )
    return Facts(tuple((speech.say(name), said(value, speech)) for name, value in pairs))


def analysis_sections(session: Session, batch: BatchRow, speech: Speech) -> list[Section]:
    """What was tested against which version, every result in order, what is pending, what was out of specification."""
    return [
        basis_section(session, batch, speech),
        result_section(session, batch, speech),
        pending_section(session, batch, speech),
        oos_section(session, batch, speech),
    ]


def basis_section(session: Session, batch: BatchRow, speech: Speech) -> Section:
    process = frozen_version(session, batch.process_document_id)
    specification = frozen_version(session, batch.specification_document_id)
    weight = settled_weight(session, batch.id) or latest_weight(session, batch.subject_id)
    pairs: list[tuple[str, Any]] = [
        (N_("Specification version"), f"{specification['version']} · sha256 {specification['sha256']}"),
        (N_("Process version"), f"{process['version']} · sha256 {process['sha256']}"),
        (N_("Formulated"), batch.formulated_at),
        (N_("Expiry"), batch.expires_at),
        (N_("Weight"), f"{expanded(weight.kg)} kg · {speech.moment(weight.measured_at)}" if weight else None),
    ]
    return Section(
        speech.say(N_("Judged against")), (Facts(tuple((speech.say(name), said(one, speech)) for name, one in pairs)),)
    )


def result_section(session: Session, batch: BatchRow, speech: Speech) -> Section:
    """Original, invalid and repeated results, all of them, in order (QC-SHOWALL)."""
    judged = batch_verdicts(session, batch.id, everything=True)
    results = results_by_test(session, batch.id)
    signed = signatures_by_record(session, [one.test.id for one in judged])
    people = names(session)
    due = {one.number: one.document() for one in pending_tests(session, batch.id)}
    rows = []
    for one in judged:
        entries = [result_document(row, people) for row in results[one.test.id]]
        notes = result_notes(entries, signed.get(one.test.id, ()), due.get(one.test.number), speech)
        rows.append(Row(result_cells(one, speech), result_marks(one, entries, speech), notes))
    header = (N_("Test"), N_("Criterion"), N_("Method"), N_("Limit"), N_("Result"), N_("Verdict"))
    block = grid(speech, header, (0.15, 0.22, 0.15, 0.16, 0.18, 0.14), rows) if rows else none_line(speech)
    return Section(speech.say(N_("Results")), (block,))


def awaited(one: JudgedTest) -> bool:
    """What the records themselves answer is never waited for, and nobody waits for what may be left out."""
    return one.test.status not in RESOLVED and not is_from_records(one.criterion) and not left_out(one)


def left_out(one: JudgedTest) -> bool:
    """A test the specification does not require, and nobody began, or QA cancelled."""
    idle = {QcTestStatus.REQUESTED, QcTestStatus.CANCELLED}
    return not one.criterion.mandatory and one.test.status in idle


def result_cells(one: JudgedTest, speech: Speech) -> tuple[str, ...]:
    waits = awaited(one)
    without = PENDING if waits else NOT_DONE if left_out(one) else ""
    value = speech.say(without) if without else each_word(one.value or one.verdict.reason, speech) or NOTHING
    verdict = code_words(one.test.status if without else outcome_shown(one), speech)
    method = speech.word(one.criterion.method) or NOTHING
    name = criterion_words(one.criterion, speech)
    return (one.test.number, name, method, each_word(one.limit, speech), value, verdict)


def result_marks(one: JudgedTest, entries: Sequence[Mapping[str, Any]], speech: Speech) -> tuple[str, ...]:
    found = {
        PENDING: awaited(one),
        INVALID: one.test.status == QcTestStatus.INVALIDATED,
        RETEST: bool(one.test.attempt),
        CHANGED: any(entry.get("reason") for entry in entries),
        OUT: one.test.outcome == Outcome.OOS,
    }
    return tuple(speech.say(mark) for mark, applies in found.items() if applies)


def result_notes(
    entries: Sequence[Mapping[str, Any]],
    signed: Sequence[SignatureRow],
    pending: Mapping[str, Any] | None,
    speech: Speech,
) -> tuple[str, ...]:
    """When a pending result is expected; every value with its history; who signed for it, when, as what (11.50)."""
    notes = [pending_words(pending, speech)] if pending else []
    notes += [entry_words(entry, speech) for entry in entries]
    if signed:
        notes += [f"{name} {text}" for name, text in signature_facts(signed, speech)]
    return tuple(notes)


def pending_section(session: Session, batch: BatchRow, speech: Speech) -> Section:
    found = tuple(pending_words(one.document(), speech) for one in pending_tests(session, batch.id))
    block = Lines(found, strong=True) if found else none_line(speech)
    return Section(speech.say(N_("Results that are pending")), (block,))


def oos_section(session: Session, batch: BatchRow, speech: Speech) -> Section:
    stories = oos_stories(session, batch.id)
    return Section(speech.say(N_("Out of specification")), story_blocks(stories, speech))


def story_blocks(stories: Sequence[Mapping[str, Any]], speech: Speech) -> tuple[Block, ...]:
    """What was found, what came of it and who decided so, one record after the other."""
    found: list[Block] = []
    for one in stories:
        found.append(Lines((f"{one['title']} · {one['test']} · {one['criterion']}: {one['found']}",), strong=True))
        pairs: list[tuple[str, Any]] = [
            (N_("Status"), speech.word(one["status"])),
            (N_("Opened"), one["opened at"]),
            (N_("Reason"), one["ground"]),
            (N_("Decision"), one["decision"]),
            (N_("Decided by"), one["decided by"]),
            (N_("When"), one["decided at"]),
        ]
        found.append(Facts(tuple((speech.say(name), said(value, speech)) for name, value in pairs)))
    return tuple(found) or (none_line(speech),)
