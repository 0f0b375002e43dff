"""Look-backs on donors with their notices, and what happened to donors at the apheresis."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited, one_of
from manufacturing.domain.lookbacks import Audience, EventKind, LookbackKind, LookbackStatus


class LookbackRow(Audited):
    """Something became known of a donor after the donation; every unit of the donor is held (TC-LOOKBACK).

    ``cleared``: whether the conclusion lets the units be used. ``source``: the number of the message, no person.
    """

    __tablename__ = "lookback"

    number: Mapped[str] = mapped_column(unique=True)
    donor_id: Mapped[str] = mapped_column(sa.ForeignKey("donor.id"), index=True)
    kind: Mapped[str]
    informed_on: Mapped[date]
    source: Mapped[str]
    description: Mapped[str]
    status: Mapped[str] = mapped_column(default=LookbackStatus.OPEN, index=True)
    opened_by: Mapped[str]
    opened_at: Mapped[datetime]
    cleared: Mapped[bool | None]
    conclusion: Mapped[str | None]
    concluded_by: Mapped[str | None]
    concluded_at: Mapped[datetime | None]

    constraints = (one_of("status", LookbackStatus), one_of("kind", LookbackKind))


class LookbackNoticeRow(Audited):
    """One role that has to know of a look-back, and who of them acknowledged it."""

    __tablename__ = "lookback_notice"

    lookback_id: Mapped[str] = mapped_column(sa.ForeignKey("lookback.id"), index=True)
    audience: Mapped[str]
    acknowledged_by: Mapped[str | None]
    acknowledged_at: Mapped[datetime | None]

    constraints = (one_of("audience", Audience), sa.UniqueConstraint("lookback_id", "audience"))


class DonorEventRow(Audited):
    """An adverse event of the donor at one apheresis; ``grade`` by CTCAE. A serious one is reported (TR-S5)."""

    __tablename__ = "donor_event"

    collection_id: Mapped[str] = mapped_column(sa.ForeignKey("collection.id"), index=True)
    kind: Mapped[str]
    grade: Mapped[int]
    serious: Mapped[bool] = mapped_column(index=True)
    description: Mapped[str]
    happened_at: Mapped[datetime]
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]
    reported_at: Mapped[datetime | None]
    reference: Mapped[str | None]
    reported_by: Mapped[str | None]

    constraints = (one_of("kind", EventKind), sa.CheckConstraint("grade BETWEEN 1 AND 5", name="grade"))
