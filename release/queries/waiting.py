"""Batches by what they wait for, and what waits for whom: few queries, however many batches there are."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from kernel.canonical import canonical
from kernel.refusals import N_
from manufacturing.domain.batches import BatchStatus
from manufacturing.queries.collections import codes
from manufacturing.queries.trial import paged
from manufacturing.tables.batches import BatchRow
from manufacturing.tables.trial import SubjectRow
from release.domain.decisions import LATE_FAILURES, DecisionKind, Disposition
from release.domain.entries import FROM_RECORDS
from release.queries.voided import is_voided, voided_batches
from release.tables.decisions import DecisionRow, DispositionRow
from release.tables.dispensing import DispensingRow
from release.tables.testing import QcTestRow, ResultRow

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


def has_newer_results() -> Any:
    """A batch of which something was entered or verified after its newest review."""
    reviewed = sa.select(sa.func.max(DecisionRow.decided_at)).where(
        DecisionRow.batch_id == BatchRow.id, DecisionRow.kind == DecisionKind.REVIEW
    )
    since = reviewed.scalar_subquery()
    of_batch = sa.exists().where(QcTestRow.batch_id == BatchRow.id, ResultRow.test_id == QcTestRow.id)
    return of_batch.where(sa.or_(ResultRow.entered_at > since, ResultRow.verified_at > since))


@functools.cache
def condition(waits: str) -> Any:
    """The batches that wait for one thing."""
    quarantine = with_disposition(DispositionRow.status == Disposition.QUARANTINE)
    undecided = with_disposition(DispositionRow.status.not_in((Disposition.REJECTED, Disposition.LATE_OOS)))
    certified = with_disposition(DispositionRow.status.in_(CERTIFIED))
    released = DispositionRow.sponsor_released.is_(sa.true())
    found = {
        "review": sa.and_(BatchRow.status == BatchStatus.PRODUCTION_COMPLETE, undecided),
        "review again": sa.and_(BatchRow.status == BatchStatus.QA_REVIEWED, quarantine, has_newer_results()),
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
        of_subject = sa.select(SubjectRow.id).where(SubjectRow.code.icontains(wanted, autoescape=True))
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


def late_decisions(session: Session, roles: Collection[str]) -> list[tuple[DecisionRow, BatchRow]]:
    """Late failures that somebody of these roles may not have answered yet, the newest first.

    Those that all have answered, years of them, are not read: an answer names its role and the failure in its basis. Whoever
    found a failure himself has told no answer of his own, so his stays among them.
    """
    query = (
        sa.select(DecisionRow, BatchRow)
        .join(BatchRow, BatchRow.id == DecisionRow.batch_id)
        .where(DecisionRow.kind.in_(LATE_FAILURES), sa.or_(*(~answered(role) for role in sorted(roles))))
        .order_by(DecisionRow.decided_at.desc())
    )
    return [(decision, batch) for decision, batch in session.execute(query)]


def answered(role: str) -> sa.ColumnElement[bool]:
    """A condition on late failures: somebody of this role has acknowledged it."""
    answer = aliased(DecisionRow)
    about = sa.literal('%"late_oos":"', sa.Text).concat(DecisionRow.id).concat('"%')
    by = canonical({"role": role})[1:-1]
    return sa.exists().where(
        answer.batch_id == DecisionRow.batch_id,
        answer.kind == DecisionKind.ACKNOWLEDGED,
        answer.basis.like(about),
        answer.basis.contains(by, autoescape=True),
    )


def register(session: Session) -> list[tuple[DecisionRow, BatchRow]]:
    """Every certification in the order of its number (A16-REG)."""
    query = (
        sa.select(DecisionRow, BatchRow)
        .join(BatchRow, BatchRow.id == DecisionRow.batch_id)
        .where(DecisionRow.register_number.is_not(None))
        .order_by(DecisionRow.register_number)
    )
    return [(decision, batch) for decision, batch in session.execute(query)]
