"""Samples of air, surfaces and gloves that were taken while a batch was made, and what was read of them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited


class EnvironmentSampleRow(Audited):
    """``key``: of the sample in the document in force. ``count``: nothing until it is read. ``deviation_id``: raised
    because the count is above the action limit."""

    __tablename__ = "environment_sample"

    batch_id: Mapped[str] = mapped_column(sa.ForeignKey("batch.id"), index=True)
    step_id: Mapped[str] = mapped_column(sa.ForeignKey("step.id"), index=True)
    document_id: Mapped[str] = mapped_column(sa.ForeignKey("document.id"))
    key: Mapped[str]
    place: Mapped[str]
    exposed_from: Mapped[datetime]
    exposed_until: Mapped[datetime]
    taken_by: Mapped[str] = mapped_column(sa.ForeignKey("person.id"))
    count: Mapped[Decimal | None]
    read_at: Mapped[datetime | None]
    read_by: Mapped[str | None]
    reference: Mapped[str | None]
    corrected_because: Mapped[str | None]
    deviation_id: Mapped[str | None] = mapped_column(sa.ForeignKey("deviation.id"))
