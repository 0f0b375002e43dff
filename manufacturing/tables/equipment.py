"""Equipment, everything that happened to it, and the steps that used it."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited, one_of
from manufacturing.domain.equipment import EquipmentStatus, Happening


class EquipmentRow(Audited):
    """One device; its code and kind never change, so that its log means one thing."""

    __tablename__ = "equipment"

    code: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    kind: Mapped[str] = mapped_column(index=True)
    room: Mapped[str]
    status: Mapped[str] = mapped_column(default=EquipmentStatus.IN_SERVICE)
    registered_by: Mapped[str] = mapped_column(sa.ForeignKey("person.id"))

    constraints = (one_of("status", EquipmentStatus),)


class EquipmentEventRow(Audited):
    """``due_on``: the last day of use after a calibration, qualification or maintenance."""

    __tablename__ = "equipment_event"

    equipment_id: Mapped[str] = mapped_column(sa.ForeignKey("equipment.id"), index=True)
    what: Mapped[str]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(sa.ForeignKey("person.id"))
    evidence: Mapped[str]
    due_on: Mapped[date | None]

    constraints = (one_of("what", Happening),)


class EquipmentUseRow(Audited):
    """A device in a step of a batch, and when."""

    __tablename__ = "equipment_use"

    equipment_id: Mapped[str] = mapped_column(sa.ForeignKey("equipment.id"))
    batch_id: Mapped[str] = mapped_column(sa.ForeignKey("batch.id"), index=True)
    step_id: Mapped[str] = mapped_column(sa.ForeignKey("step.id"), index=True)
    used_at: Mapped[datetime] = mapped_column(index=True)
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(sa.ForeignKey("person.id"))
    late_reason: Mapped[str | None]

    constraints = (
        sa.UniqueConstraint("step_id", "equipment_id"),
        sa.Index("ix_equipment_use_device", "equipment_id", "used_at", "batch_id"),
    )
