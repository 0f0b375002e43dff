"""Files as records: what each is and to which record it belongs; and apart from that the bytes, kept once."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited


class FileContentRow(Audited):
    """Bytes, once for each digest. The trail holds their SHA-256, never the bytes; verification hashes them again."""

    __tablename__ = "file_content"

    sha256: Mapped[str] = mapped_column(unique=True)
    size: Mapped[int]
    body: Mapped[bytes] = mapped_column(sa.LargeBinary)

    constraints = (sa.CheckConstraint("length(sha256) = 64", name="sha256"),)


class FileRow(Audited):
    """One version of a file that belongs to one record. ``number`` counts the versions of one name and purpose."""

    __tablename__ = "file"

    entity: Mapped[str]
    record_id: Mapped[str]
    purpose: Mapped[str]
    filename: Mapped[str]
    number: Mapped[int]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.ForeignKey("file_content.sha256"), index=True)
    person_id: Mapped[str] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None] = mapped_column(sa.ForeignKey("person.id"))
    withdrawn_because: Mapped[str | None]

    constraints = (
        sa.UniqueConstraint("entity", "record_id", "purpose", "filename", "number"),
        sa.CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_because IS NULL)", name="withdrawn"),
    )
