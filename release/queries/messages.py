"""Messages as they wait, as they are listed, and as whoever repeats one sees them."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.outbox.queries import MOST_AT_ONCE
from kernel.web.i18n import Speech
from manufacturing.queries.trial import paged
from release.domain.messages import SCHEDULE, MessageStatus
from release.queries.testing import get_record
from release.tables.messages import MessageRow

SORTS = {"written": MessageRow.written_at, "duty": MessageRow.duty, "status": MessageRow.status}


def undelivered(session: Session, at: datetime) -> list[MessageRow]:
    """Given up, or an hour old and not sent yet, whatever keeps it: a server, an address, a process that is not there."""
    late = sa.and_(MessageRow.status == MessageStatus.UNSENT, MessageRow.written_at <= at - SCHEDULE.longest)
    query = sa.select(MessageRow).where(sa.or_(MessageRow.status == MessageStatus.GIVEN_UP, late))
    return list(session.execute(query.order_by(MessageRow.written_at).limit(MOST_AT_ONCE)).scalars())


def list_messages(
    session: Session, args: dict[str, str], speech: Speech
) -> tuple[list[dict[str, Any]], dict[str, int]]:
    query = sa.select(MessageRow)
    if args.get("status") in {one.value for one in MessageStatus}:
        query = query.where(MessageRow.status == args["status"])
    rows, page = paged(session, query, args, SORTS, "-written")
    return [message_view(row, speech) for row in rows], page


def message_view(row: MessageRow, speech: Speech) -> dict[str, Any]:
    return {
        "id": row.id,
        "duty": row.duty,
        "record": row.record,
        "words": speech.say(row.sentence, **json.loads(row.facts)),
        "location": row.location,
        "status": row.status,
        "written_at": row.written_at,
        "next_at": row.next_at if row.status == MessageStatus.UNSENT else None,
        "attempts": row.attempts,
        "sent_at": row.sent_at,
        "receivers": row.receivers,
        "problem": row.problem,
    }


def message_content(session: Session, message_id: str) -> dict[str, Any]:
    row = get_record(session, MessageRow, message_id)
    return {
        "title": row.record,
        "version": row.version,
        "duty": row.duty,
        "status": row.status,
        "attempts": row.attempts,
        "problem": row.problem,
    }
