"""People as the pages and checks need them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.domain import GrantStatus, LinkStatus, PersonStatus, person_state
from kernel.accounts.tables import LinkRow, PasswordRow, PersonRow, RoleGrantRow
from kernel.database import asked_once
from kernel.db import UtcDateTime
from kernel.errors import NotFound
from kernel.work import Actor

CALLED = sa.select(PersonRow).where(PersonRow.login == sa.bindparam("login"))
# Which grants of roles hold at the moment ``at``.
IN_DATE = sa.or_(RoleGrantRow.valid_until.is_(None), RoleGrantRow.valid_until > sa.bindparam("at", type_=UtcDateTime()))
GRANTED = sa.and_(RoleGrantRow.status == GrantStatus.ACTIVE, IN_DATE)
HELD = sa.select(RoleGrantRow.role).where(RoleGrantRow.person_id == sa.bindparam("person"), GRANTED)
NAMES = sa.select(PersonRow.id, PersonRow.full_name)


def find_person(session: Session, login: str) -> PersonRow | None:
    return session.execute(CALLED, {"login": login}).scalar_one_or_none()


def get_person(session: Session, person_id: str) -> PersonRow:
    row = session.get(PersonRow, person_id)
    if row is None:
        raise NotFound(f"person {person_id}")
    return row


def active_roles(session: Session, person_id: str, at: datetime) -> frozenset[str]:
    return frozenset(session.execute(HELD, {"person": person_id, "at": at}).scalars())


def actor_of(session: Session, person_id: str, at: datetime) -> Actor | None:
    """The person with the roles of this moment, or None when the account may not act."""
    row = session.get(PersonRow, person_id)
    if row is None or row.status != PersonStatus.ACTIVE:
        return None
    return Actor(row.id, row.full_name, active_roles(session, row.id, at))


def list_people(session: Session, at: datetime) -> list[dict[str, Any]]:
    people = session.execute(sa.select(PersonRow).order_by(PersonRow.full_name)).scalars().all()
    grants = session.execute(sa.select(RoleGrantRow).order_by(RoleGrantRow.role)).scalars().all()
    links = session.execute(sa.select(LinkRow).where(LinkRow.status.in_(["requested", "approved"]))).scalars().all()
    held: dict[str, list[RoleGrantRow]] = {}
    for grant in grants:
        held.setdefault(grant.person_id, []).append(grant)
    waiting = {link.person_id: link.status for link in links}
    return [person_view(row, held.get(row.id, []), waiting.get(row.id), at) for row in people]


def person_view(row: PersonRow, grants: list[RoleGrantRow], link: str | None, at: datetime) -> dict[str, Any]:
    """An account without its secrets."""
    return {
        "id": row.id,
        "version": row.version,
        "login": row.login,
        "full_name": row.full_name,
        "status": person_state(row.status, row.locked_until, at),
        "roles": [
            {"id": one.id, "role": one.role, "status": one.status, "valid_until": one.valid_until} for one in grants
        ],
        "link": link,
        "locked_until": row.locked_until,
        "identity_check": row.identity_check,
        "identity_checked_at": row.identity_checked_at,
    }


def list_waiting(session: Session, approver_id: str) -> list[PersonRow]:
    """People whose account, link or role waits for an approval that this approver may give (S9)."""
    asked = (
        sa.select(table.person_id)
        .where(table.status == "requested", table.requested_by != approver_id, table.person_id != approver_id)
        .scalar_subquery()
        for table in (LinkRow, RoleGrantRow)
    )
    open_account = PersonRow.status != PersonStatus.DEACTIVATED
    query = sa.select(PersonRow).where(open_account, sa.or_(*(PersonRow.id.in_(one) for one in asked)))
    return list(session.execute(query.order_by(PersonRow.login)).scalars())


def list_locked(session: Session, at: datetime) -> list[PersonRow]:
    query = sa.select(PersonRow).where(PersonRow.locked_until > at, PersonRow.status == PersonStatus.ACTIVE)
    return list(session.execute(query.order_by(PersonRow.login)).scalars())


def open_link(session: Session, token_sha256: str) -> LinkRow | None:
    query = sa.select(LinkRow).where(LinkRow.token_sha256 == token_sha256, LinkRow.status == LinkStatus.APPROVED)
    return session.execute(query).scalar_one_or_none()


def earlier_passwords(session: Session, person_id: str) -> list[str]:
    """Hashes of every password the person ever set."""
    return list(
        session.execute(sa.select(PasswordRow.password_hash).where(PasswordRow.person_id == person_id)).scalars()
    )


@asked_once
def names(session: Session) -> dict[str, str]:
    """Full names by person id, for everything that shows who did what."""
    found = session.execute(NAMES)
    return {person_id: name for person_id, name in found}  # noqa: C416  (a row is not a pair to the type checker)
