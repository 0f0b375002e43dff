"""Noting that lines are missing, and QA's word on what became of them."""

from __future__ import annotations

from kernel.database import Database
from kernel.errors import refuse_any
from kernel.witness.domain import ToldHead, recovery_refusals
from kernel.witness.queries import is_noted, missed_lines, newest_seq, open_missed, recovery_content
from kernel.witness.tables import MissedHeadRow, RecoveryRow
from kernel.work import Actor, Work, unit_of_work


def note_missed(database: Database, actor: Actor, told: ToldHead, station: str) -> None:
    """Keep it, once, whoever notices and whatever else is refused: from now on nothing is decided by these records."""
    with database.reading() as session:
        if is_noted(session, told):
            return
    with unit_of_work(database, actor, "head.missed", details={"station": station} if station else {}) as work:
        if not is_noted(work.session, told):
            row = MissedHeadRow(seq=told.seq, hash=told.hash, recoveries=told.recoveries, station=station)
            row.noticed_by, row.noticed_at = actor.id, work.at
            work.add(row)


def sign_recovery(work: Work, *, kept_seq: int, lost_until: int, copy: str, accounted: str) -> RecoveryRow:
    """Scans and dispensing go on after it; heads told before it and within the lost lines are no witnesses any more."""
    work.require("trail:recover")
    content = recovery_content(work.database, work.session)
    work.confirm(content)
    lines, unread = missed_lines(work.database, work.session)
    missed, newest = [int(one["line"]) for one in lines], newest_seq(work.session)
    refuse_any(recovery_refusals(kept_seq, lost_until, missed=missed, newest=newest, unread=unread))
    row = RecoveryRow(number=content["recovery"], kept_seq=kept_seq, lost_until=lost_until, copy=copy.strip())
    row.accounted, row.signed_by, row.signed_at = accounted.strip(), work.signer().id, work.at
    work.add(row)
    for head in open_missed(work.session):
        work.lock(MissedHeadRow, head.id).recovery_id = row.id
    work.recovers = True
    work.sign(row, "recovery signed")
    return row
