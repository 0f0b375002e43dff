"""Kits for a downtime, and what was entered from their sheets afterwards."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited, one_of
from release.domain.downtime import EntryKind


class DowntimeKitRow(Audited):
    """What a printed kit says. ``content``: canonical JSON, drawn on paper as often as asked; it never changes.

    ``checks``, ``dispensings``, ``hand_overs``, ``administrations``: how many its sheets hold; None until counted.
    """

    __tablename__ = "downtime_kit"

    number: Mapped[str] = mapped_column(unique=True)
    printed_by: Mapped[str]
    printed_at: Mapped[datetime]
    valid_until: Mapped[datetime]
    content: Mapped[str]
    content_sha256: Mapped[str]
    checks: Mapped[int | None]
    dispensings: Mapped[int | None]
    hand_overs: Mapped[int | None]
    administrations: Mapped[int | None]
    accounted_by: Mapped[str | None]
    accounted_at: Mapped[datetime | None]


class DowntimeEntryRow(Audited):
    """One act on paper that was entered later. ``record_id``: the check, dispensing, hand-over or administration it became.

    ``dispensing_id``: None of a check before anything was dispensed. ``conflicts``: canonical JSON of what NKTrace would
    have refused; with any there is a deviation, as soon as there is a container that it is about.
    """

    __tablename__ = "downtime_entry"

    kit_id: Mapped[str] = mapped_column(sa.ForeignKey("downtime_kit.id"), index=True)
    kind: Mapped[str]
    record_id: Mapped[str] = mapped_column(unique=True)
    order_id: Mapped[str] = mapped_column(sa.ForeignKey("infusion_order.id"), index=True)
    dispensing_id: Mapped[str | None] = mapped_column(sa.ForeignKey("dispensing.id"), index=True)
    happened_at: Mapped[datetime]
    performed_by: Mapped[str]
    second_person: Mapped[str | None]
    entered_by: Mapped[str]
    compared_by: Mapped[str]
    entered_at: Mapped[datetime]
    conflicts: Mapped[str]
    deviation_id: Mapped[str | None] = mapped_column(sa.ForeignKey("deviation.id"))

    constraints = (one_of("kind", EntryKind),)
