"""Messages to duties, written with what they tell."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from kernel.db import one_of
from kernel.outbox.tables import Outgoing
from release.domain.duties import Duty
from release.domain.messages import MessageStatus


class MessageRow(Outgoing):
    """``sentence`` with ``facts`` (canonical JSON) in the reader's language; ``record``: the code it is about.

    ``receivers``: how many addresses it went to. ``problem``: without any address.
    """

    __tablename__ = "message"

    duty: Mapped[str]
    record: Mapped[str]
    sentence: Mapped[str]
    facts: Mapped[str]
    location: Mapped[str]
    receivers: Mapped[int | None]

    constraints = (one_of("duty", Duty), one_of("status", MessageStatus))
