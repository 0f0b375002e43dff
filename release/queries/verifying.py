"""What the second person is shown before a result counts: entry, conversion, limit and the verdict it would give."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.files.queries import files_of, never_opened
from kernel.files.tables import FileRow
from kernel.refusals import Refusal
from manufacturing.queries.batches import get_batch
from release.domain.entries import conversion
from release.domain.refusals import RAW_DATA_NOT_OPENED
from release.queries.judging import judged_if_verified, limit_of, value_text
from release.queries.review import weight_document
from release.queries.testing import content_of_test, criterion_of, get_record, numbers_in, specification_of
from release.tables.testing import QcTestRow, ResultRow

RAW_DATA = "raw_data"


def verify_content(session: Session, test_id: str) -> dict[str, Any]:
    """Everything the verification rests on; a per-kg criterion rests on the weight as well."""
    test = get_record(session, QcTestRow, test_id)
    batch = get_batch(session, test.batch_id)
    criterion = criterion_of(specification_of(session, batch), test)
    content = content_of_test(session, test_id)
    files = raw_data_of(session, test)
    if files:
        content["raw data"] = [{"id": one.id, "file": one.filename, "sha256": one.sha256} for one in files]
    row = session.get(ResultRow, test.result_id) if test.result_id else None
    if row is None:
        return content
    verdict, _ = judged_if_verified(session, test, row)
    content["would be"] = {
        "outcome": verdict.outcome.value,
        "value": value_text(criterion, verdict, row) or verdict.reason,
        "limit": limit_of(criterion),
        "formula": verdict.formula,
        "inputs": dict(verdict.inputs),
        "conversion": conversion_text(criterion, row),
    }
    if criterion.per_kg:
        content["weight"] = weight_document(session, batch.subject_id)
    return content


def raw_data_of(session: Session, test: QcTestRow) -> list[FileRow]:
    """The files that a verification compares with: kept as raw data of this test and not withdrawn."""
    files = files_of(session, "test", test.id)
    return [one for one in files if one.purpose == RAW_DATA and one.withdrawn_at is None]


def unopened_refusals(session: Session, test: QcTestRow, person_id: str) -> tuple[Refusal, ...]:
    """QC-2ND: whoever verifies has had the very bytes sent to him, which the trail shows."""
    found = never_opened(session, person_id, raw_data_of(session, test))
    return tuple(RAW_DATA_NOT_OPENED(file=one.filename, sha256=one.sha256[:12]) for one in found)


def conversion_text(criterion: Any, row: ResultRow) -> str | None:
    """``0.5 10^6/mL × 1000000 = 500000 cells/mL``: the factor is shown (PHE-UNIT)."""
    if row.typed_number is None:
        return None
    typed = numbers_in(row.typed_replicates) or (row.typed_number,)
    shown = [getattr(conversion(criterion, one, row.typed_unit), "shown", None) for one in typed]
    return "; ".join(one for one in shown if one) or None
