"""The evidence every record system needs: trail, signatures, idempotency, the outside head."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited, Base


class TrailRow(Base):
    """One act, done or refused. ``payload`` is the canonical text that is hashed; the other columns index it."""

    __tablename__ = "trail"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[str | None] = mapped_column(index=True)
    action: Mapped[str] = mapped_column(index=True)
    outcome: Mapped[str]
    payload: Mapped[str]
    prev_hash: Mapped[str] = mapped_column(unique=True)
    hash: Mapped[str] = mapped_column(unique=True)

    constraints = (sa.CheckConstraint("outcome IN ('done', 'refused')", name="outcome"),)


class TrailChangeRow(Base):
    """Which version of which record an act made."""

    __tablename__ = "trail_change"

    record_id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entity: Mapped[str]
    seq: Mapped[int] = mapped_column(sa.ForeignKey("trail.seq"), index=True)


class TrailHeadRow(Base):
    """The newest link of the chain; locked last by every act."""

    __tablename__ = "trail_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int]
    hash: Mapped[str]

    constraints = (sa.CheckConstraint("id = 1", name="one"),)


class SignatureRow(Audited):
    """A signature: the exact bytes that were vouched for, under the server's key (21 CFR 11.70)."""

    __tablename__ = "signature"

    record_entity: Mapped[str]
    record_id: Mapped[str] = mapped_column(index=True)
    record_version: Mapped[int]
    meaning: Mapped[str]
    signer_id: Mapped[str] = mapped_column(sa.ForeignKey("person.id"), index=True)
    signer_name: Mapped[str]
    signed_at: Mapped[datetime]
    document: Mapped[str]
    content_sha256: Mapped[str]
    key_id: Mapped[str]
    seal: Mapped[str]


class IdempotencyRow(Base):
    """A committed success and its answer, so that sending it twice does it once (decision 25)."""

    __tablename__ = "idempotency"

    key: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str]
    route: Mapped[str]
    body_sha256: Mapped[str]
    status: Mapped[int]
    answer: Mapped[str]
    at: Mapped[datetime]
