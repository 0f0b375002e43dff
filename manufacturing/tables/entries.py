"""Fields of a step as they were left while the step was being done."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited


class StepEntryRow(Audited):
    """One box of a step as somebody left it (DI-6.12). Never changed: the next one of the same ``field`` follows it.

    ``number`` counts the entries of a box from 1, so that two people cannot follow the same one. ``value``, ``text`` and
    ``moment``: what was typed, in the unit it was typed in; all empty where the box was emptied. ``performed_at``: when
    it was read or done; ``late_reason``: why it was recorded so much later. ``imported_value_id``: where it was read
    by the computer, out of which cell of which file. ``after_signatures``: how often the step had been performed or
    corrected by then; 0 while it is done for the first time, later it belongs to the next correction.
    """

    __tablename__ = "step_entry"

    step_id: Mapped[str] = mapped_column(sa.ForeignKey("step.id"), index=True)
    field: Mapped[str]
    number: Mapped[int]
    value: Mapped[Decimal | None]
    text: Mapped[str | None]
    moment: Mapped[datetime | None]
    performed_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    late_reason: Mapped[str | None]
    entered_by: Mapped[str]
    after_signatures: Mapped[int] = mapped_column(default=0)
    imported_value_id: Mapped[str | None] = mapped_column(sa.ForeignKey("imported_value.id"))

    constraints = (sa.UniqueConstraint("step_id", "field", "number"),)
