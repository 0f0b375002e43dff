"""Supply of an out-of-specification product: the physician's request with its history, and who was told of it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited, one_of
from release.domain.overlays import OverlayStatus
from release.domain.supply import Informed, NoticeStatus, Recipient, SupplyStatus


class SupplyRow(Audited):
    """One request under EU GMP Part IV 11.53. ``named``: canonical JSON of the failed results it names.

    ``requested_by`` and ``accepted_by`` are the physicians themselves, also where a signed form was copied: then the
    form is the file beside it. ``sponsor_notified_at`` is the moment of the acceptance (11.54).
    """

    __tablename__ = "oos_supply"

    number: Mapped[str] = mapped_column(unique=True)
    batch_id: Mapped[str] = mapped_column(sa.ForeignKey("batch.id"), index=True)
    status: Mapped[str] = mapped_column(default=SupplyStatus.REQUESTED, index=True)
    named: Mapped[str]
    hazard: Mapped[str]
    alternatives: Mapped[str]
    consequence: Mapped[str]
    requested_by: Mapped[str] = mapped_column(sa.ForeignKey("person.id"))
    requested_at: Mapped[datetime]
    request_file_id: Mapped[str | None] = mapped_column(sa.ForeignKey("file.id"))
    evaluation: Mapped[str | None]
    evaluation_file_id: Mapped[str | None] = mapped_column(sa.ForeignKey("file.id"))
    evaluated_by: Mapped[str | None] = mapped_column(sa.ForeignKey("person.id"))
    evaluated_at: Mapped[datetime | None]
    agreed_by: Mapped[str | None] = mapped_column(sa.ForeignKey("person.id"))
    agreed_at: Mapped[datetime | None]
    authorised_by: Mapped[str | None] = mapped_column(sa.ForeignKey("person.id"))
    authorised_at: Mapped[datetime | None]
    informed: Mapped[str | None]
    informed_by: Mapped[str | None] = mapped_column(sa.ForeignKey("person.id"))
    informed_at: Mapped[datetime | None]
    accepted_by: Mapped[str | None] = mapped_column(sa.ForeignKey("person.id"))
    accepted_at: Mapped[datetime | None]
    acceptance_file_id: Mapped[str | None] = mapped_column(sa.ForeignKey("file.id"))
    decision_id: Mapped[str | None] = mapped_column(sa.ForeignKey("decision.id"))
    sponsor_notified_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]

    constraints = (
        one_of("status", SupplyStatus),
        sa.CheckConstraint(
            "informed IS NULL OR informed IN (" + ",".join(f"'{one.value}'" for one in Informed) + ")", name="informed"
        ),
        sa.CheckConstraint(
            "status <> 'supply_in_force' OR (accepted_at IS NOT NULL AND informed_at IS NOT NULL"
            " AND agreed_at IS NOT NULL AND evaluation_file_id IS NOT NULL AND sponsor_notified_at IS NOT NULL)",
            name="in_force",
        ),
    )


class NoticeRow(Audited):
    """Somebody who has to be told of a supply at once; open until it is done, with the reference of an authority."""

    __tablename__ = "oos_notice"

    supply_id: Mapped[str] = mapped_column(sa.ForeignKey("oos_supply.id"), index=True)
    recipient: Mapped[str]
    status: Mapped[str] = mapped_column(default=NoticeStatus.OPEN, index=True)
    opened_at: Mapped[datetime]
    reference: Mapped[str | None]
    done_by: Mapped[str | None] = mapped_column(sa.ForeignKey("person.id"))
    done_at: Mapped[datetime | None]

    constraints = (
        one_of("recipient", Recipient),
        one_of("status", NoticeStatus),
        sa.UniqueConstraint("supply_id", "recipient"),
        sa.CheckConstraint(
            "status = 'notice_open' OR (done_at IS NOT NULL AND (recipient = 'sponsor' OR reference IS NOT NULL))",
            name="done",
        ),
    )


class OverlayRow(Audited):
    """One print of the overlay for one container under one supply. ``facts``: canonical JSON of everything printed."""

    __tablename__ = "oos_overlay"

    number: Mapped[str] = mapped_column(unique=True)
    supply_id: Mapped[str] = mapped_column(sa.ForeignKey("oos_supply.id"), index=True)
    container_id: Mapped[str] = mapped_column(sa.ForeignKey("container.id"), index=True)
    status: Mapped[str] = mapped_column(default=OverlayStatus.PRINTED)
    facts: Mapped[str]
    printed_by: Mapped[str] = mapped_column(sa.ForeignKey("person.id"))
    printed_at: Mapped[datetime]
    applied_by: Mapped[str | None] = mapped_column(sa.ForeignKey("person.id"))
    witnessed_by: Mapped[str | None] = mapped_column(sa.ForeignKey("person.id"))
    applied_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]

    constraints = (
        one_of("status", OverlayStatus),
        sa.Index(
            "uq_oos_overlay_live",
            "container_id",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
    )
