"""Batches by what they wait for, and what waits for whom: few queries, however many batches there are."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.refusals import N_
from manufacturing.domain.batches import BatchStatus
from manufacturing.queries.collections import codes
from manufacturing.queries.trial import paged
from manufacturing.tables.batches import BatchRow
from manufacturing.tables.trial import SubjectRow
from release.domain.criteria import Kind
from release.domain.decisions import LATE_FAILURES, Disposition, QcTestStatus
from release.domain.entries import FROM_RECORDS, final_due
from release.queries.testing import criterion_of, specification_of
from release.queries.voided import is_voided, voided_batches
from release.tables.decisions import DecisionRow, DispositionRow
from release.tables.dispensing import DispensingRow
from release.tables.testing import QcTestRow, ResultRow

MOST = 50
SORTS = {
    "number": BatchRow.number,
    "status": BatchRow.status,
    "completed": BatchRow.completed_at,
    "expires": BatchRow.expires_at,
}
CERTIFIED = (Disposition.CERTIFIED_PENDING, Disposition.CERTIFIED_FINAL)
PRODUCTION = N_("production")
REVIEW = N_("QA review")
CERTIFICATION = N_("certification")
SPONSOR = N_("sponsor release")
FINAL = N_("final results")
GIVEN = N_("certification of what was given")
NOTHING = N_("nothing")
WAITS = {
    "review": REVIEW,
    "certification": CERTIFICATION,
    "sponsor": SPONSOR,
    "final": FINAL,
    "given": GIVEN,
    "late": N_("late result"),
}


def with_disposition(*conditions: Any) -> Any:
    """A batch with at least one container in such a state."""
    return sa.exists().where(DispositionRow.batch_id == BatchRow.id, *conditions)


def undispensed() -> Any:
    stands = sa.exists().where(
        DispensingRow.container_id == DispositionRow.container_id, DispensingRow.cancelled_at.is_(None)
    )
    return ~stands


def condition(waits: str) -> Any:
    """The batches that wait for one thing."""
    quarantine = with_disposition(DispositionRow.status == Disposition.QUARANTINE)
    undecided = with_disposition(DispositionRow.status.not_in((Disposition.REJECTED, Disposition.LATE_OOS)))
    certified = with_disposition(DispositionRow.status.in_(CERTIFIED))
    released = DispositionRow.sponsor_released.is_(sa.true())
    found = {
        "review": sa.and_(BatchRow.status == BatchStatus.PRODUCTION_COMPLETE, undecided),
        "certification": sa.and_(BatchRow.status == BatchStatus.QA_REVIEWED, quarantine),
        "sponsor": with_disposition(DispositionRow.status.in_(CERTIFIED), ~released, undispensed()),
        "final": with_disposition(DispositionRow.status == Disposition.CERTIFIED_PENDING),
        "given": sa.and_(BatchRow.status == BatchStatus.QA_REVIEWED, certified, is_voided()),
        "late": with_disposition(DispositionRow.status == Disposition.LATE_OOS),
    }
    return found[waits]


def list_release(session: Session, args: dict[str, str]) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """One page of batches with their disposition, open results and what comes next."""
    query = sa.select(BatchRow)
    if args.get("waits") in WAITS:
        query = query.where(condition(args["waits"]))
    if wanted := args.get("q", "").strip():
        of_subject = sa.select(SubjectRow.id).where(SubjectRow.code.contains(wanted, autoescape=True))
        by_number = BatchRow.number.contains(wanted, autoescape=True)
        query = query.where(sa.or_(by_number, BatchRow.subject_id.in_(of_subject)))
    rows, page = paged(session, query, args, SORTS, "-number")
    ids = [row.id for row in rows]
    subjects = codes(session, SubjectRow, {row.subject_id for row in rows})
    states, tests = dispositions_by_batch(session, ids), open_tests_by_batch(session, ids)
    voided = voided_batches(session, ids)
    return [
        {
            "id": row.id,
            "number": row.number,
            "subject": subjects[row.subject_id],
            "status": row.status,
            "expires_at": row.expires_at,
            "completed_at": row.completed_at,
            "dispositions": sorted({one.status for one in states[row.id]}),
            "tests": tests[row.id],
            "waits_for": waits_for(row, states[row.id], voided=row.id in voided),
        }
        for row in rows
    ], page


def dispositions_by_batch(session: Session, batch_ids: list[str]) -> dict[str, list[DispositionRow]]:
    found: dict[str, list[DispositionRow]] = defaultdict(list)
    query = sa.select(DispositionRow).where(DispositionRow.batch_id.in_(batch_ids))
    for row in session.execute(query).scalars():
        found[row.batch_id].append(row)
    return found


def open_tests_by_batch(session: Session, batch_ids: list[str]) -> dict[str, dict[str, int]]:
    """How many tests of each batch are in which state; those that the records answer are not counted."""
    query = (
        sa.select(QcTestRow.batch_id, QcTestRow.status, sa.func.count())
        .where(QcTestRow.batch_id.in_(batch_ids), QcTestRow.criterion.not_in(FROM_RECORDS))
        .group_by(QcTestRow.batch_id, QcTestRow.status)
    )
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for batch_id, status, count in session.execute(query):
        found[batch_id][status] = count
    return found


def waits_for(batch: BatchRow, states: list[DispositionRow], *, voided: bool) -> str:
    """The next decision, in words. ``voided``: the record was corrected after the newest certification."""
    statuses = {row.status for row in states}
    again = voided and bool(statuses & set(CERTIFIED))
    if again and batch.status == BatchStatus.QA_REVIEWED:
        return GIVEN
    if Disposition.QUARANTINE in statuses or again:
        return {
            BatchStatus.PRODUCTION_COMPLETE: REVIEW,
            BatchStatus.QA_REVIEWED: CERTIFICATION,
        }.get(BatchStatus(batch.status), PRODUCTION)
    if Disposition.LATE_OOS in statuses:
        return WAITS["late"]
    if any(row.status in CERTIFIED and not row.sponsor_released for row in states):
        return SPONSOR
    if Disposition.CERTIFIED_PENDING in statuses:
        return FINAL
    return NOTHING if states or batch.status == BatchStatus.TERMINATED else PRODUCTION


@dataclass(frozen=True)
class WaitingTest:
    """``since``: entered, or inoculated. ``due``: of a culture, the end of its incubation."""

    test: QcTestRow
    batch: BatchRow
    name: str
    since: datetime | None
    due: datetime | None
    people: frozenset[str]


def tests_in(session: Session, *statuses: QcTestStatus) -> list[WaitingTest]:
    """Tests in these states, the oldest batch first; with everybody who had a hand in them."""
    query = (
        sa.select(QcTestRow, BatchRow)
        .join(BatchRow, BatchRow.id == QcTestRow.batch_id)
        .where(QcTestRow.status.in_(statuses), BatchRow.status != BatchStatus.TERMINATED)
        .order_by(BatchRow.opened_at, QcTestRow.number)
        .limit(MOST)
    )
    pairs = session.execute(query).all()
    entries: dict[str, list[ResultRow]] = defaultdict(list)
    rows = sa.select(ResultRow).where(ResultRow.test_id.in_([test.id for test, _ in pairs]))
    for row in session.execute(rows.order_by(ResultRow.sequence)).scalars():
        entries[row.test_id].append(row)
    return [waiting(session, test, batch, entries[test.id]) for test, batch in pairs]


def waiting(session: Session, test: QcTestRow, batch: BatchRow, entries: list[ResultRow]) -> WaitingTest:
    specification = specification_of(session, batch)
    criterion = criterion_of(specification, test)
    culture = criterion.kind is Kind.STERILITY and test.inoculated_at is not None
    due = (
        final_due(test.inoculated_at, specification.final_days_of(criterion))
        if culture and test.inoculated_at
        else None
    )
    people = {row.entered_by for row in entries} | ({test.inoculated_by} if test.inoculated_by else set())
    since = entries[-1].entered_at if entries else test.inoculated_at
    return WaitingTest(test, batch, criterion.name, since, due, frozenset(people))


def waiting_batches(session: Session, waits: str) -> list[BatchRow]:
    query = sa.select(BatchRow).where(condition(waits)).order_by(BatchRow.completed_at, BatchRow.number).limit(MOST)
    return list(session.execute(query).scalars())


def usable_batches(session: Session) -> list[BatchRow]:
    """Certified, with a container that was not dispensed: its weight must stand."""
    ready = with_disposition(DispositionRow.status.in_(CERTIFIED), undispensed())
    return list(session.execute(sa.select(BatchRow).where(ready).order_by(BatchRow.expires_at).limit(MOST)).scalars())


def untested_batches(session: Session) -> list[tuple[BatchRow, int]]:
    """Batches with filled containers and tests without any entry, with their number."""
    filled = with_disposition(DispositionRow.status == Disposition.QUARANTINE)
    empty = (QcTestRow.status == QcTestStatus.REQUESTED, QcTestRow.criterion.not_in(FROM_RECORDS))
    some = sa.exists().where(QcTestRow.batch_id == BatchRow.id, *empty)
    query = sa.select(BatchRow).where(filled, BatchRow.status != BatchStatus.TERMINATED, some)
    batches = session.execute(query.order_by(BatchRow.expires_at).limit(MOST)).scalars().all()
    of_these = QcTestRow.batch_id.in_([batch.id for batch in batches])
    counted = sa.select(QcTestRow.batch_id, sa.func.count()).where(of_these, *empty).group_by(QcTestRow.batch_id)
    counts = dict(session.execute(counted).all())
    return [(batch, counts[batch.id]) for batch in batches]


def late_decisions(session: Session) -> list[tuple[DecisionRow, BatchRow]]:
    query = (
        sa.select(DecisionRow, BatchRow)
        .join(BatchRow, BatchRow.id == DecisionRow.batch_id)
        .where(DecisionRow.kind.in_(LATE_FAILURES))
        .order_by(DecisionRow.decided_at.desc())
        .limit(MOST)
    )
    return [(decision, batch) for decision, batch in session.execute(query)]


def register(session: Session) -> list[tuple[DecisionRow, BatchRow]]:
    """Every certification in the order of its number (A16-REG)."""
    query = (
        sa.select(DecisionRow, BatchRow)
        .join(BatchRow, BatchRow.id == DecisionRow.batch_id)
        .where(DecisionRow.register_number.is_not(None))
        .order_by(DecisionRow.register_number)
    )
    return [(decision, batch) for decision, batch in session.execute(query)]
