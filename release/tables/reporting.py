"""Reports of serious reactions, as the people who made them record them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited, one_of
from release.domain.reporting import ReportKind


class ReactionReportRow(Audited):
    """One of each kind for a reaction. ``reported_at``: when it was made, which may be long before it is recorded."""

    __tablename__ = "reaction_report"

    reaction_id: Mapped[str] = mapped_column(sa.ForeignKey("reaction.id"), index=True)
    kind: Mapped[str]
    reported_at: Mapped[datetime]
    reference: Mapped[str]
    reason: Mapped[str | None]
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]

    constraints = (one_of("kind", ReportKind), sa.UniqueConstraint("reaction_id", "kind"))
