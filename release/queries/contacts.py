"""How the duties are reached now, and the whole list of how they were."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.errors import NotFound
from release.domain.duties import Duty
from release.tables.recalls import ContactRow


def get_contact(session: Session, contact_id: str) -> ContactRow:
    row = session.get(ContactRow, contact_id)
    if row is None:
        raise NotFound(f"contact {contact_id}")
    return row


def all_contacts(session: Session) -> list[ContactRow]:
    """Every entry there was, by duty."""
    return list(session.execute(sa.select(ContactRow).order_by(ContactRow.duty, ContactRow.valid_from)).scalars())


def contacts_on(session: Session, today: date) -> dict[str, list[ContactRow]]:
    """By duty, those that are valid on that day."""
    ends = sa.or_(ContactRow.valid_until.is_(None), ContactRow.valid_until >= today)
    query = sa.select(ContactRow).where(ContactRow.valid_from <= today, ends)
    found: dict[str, list[ContactRow]] = {one.value: [] for one in Duty}
    for row in session.execute(query.order_by(ContactRow.valid_from, ContactRow.id)).scalars():
        found[row.duty].append(row)
    return found


def channels_on(session: Session, today: date) -> dict[str, list[str]]:
    """As they are read on a page: the channel and when somebody answers there."""
    found = contacts_on(session, today)
    return {duty: [f"{one.channel} ({one.hours})" for one in rows] for duty, rows in found.items()}


def contact_list_content(session: Session) -> dict[str, Any]:
    """What whoever adds a contact is shown: the list as it is."""
    return {"contacts": [contact_words(one) for one in all_contacts(session)]}


def contact_content(session: Session, contact_id: str) -> dict[str, Any]:
    row = get_contact(session, contact_id)
    return {"title": row.channel, "version": row.version, **contact_words(row)}


def contact_words(row: ContactRow) -> dict[str, Any]:
    return {
        "duty": row.duty,
        "channel": row.channel,
        "when": row.hours,
        "first day": row.valid_from,
        "last day": row.valid_until,
    }


def contact_view(row: ContactRow, people: dict[str, str], today: date) -> dict[str, Any]:
    ended = row.valid_until is not None and row.valid_until < today
    return {
        "id": row.id,
        "duty": row.duty,
        "channel": row.channel,
        "hours": row.hours,
        "valid_from": row.valid_from,
        "valid_until": row.valid_until,
        "valid": row.valid_from <= today and not ended,
        "ended": ended,
        "entered_by": people.get(row.entered_by, row.entered_by),
    }


def contact_views(session: Session, today: date) -> list[dict[str, Any]]:
    people = names(session)
    return [contact_view(one, people, today) for one in all_contacts(session)]
