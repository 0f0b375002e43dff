"""Holds: set at once by one person or by the system, lifted by the one who may decide (ATMP-HOLD)."""

from __future__ import annotations

from kernel.errors import refuse_any
from kernel.work import Work
from manufacturing.domain.holds import BY_THE_QP, BY_THE_SPONSOR, HoldCause, lift_refusals
from manufacturing.queries.holds import HELD, get_hold, held_content, held_record, hold_content, open_holds
from manufacturing.tables.trial import HoldRow


def set_hold(work: Work, scope: str, record_id: str, *, cause: str, reason: str) -> HoldRow:
    """A hold as the consequence of an act (failed result, third reaction, temperature); nobody signs it.

    The held record is locked first, so that whoever acts on it meets the hold (decision 39).
    """
    held_record(work.session, scope, record_id)
    work.lock(HELD[scope][0], record_id)
    return add_hold(work, scope, record_id, cause=cause, reason=reason, set_by="system")


def add_hold(work: Work, scope: str, record_id: str, *, cause: str, reason: str, set_by: str) -> HoldRow:
    return work.add(
        HoldRow(scope=scope, record_id=record_id, cause=cause, reason=reason, set_by=set_by, set_at=work.at)
    )


def place_hold(work: Work, scope: str, record_id: str) -> HoldRow:
    """QA or QP stops a record at once; one signature, a reason, no second person."""
    work.require("hold:set")
    held_record(work.session, scope, record_id)
    work.lock(HELD[scope][0], record_id)
    work.confirm(held_content(work.session, scope, record_id))
    row = add_hold(
        work, scope, record_id, cause=HoldCause.PERSON, reason=(work.reason or "").strip(), set_by=work.signer().id
    )
    work.sign(row, "put on hold")
    return row


def lift_hold(work: Work, hold_id: str) -> HoldRow:
    """The QP lifts a person's or a temperature hold; other holds on the same record stay."""
    work.require("hold:lift")
    return _lift(work, hold_id, BY_THE_QP)


def lift_safety_hold(work: Work, hold_id: str) -> HoldRow:
    """The sponsor's decision ends a safety hold of the trial (requirements 14.7)."""
    work.require("hold:lift_safety")
    return _lift(work, hold_id, BY_THE_SPONSOR)


def _lift(work: Work, hold_id: str, liftable: frozenset[HoldCause]) -> HoldRow:
    found = get_hold(work.session, hold_id)
    work.lock(HELD[found.scope][0], found.record_id)
    row = work.lock(HoldRow, hold_id)
    refuse_any(lift_refusals(row.cause, lifted=row.lifted_at is not None, liftable=frozenset(HoldCause)))
    work.confirm(hold_content(work.session, hold_id))
    refuse_any(lift_refusals(row.cause, lifted=False, liftable=liftable))
    row.lifted_by, row.lifted_at, row.lift_reason = work.signer().id, work.at, (work.reason or "").strip()
    work.sign(row, "hold lifted")
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
