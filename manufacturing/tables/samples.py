"""Samples drawn from a leukapheresis, a step or a container."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited, one_of
from manufacturing.domain.samples import SampleKind, SampleStatus


class SampleRow(Audited):
    """One sample, of a collection or of a batch; in a batch it comes from a step or from a container."""

    __tablename__ = "sample"

    code: Mapped[str] = mapped_column(unique=True)
    number: Mapped[int]
    collection_id: Mapped[str | None] = mapped_column(sa.ForeignKey("collection.id"), index=True)
    batch_id: Mapped[str | None] = mapped_column(sa.ForeignKey("batch.id"), index=True)
    step_id: Mapped[str | None] = mapped_column(sa.ForeignKey("step.id"), index=True)
    container_id: Mapped[str | None] = mapped_column(sa.ForeignKey("container.id"), index=True)
    kind: Mapped[str]
    status: Mapped[str] = mapped_column(default=SampleStatus.DRAWN, index=True)
    volume_ml: Mapped[Decimal]
    supernatant_only: Mapped[bool] = mapped_column(default=False)
    remark: Mapped[str | None]
    drawn_at: Mapped[datetime] = mapped_column(index=True)
    recorded_at: Mapped[datetime]
    late_reason: Mapped[str | None]
    drawn_by: Mapped[str]
    received_at: Mapped[datetime | None]
    received_by: Mapped[str | None]
    laboratory: Mapped[str | None]
    result_reference: Mapped[str | None]
    kept_in: Mapped[str | None]
    kept_until: Mapped[date | None]
    end_reason: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    witnessed_by: Mapped[str | None]

    constraints = (
        one_of("status", SampleStatus),
        one_of("kind", SampleKind),
        sa.CheckConstraint("(collection_id IS NULL) <> (batch_id IS NULL)", name="source"),
        sa.CheckConstraint("(step_id IS NULL) OR (container_id IS NULL)", name="one_source"),
        sa.CheckConstraint(
            "(batch_id IS NULL) OR (step_id IS NOT NULL) OR (container_id IS NOT NULL)", name="of_batch"
        ),
    )
