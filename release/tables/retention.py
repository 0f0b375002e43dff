"""Requests to erase, and the ground they were answered with (RET-GDPR)."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited


class ErasureRequestRow(Audited):
    """``reference``: number of the letter, no person. ``ground``: the class of record whose time was the longest.

    ``keep_until``: None where it was not known yet, because the trial had not ended.
    """

    __tablename__ = "erasure_request"

    subject_id: Mapped[str] = mapped_column(sa.ForeignKey("subject.id"), index=True)
    reference: Mapped[str]
    received_on: Mapped[date]
    ground: Mapped[str]
    keep_until: Mapped[date | None]
    answered_by: Mapped[str]
    answered_at: Mapped[datetime]
