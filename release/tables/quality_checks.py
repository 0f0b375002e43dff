"""Quality checks after reactions."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited, one_of
from release.domain.defects import FollowUp
from release.domain.quality_checks import CheckOutcome, CheckStatus


class ReactionCheckRow(Audited):
    """One for each severe or serious reaction. ``answers``: of each item, as JSON; None while it is open."""

    __tablename__ = "reaction_check"

    number: Mapped[str] = mapped_column(unique=True)
    reaction_id: Mapped[str] = mapped_column(sa.ForeignKey("reaction.id"), unique=True)
    container_id: Mapped[str] = mapped_column(sa.ForeignKey("container.id"), index=True)
    batch_id: Mapped[str] = mapped_column(sa.ForeignKey("batch.id"), index=True)
    status: Mapped[str] = mapped_column(default=CheckStatus.OPEN, index=True)
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    answers: Mapped[str | None]
    outcome: Mapped[str | None]
    follow_up: Mapped[str | None]
    follow_number: Mapped[str | None]
    conclusion: Mapped[str | None]
    concluded_by: Mapped[str | None]
    concluded_at: Mapped[datetime | None]

    constraints = (
        one_of("status", CheckStatus),
        one_of("outcome", CheckOutcome),
        one_of("follow_up", FollowUp),
    )
