"""For every result that came out of a file: file, row, column, cell, sample, mapping."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.documents.tables import DocumentRow
from kernel.files.tables import FileRow
from manufacturing.domain.plan import FORMULATED_AT
from manufacturing.domain.samples import SampleStatus
from manufacturing.queries.imports import file_facts
from manufacturing.queries.samples import sample_by_code, samples_of_batch
from manufacturing.queries.steps import process_of
from manufacturing.tables.batches import BatchRow, StepRow
from manufacturing.tables.samples import SampleRow
from release.domain.readings import is_of_product
from release.tables.sources import ResultSourceRow
from release.tables.testing import ResultRow


def sources_of_test(session: Session, test_id: str) -> list[dict[str, Any]]:
    """One for each result that was read out of a file, in the order of their entry."""
    query = (
        sa.select(ResultSourceRow, ResultRow, FileRow, SampleRow, DocumentRow)
        .join(ResultRow, ResultRow.id == ResultSourceRow.result_id)
        .join(FileRow, FileRow.id == ResultSourceRow.file_id)
        .join(SampleRow, SampleRow.id == ResultSourceRow.sample_id)
        .join(DocumentRow, DocumentRow.id == ResultSourceRow.document_id)
        .where(ResultRow.test_id == test_id)
        .order_by(ResultRow.sequence)
    )
    return [
        {
            "sequence": result.sequence,
            "number": result.typed_number,
            "unit": result.typed_unit,
            "file": file_facts(file),
            "row": source.row,
            "column": source.column_title,
            "cell": source.cell,
            "sample": {"id": sample.id, "code": sample.code},
            "mapping": {"id": document.id, "code": document.code, "number": document.number},
        }
        for source, result, file, sample, document in session.execute(query)
    ]


def product_samples(session: Session, batch: BatchRow) -> list[SampleRow]:
    """Every sample of the final product of this batch that was not thrown away."""
    found = [one for one in samples_of_batch(session, batch.id) if one.status != SampleStatus.DISCARDED]
    return [one for one in found if is_product_sample(session, batch, one)]


def product_sample(session: Session, batch: BatchRow, code: str) -> SampleRow | None:
    """The sample with this code, if it is of the final product of this batch."""
    row = sample_by_code(session, code)
    return row if row is not None and is_product_sample(session, batch, row) else None


def is_product_sample(session: Session, batch: BatchRow, row: SampleRow) -> bool:
    if row.batch_id != batch.id:
        return False
    if row.container_id is not None:
        return True
    step = session.get_one(StepRow, row.step_id)
    return is_of_product(step.position, process_of(session, batch).position_of(FORMULATED_AT))
