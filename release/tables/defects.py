"""Defects and complaints about containers."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited, one_of
from manufacturing.domain.deviations import DeviationClass
from release.domain.defects import DefectKind, DefectStatus, FollowUp


class DefectRow(Audited):
    """``hold_id``: the hold that the reporter asked for. ``follow_number``: the record that follows from it."""

    __tablename__ = "defect"

    number: Mapped[str] = mapped_column(unique=True)
    container_id: Mapped[str] = mapped_column(sa.ForeignKey("container.id"), index=True)
    batch_id: Mapped[str] = mapped_column(sa.ForeignKey("batch.id"), index=True)
    kind: Mapped[str]
    description: Mapped[str]
    seen_at: Mapped[datetime]
    hold_id: Mapped[str | None] = mapped_column(sa.ForeignKey("hold.id"))
    status: Mapped[str] = mapped_column(default=DefectStatus.REPORTED, index=True)
    reported_by: Mapped[str]
    reported_at: Mapped[datetime]
    classification: Mapped[str | None]
    assessment: Mapped[str | None]
    follow_up: Mapped[str | None]
    follow_number: Mapped[str | None]
    assessed_by: Mapped[str | None]
    assessed_at: Mapped[datetime | None]
    conclusion: Mapped[str | None]
    closed_by: Mapped[str | None]
    closed_at: Mapped[datetime | None]

    constraints = (
        one_of("kind", DefectKind),
        one_of("status", DefectStatus),
        one_of("classification", DeviationClass),
        one_of("follow_up", FollowUp),
    )
