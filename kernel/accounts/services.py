"""What happens to accounts: requested by one, approved by another, activated by the person."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.domain import (
    AUTH_LINK,
    LINK_LIFE,
    PASSWORD_USED,
    PERSON,
    STATEMENT_NOT_ACCEPTED,
    STATEMENT_VERSION,
    UNKNOWN_ROLE,
    GrantStatus,
    LinkStatus,
    PersonStatus,
    password_refusals,
    person_state,
)
from kernel.accounts.passwords import Passwords, new_code, new_token, token_digest
from kernel.accounts.queries import earlier_passwords, find_person, get_person, open_link
from kernel.accounts.tables import LinkRow, PasswordRow, PersonRow, RoleGrantRow, SessionRow
from kernel.database import Database
from kernel.errors import Refused, refuse_any
from kernel.permissions import ROLES
from kernel.refusals import DUPLICATE_ID, N_, STATE_NOT_ALLOWED, Refusal
from kernel.segregation import SOD_ACCESS, SOD_ADMIN, another_person
from kernel.work import NOBODY, Actor, Work, unit_of_work


def next_state(work: Work, row: PersonRow, action: str) -> PersonStatus:
    """The state to store after this action, or the refusal of the table; a lock is a time on the account."""
    transition = PERSON.transition(action, person_state(row.status, row.locked_until, work.at))
    if isinstance(transition, Refusal):
        raise Refused(transition)
    target = PersonStatus(transition.target)
    return PersonStatus.ACTIVE if target is PersonStatus.LOCKED else target


def role_refusals(wanted: set[str]) -> tuple[Refusal, ...]:
    """Unknown roles, and roles that exclude others (S10)."""
    unknown = tuple(UNKNOWN_ROLE(role=role, field="roles") for role in sorted(wanted - set(ROLES)))
    alone = any(ROLES[role].excludes_others for role in wanted if role in ROLES)
    return (*unknown, SOD_ADMIN()) if alone and len(wanted) > 1 else unknown


def held_roles(work: Work, person_id: str) -> set[str]:
    query = sa.select(RoleGrantRow.role).where(
        RoleGrantRow.person_id == person_id,
        RoleGrantRow.status.in_([GrantStatus.REQUESTED, GrantStatus.ACTIVE]),
    )
    return set(work.session.execute(query).scalars())


def request_person(
    work: Work, *, login: str, full_name: str, roles: list[str], language: str, valid_until: datetime | None = None
) -> tuple[PersonRow, str]:
    """Ask for an account. Returns the row and the one-time link's token, which is shown once and never stored."""
    work.require("account:request")
    work.confirm({})
    refusals = list(role_refusals(set(roles)))
    if find_person(work.session, login) is not None:
        refusals.append(DUPLICATE_ID(name=N_("User id"), value=login, field="login"))
    refuse_any(refusals)
    row = work.add(PersonRow(login=login, full_name=full_name, language=language, requested_by=work.actor.id))
    for role in dict.fromkeys(roles):
        work.add(RoleGrantRow(person_id=row.id, role=role, requested_by=work.actor.id, valid_until=valid_until))
    return row, new_link(work, row)


def new_link(work: Work, person: PersonRow) -> str:
    """A fresh one-time link; earlier ones are void."""
    void_links(work, person.id)
    token = new_token()
    work.add(
        LinkRow(
            person_id=person.id,
            token_sha256=token_digest(token),
            requested_by=work.actor.id,
            expires_at=work.at + LINK_LIFE,
        )
    )
    return token


def void_links(work: Work, person_id: str) -> None:
    query = sa.select(LinkRow).where(
        LinkRow.person_id == person_id, LinkRow.status.in_([LinkStatus.REQUESTED, LinkStatus.APPROVED])
    )
    for old in work.session.execute(query).scalars():
        old.status = LinkStatus.VOID


def approve_person(work: Work, person_id: str, *, identity_check: str) -> str:
    """Approve account, roles and link after checking the person's identity. Returns the code to hand over."""
    work.require("account:approve")
    row = work.lock(PersonRow, person_id)
    work.confirm(person_content(work.session, person_id))
    target = next_state(work, row, "approve")
    links = (
        work.session.execute(
            sa.select(LinkRow).where(LinkRow.person_id == person_id, LinkRow.status == LinkStatus.REQUESTED)
        )
        .scalars()
        .all()
    )
    grants = waiting_grants(work, person_id)
    if not links and not grants:
        raise Refused(STATE_NOT_ALLOWED(action=N_("approve"), record=N_("person"), state=row.status))
    requesters = {one.requested_by for one in links} | {one.requested_by for one in grants} | {person_id}
    refuse_any(another_person(work.signer().id, requesters, SOD_ACCESS))
    for grant in grants:
        grant.status, grant.decided_by, grant.decided_at = GrantStatus.ACTIVE, work.signer().id, work.at
    row.status = target
    row.identity_check, row.identity_checked_by, row.identity_checked_at = identity_check, work.signer().id, work.at
    code = new_code() if links else ""
    for link in links:
        link.status, link.code_sha256 = LinkStatus.APPROVED, token_digest(code)
    work.sign(row, "approved")
    return code


def waiting_grants(work: Work, person_id: str) -> list[RoleGrantRow]:
    query = sa.select(RoleGrantRow).where(
        RoleGrantRow.person_id == person_id, RoleGrantRow.status == GrantStatus.REQUESTED
    )
    return list(work.session.execute(query).scalars())


def person_content(session: Session, person_id: str) -> dict[str, object]:
    """What an approver is shown and what the signature covers."""
    row = get_person(session, person_id)
    grants = session.execute(sa.select(RoleGrantRow).where(RoleGrantRow.person_id == row.id)).scalars().all()
    return {
        "title": row.login,
        "id": row.id,
        "version": row.version,
        "full_name": row.full_name,
        "status": row.status,
        "roles": sorted(f"{one.role}: {one.status}" for one in grants),
    }


def request_role(work: Work, person_id: str, *, role: str, valid_until: datetime | None = None) -> PersonRow:
    """Ask for one more role for a person; QA approves it."""
    work.require("account:request")
    row = work.lock(PersonRow, person_id)
    work.confirm(person_content(work.session, person_id))
    next_state(work, row, "request a role")
    refusals = list(role_refusals(held_roles(work, person_id) | {role}))
    if person_id == work.actor.id:
        refusals.append(SOD_ACCESS())
    refuse_any(refusals)
    work.add(RoleGrantRow(person_id=person_id, role=role, requested_by=work.actor.id, valid_until=valid_until))
    return row


def reset_password(work: Work, person_id: str) -> str:
    """A lost password: sessions end, signing stops, a new link waits for QA's approval."""
    work.require("account:request")
    row = work.lock(PersonRow, person_id)
    work.confirm(person_content(work.session, person_id))
    next_state(work, row, "new link")
    row.password_hash = None
    end_sessions(work, person_id)
    return new_link(work, row)


def deactivate_person(work: Work, person_id: str) -> PersonRow:
    """End an account for good: sessions and links end at once, the history keeps the name."""
    work.require("account:deactivate")
    row = work.lock(PersonRow, person_id)
    work.confirm(person_content(work.session, person_id))
    row.status, row.deactivated_at, row.password_hash = next_state(work, row, "deactivate"), work.at, None
    for grant in work.session.execute(sa.select(RoleGrantRow).where(RoleGrantRow.person_id == person_id)).scalars():
        if grant.status in {GrantStatus.REQUESTED, GrantStatus.ACTIVE}:
            grant.status, grant.decided_by, grant.decided_at = GrantStatus.REVOKED, work.actor.id, work.at
    void_links(work, person_id)
    end_sessions(work, person_id)
    return row


def end_sessions(work: Work, person_id: str) -> None:
    """Sessions and client tokens stop at once (AC-LEAVE)."""
    for session in work.session.execute(
        sa.select(SessionRow).where(SessionRow.person_id == person_id, SessionRow.ended_at.is_(None))
    ).scalars():
        session.ended_at = work.at


def activate(
    database: Database, passwords: Passwords, *, token: str, code: str, password: str, accepted: bool
) -> PersonRow:
    """The person sets the password with link and code, and accepts what an electronic signature means."""
    used = was_used(database, passwords, token, password)
    with unit_of_work(database, NOBODY, "person.activate") as work:
        link = open_link(work.session, token_digest(token))
        if link is None or link.expires_at <= work.at or link.code_sha256 != token_digest(code.strip().upper()):
            raise Refused(AUTH_LINK())
        row = work.lock(PersonRow, link.person_id)
        target = next_state(work, row, "activate")
        refusals = list(password_refusals(password, row.login)) + ([PASSWORD_USED(field="password")] if used else [])
        if not accepted:
            refusals.append(STATEMENT_NOT_ACCEPTED(field="accepted"))
        refuse_any(refusals)
        work.actor = Actor(row.id, row.full_name, frozenset())
        row.password_hash = passwords.hash(password)
        work.add(PasswordRow(person_id=row.id, password_hash=row.password_hash, set_at=work.at))
        row.failed_count, row.locked_until = 0, None
        row.status = target
        row.statement_accepted_at, row.statement_version = work.at, STATEMENT_VERSION
        link.status = LinkStatus.USED
        end_sessions(work, row.id)
        return row


def was_used(database: Database, passwords: Passwords, token: str, password: str) -> bool:
    """Whether the person of this link ever had this password; asked before the lock, because each answer takes a while."""
    with database.reading() as session:
        link = open_link(session, token_digest(token))
        hashes = earlier_passwords(session, link.person_id) if link is not None else []
    return any(passwords.matches(one, password) for one in hashes)
