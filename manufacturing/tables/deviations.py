"""Deviations from anywhere, the batches they affect, their history, and the actions that follow."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited, one_of
from kernel.words import Words
from manufacturing.domain.capa import CapaKind, CapaStatus
from manufacturing.domain.deviations import DeviationClass, DeviationStatus, EntryKind


class DeviationRow(Audited):
    """Something that did not go as written; it cannot be deleted and is closed by somebody else (S4).

    ``record_kind``, ``record_id``, ``record``: what it is about, and how people call that. ``batch_id``: the batch that
    record belongs to. ``hold_time``: the key of the hold time it was opened for.
    """

    __tablename__ = "deviation"

    number: Mapped[str] = mapped_column(unique=True)
    record_kind: Mapped[str]
    record_id: Mapped[str] = mapped_column(index=True)
    record_nl: Mapped[str]
    record_en: Mapped[str]
    batch_id: Mapped[str | None] = mapped_column(sa.ForeignKey("batch.id"), index=True)
    step_id: Mapped[str | None] = mapped_column(sa.ForeignKey("step.id"), index=True)
    hold_time: Mapped[str | None]
    classification: Mapped[str]
    status: Mapped[str] = mapped_column(default=DeviationStatus.OPEN, index=True)
    description: Mapped[str]
    root_cause: Mapped[str | None]
    action: Mapped[str | None]
    impact: Mapped[str | None]
    judgement: Mapped[str | None]
    raised_by: Mapped[str]
    raised_at: Mapped[datetime]
    assessed_by: Mapped[str | None]
    judged_by: Mapped[str | None]
    closed_by: Mapped[str | None]

    constraints = (one_of("status", DeviationStatus), one_of("classification", DeviationClass))

    @property
    def record(self) -> Words:
        return Words({"nl": self.record_nl, "en": self.record_en})

    @record.setter
    def record(self, words: Words) -> None:
        self.record_nl, self.record_en = words["nl"], words["en"]


class DeviationBatchRow(Audited):
    """Another batch the deviation affects; it stands on that batch's page and in its guards, and stays there."""

    __tablename__ = "deviation_batch"

    deviation_id: Mapped[str] = mapped_column(sa.ForeignKey("deviation.id"), index=True)
    batch_id: Mapped[str] = mapped_column(sa.ForeignKey("batch.id"), index=True)
    named_by: Mapped[str]
    named_at: Mapped[datetime]

    constraints = (sa.UniqueConstraint("deviation_id", "batch_id"),)


class DeviationEntryRow(Audited):
    """One line of the history: who did what to the deviation, in which words."""

    __tablename__ = "deviation_entry"

    deviation_id: Mapped[str] = mapped_column(sa.ForeignKey("deviation.id"), index=True)
    kind: Mapped[str]
    words: Mapped[str]
    done_by: Mapped[str]
    done_at: Mapped[datetime]

    constraints = (one_of("kind", EntryKind),)


class CapaRow(Audited):
    """One corrective or preventive action; ``owner_id`` is the person who sees to it."""

    __tablename__ = "capa_action"

    number: Mapped[str] = mapped_column(unique=True)
    deviation_id: Mapped[str] = mapped_column(sa.ForeignKey("deviation.id"), index=True)
    kind: Mapped[str]
    description: Mapped[str]
    status: Mapped[str] = mapped_column(default=CapaStatus.OPEN, index=True)
    owner_id: Mapped[str] = mapped_column(index=True)
    due_on: Mapped[date]
    planned_by: Mapped[str]
    planned_at: Mapped[datetime]
    evidence: Mapped[str | None]
    done_by: Mapped[str | None]
    done_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    checked_by: Mapped[str | None]
    checked_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]

    constraints = (one_of("status", CapaStatus), one_of("kind", CapaKind))
