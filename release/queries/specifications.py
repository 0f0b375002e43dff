"""Versions of the specification, criterion by criterion, as people read them."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.documents.queries import document_body, document_view, get_document, list_of_kind
from kernel.documents.tables import DocumentRow
from kernel.errors import NotFound
from release.domain.criteria import Criterion, Specification
from release.domain.entries import is_from_records
from release.domain.specification_documents import SPECIFICATION
from release.domain.specifications import PLAN, SETTINGS, parse_specification
from release.queries.judging import limit_of


def get_specification(session: Session, document_id: str) -> DocumentRow:
    row = get_document(session, document_id)
    if row.kind != SPECIFICATION:
        raise NotFound(f"specification {document_id}")
    return row


def specification_view(session: Session, row: DocumentRow) -> dict[str, Any]:
    """One version without its body as text: criteria in words, and the settings."""
    body = document_body(row)
    parsed = parse_specification(body)
    about = document_view(session, row)
    del about["body"]
    criteria = parsed.criteria if isinstance(parsed, Specification) else ()
    waiting = parsed.pending_allowed if isinstance(parsed, Specification) else ()
    return {
        **about,
        "criteria": [criterion_view(one, waits=one.key in waiting) for one in criteria],
        "mycoplasma_omitted": body.get("mycoplasma_omitted", ""),
        "settings": {name: body.get(name) for name in (*SETTINGS, PLAN)},
    }


def criterion_view(criterion: Criterion, *, waits: bool) -> dict[str, Any]:
    """Everything that decides how a result is judged, in one row."""
    return {
        "key": criterion.key,
        "name": criterion.name,
        "kind": criterion.kind.value,
        "population": criterion.population,
        "parent": criterion.parent,
        "method": criterion.method,
        "unit": criterion.unit,
        "comparison": criterion.comparison.value,
        "limit": limit_of(criterion),
        "alert": alert_of(criterion),
        "rounding": criterion.rounding.value,
        "replicates": criterion.replicates,
        "replicate_rule": criterion.replicate_rule.value,
        "stage": criterion.stage.value,
        "mandatory": criterion.mandatory,
        "report_only": criterion.report_only,
        "per_kg": criterion.per_kg,
        "may_wait": waits,
        "final_days": criterion.final_days,
        "from_records": is_from_records(criterion),
    }


def alert_of(criterion: Criterion) -> str:
    ends = [format(one, "f") for one in (criterion.alert, criterion.alert_upper) if one is not None]
    return ", ".join([*ends, *criterion.alert_texts])


def specification_versions(session: Session) -> list[DocumentRow]:
    return list_of_kind(session, SPECIFICATION)
