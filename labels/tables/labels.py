"""Every print of a label, from generated to applied, void or superseded; a print is never reused."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited, one_of
from labels.domain.labels import LabelStatus
from labels.domain.slots import PRODUCT, SlotName


class LabelRow(Audited):
    """One print. ``slot``: its size; OUTER is that of the package around a small container. ``facts`` is the canonical JSON of everything printed; ``payload`` the 46 letters of the code."""

    __tablename__ = "label"

    container_id: Mapped[str] = mapped_column(sa.ForeignKey("container.id"), index=True)
    template_document_id: Mapped[str] = mapped_column(sa.ForeignKey("document.id"))
    slot: Mapped[str] = mapped_column(default=SlotName.FULL)
    issue: Mapped[int]
    label_id: Mapped[str] = mapped_column(unique=True)
    payload: Mapped[str] = mapped_column(unique=True)
    short_number: Mapped[str] = mapped_column(unique=True)
    facts: Mapped[str]
    status: Mapped[str] = mapped_column(default=LabelStatus.GENERATED)
    reason: Mapped[str | None]
    printed_by: Mapped[str | None]
    printed_at: Mapped[datetime | None]
    verified_by: Mapped[str | None]
    verified_at: Mapped[datetime | None]
    applied_by: Mapped[str | None]
    witnessed_by: Mapped[str | None]
    applied_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    constraints = (
        one_of("status", LabelStatus),
        one_of("slot", PRODUCT),
        sa.UniqueConstraint("container_id", "issue"),
        sa.Index(
            "uq_label_applied",
            "container_id",
            unique=True,
            sqlite_where=sa.text("status = 'applied' AND slot <> 'OUTER'"),
            postgresql_where=sa.text("status = 'applied' AND slot <> 'OUTER'"),
        ),
        sa.Index(
            "uq_label_applied_outer",
            "container_id",
            unique=True,
            sqlite_where=sa.text("status = 'applied' AND slot = 'OUTER'"),
            postgresql_where=sa.text("status = 'applied' AND slot = 'OUTER'"),
        ),
    )
