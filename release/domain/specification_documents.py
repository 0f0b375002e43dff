"""The specification as a controlled document: approved by QA and QP, neither of them its author (ATMP-6.2-SPEC)."""

from __future__ import annotations

from typing import Any

from kernel.documents.domain import document_kind
from kernel.refusals import N_, Refusal
from release.domain.criteria import Criterion, Kind, Specification
from release.domain.entries import FROM_RECORDS, MYCOPLASMA, MYCOPLASMA_METHODS, analyte_of, is_from_records
from release.domain.specifications import SPEC_INVALID, parse_specification

SHORTEST_JUSTIFICATION = 20


def specification_refusals(body: dict[str, Any]) -> tuple[Refusal, ...]:
    """Everything that keeps this body from judging a batch."""
    parsed = parse_specification(body)
    if not isinstance(parsed, Specification):
        return parsed
    return (*(refusal for criterion in parsed.criteria for refusal in _unusable(criterion)), *_mycoplasma(parsed))


def _mycoplasma(specification: Specification) -> tuple[Refusal, ...]:
    """Tested by a method of Ph. Eur. 2.6.7, or omitted with a justification; never forgotten, never both (PHE-2.6.7)."""
    criterion, omitted = specification.criterion(MYCOPLASMA), specification.mycoplasma_omitted.strip()
    if criterion is None:
        missing = len(omitted) < SHORTEST_JUSTIFICATION
        return (SPEC_INVALID(where=MYCOPLASMA, problem="neither tested nor omitted with why"),) if missing else ()
    found = []
    if omitted:
        found.append(SPEC_INVALID(where=MYCOPLASMA, problem="tested and omitted at once"))
    if criterion.method not in MYCOPLASMA_METHODS:
        methods = "; ".join(MYCOPLASMA_METHODS)
        found.append(SPEC_INVALID(where=f"{MYCOPLASMA}.method", problem=f"not one of {methods}"))
    return tuple(found)


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
