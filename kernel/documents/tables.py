"""Versions of controlled documents and their approvals.

A body is written on by its author while it is a draft that nobody has approved; after that it is only superseded.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited, one_of
from kernel.documents.domain import DocumentStatus


class DocumentRow(Audited):
    """``body`` is canonical JSON; ``sha256`` of it is what people sign and what records freeze.

    ``retraining``: training for the version before is not good for this one.
    """

    __tablename__ = "document"

    kind: Mapped[str]
    code: Mapped[str]
    number: Mapped[int]
    title: Mapped[str]
    body: Mapped[str]
    sha256: Mapped[str]
    status: Mapped[str] = mapped_column(default=DocumentStatus.DRAFT)
    author_id: Mapped[str]
    retraining: Mapped[bool] = mapped_column(default=True)
    effective_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]

    constraints = (
        one_of("status", DocumentStatus),
        sa.UniqueConstraint("kind", "code", "number"),
        sa.Index(
            "uq_document_effective",
            "kind",
            "code",
            unique=True,
            sqlite_where=sa.text("status = 'effective'"),
            postgresql_where=sa.text("status = 'effective'"),
        ),
    )


class ApprovalRow(Audited):
    """One person's approval of one version, in one role."""

    __tablename__ = "document_approval"

    document_id: Mapped[str] = mapped_column(sa.ForeignKey("document.id"), index=True)
    role: Mapped[str]
    person_id: Mapped[str] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[datetime]

    constraints = (sa.UniqueConstraint("document_id", "role"), sa.UniqueConstraint("document_id", "person_id"))
