"""Computed volumes to infuse that somebody kept."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited


class DoseRow(Audited):
    """One computed volume with its inputs (canonical JSON), formula and version, as they were (ATMP-CALC)."""

    __tablename__ = "dose"

    container_id: Mapped[str] = mapped_column(sa.ForeignKey("container.id"), index=True)
    formula: Mapped[str]
    formula_version: Mapped[str]
    inputs: Mapped[str]
    volume_ml: Mapped[Decimal]
    bound_by: Mapped[str]
    nk_per_kg: Mapped[Decimal]
    cd3_per_kg: Mapped[Decimal]
    reaches_minimum: Mapped[bool]
    kept_by: Mapped[str]
    kept_at: Mapped[datetime]
