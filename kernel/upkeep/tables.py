"""Every check of the records, every backup and every read-back of one, with what came of it (A11-7.1, BK-RPO)."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited, one_of
from kernel.upkeep.domain import RunKind, RunStatus


class UpkeepRunRow(Audited):
    """``found``: the first faults, as JSON. ``faults``: how many there are in all.

    ``path`` and ``file_sha256``: the copy that was written or read back. ``head_seq`` and ``head_hash``: the newest
    line it has. ``backup_at``: when the newest backup was made, as known at this run. ``ran_by``: what started it.
    """

    __tablename__ = "upkeep_run"

    kind: Mapped[str] = mapped_column(index=True)
    status: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime] = mapped_column(index=True)
    milliseconds: Mapped[int]
    links: Mapped[int]
    records: Mapped[int]
    signatures: Mapped[int]
    faults: Mapped[int]
    found: Mapped[str]
    path: Mapped[str | None]
    file_sha256: Mapped[str | None]
    head_seq: Mapped[int | None]
    head_hash: Mapped[str | None]
    backup_at: Mapped[datetime | None]
    ran_by: Mapped[str]

    constraints = (
        one_of("kind", RunKind),
        one_of("status", RunStatus),
        sa.CheckConstraint("(status = 'run_sound') = (faults = 0)", name="sound"),
    )
