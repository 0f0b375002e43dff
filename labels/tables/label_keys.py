"""What was asked and decided about the label keys; never the keys themselves."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited, one_of
from labels.domain.label_keys import KeyChange, KeyChangeStatus


class LabelKeyChangeRow(Audited):
    """``letter``: names the key. ``fingerprint``: which key that was on the server when it was asked; empty for one that is lost.

    ``place``: the order of the approvals.
    """

    __tablename__ = "label_key_change"

    letter: Mapped[str]
    change: Mapped[str]
    fingerprint: Mapped[str]
    reason: Mapped[str]
    status: Mapped[str] = mapped_column(default=KeyChangeStatus.REQUESTED)
    requested_by: Mapped[str] = mapped_column(sa.ForeignKey("person.id"))
    requested_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(sa.ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str | None]
    place: Mapped[int | None] = mapped_column(unique=True)

    constraints = (
        one_of("status", KeyChangeStatus),
        one_of("change", KeyChange),
        sa.CheckConstraint("(status = 'approved') = (place IS NOT NULL)", name="placed"),
        sa.Index(
            "uq_label_key_change_open",
            "letter",
            unique=True,
            sqlite_where=sa.text("status = 'requested'"),
            postgresql_where=sa.text("status = 'requested'"),
        ),
    )
