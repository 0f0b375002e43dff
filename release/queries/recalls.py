"""Recalls as rules and pages need them: the list, whom it reached, where each unit is, and the report of all of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.errors import NotFound
from manufacturing.queries.trial import paged
from manufacturing.tables.batches import BatchRow
from release.domain.duties import Duty
from release.domain.recalls import RecallStatus, Whereabouts, accounted, effectiveness
from release.queries.recall_units import ListedUnit, subject_codes, unit_document, units_in
from release.tables.recalls import RecallBatchRow, RecallCallRow, RecallNoticeRow, RecallRow, RecallUnitRow

DUTIES = [one.value for one in Duty]
SORTS = {"number": RecallRow.number, "status": RecallRow.status, "opened": RecallRow.opened_at}


def get_recall(session: Session, recall_id: str) -> RecallRow:
    row = session.get(RecallRow, recall_id)
    if row is None:
        raise NotFound(f"recall {recall_id}")
    return row


def get_notice(session: Session, recall_id: str, notice_id: str) -> RecallNoticeRow:
    row = session.get(RecallNoticeRow, notice_id)
    if row is None or row.recall_id != recall_id:
        raise NotFound(f"notice {notice_id}")
    return row


def recall_by_number(session: Session, number: str) -> RecallRow | None:
    return session.execute(sa.select(RecallRow).where(RecallRow.number == number)).scalar_one_or_none()


def open_recall_of(session: Session, record_id: str) -> RecallRow | None:
    """The real one of this source that is still open."""
    query = sa.select(RecallRow).where(
        RecallRow.record_id == record_id, RecallRow.drill.is_(sa.false()), RecallRow.status == RecallStatus.OPEN
    )
    return session.execute(query).scalars().first()


def open_recalls(session: Session) -> list[RecallRow]:
    query = sa.select(RecallRow).where(RecallRow.status == RecallStatus.OPEN)
    return list(session.execute(query.order_by(RecallRow.opened_at)).scalars())


def recalls_of_batch(session: Session, batch_id: str) -> list[RecallRow]:
    """Real ones, the newest first."""
    reached = sa.select(RecallBatchRow.recall_id).where(RecallBatchRow.batch_id == batch_id)
    query = sa.select(RecallRow).where(RecallRow.id.in_(reached), RecallRow.drill.is_(sa.false()))
    return list(session.execute(query.order_by(RecallRow.opened_at.desc())).scalars())


def recalls_from(session: Session, record_id: str) -> list[RecallRow]:
    """Real ones that started from this record, the newest first."""
    query = sa.select(RecallRow).where(RecallRow.record_id == record_id, RecallRow.drill.is_(sa.false()))
    return list(session.execute(query.order_by(RecallRow.opened_at.desc())).scalars())


def batches_in(session: Session, recall_id: str) -> list[BatchRow]:
    reached = sa.select(RecallBatchRow.batch_id).where(RecallBatchRow.recall_id == recall_id)
    query = sa.select(BatchRow).where(BatchRow.id.in_(reached)).order_by(BatchRow.number)
    return list(session.execute(query).scalars())


def notices_of(session: Session, recall_id: str) -> list[RecallNoticeRow]:
    """In the order in which the duties are called."""
    query = sa.select(RecallNoticeRow).where(RecallNoticeRow.recall_id == recall_id)
    rows = session.execute(query.order_by(RecallNoticeRow.subject_id, RecallNoticeRow.id)).scalars()
    return sorted(rows, key=lambda one: DUTIES.index(one.duty))


def calls_of(session: Session, notice_ids: Iterable[str]) -> dict[str, list[RecallCallRow]]:
    query = sa.select(RecallCallRow).where(RecallCallRow.notice_id.in_(list(notice_ids)))
    found: dict[str, list[RecallCallRow]] = defaultdict(list)
    for row in session.execute(query.order_by(RecallCallRow.called_at, RecallCallRow.id)).scalars():
        found[row.notice_id].append(row)
    return found


def said_of(session: Session, recall_id: str) -> dict[str, RecallUnitRow]:
    """The newest word on each container."""
    query = sa.select(RecallUnitRow).where(RecallUnitRow.recall_id == recall_id).order_by(RecallUnitRow.sequence)
    return {row.container_id: row for row in session.execute(query).scalars()}


def units_of_recall(session: Session, recall_id: str) -> list[ListedUnit]:
    return units_in(session, batches_in(session, recall_id))


def where_is(one: ListedUnit, said: RecallUnitRow | None) -> Whereabouts | None:
    return accounted(one.unit, Whereabouts(said.whereabouts) if said else None)


def unaccounted(session: Session, recall_id: str) -> list[str]:
    said = said_of(session, recall_id)
    return [one.unit.code for one in units_of_recall(session, recall_id) if where_is(one, said.get(one.id)) is None]


def untold(session: Session, recall_id: str) -> list[str]:
    """Duties without a confirmation, each once."""
    return list(dict.fromkeys(one.duty for one in notices_of(session, recall_id) if one.confirmed_at is None))


def recall_content(session: Session, recall_id: str) -> dict[str, Any]:
    """The whole recall as it stands: what is signed at each act, and at the closing kept as the report."""
    row, people = get_recall(session, recall_id), names(session)
    return {
        "title": row.number,
        "version": row.version,
        "drill": row.drill,
        "from": f"{row.scope} {row.record}",
        "class": row.recall_class,
        "reason": row.reason,
        "status": row.status,
        "opened by": people.get(row.opened_by, row.opened_by),
        "opened at": row.opened_at,
        "list made at": row.listed_at,
        "batches": [{"batch": one.number, "status": one.status} for one in batches_in(session, recall_id)],
        "units": [unit_words(one, people) for one in unit_views(session, recall_id)],
        "told": [notice_words(one) for one in notice_views(session, recall_id)],
        "effectiveness": reach(session, row),
    }


def unit_words(one: dict[str, Any], people: dict[str, str]) -> dict[str, Any]:
    said = one["said"]
    return {
        **one["document"],
        "accounted": one["where"],
        **({"said by": people.get(said.accounted_by), "said at": said.accounted_at} if said else {}),
        **({"explanation": said.explanation} if said and said.explanation else {}),
    }


def unit_views(session: Session, recall_id: str) -> list[dict[str, Any]]:
    """Each unit with its document, its place in the reconciliation and the newest word on it."""
    said = said_of(session, recall_id)
    return [
        {
            "id": one.id,
            "batch_id": one.batch.id,
            "document": unit_document(one),
            "where": where_is(one, said.get(one.id)),
            "said": said.get(one.id),
        }
        for one in units_of_recall(session, recall_id)
    ]


def notice_words(one: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in one.items() if name not in {"id", "overdue"} and value not in (None, [])}


def notice_views(session: Session, recall_id: str, now: datetime | None = None) -> list[dict[str, Any]]:
    """Whom it has to reach, with every attempt. ``now``: where the clock is shown."""
    people, notices = names(session), notices_of(session, recall_id)
    calls = calls_of(session, [one.id for one in notices])
    subjects = subject_codes(session, {one.subject_id for one in notices if one.subject_id})
    return [
        {
            "id": one.id,
            "duty": one.duty,
            "subject": subjects.get(one.subject_id or ""),
            "due_at": one.due_at,
            "overdue": one.confirmed_at is None and now is not None and now > one.due_at,
            "simulated": one.simulated or None,
            "confirmed_at": one.confirmed_at,
            "confirmed_by": people.get(one.confirmed_by or ""),
            "answer": one.answer,
            "calls": [
                {
                    "at": call.called_at,
                    "channel": call.channel,
                    "reached": call.reached,
                    "said": call.said,
                    "by": people.get(call.recorded_by, call.recorded_by),
                }
                for call in calls[one.id]
            ],
        }
        for one in sorted(notices, key=lambda row: (DUTIES.index(row.duty), subjects.get(row.subject_id or "", "")))
    ]


def reach(session: Session, row: RecallRow) -> dict[str, Any]:
    """How far it reached, as figures (effectiveness)."""
    found = effectiveness(row.opened_at, [one.confirmed_at for one in notices_of(session, row.id)])
    after = found.last_after
    return {
        "confirmed": found.confirmed,
        "of": found.told,
        "minutes to the last confirmation": int(after.total_seconds() // 60) if after is not None else None,
    }


def recall_line(row: RecallRow, people: dict[str, str]) -> dict[str, Any]:
    return {
        "id": row.id,
        "number": row.number,
        "drill": row.drill,
        "scope": row.scope,
        "record": row.record,
        "recall_class": row.recall_class,
        "reason": row.reason,
        "status": row.status,
        "opened_at": row.opened_at,
        "opened_by": people.get(row.opened_by, row.opened_by),
        "listed_at": row.listed_at,
        "cleared": row.cleared,
        "conclusion": row.conclusion,
        "closed_at": row.closed_at,
        "closed_by": people.get(row.closed_by or ""),
        "report_sha256": row.report_sha256,
    }


def list_recalls(session: Session, args: dict[str, str]) -> tuple[list[dict[str, Any]], dict[str, int]]:
    query = sa.select(RecallRow)
    if args.get("status") in set(RecallStatus):
        query = query.where(RecallRow.status == args["status"])
    if args.get("kind") in {"recall", "drill"}:
        query = query.where(RecallRow.drill.is_(sa.true() if args["kind"] == "drill" else sa.false()))
    rows, page = paged(session, query, args, SORTS, "-opened")
    people = names(session)
    return [recall_line(row, people) for row in rows], page
