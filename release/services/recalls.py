"""Recalls and drills: opened with everything frozen in one act, told, accounted for, closed by somebody else."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from kernel.canonical import canonical, digest
from kernel.errors import Refused, refuse_any
from kernel.refusals import FUTURE_TIME, N_, Refusal
from kernel.work import Work
from manufacturing.domain.expiry import local_day
from manufacturing.domain.holds import HoldCause, HoldScope
from manufacturing.domain.materials import STOPPED
from manufacturing.services.holds import add_hold
from manufacturing.services.materials import stop_for_recall
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.collections import CollectionRow
from manufacturing.tables.materials import LotRow
from manufacturing.tables.trial import HoldRow, SubjectRow
from release.domain.duties import ROLE_OF, Duty
from release.domain.recalls import (
    CONFIRM_WITHIN,
    RECALL,
    RECALL_ANSWERED,
    RECALL_EMPTY,
    RECALL_OPEN,
    RECALL_SIMULATED,
    ClosingRecall,
    RecallClass,
    RecallScope,
    RecallStatus,
    Whereabouts,
    accounting_refusals,
    hold_reason,
)
from release.queries.recall_units import Source, material_of, source_content, source_of
from release.queries.recalls import (
    batches_in,
    get_notice,
    get_recall,
    open_recall_of,
    recall_content,
    said_of,
    unaccounted,
    units_of_recall,
    untold,
)
from release.tables.recalls import RecallBatchRow, RecallCallRow, RecallNoticeRow, RecallRow, RecallUnitRow

PREFIX = {False: "RC", True: "DR"}
EVERYBODY = (Duty.PHARMACY, Duty.QP, Duty.SPONSOR, Duty.AUTHORITY)


def lock_source(work: Work, scope: str, record_id: str) -> Source:
    """The lot before everything, as where lots are used; then subjects, collections and batches (decision 39)."""
    if scope == RecallScope.LOT:
        work.lock(LotRow, record_id)
    source = source_of(work.session, scope, record_id)
    collections = material_of(work.session, source)
    subjects = {one.subject_id for one in (*source.batches, *collections)}
    for table, ids in (
        (SubjectRow, subjects),
        (CollectionRow, {one.id for one in collections}),
        (BatchRow, {one.id for one in source.batches}),
    ):
        for one in sorted(ids):
            work.lock(table, one)
    return source


def open_recall(work: Work, scope: str, record_id: str, *, recall_class: str, why: str) -> RecallRow:
    """One person of QA or the QP, at any hour: all of it is frozen when the act ends, and everybody is to be told."""
    source = begun(work, scope, record_id)
    if (running := open_recall_of(work.session, record_id)) is not None:
        raise Refused(RECALL_OPEN(number=running.number, record=running.record))
    row = entered(work, source, drill=False, recall_class=recall_class, why=why)
    freeze(work, row, source)
    return row


def start_drill(work: Work, scope: str, record_id: str, *, recall_class: str, why: str) -> RecallRow:
    """The same list, clocks and reconciliation; no record but the drill's own is touched (ATMP-14-MOCK)."""
    source = begun(work, scope, record_id)
    return entered(work, source, drill=True, recall_class=recall_class, why=why)


def begun(work: Work, scope: str, record_id: str) -> Source:
    work.require("recall:open")
    source = lock_source(work, scope, record_id)
    work.confirm(source_content(work.session, scope, record_id))
    if not (source.batches or source.collections):
        raise Refused(RECALL_EMPTY(record=source.record))
    return source


def entered(work: Work, source: Source, *, drill: bool, recall_class: str, why: str) -> RecallRow:
    row = work.add(
        RecallRow(
            number=next_number(work, drill=drill),
            drill=drill,
            scope=source.scope,
            record_id=source.record_id,
            record=source.record,
            recall_class=recall_class,
            reason=why.strip(),
            opened_by=work.signer().id,
            opened_at=work.at,
            listed_at=max(work.at, work.database.clock.now()),
        )
    )
    for batch in source.batches:
        work.add(RecallBatchRow(recall_id=row.id, batch_id=batch.id))
    tell(work, row, source)
    work.sign(row, "drill started" if drill else "recall opened")
    return row


def next_number(work: Work, *, drill: bool) -> str:
    """``RC-2026-001``: unique, so two recalls at once cannot share one."""
    stem = f"{PREFIX[drill]}-{local_day(work.at).year}-"
    query = sa.select(sa.func.max(RecallRow.number)).where(RecallRow.number.startswith(stem))
    newest = work.session.execute(query).scalar()
    return f"{stem}{int(newest.removeprefix(stem)) + 1 if newest else 1:03}"


def tell(work: Work, row: RecallRow, source: Source) -> None:
    """One notice for each duty, for the physician one for each subject; all on one clock."""
    due_at = row.opened_at + CONFIRM_WITHIN[RecallClass(row.recall_class)]
    subjects = sorted({one.subject_id for one in (*source.batches, *source.collections)})
    duties: list[tuple[Duty, str | None]] = [(Duty.PHYSICIAN, one) for one in subjects]
    for duty, subject_id in [*duties, *((one, None) for one in EVERYBODY)]:
        work.add(
            RecallNoticeRow(recall_id=row.id, duty=duty, subject_id=subject_id, due_at=due_at, simulated=row.drill)
        )


def freeze(work: Work, row: RecallRow, source: Source) -> None:
    """A hold on every batch, held with all its containers, and on the material of a donor; a lot takes no more use."""
    held = [
        *((HoldScope.COLLECTION, one.id) for one in source.collections),
        *((HoldScope.BATCH, one.id) for one in source.batches),
    ]
    said = hold_reason(row.number, row.record, row.reason)
    for scope, record_id in held:
        add_hold(work, scope, record_id, cause=HoldCause.RECALL, reason=said, set_by="system")
    if source.scope is RecallScope.LOT:
        lot = work.lock(LotRow, source.record_id)
        if lot.status not in STOPPED:
            stop_for_recall(work, lot, f"{row.number}: {row.reason}")


def lock_recall(work: Work, recall_id: str, action: str) -> RecallRow:
    """The state comes before every other reason."""
    get_recall(work.session, recall_id)
    row = work.lock(RecallRow, recall_id)
    work.confirm(recall_content(work.session, recall_id))
    if row.status != RecallStatus.OPEN:
        transition = RECALL.transition(action, row.status)
        assert isinstance(transition, Refusal)  # noqa: S101  (nothing leaves a closed recall)
        raise Refused(transition)
    return row


def confirm_recall(work: Work, recall_id: str, notice_id: str, *, answer: str) -> RecallNoticeRow:
    """Somebody of the duty signs that it is known, and says what is done about it."""
    duty = Duty(get_notice(work.session, recall_id, notice_id).duty)
    work.require(f"recall:confirm_{duty}")
    row = lock_recall(work, recall_id, "confirm")
    if row.drill:
        raise Refused(RECALL_SIMULATED(number=row.number))
    notice = unanswered(work, notice_id)
    answered(work, notice, answer)
    work.sign(notice, "recall confirmed")
    return notice


def unanswered(work: Work, notice_id: str) -> RecallNoticeRow:
    notice = work.lock(RecallNoticeRow, notice_id)
    if notice.confirmed_at is not None:
        raise Refused(RECALL_ANSWERED())
    return notice


def answered(work: Work, notice: RecallNoticeRow, answer: str) -> None:
    notice.answer, notice.confirmed_by, notice.confirmed_at = answer.strip(), work.signer().id, work.at


def record_call(
    work: Work, recall_id: str, notice_id: str, *, channel: str, called_at: datetime, reached: bool, said: str
) -> RecallCallRow:
    """An attempt to reach a duty, answered or not. In a drill, and for an authority, being reached confirms."""
    work.require("recall:open")
    row = lock_recall(work, recall_id, "call")
    notice = unanswered(work, get_notice(work.session, recall_id, notice_id).id)
    if called_at > work.at:
        raise Refused(FUTURE_TIME(name=N_("The time of the call"), field="called_at"))
    call = work.add(
        RecallCallRow(
            notice_id=notice.id,
            channel=channel.strip(),
            called_at=called_at,
            reached=reached,
            said=said.strip(),
            recorded_by=work.signer().id,
            recorded_at=work.at,
        )
    )
    work.sign(call, "contact recorded")
    if reached and (row.drill or notice.duty not in ROLE_OF):
        answered(work, notice, said)
    return call


def account_for(
    work: Work, recall_id: str, container_id: str, *, whereabouts: str, explanation: str | None = None
) -> RecallUnitRow:
    """Somebody saw the container, or says how it was lost; what was infused or destroyed the records say."""
    work.require("recall:account")
    row = lock_recall(work, recall_id, "account")
    found = next((one for one in units_of_recall(work.session, recall_id) if one.id == container_id), None)
    unit = work.lock(ContainerRow, found.id if found else None)
    assert found is not None  # noqa: S101  (a container of another recall was not found)
    refuse_any(accounting_refusals(found.unit, Whereabouts(whereabouts), explanation))
    earlier = said_of(work.session, recall_id).get(unit.id)
    said = work.add(
        RecallUnitRow(
            recall_id=row.id,
            container_id=unit.id,
            sequence=earlier.sequence + 1 if earlier else 1,
            whereabouts=whereabouts,
            explanation=(explanation or "").strip() or None,
            accounted_by=work.signer().id,
            accounted_at=work.at,
        )
    )
    work.sign(said, "container accounted for")
    return said


def close_recall(work: Work, recall_id: str, *, cleared: bool, conclusion: str) -> RecallRow:
    """By another person, when everybody knows and every unit is accounted for. ``cleared``: the holds of this recall
    end; otherwise they stay for ever. The report is kept as it stands now, with its hash."""
    for batch in sorted(batches_in(work.session, recall_id), key=lambda one: one.id):
        work.lock(BatchRow, batch.id)
    row = lock_recall(work, recall_id, "close")
    facts = ClosingRecall(
        work.signer().id,
        row.opened_by,
        tuple(untold(work.session, recall_id)),
        tuple(unaccounted(work.session, recall_id)),
    )
    work.move(row, RECALL, "close", facts)
    row.cleared, row.conclusion = cleared, conclusion.strip()
    row.closed_by, row.closed_at = work.signer().id, work.at
    if cleared and not row.drill:
        lift_holds(work, row)
    report = {**recall_content(work.session, recall_id), "conclusion": row.conclusion, "closed at": work.at}
    row.report, row.report_sha256 = canonical(report), digest(report)
    return row


def lift_holds(work: Work, row: RecallRow) -> None:
    """Only those of this recall."""
    query = sa.select(HoldRow.id).where(
        HoldRow.cause == HoldCause.RECALL,
        HoldRow.lifted_at.is_(None),
        HoldRow.reason == hold_reason(row.number, row.record, row.reason),
    )
    for hold_id in work.session.execute(query.order_by(HoldRow.id)).scalars().all():
        hold = work.lock(HoldRow, hold_id)
        hold.lifted_by, hold.lifted_at, hold.lift_reason = "system", work.at, f"{row.number} closed: units cleared"
