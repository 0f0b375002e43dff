"""A result out of a file: which column answers a criterion, and which sample may."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from kernel.refusals import N_, Refusal, kind
from manufacturing.domain.imports.mapping import FIELDS, ImportMapping
from manufacturing.domain.samples import SampleKind
from release.domain.criteria import Criterion
from release.domain.entries import analyte_of

RESULT_NOT_IN_MAPPING = kind(
    "RESULT_NOT_IN_MAPPING",
    422,
    N_("The mapping of %(instrument)s has no column that answers “%(test)s”."),
    resolver=N_("whoever maps the columns of this instrument, and QA"),
    next_step=N_("Choose the instrument that measured it, or enter the result by hand."),
)
RESULT_SAMPLE = kind(
    "RESULT_SAMPLE",
    422,
    N_("“%(typed)s” is no sample of the final product of this batch."),
    resolver=N_("you"),
    next_step=N_("Scan the tube that was measured: drawn from a container, or at the formulation or after it."),
)


def narrowed(mapping: ImportMapping, criterion: Criterion) -> ImportMapping | Refusal:
    """The mapping with the one column of the analyte that the criterion asks for."""
    wanted = analyte_of(criterion)
    columns = tuple(one for one in mapping.columns if FIELDS[one.field] == wanted)
    if len(columns) != 1:
        return RESULT_NOT_IN_MAPPING(field="instrument", instrument=mapping.instrument, test=criterion.name)
    return replace(mapping, columns=columns)


def is_of_product(position: int, formulated: int | None) -> bool:
    """Release is judged on the final product: a sample of a step counts from the formulation on (hazard 10)."""
    return formulated is not None and position >= formulated


def must_scan(kinds: Iterable[str]) -> bool:
    """``kinds``: of the samples of the product. A tube that was counted at the bench is none that the laboratory got."""
    return any(one != SampleKind.IN_PROCESS for one in kinds)
