"""Lines of the trail that somebody was told of and that are gone, and what QA signed about each such loss."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited


class RecoveryRow(Audited):
    """One loss of records: up to which line the copy went, up to which one the lost lines went, and what was done.

    ``copy``: which copy was put back, when and why. ``accounted``: what papers and stations say happened meanwhile.
    """

    __tablename__ = "recovery"

    number: Mapped[int] = mapped_column(unique=True)
    kept_seq: Mapped[int]
    lost_until: Mapped[int]
    copy: Mapped[str]
    accounted: Mapped[str]
    signed_by: Mapped[str]
    signed_at: Mapped[datetime]

    constraints = (sa.CheckConstraint("kept_seq < lost_until", name="range"),)


class MissedHeadRow(Audited):
    """A head that was told to a browser or client and is not on this trail. Open until a recovery accounts for it."""

    __tablename__ = "missed_head"

    seq: Mapped[int]
    hash: Mapped[str]
    recoveries: Mapped[int]
    station: Mapped[str]
    noticed_by: Mapped[str]
    noticed_at: Mapped[datetime]
    recovery_id: Mapped[str | None] = mapped_column(sa.ForeignKey("recovery.id"), index=True)

    constraints = (sa.UniqueConstraint("seq", "hash", "recoveries"),)
