"""Holds: set at once by one person or by the system, lifted by the one who may decide (ATMP-HOLD).

The hold records are the truth about every record; the state of the trial follows those on the trial.
"""

from __future__ import annotations

from kernel.errors import refuse_any
from kernel.work import Work
from manufacturing.domain.holds import BY_THE_QP, BY_THE_SPONSOR, HoldCause, HoldScope, lift_refusals
from manufacturing.domain.trial import TRIAL, TrialStatus
from manufacturing.queries.holds import HELD, get_hold, held_content, held_record, hold_content, open_holds
from manufacturing.tables.trial import HoldRow, TrialRow


def set_hold(work: Work, scope: str, record_id: str, *, cause: str, reason: str) -> HoldRow:
    """A hold as the consequence of an act (failed result, third reaction, temperature); nobody signs it.

    The held record is locked first, so that whoever acts on it meets the hold (decision 39).
    """
    held_record(work.session, scope, record_id)
    held = work.lock(HELD[scope][0], record_id)
    if scope == HoldScope.TRIAL:
        work.system_move(held, TrialStatus.ON_HOLD)
    return add_hold(work, scope, record_id, cause=cause, reason=reason, set_by="system")


def add_hold(work: Work, scope: str, record_id: str, *, cause: str, reason: str, set_by: str) -> HoldRow:
    return work.add(
        HoldRow(scope=scope, record_id=record_id, cause=cause, reason=reason, set_by=set_by, set_at=work.at)
    )


def place_hold(work: Work, scope: str, record_id: str) -> HoldRow:
    """QA or QP stops a record at once, the sponsor the trial too; one signature, a reason, no second person.

    The sponsor's decision lets a trial go on (requirements 14.7).
    """
    work.require("trial:hold" if scope == HoldScope.TRIAL else "hold:set")
    held_record(work.session, scope, record_id)
    held = work.lock(HELD[scope][0], record_id)
    work.confirm(held_content(work.session, scope, record_id))
    if scope == HoldScope.TRIAL:
        work.move(held, TRIAL, "hold")
    row = add_hold(
        work, scope, record_id, cause=HoldCause.PERSON, reason=(work.reason or "").strip(), set_by=work.signer().id
    )
    work.sign(row, "put on hold")
    return row


def lift_hold(work: Work, hold_id: str) -> HoldRow:
    """The QP lifts a person's or a temperature hold; other holds on the same record stay."""
    work.require("hold:lift")
    on_trial = get_hold(work.session, hold_id).scope == HoldScope.TRIAL
    row = _lift(work, hold_id, frozenset() if on_trial else BY_THE_QP)
    work.sign(row, "hold lifted")
    return row


def lift_trial_hold(work: Work, hold_id: str, *, document: str) -> HoldRow:
    """The sponsor's decision ends one hold of the trial; with the last one the trial goes on (requirements 14.7).

    ``document``: number of the signed decision, kept with the hold.
    """
    work.require("trial:lift")
    on_trial = get_hold(work.session, hold_id).scope == HoldScope.TRIAL
    row = _lift(work, hold_id, BY_THE_SPONSOR if on_trial else frozenset())
    row.lift_document = document.strip()
    work.content = {**work.content, "decision document": row.lift_document}
    work.session.flush()
    others = open_holds(work.session, trial=row.record_id)
    trial = work.lock(TrialRow, row.record_id)
    work.move(trial, TRIAL, "lift one of several holds" if others else "lift the last hold")
    work.sign(row, "hold lifted")
    return row


def _lift(work: Work, hold_id: str, liftable: frozenset[HoldCause]) -> HoldRow:
    found = get_hold(work.session, hold_id)
    work.lock(HELD[found.scope][0], found.record_id)
    row = work.lock(HoldRow, hold_id)
    refuse_any(lift_refusals(row.cause, lifted=row.lifted_at is not None, liftable=frozenset(HoldCause)))
    work.confirm(hold_content(work.session, hold_id))
    refuse_any(lift_refusals(row.cause, lifted=False, liftable=liftable))
    row.lifted_by, row.lifted_at, row.lift_reason = work.signer().id, work.at, (work.reason or "").strip()
    return row


def lift_system_hold(work: Work, hold_id: str, reason: str) -> HoldRow:
    """End exactly this hold of the system, when its own cause is settled; every other one stays (decision 26)."""
    row = work.lock(HoldRow, hold_id)
    if row.lifted_at is None:
        row.lifted_by, row.lifted_at, row.lift_reason = "system", work.at, reason
    return row


def lift_system_holds(work: Work, scope: str, record_id: str, *, cause: str, reason: str) -> list[HoldRow]:
    """End the system's holds of one cause on a record when a decision has settled the cause."""
    held = {scope: record_id}
    rows = [work.lock(HoldRow, hold.id) for hold in open_holds(work.session, **held) if hold.cause == cause]
    for row in rows:
        row.lifted_by, row.lifted_at, row.lift_reason = "system", work.at, reason
    return rows
