"""The specification as a controlled document: approved by QA and QP, neither of them its author (ATMP-6.2-SPEC)."""

from __future__ import annotations

from typing import Any

from kernel.documents.domain import document_kind
from kernel.refusals import N_, Refusal
from release.domain.criteria import Criterion, Kind, Specification
from release.domain.entries import FROM_RECORDS, analyte_of, is_from_records
from release.domain.specifications import SPEC_INVALID, parse_specification


def specification_refusals(body: dict[str, Any]) -> tuple[Refusal, ...]:
    """Everything that keeps this body from judging a batch."""
    parsed = parse_specification(body)
    if not isinstance(parsed, Specification):
        return parsed
    return tuple(refusal for criterion in parsed.criteria for refusal in _unusable(criterion))


def _unusable(criterion: Criterion) -> tuple[Refusal, ...]:
    words = criterion.kind in {Kind.QUALITATIVE, Kind.STERILITY}
    if is_from_records(criterion) and criterion.key not in FROM_RECORDS:
        return (SPEC_INVALID(where=criterion.key, problem="no rule reads it from the records"),)
    if is_from_records(criterion) and criterion.kind is not Kind.QUALITATIVE:
        return (SPEC_INVALID(where=criterion.key, problem="what the records say is a word"),)
    if not words and analyte_of(criterion) is None:
        return (SPEC_INVALID(where=criterion.key, problem=f"no list of units leads to {criterion.unit or 'no unit'}"),)
    return ()


SPECIFICATION = document_kind(
    "specification", N_("specification"), approvals=("QA", "QP"), check=specification_refusals
)
