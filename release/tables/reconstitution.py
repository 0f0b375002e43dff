"""Reconstitution at the hospital, step by step; nothing of the batch record is changed by it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited


class ReconstitutionStepRow(Audited):
    """One step, done by one person and checked by another. ``position``: in the instruction, from 1."""

    __tablename__ = "reconstitution_step"

    container_id: Mapped[str] = mapped_column(sa.ForeignKey("container.id"), index=True)
    position: Mapped[int]
    key: Mapped[str]
    done_at: Mapped[datetime]
    volume_ml: Mapped[Decimal]
    remark: Mapped[str | None]
    recorded_at: Mapped[datetime]
    done_by: Mapped[str]
    checked_by: Mapped[str]

    constraints = (sa.UniqueConstraint("container_id", "position"),)
