"""Messages to duties, written with what they tell."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited, one_of
from release.domain.duties import Duty
from release.domain.messages import MessageStatus


class MessageRow(Audited):
    """``sentence`` with ``facts`` (canonical JSON) in the reader's language; ``record``: the code it is about.

    ``receivers``: how many addresses it went to. ``problem``: of the last attempt, without any address.
    """

    __tablename__ = "message"

    duty: Mapped[str]
    record: Mapped[str]
    sentence: Mapped[str]
    facts: Mapped[str]
    location: Mapped[str]
    status: Mapped[str] = mapped_column(default=MessageStatus.UNSENT, index=True)
    written_at: Mapped[datetime]
    next_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    receivers: Mapped[int | None]
    problem: Mapped[str | None]

    constraints = (one_of("duty", Duty), one_of("status", MessageStatus))
