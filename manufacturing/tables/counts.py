"""Counts of cells in samples, with every single reading."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited, one_of
from manufacturing.domain.cell_counts import CountMethod


class CellCountRow(Audited):
    """One count of one tube (Ph. Eur. 2.7.29). ``wbc``, ``viability``: computed means, in 10^6/mL undiluted and percent."""

    __tablename__ = "cell_count"

    sample_id: Mapped[str] = mapped_column(sa.ForeignKey("sample.id"), index=True)
    number: Mapped[int]
    method: Mapped[str]
    dye: Mapped[str]
    dilution: Mapped[Decimal]
    instrument: Mapped[str]
    counted_at: Mapped[datetime]
    minutes: Mapped[int]
    wbc: Mapped[Decimal]
    viability: Mapped[Decimal]
    recorded_at: Mapped[datetime]
    counted_by: Mapped[str]

    constraints = (one_of("method", CountMethod), sa.UniqueConstraint("sample_id", "number"))


class CellReadingRow(Audited):
    """One replicate as it was read off the diluted suspension."""

    __tablename__ = "cell_reading"

    count_id: Mapped[str] = mapped_column(sa.ForeignKey("cell_count.id"), index=True)
    number: Mapped[int]
    wbc: Mapped[Decimal]
    viability: Mapped[Decimal]

    constraints = (sa.UniqueConstraint("count_id", "number"),)
