"""Lots of materials and every decision of QA about them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited, one_of
from manufacturing.domain.material_kinds import OpeningEvent
from manufacturing.domain.materials import LotStatus


class LotRow(Audited):
    """One receipt. ``material``: key of the kind; ``document_id``: the list of materials in force at the receipt.

    ``expires_on``: the day as printed, where the label gives a day; ``expires_at`` is what counts.
    ``assessment``: what the newest stop means for the batches that used it.
    """

    __tablename__ = "lot"

    code: Mapped[str] = mapped_column(unique=True)
    material: Mapped[str] = mapped_column(index=True)
    document_id: Mapped[str] = mapped_column(sa.ForeignKey("document.id"))
    supplier: Mapped[str]
    manufacturer_lot: Mapped[str] = mapped_column(index=True)
    quantity: Mapped[Decimal]
    unit: Mapped[str]
    expires_on: Mapped[date | None]
    expires_at: Mapped[datetime]
    storage: Mapped[str]
    certificate_reference: Mapped[str]
    remark: Mapped[str | None]
    status: Mapped[str] = mapped_column(default=LotStatus.QUARANTINE, index=True)
    received_at: Mapped[datetime] = mapped_column(index=True)
    received_by: Mapped[str]
    assessment: Mapped[str | None]
    assessed_by: Mapped[str | None]
    assessed_at: Mapped[datetime | None]

    constraints = (one_of("status", LotStatus),)


class LotDecisionRow(Audited):
    """One decision of QA or QP about a lot; the newest says what the lot is, the others stay (ATMP-9-REJ)."""

    __tablename__ = "lot_decision"

    lot_id: Mapped[str] = mapped_column(sa.ForeignKey("lot.id"), index=True)
    sequence: Mapped[int]
    status: Mapped[str]
    reason: Mapped[str | None]
    decided_at: Mapped[datetime]
    decided_by: Mapped[str]

    constraints = (one_of("status", LotStatus), sa.UniqueConstraint("lot_id", "sequence"))


class LotPieceRow(Audited):
    """One bottle, vial or bag of a lot from the moment it was opened, thawed or dissolved (ATMP-7-OPEN)."""

    __tablename__ = "lot_piece"

    lot_id: Mapped[str] = mapped_column(sa.ForeignKey("lot.id"), index=True)
    number: Mapped[int]
    code: Mapped[str] = mapped_column(unique=True)
    event: Mapped[str]
    started_at: Mapped[datetime]
    usable_until: Mapped[datetime]
    opened_by: Mapped[str]

    constraints = (one_of("event", OpeningEvent), sa.UniqueConstraint("lot_id", "number"))


class LotUseRow(Audited):
    """What of a lot went into one step. A correction changes the quantity, to 0 where it was not used; the trail keeps
    the old one."""

    __tablename__ = "lot_use"

    lot_id: Mapped[str] = mapped_column(sa.ForeignKey("lot.id"), index=True)
    batch_id: Mapped[str] = mapped_column(sa.ForeignKey("batch.id"), index=True)
    step_id: Mapped[str] = mapped_column(sa.ForeignKey("step.id"), index=True)
    piece_id: Mapped[str | None] = mapped_column(sa.ForeignKey("lot_piece.id"))
    quantity: Mapped[Decimal]
    used_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
    late_reason: Mapped[str | None]


class LotDiscardRow(Audited):
    """What of a lot was thrown away; ``witnessed_by``: the second person where it was destroyed."""

    __tablename__ = "lot_discard"

    lot_id: Mapped[str] = mapped_column(sa.ForeignKey("lot.id"), index=True)
    quantity: Mapped[Decimal]
    reason: Mapped[str]
    discarded_at: Mapped[datetime]
    discarded_by: Mapped[str]
    witnessed_by: Mapped[str | None]


class KitRow(Audited):
    """Lots put together for one batch; ``batch_id``: the one that took it."""

    __tablename__ = "kit"

    code: Mapped[str] = mapped_column(unique=True)
    assembled_at: Mapped[datetime]
    assembled_by: Mapped[str]
    batch_id: Mapped[str | None] = mapped_column(sa.ForeignKey("batch.id"), index=True)
    taken_at: Mapped[datetime | None]
    taken_by: Mapped[str | None]


class KitLotRow(Audited):
    """One lot of a kit; of each material at most one."""

    __tablename__ = "kit_lot"

    kit_id: Mapped[str] = mapped_column(sa.ForeignKey("kit.id"), index=True)
    lot_id: Mapped[str] = mapped_column(sa.ForeignKey("lot.id"), index=True)
    material: Mapped[str]

    constraints = (sa.UniqueConstraint("kit_id", "material"),)
