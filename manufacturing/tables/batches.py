"""Batches, their steps and values, pauses and containers."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited, one_of
from kernel.words import Words
from manufacturing.domain.batches import BatchStatus, StepStatus
from manufacturing.domain.conditions import ConditionAnswer


class BatchRow(Audited):
    """One donor, one subject, one product; the document versions it is made and judged by are frozen here."""

    __tablename__ = "batch"

    number: Mapped[str] = mapped_column(unique=True)
    collection_id: Mapped[str] = mapped_column(sa.ForeignKey("collection.id"), index=True)
    subject_id: Mapped[str] = mapped_column(sa.ForeignKey("subject.id"), index=True)
    donor_id: Mapped[str] = mapped_column(sa.ForeignKey("donor.id"), index=True)
    process_document_id: Mapped[str] = mapped_column(sa.ForeignKey("document.id"))
    specification_document_id: Mapped[str] = mapped_column(sa.ForeignKey("document.id"))
    status: Mapped[str] = mapped_column(default=BatchStatus.PLANNED)
    room: Mapped[str | None]
    opened_by: Mapped[str]
    opened_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    formulated_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]

    constraints = (one_of("status", BatchStatus),)


class StepRow(Audited):
    """One step of the frozen process version, performed by one person and verified by another."""

    __tablename__ = "step"

    batch_id: Mapped[str] = mapped_column(sa.ForeignKey("batch.id"), index=True)
    position: Mapped[int]
    key: Mapped[str]
    title_nl: Mapped[str]
    title_en: Mapped[str]
    status: Mapped[str] = mapped_column(default=StepStatus.PENDING)
    performed_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime | None]
    late_reason: Mapped[str | None]
    performed_by: Mapped[str | None]
    verified_by: Mapped[str | None]
    verified_at: Mapped[datetime | None]

    constraints = (one_of("status", StepStatus), sa.UniqueConstraint("batch_id", "position"))

    @property
    def title(self) -> Words:
        return Words({"nl": self.title_nl, "en": self.title_en})

    @title.setter
    def title(self, words: Words) -> None:
        self.title_nl, self.title_en = words["nl"], words["en"]


class StepValueRow(Audited):
    """One field of a performed step, in its canonical unit; ``shown``: as typed, with the conversion.

    ``not_applicable``: why the field is N/A; its initials are those of the signature on the step. ``measurement``: the
    number of the measurement that is used, where the field was measured again, and who chose it and why.
    """

    __tablename__ = "step_value"

    step_id: Mapped[str] = mapped_column(sa.ForeignKey("step.id"), index=True)
    field: Mapped[str]
    number: Mapped[Decimal | None]
    text: Mapped[str | None]
    moment: Mapped[datetime | None]
    not_applicable: Mapped[str | None]
    measurement: Mapped[int | None]
    chosen_by: Mapped[str | None]
    chosen_because: Mapped[str | None]
    unit: Mapped[str]
    shown: Mapped[str] = mapped_column(default="")
    verdict: Mapped[str]

    constraints = (
        sa.UniqueConstraint("step_id", "field"),
        sa.CheckConstraint("verdict IN ('none','pass','alert','action')", name="verdict"),
        sa.CheckConstraint(
            "not_applicable IS NULL OR (number IS NULL AND text IS NULL AND moment IS NULL)", name="not_applicable"
        ),
    )


class ConditionRow(Audited):
    """Somebody's decision about a part of the process, numbered within the batch; the newest one counts.

    ``triggered``: see conditions.Decision.
    """

    __tablename__ = "batch_condition"

    batch_id: Mapped[str] = mapped_column(sa.ForeignKey("batch.id"), index=True)
    number: Mapped[int]
    condition: Mapped[str]
    answer: Mapped[str]
    triggered: Mapped[bool]
    reason: Mapped[str]
    decided_by: Mapped[str]
    decided_at: Mapped[datetime]

    constraints = (one_of("answer", ConditionAnswer), sa.UniqueConstraint("batch_id", "number"))


class PauseRow(Audited):
    """A time in which nobody worked on the batch; the clocks of the cells ran on (requirements 14.2).

    ``sealed``: all of it was closed and taken out of the room, which another product may use meanwhile.
    """

    __tablename__ = "batch_pause"

    batch_id: Mapped[str] = mapped_column(sa.ForeignKey("batch.id"), index=True)
    paused_at: Mapped[datetime]
    paused_by: Mapped[str]
    reason: Mapped[str]
    sealed: Mapped[bool] = mapped_column(default=False)
    resumed_at: Mapped[datetime | None]
    resumed_by: Mapped[str | None]
    resume_reason: Mapped[str | None]


class ContainerRow(Audited):
    """One filled container of a batch. ``viable_nk`` is computed from the verified formulation counts."""

    __tablename__ = "container"

    batch_id: Mapped[str] = mapped_column(sa.ForeignKey("batch.id"), index=True)
    subject_id: Mapped[str] = mapped_column(sa.ForeignKey("subject.id"), index=True)
    number: Mapped[int]
    code: Mapped[str] = mapped_column(unique=True)
    container_type: Mapped[str]
    volume_ml: Mapped[Decimal]
    viable_nk: Mapped[Decimal]
    filled_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    frozen_at: Mapped[datetime | None]
    thawed_at: Mapped[datetime | None]
    filled_by: Mapped[str]
    verified_by: Mapped[str]

    constraints = (sa.UniqueConstraint("batch_id", "number"),)
