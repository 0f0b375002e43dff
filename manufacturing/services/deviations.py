"""Deviations: reported from anywhere, investigated, assessed in words, closed by somebody else (S4)."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from kernel.errors import Refused, refuse_any
from kernel.permissions import allows
from kernel.refusals import Refusal
from kernel.words import Words
from kernel.work import Work
from manufacturing.domain.deviations import (
    DEVIATION,
    ClosingFacts,
    EntryKind,
    class_refusals,
    impact_refusals,
    investigation_refusals,
    naming_refusals,
)
from manufacturing.queries.batches import batch_by_number, get_batch, get_deviation
from manufacturing.queries.deviations import (
    batches_affected,
    deviation_content,
    involved_people,
    numbers_to_certify,
)
from manufacturing.queries.reportable import AboutRecord, affected_batches, get_record
from manufacturing.queries.steps import get_step
from manufacturing.tables.batches import BatchRow
from manufacturing.tables.deviations import DeviationBatchRow, DeviationEntryRow, DeviationRow

QP_JUDGES = "deviation:judge"


def raise_about(
    work: Work,
    record_kind: str,
    record_id: str,
    *,
    classification: str,
    description: str,
    step_id: str | None = None,
    hold_time: str | None = None,
) -> DeviationRow:
    """A deviation about any record, also as the consequence of another act. Nobody can delete it.

    The record's batch, or the record itself, is locked for the number. Batches it went into are affected from the start.
    """
    about = get_record(work.session, record_kind, record_id)
    stem = lock_for_number(work, about)
    row = work.add(
        DeviationRow(
            number=next_number(work, stem),
            record_kind=about.kind,
            record_id=record_id,
            record=Words.same(about.name),
            batch_id=about.batch_id,
            step_id=record_id if about.kind == "step" else step_id,
            hold_time=hold_time,
            classification=classification,
            description=description.strip(),
            raised_by=work.actor.id,
            raised_at=work.at,
        )
    )
    for batch_id in sorted(affected_batches(work.session, about)):
        work.lock(BatchRow, batch_id)
        name_batch(work, row, batch_id)
    return row


def lock_for_number(work: Work, about: AboutRecord) -> str:
    """What the number begins with; two reports at once wait for each other here."""
    if about.batch_id:
        return str(work.lock(BatchRow, about.batch_id).number)
    work.lock(type(about.row), about.row.id)
    return str(about.name)


def next_number(work: Work, stem: str) -> str:
    """``NK26-0001-D1``: the record it is about, and a count."""
    beginning = f"{stem}-D"
    known = sa.select(DeviationRow.number).where(DeviationRow.number.startswith(beginning, autoescape=True))
    counts = [one.removeprefix(beginning) for one in work.session.execute(known).scalars()]
    return f"{beginning}{max((int(one) for one in counts if one.isdecimal()), default=0) + 1}"


def raise_deviation(
    work: Work,
    batch_id: str,
    *,
    classification: str,
    description: str,
    step_id: str | None = None,
    hold_time: str | None = None,
) -> DeviationRow:
    """About a batch, one of its steps, or a hold time."""
    kind, record_id = ("step", step_id) if step_id else ("batch", batch_id)
    given = {"classification": classification, "description": description, "hold_time": hold_time}
    return raise_about(work, kind, record_id, **given)


def report_deviation(
    work: Work, batch_id: str, *, classification: str, description: str, step: str | None = None
) -> DeviationRow:
    """Anybody of T, QA, QP and Ph reports what did not go as written. ``step``: position of the step it is about."""
    work.require("deviation:raise")
    work.confirm({})
    step_id = get_step(work.session, batch_id, step).id if step else None
    return raise_deviation(work, batch_id, classification=classification, description=description, step_id=step_id)


def report_about(
    work: Work, record_kind: str, record_id: str, *, classification: str, description: str
) -> DeviationRow:
    """The same from the page of any record (ATMP-DEV-1); a report rests on nothing that could be stale."""
    work.require("deviation:raise")
    work.confirm({})
    return raise_about(work, record_kind, record_id, classification=classification, description=description)


def name_batch(work: Work, row: DeviationRow, batch_id: str) -> None:
    """The deviation affects this batch: it stands on its page and in its guards from now on."""
    work.add(DeviationBatchRow(deviation_id=row.id, batch_id=batch_id, named_by=work.actor.id, named_at=work.at))
    note(work, row, EntryKind.BATCH_NAMED, get_batch(work.session, batch_id).number)


def attach_to_batch(work: Work, records: Iterable[tuple[str, str]], batch_id: str) -> None:
    """What is known of a record (kind and id) goes with it into a new batch, closed deviations included."""
    for kind, record_id in records:
        query = sa.select(DeviationRow).where(DeviationRow.record_kind == kind, DeviationRow.record_id == record_id)
        for row in work.session.execute(query.order_by(DeviationRow.raised_at)).scalars().all():
            if batch_id not in batches_affected(work.session, row):
                name_batch(work, row, batch_id)


def note(work: Work, row: DeviationRow, kind: EntryKind, words: str) -> None:
    """One more line of the history."""
    done_by = work.signers[0].id if work.signers else work.actor.id
    work.add(DeviationEntryRow(deviation_id=row.id, kind=kind, words=words, done_by=done_by, done_at=work.at))


def locked_deviation(work: Work, deviation_id: str, action: str, *also: str) -> DeviationRow:
    """As it was shown, under the lock of its batches (and ``also``); the state comes before every other reason."""
    found = get_deviation(work.session, deviation_id)
    for batch_id in sorted({*batches_affected(work.session, found), *also}):
        work.lock(BatchRow, batch_id)
    row = work.lock(DeviationRow, deviation_id)
    work.confirm(deviation_content(work.session, deviation_id))
    transition = DEVIATION.transition(action, row.status)
    if isinstance(transition, Refusal):
        raise Refused(transition)
    return row


def investigate_deviation(work: Work, deviation_id: str, *, root_cause: str, action: str) -> DeviationRow:
    """Why it happened and what was done at once; said again, the newest words count and the old ones stay."""
    row = locked_deviation(work, deviation_id, "investigate")
    refuse_any(investigation_refusals(root_cause, action))
    work.move(row, DEVIATION, "investigate")
    row.root_cause, row.action = root_cause.strip(), action.strip()
    note(work, row, EntryKind.INVESTIGATED, f"{row.root_cause}\n{row.action}")
    return row


def name_affected_batch(work: Work, deviation_id: str, *, batch_number: str) -> DeviationRow:
    """Another batch that it touches (ATMP-DEV-1)."""
    batch = batch_by_number(work.session, batch_number.strip())
    row = locked_deviation(work, deviation_id, "name_batch", *(() if batch is None else (batch.id,)))
    named = batch is not None and batch.id in batches_affected(work.session, row)
    refuse_any(naming_refusals(batch_number.strip(), known=batch is not None, named=named))
    work.move(row, DEVIATION, "name_batch")
    assert batch is not None  # noqa: S101  (an unknown one was refused)
    name_batch(work, row, batch.id)
    return row


def reclassify_deviation(work: Work, deviation_id: str, *, classification: str) -> DeviationRow:
    """Another class, with its reason."""
    row = locked_deviation(work, deviation_id, "reclassify")
    refuse_any(class_refusals(row.classification, classification))
    work.move(row, DEVIATION, "reclassify")
    note(work, row, EntryKind.RECLASSIFIED, f"{row.classification} → {classification}: {(work.reason or '').strip()}")
    row.classification = classification
    return row


def assess_deviation(work: Work, deviation_id: str, *, impact: str) -> DeviationRow:
    """QA or the QP writes the impact on quality and safety (ATMP-DEV-2); a QP's words are the QP's judgement too."""
    row = locked_deviation(work, deviation_id, "assess")
    refuse_any(impact_refusals(impact))
    work.move(row, DEVIATION, "assess")
    row.impact, row.assessed_by = impact.strip(), work.signer().id
    note(work, row, EntryKind.ASSESSED, row.impact)
    if allows(QP_JUDGES, work.signer().roles):
        row.judgement, row.judged_by = row.impact, row.assessed_by
    return row


def judge_deviation(work: Work, deviation_id: str, *, judgement: str) -> DeviationRow:
    """The QP's own assessment where batches to be certified are affected (ATMP-DEV-2)."""
    row = locked_deviation(work, deviation_id, "judge")
    refuse_any(impact_refusals(judgement, "judgement"))
    work.move(row, DEVIATION, "judge")
    row.judgement, row.judged_by = judgement.strip(), work.signer().id
    note(work, row, EntryKind.JUDGED, row.judgement)
    return row


def close_deviation(work: Work, deviation_id: str) -> DeviationRow:
    """QA, and nobody who raised, investigated or assessed it at any time (S4)."""
    row = locked_deviation(work, deviation_id, "close")
    facts = ClosingFacts(
        signer=work.signer().id,
        involved=involved_people(work.session, row),
        to_certify=numbers_to_certify(work.session, row),
        judged=row.judged_by is not None,
    )
    work.move(row, DEVIATION, "close", facts)
    row.closed_by = work.signer().id
    note(work, row, EntryKind.CLOSED, "")
    return row


def reopen_deviation(work: Work, deviation_id: str) -> DeviationRow:
    """Back under investigation, with a reason; assessments have to be given anew and the earlier ones stay readable."""
    row = locked_deviation(work, deviation_id, "reopen")
    work.move(row, DEVIATION, "reopen")
    row.assessed_by = row.judged_by = row.judgement = row.closed_by = None
    note(work, row, EntryKind.REOPENED, (work.reason or "").strip())
    return row
