"""Corrections of signed steps, each with what followed from it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited


class StepCorrectionRow(Audited):
    """One correction of a signed step (ATMP-6.1-CORR). ``effect``: canonical JSON of every derived value that changed, as
    it was shown before the signature."""

    __tablename__ = "step_correction"

    step_id: Mapped[str] = mapped_column(sa.ForeignKey("step.id"), index=True)
    batch_id: Mapped[str] = mapped_column(sa.ForeignKey("batch.id"), index=True)
    reason: Mapped[str]
    effect: Mapped[str]
    corrected_by: Mapped[str]
    corrected_at: Mapped[datetime]
