"""Files read from instruments: what was read, from where in the file, and who decided on it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited, one_of
from manufacturing.domain.imports.imports import ImportStatus


class ImportExampleRow(Audited):
    """An export by which the columns of an instrument are mapped; the file is kept with it."""

    __tablename__ = "import_example"

    instrument: Mapped[str]
    person_id: Mapped[str] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[datetime]


class ImportRow(Audited):
    """One reading of one file for one batch by one version of a mapping.

    ``aside``: rows that were not entered, as JSON: row, sample, why. ``others_aside``: a person said that rows of other
    samples may be.
    """

    __tablename__ = "file_import"

    batch_id: Mapped[str] = mapped_column(sa.ForeignKey("batch.id"), index=True)
    file_id: Mapped[str] = mapped_column(sa.ForeignKey("file.id"))
    document_id: Mapped[str] = mapped_column(sa.ForeignKey("document.id"))
    status: Mapped[str] = mapped_column(default=ImportStatus.PROPOSED)
    encoding: Mapped[str]
    header_row: Mapped[int]
    others_aside: Mapped[bool]
    aside: Mapped[str]
    imported_by: Mapped[str] = mapped_column(sa.ForeignKey("person.id"))
    imported_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(sa.ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    rejected_because: Mapped[str | None]

    constraints = (
        one_of("status", ImportStatus),
        sa.CheckConstraint("decided_by IS NULL OR status <> 'proposed'", name="decided"),
        sa.CheckConstraint("status <> 'confirmed' OR decided_by <> imported_by", name="second_person"),
    )


class FcsFileRow(Audited):
    """What a kept FCS file says of itself; its events are never judged. ``acquired``: as the instrument wrote it."""

    __tablename__ = "fcs_file"

    file_id: Mapped[str] = mapped_column(sa.ForeignKey("file.id"), unique=True)
    fcs_version: Mapped[str]
    sample_code: Mapped[str]
    acquired: Mapped[str]
    cytometer: Mapped[str]
    serial: Mapped[str]
    events: Mapped[int]
    parameters: Mapped[int]


class ImportedValueRow(Audited):
    """One number of a file and the cell it stands in. ``number`` in ``unit``, as in the file."""

    __tablename__ = "imported_value"

    import_id: Mapped[str] = mapped_column(sa.ForeignKey("file_import.id"), index=True)
    step_id: Mapped[str] = mapped_column(sa.ForeignKey("step.id"), index=True)
    sample_id: Mapped[str] = mapped_column(sa.ForeignKey("sample.id"))
    field: Mapped[str]
    number: Mapped[Decimal]
    unit: Mapped[str]
    row: Mapped[int]
    column_title: Mapped[str]
    cell: Mapped[str]

    constraints = (sa.UniqueConstraint("import_id", "step_id", "field"),)
