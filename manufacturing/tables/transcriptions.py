"""Steps that were first written on paper."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited


class TranscriptionRow(Audited):
    """The paper a step was copied from. ``paper``: its number and page; ``why``: why paper was used."""

    __tablename__ = "transcription"

    step_id: Mapped[str] = mapped_column(sa.ForeignKey("step.id"), unique=True)
    batch_id: Mapped[str] = mapped_column(sa.ForeignKey("batch.id"), index=True)
    paper: Mapped[str]
    why: Mapped[str]
    transcribed_by: Mapped[str]
    transcribed_at: Mapped[datetime]
