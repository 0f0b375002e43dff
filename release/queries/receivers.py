"""Receivers with their keys and messages: as they are sent, listed and signed."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.outbox.queries import MOST_AT_ONCE
from manufacturing.queries.trial import paged
from release.domain.counting import NOBODY, Counted
from release.domain.receivers import SCHEDULE, ReceiverStatus, WebhookStatus
from release.queries.testing import get_record
from release.tables.receivers import ReceiverKeyRow, ReceiverRow, WebhookRow

SORTS = {"written": WebhookRow.written_at, "number": WebhookRow.number, "status": WebhookRow.status}


def receiver_by_code(session: Session, code: str) -> ReceiverRow | None:
    return session.execute(sa.select(ReceiverRow).where(ReceiverRow.code == code)).scalar_one_or_none()


def approved_receivers(session: Session) -> list[ReceiverRow]:
    query = sa.select(ReceiverRow).where(ReceiverRow.status == ReceiverStatus.APPROVED)
    return list(session.execute(query.order_by(ReceiverRow.code)).scalars())


def waiting_receivers(session: Session, person_id: str) -> list[ReceiverRow]:
    """Those that this person may approve."""
    query = sa.select(ReceiverRow).where(
        ReceiverRow.status == ReceiverStatus.REQUESTED, ReceiverRow.requested_by != person_id
    )
    return list(session.execute(query.order_by(ReceiverRow.requested_at, ReceiverRow.code)).scalars())


def keys_in_force(session: Session, receiver_id: str, at: datetime) -> list[ReceiverKeyRow]:
    """The newest first."""
    query = sa.select(ReceiverKeyRow).where(
        ReceiverKeyRow.receiver_id == receiver_id,
        sa.or_(ReceiverKeyRow.ends_at.is_(None), ReceiverKeyRow.ends_at > at),
    )
    return list(session.execute(query.order_by(ReceiverKeyRow.id.desc())).scalars())


def next_number(session: Session, receiver_id: str) -> int:
    newest = sa.select(sa.func.max(WebhookRow.number)).where(WebhookRow.receiver_id == receiver_id)
    return (session.execute(newest).scalar() or 0) + 1


def told_last(session: Session, receiver_id: str, trial_id: str) -> Counted:
    """The lists of a trial as this receiver knows them."""
    query = sa.select(WebhookRow.body).where(WebhookRow.receiver_id == receiver_id, WebhookRow.trial_id == trial_id)
    body = session.execute(query.order_by(WebhookRow.number.desc()).limit(1)).scalar()
    counted: Counted = NOBODY if body is None else json.loads(body)["counted"]
    return counted


def list_receivers(session: Session, at: datetime) -> list[dict[str, Any]]:
    people = names(session)
    query = sa.select(ReceiverRow).order_by(ReceiverRow.closed_at.is_not(None), ReceiverRow.code)
    facts = ("id", "code", "title", "url", "status", "requested_at", "approved_at", "closed_at")
    return [
        {
            **{name: getattr(row, name) for name in facts},
            "requested_by": people.get(row.requested_by),
            "approved_by": people.get(row.approved_by or ""),
            "keys": [{"id": one.id, "ends_at": one.ends_at} for one in keys_in_force(session, row.id, at)],
        }
        for row in session.execute(query).scalars()
    ]


def list_webhooks(
    session: Session, args: dict[str, str], *, figures: bool
) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """``figures``: whether the reader may see what is counted."""
    query = sa.select(WebhookRow)
    if args.get("status") in {one.value for one in WebhookStatus}:
        query = query.where(WebhookRow.status == args["status"])
    rows, page = paged(session, query, args, SORTS, "-written")
    codes = {row.id: row.code for row in session.execute(sa.select(ReceiverRow)).scalars()}
    return [webhook_view(row, codes[row.receiver_id], figures=figures) for row in rows], page


def webhook_view(row: WebhookRow, receiver: str, *, figures: bool) -> dict[str, Any]:
    return {
        "id": row.id,
        "receiver": receiver,
        "number": row.number,
        "event": row.event,
        "status": row.status,
        "written_at": row.written_at,
        "sent_at": row.sent_at,
        "attempts": row.attempts,
        "next_at": row.next_at if row.status == WebhookStatus.UNSENT else None,
        "problem": row.problem,
        "told": json.loads(row.body) if figures else None,
    }


def undelivered_webhooks(session: Session, at: datetime) -> list[tuple[WebhookRow, str]]:
    """Given up, or an hour old and not sent yet; each with the code of its receiver."""
    late = sa.and_(WebhookRow.status == WebhookStatus.UNSENT, WebhookRow.written_at <= at - SCHEDULE.longest)
    query = (
        sa.select(WebhookRow, ReceiverRow.code)
        .join(ReceiverRow, ReceiverRow.id == WebhookRow.receiver_id)
        .where(sa.or_(WebhookRow.status == WebhookStatus.GIVEN_UP, late), ReceiverRow.closed_at.is_(None))
    )
    found = session.execute(query.order_by(WebhookRow.written_at, WebhookRow.number).limit(MOST_AT_ONCE))
    return [(row, code) for row, code in found]


def receiver_content(session: Session, receiver_id: str) -> dict[str, Any]:
    row = get_record(session, ReceiverRow, receiver_id)
    return {
        "title": row.code,
        "version": row.version,
        "what it is": row.title,
        "web address": row.url,
        "status": row.status,
        "entered by": names(session).get(row.requested_by),
    }


def webhook_content(session: Session, webhook_id: str) -> dict[str, Any]:
    row = get_record(session, WebhookRow, webhook_id)
    return {
        "title": f"{get_record(session, ReceiverRow, row.receiver_id).code} {row.number}",
        "version": row.version,
        "message": row.event,
        "status": row.status,
        "attempts": row.attempts,
        "problem": row.problem,
    }
