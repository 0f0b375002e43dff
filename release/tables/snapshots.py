"""Figures of the trial as somebody froze and signed them (TR-PROV)."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited


class SnapshotRow(Audited):
    """``document``: canonical JSON of every figure with the codes it is made of, kept with its SHA-256.

    ``head_seq``, ``head_hash``: the newest line of the trail before this act; the figures are of the records as the
    lines up to it made them. The database keeps the first version for ever: a change would be the next one.
    """

    __tablename__ = "figure_snapshot"

    trial_id: Mapped[str] = mapped_column(sa.ForeignKey("trial.id"), index=True)
    number: Mapped[int]
    code: Mapped[str] = mapped_column(unique=True)
    occasion: Mapped[str]
    frozen_by: Mapped[str]
    frozen_at: Mapped[datetime]
    head_seq: Mapped[int]
    head_hash: Mapped[str]
    document: Mapped[str]
    document_sha256: Mapped[str]

    constraints = (
        sa.UniqueConstraint("trial_id", "number"),
        sa.CheckConstraint("version = 1", name="never_changed"),
    )
