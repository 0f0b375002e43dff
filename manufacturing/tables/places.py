"""Storage places and the line of custody."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited, one_of
from manufacturing.domain.places import PlaceClass


class PlaceRow(Audited):
    """A freezer, a shelf, a bench, a box: one status class, one temperature range in degrees Celsius."""

    __tablename__ = "storage_place"

    code: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    status_class: Mapped[str]
    low_c: Mapped[Decimal | None]
    high_c: Mapped[Decimal | None]
    opened_by: Mapped[str]
    closed_at: Mapped[datetime | None]

    constraints = (one_of("status_class", PlaceClass),)


class CustodyRow(Audited):
    """One move of one unit, by two people. ``current``: the newest of its unit. A gap or an excursion waits for QA."""

    __tablename__ = "custody_event"

    container_id: Mapped[str | None] = mapped_column(sa.ForeignKey("container.id"), index=True)
    collection_id: Mapped[str | None] = mapped_column(sa.ForeignKey("collection.id"), index=True)
    part_id: Mapped[str | None] = mapped_column(sa.ForeignKey("collection_part.id"), index=True)
    sample_id: Mapped[str | None] = mapped_column(sa.ForeignKey("sample.id"), index=True)
    unit: Mapped[str]
    from_place_id: Mapped[str | None] = mapped_column(sa.ForeignKey("storage_place.id"))
    found_place_id: Mapped[str | None] = mapped_column(sa.ForeignKey("storage_place.id"))
    place_id: Mapped[str] = mapped_column(sa.ForeignKey("storage_place.id"), index=True)
    current: Mapped[bool] = mapped_column(default=True)
    moved_at: Mapped[datetime] = mapped_column(index=True)
    recorded_at: Mapped[datetime]
    handed_by: Mapped[str]
    received_by: Mapped[str]
    temperature_c: Mapped[Decimal]
    device: Mapped[str]
    gap: Mapped[bool]
    excursion: Mapped[bool]
    note: Mapped[str | None]
    assessment: Mapped[str | None]
    assessed_by: Mapped[str | None]
    assessed_at: Mapped[datetime | None]

    constraints = (
        sa.CheckConstraint(
            "(CASE WHEN container_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN collection_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN part_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN sample_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_unit",
        ),
    )
