"""Results that were read out of a file: which cell each came out of."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited


class ResultSourceRow(Audited):
    """The cell of a result, the sample it was measured in, and the version of the mapping it was read by."""

    __tablename__ = "result_source"

    result_id: Mapped[str] = mapped_column(sa.ForeignKey("result.id"), unique=True)
    file_id: Mapped[str] = mapped_column(sa.ForeignKey("file.id"))
    document_id: Mapped[str] = mapped_column(sa.ForeignKey("document.id"))
    sample_id: Mapped[str] = mapped_column(sa.ForeignKey("sample.id"))
    row: Mapped[int]
    column_title: Mapped[str]
    cell: Mapped[str]
