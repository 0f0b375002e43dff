"""People, their roles, one-time links, sessions and client tokens."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.accounts.domain import GrantStatus, LinkStatus, PersonStatus
from kernel.db import Audited, Base, one_of


class PersonRow(Audited):
    """One person, one account, for ever: ids are never re-used, also not after deactivation (11.100(a))."""

    __tablename__ = "person"

    login: Mapped[str] = mapped_column(unique=True)
    full_name: Mapped[str]
    status: Mapped[str] = mapped_column(default=PersonStatus.REQUESTED)
    password_hash: Mapped[str | None]
    failed_count: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    language: Mapped[str] = mapped_column(default="nl")
    requested_by: Mapped[str]
    identity_checked_by: Mapped[str | None]
    identity_check: Mapped[str | None]
    identity_checked_at: Mapped[datetime | None]
    statement_accepted_at: Mapped[datetime | None]
    statement_version: Mapped[str | None]
    deactivated_at: Mapped[datetime | None]

    constraints = (
        one_of("status", PersonStatus),
        sa.CheckConstraint(f"status <> '{PersonStatus.LOCKED.value}'", name="never_stored"),
    )


class RoleGrantRow(Audited):
    """A role asked for by one person and approved by another (S9); the QP's has dates (AC-QPVALID)."""

    __tablename__ = "role_grant"

    person_id: Mapped[str] = mapped_column(sa.ForeignKey("person.id"), index=True)
    role: Mapped[str]
    status: Mapped[str] = mapped_column(default=GrantStatus.REQUESTED)
    requested_by: Mapped[str]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]

    constraints = (one_of("status", GrantStatus),)


class LinkRow(Audited):
    """A one-time link to set a password; useless without the code that the approver hands over (decision 49)."""

    __tablename__ = "password_link"

    person_id: Mapped[str] = mapped_column(sa.ForeignKey("person.id"), index=True)
    token_sha256: Mapped[str] = mapped_column(unique=True)
    code_sha256: Mapped[str | None]
    status: Mapped[str] = mapped_column(default=LinkStatus.REQUESTED)
    requested_by: Mapped[str]
    expires_at: Mapped[datetime]

    constraints = (one_of("status", LinkStatus),)


class PasswordRow(Audited):
    """A password that was set, as its hash: whoever sets one again takes another (11.300(b))."""

    __tablename__ = "password"

    person_id: Mapped[str] = mapped_column(sa.ForeignKey("person.id"), index=True)
    password_hash: Mapped[str]
    set_at: Mapped[datetime]


class SessionRow(Base):
    """A signed-in browser or an API client; only the token's digest is stored."""

    __tablename__ = "session"

    token_sha256: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(sa.ForeignKey("person.id"), index=True)
    client: Mapped[str | None]
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    has_signed: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str | None]
