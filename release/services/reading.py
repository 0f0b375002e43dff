"""A result read out of an instrument's file: one cell, of one scanned sample, kept with the file (A11-5, hazard 10)."""

from __future__ import annotations

from datetime import datetime

from kernel.errors import Refused, refuse_any
from kernel.files.domain.refusals import Upload
from kernel.files.services import attach_file
from kernel.files.tables import FileRow
from kernel.refusals import Refusal
from kernel.work import Work
from manufacturing.domain.batches import StepStatus
from manufacturing.domain.imports.mapping import ImportMapping
from manufacturing.domain.imports.rows import Proposed, SampleFacts, read_rows
from manufacturing.domain.imports.table import read_table
from manufacturing.domain.samples import read_sample_code
from manufacturing.queries.batches import get_batch
from manufacturing.queries.imports import effective_mapping
from release.domain.readings import RESULT_SAMPLE, narrowed
from release.queries.sources import product_sample
from release.queries.testing import criterion_of, get_record, specification_of
from release.queries.verifying import RAW_DATA
from release.services.testing import enter_result
from release.tables.sources import ResultSourceRow
from release.tables.testing import QcTestRow


def read_result(
    work: Work, test_id: str, upload: Upload, *, instrument: str, sample: str, measured_at: datetime
) -> QcTestRow:
    """Enter the value that stands in the row of the scanned sample; another person verifies it against the file."""
    test = get_record(work.session, QcTestRow, test_id)
    batch = get_batch(work.session, test.batch_id)
    criterion = criterion_of(specification_of(work.session, batch), test)
    document, mapping = effective_mapping(work.session, instrument)
    column = narrowed(mapping, criterion)
    code = read_sample_code(sample)
    found = product_sample(work.session, batch, code) if code else None
    if found is None:
        raise Refused(RESULT_SAMPLE(field="sample", typed=sample[:40]))
    if isinstance(column, Refusal):
        raise Refused(column)
    value = one_value(upload, column, test_id, found.code)
    file = attach_file(work, upload, entity="test", record_id=test_id, purpose=RAW_DATA)
    row = enter_result(
        work,
        test_id,
        operator="=",
        sample=found.code,
        value=value.number,
        unit=value.unit,
        method=criterion.method,
        measured_at=measured_at,
        raw_data_reference=reference(file, value),
    )
    work.add(
        ResultSourceRow(
            result_id=row.result_id,
            file_id=file.id,
            document_id=document.id,
            sample_id=found.id,
            row=value.row,
            column_title=value.column,
            cell=value.cell,
        )
    )
    return row


def reference(file: FileRow, value: Proposed) -> str:
    """What is printed as the raw data of the result."""
    return f"{file.filename}, SHA-256 {file.sha256[:16]}, row {value.row}, {value.column[:40]}"


def one_value(upload: Upload, mapping: ImportMapping, test_id: str, sample: str) -> Proposed:
    """The one cell of this sample and column; whatever is wrong with the file refuses all of it."""
    table = read_table(upload.body, mapping.delimiter)
    if isinstance(table, Refusal):
        raise Refused(table)
    field = mapping.columns[0].field
    facts = {sample: SampleFacts(sample, test_id, 0, StepStatus.PENDING, frozenset({field}))}
    proposal, refusals = read_rows(table, mapping, facts, set_others_aside=True)
    refuse_any(refusals)
    assert proposal is not None  # noqa: S101  (without a refusal there is a proposal)
    return proposal.values[0]
