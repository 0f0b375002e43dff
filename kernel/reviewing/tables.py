"""Access reviews and their answered lines, with what the reviewer was told of each."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited, one_of
from kernel.reviewing.domain import Answer, ReviewStatus


class AccessReviewRow(Audited):
    """``due_at``: when it had to be signed."""

    __tablename__ = "access_review"

    number: Mapped[str] = mapped_column(unique=True)
    status: Mapped[str] = mapped_column(default=ReviewStatus.OPEN)
    due_at: Mapped[datetime]
    opened_by: Mapped[str] = mapped_column(sa.ForeignKey("person.id"))
    opened_at: Mapped[datetime]
    signed_by: Mapped[str | None] = mapped_column(sa.ForeignKey("person.id"))
    signed_at: Mapped[datetime | None]

    constraints = (one_of("status", ReviewStatus),)


class AccessLineRow(Audited):
    """``role``: empty for an account without any. ``given_by``: who approved it."""

    __tablename__ = "access_line"

    review_id: Mapped[str] = mapped_column(sa.ForeignKey("access_review.id"), index=True)
    person_id: Mapped[str] = mapped_column(sa.ForeignKey("person.id"))
    role: Mapped[str]
    since: Mapped[datetime | None]
    given_by: Mapped[str]
    valid_until: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    unused: Mapped[bool]
    answer: Mapped[str]
    answered_by: Mapped[str] = mapped_column(sa.ForeignKey("person.id"))
    answered_at: Mapped[datetime]

    constraints = (
        one_of("answer", Answer),
        sa.CheckConstraint("person_id <> answered_by", name="not_the_own"),
        sa.UniqueConstraint("review_id", "person_id", "role"),
    )
