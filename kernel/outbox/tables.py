"""The columns of whatever waits to be sent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited
from kernel.outbox.domain import UNSENT


class Outgoing(Audited):
    """``problem``: of the last attempt. ``next_at``: not tried before; claimed attempts move it on."""

    __abstract__ = True

    status: Mapped[str] = mapped_column(default=UNSENT, index=True)
    written_at: Mapped[datetime]
    next_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    problem: Mapped[str | None]
