"""Receivers of what changes in the count, the keys that sign it, and the messages."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited, one_of
from kernel.outbox.tables import Outgoing
from release.domain.counting import CountEvent
from release.domain.receivers import ReceiverStatus, WebhookStatus


class ReceiverRow(Audited):
    """A system outside that is told; nothing is before somebody else approved it."""

    __tablename__ = "receiver"

    code: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    url: Mapped[str]
    status: Mapped[str] = mapped_column(default=ReceiverStatus.REQUESTED)
    requested_by: Mapped[str]
    requested_at: Mapped[datetime]
    approved_by: Mapped[str | None]
    approved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    constraints = (one_of("status", ReceiverStatus),)


class ReceiverKeyRow(Audited):
    """A key by its id; the secret follows from the id and the installation's own key, and is stored nowhere.

    ``ends_at``: from then on nothing is signed with it.
    """

    __tablename__ = "receiver_key"

    receiver_id: Mapped[str] = mapped_column(sa.ForeignKey("receiver.id"), index=True)
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]


class WebhookRow(Outgoing):
    """``number``: gap-free for each receiver. ``body``: canonical JSON, byte for byte what is sent."""

    __tablename__ = "webhook"

    receiver_id: Mapped[str] = mapped_column(sa.ForeignKey("receiver.id"), index=True)
    trial_id: Mapped[str] = mapped_column(sa.ForeignKey("trial.id"))
    number: Mapped[int]
    event: Mapped[str]
    body: Mapped[str]

    constraints = (
        one_of("status", WebhookStatus),
        one_of("event", CountEvent),
        sa.UniqueConstraint("receiver_id", "number"),
    )
