"""What the second person is shown before a result counts: entry, conversion, limit and the verdict it would give."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from manufacturing.queries.batches import get_batch
from release.domain.entries import conversion
from release.queries.judging import judged_if_verified, limit_of, value_text
from release.queries.review import weight_document
from release.queries.testing import content_of_test, criterion_of, get_record, specification_of
from release.tables.testing import QcTestRow, ResultRow


def verify_content(session: Session, test_id: str) -> dict[str, Any]:
    """Everything the verification rests on; a per-kg criterion rests on the weight as well."""
    test = get_record(session, QcTestRow, test_id)
    batch = get_batch(session, test.batch_id)
    criterion = criterion_of(specification_of(session, batch), test)
    content = content_of_test(session, test_id)
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


def conversion_text(criterion: Any, row: ResultRow) -> str | None:
    """``0.5 10^6/mL × 1000000 = 500000 cells/mL``: the factor is shown (PHE-UNIT)."""
    if row.typed_number is None:
        return None
    answer = conversion(criterion, row.typed_number, row.typed_unit)
    return getattr(answer, "shown", None)
