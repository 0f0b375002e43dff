"""Recalls and drills: what they are about, whom they reach, where each unit is; and how each duty is reached."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited, one_of
from release.domain.duties import Duty
from release.domain.recalls import SAYABLE, RecallClass, RecallScope, RecallStatus


class ContactRow(Audited):
    """How a duty is reached, from one day to another; staff only, and an entry is ended, never changed."""

    __tablename__ = "contact"

    duty: Mapped[str] = mapped_column(index=True)
    channel: Mapped[str]
    hours: Mapped[str]
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    entered_by: Mapped[str]
    entered_at: Mapped[datetime]

    constraints = (one_of("duty", Duty),)


class RecallRow(Audited):
    """``record``: code or number of the source. ``cleared``: whether the closing lets the units be used.

    ``listed_at``: when the list of units stood. ``report``: canonical JSON of the whole, kept with its SHA-256 at the
    closing, because what the list reads goes on changing.
    """

    __tablename__ = "recall"

    number: Mapped[str] = mapped_column(unique=True)
    drill: Mapped[bool] = mapped_column(index=True)
    scope: Mapped[str]
    record_id: Mapped[str] = mapped_column(index=True)
    record: Mapped[str]
    recall_class: Mapped[str]
    reason: Mapped[str]
    status: Mapped[str] = mapped_column(default=RecallStatus.OPEN, index=True)
    opened_by: Mapped[str]
    opened_at: Mapped[datetime]
    listed_at: Mapped[datetime]
    cleared: Mapped[bool | None]
    conclusion: Mapped[str | None]
    closed_by: Mapped[str | None]
    closed_at: Mapped[datetime | None]
    report: Mapped[str | None]
    report_sha256: Mapped[str | None]

    constraints = (
        one_of("scope", RecallScope),
        one_of("recall_class", RecallClass),
        one_of("status", RecallStatus),
    )


class RecallBatchRow(Audited):
    """A batch that the recall reaches; fixed when it was opened."""

    __tablename__ = "recall_batch"

    recall_id: Mapped[str] = mapped_column(sa.ForeignKey("recall.id"), index=True)
    batch_id: Mapped[str] = mapped_column(sa.ForeignKey("batch.id"), index=True)

    constraints = (sa.UniqueConstraint("recall_id", "batch_id"),)


class RecallNoticeRow(Audited):
    """One duty that has to know; of physicians one for each subject with a unit that left the pharmacy."""

    __tablename__ = "recall_notice"

    recall_id: Mapped[str] = mapped_column(sa.ForeignKey("recall.id"), index=True)
    duty: Mapped[str]
    subject_id: Mapped[str | None] = mapped_column(sa.ForeignKey("subject.id"))
    due_at: Mapped[datetime]
    simulated: Mapped[bool]
    answer: Mapped[str | None]
    confirmed_by: Mapped[str | None]
    confirmed_at: Mapped[datetime | None]

    constraints = (one_of("duty", Duty),)


class RecallCallRow(Audited):
    """One attempt to reach a duty: how, when, whether somebody answered, and what was said."""

    __tablename__ = "recall_call"

    notice_id: Mapped[str] = mapped_column(sa.ForeignKey("recall_notice.id"), index=True)
    channel: Mapped[str]
    called_at: Mapped[datetime]
    reached: Mapped[bool]
    said: Mapped[str]
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]


class RecallUnitRow(Audited):
    """Where somebody found a container of a recall; said again, the newest counts."""

    __tablename__ = "recall_unit"

    recall_id: Mapped[str] = mapped_column(sa.ForeignKey("recall.id"), index=True)
    container_id: Mapped[str] = mapped_column(sa.ForeignKey("container.id"), index=True)
    sequence: Mapped[int]
    whereabouts: Mapped[str]
    explanation: Mapped[str | None]
    accounted_by: Mapped[str]
    accounted_at: Mapped[datetime]

    constraints = (
        sa.CheckConstraint(f"whereabouts IN ({', '.join(repr(one.value) for one in SAYABLE)})", name="whereabouts"),
        sa.UniqueConstraint("recall_id", "container_id", "sequence"),
    )
