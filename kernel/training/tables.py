"""Training that was given: one session with its two signatures, and a record for each person and procedure."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited


class TrainingSessionRow(Audited):
    """``entered_at``: nothing of it counts before. ``evidence``: where the attendance list or assessment is kept."""

    __tablename__ = "training_session"

    trained_on: Mapped[date]
    evidence: Mapped[str]
    entered_at: Mapped[datetime]
    effective_at: Mapped[datetime]
    trained_by: Mapped[str] = mapped_column(sa.ForeignKey("person.id"))
    confirmed_by: Mapped[str] = mapped_column(sa.ForeignKey("person.id"))

    constraints = (sa.CheckConstraint("trained_by <> confirmed_by", name="two_people"),)


class TrainingRow(Audited):
    """One person in one procedure. ``document_id``: the version it was about; nothing where none governs it."""

    __tablename__ = "training"

    session_id: Mapped[str] = mapped_column(sa.ForeignKey("training_session.id"), index=True)
    person_id: Mapped[str] = mapped_column(sa.ForeignKey("person.id"), index=True)
    procedure: Mapped[str]
    document_id: Mapped[str | None] = mapped_column(sa.ForeignKey("document.id"))
    effective_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None]
    withdrawn_reason: Mapped[str | None]
