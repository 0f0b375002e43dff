"""What was destroyed of a container, and what was lost of it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited


class DestructionRow(Audited):
    """Two people destroyed what was left of a container; ``lost_ml`` was there before and could not be found.

    Once a container: afterwards nothing is left of it.
    """

    __tablename__ = "destruction"

    container_id: Mapped[str] = mapped_column(sa.ForeignKey("container.id"), unique=True)
    batch_id: Mapped[str] = mapped_column(sa.ForeignKey("batch.id"), index=True)
    volume_ml: Mapped[Decimal]
    lost_ml: Mapped[Decimal]
    explanation: Mapped[str | None]
    method: Mapped[str]
    reason: Mapped[str]
    destroyed_by: Mapped[str]
    witnessed_by: Mapped[str]
    destroyed_at: Mapped[datetime]
