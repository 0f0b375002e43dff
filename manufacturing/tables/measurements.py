"""Every value of a field that was measured more than once."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited


class MeasurementRow(Audited):
    """One measurement of a field; the first is the value that stood there before it was measured again.

    Which one is used stands on the value of the step. ``unit``, ``shown``, ``verdict``: as there.
    """

    __tablename__ = "step_measurement"

    step_id: Mapped[str] = mapped_column(sa.ForeignKey("step.id"), index=True)
    field: Mapped[str]
    number: Mapped[int]
    value: Mapped[Decimal]
    unit: Mapped[str]
    shown: Mapped[str]
    verdict: Mapped[str]
    measured_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    entered_by: Mapped[str]
    reason: Mapped[str | None]

    constraints = (
        sa.UniqueConstraint("step_id", "field", "number"),
        sa.CheckConstraint("verdict IN ('none','pass','alert','action')", name="verdict"),
    )
