"""The count of the formulated product beside the count of the release laboratory (decision 46)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from kernel.quantities import exact, expanded, to_decimal
from manufacturing.tables.batches import BatchRow
from release.domain.criteria import Formula
from release.domain.entries import CountDifference
from release.domain.limits import display
from release.queries.testing import (
    concentration_of,
    containers_of,
    get_record,
    required_tests,
    results_by_test,
    specification_of,
    verified_result,
)


def count_differences(session: Session, batch_id: str) -> list[CountDifference]:
    """Viable NK cells of each container by the verified release result and by the formulation counts."""
    batch = get_record(session, BatchRow, batch_id)
    specification = specification_of(session, batch)
    results = results_by_test(session, batch_id)
    doses = {one.key for one in specification.per_kg() if one.formula is Formula.DOSE_PER_KG and one.has_lower}
    for test in required_tests(session, batch_id):
        row = verified_result(test, results[test.id]) if test.criterion in doses else None
        per_ml = concentration_of(row) if row is not None else None
        if per_ml is not None:
            return [
                CountDifference(one.code, per_ml * Fraction(one.volume_ml), one.viable_nk)
                for one in containers_of(session, batch_id)
            ]
    return []


def formulation_difference(session: Session, batch_id: str) -> Fraction | None:
    """The largest difference in percent of the formulation count; None while there is none."""
    known = [percent for one in count_differences(session, batch_id) if (percent := one.percent) is not None]
    return max(known, default=None)


def uncounted_containers(session: Session, batch_id: str) -> tuple[str, ...]:
    """Those with a release result whose formulation counts give no cells: there is no percentage of nothing."""
    return tuple(one.container for one in count_differences(session, batch_id) if one.percent is None)


def difference_documents(session: Session, batch: BatchRow) -> list[dict[str, Any]]:
    """Both counts with their difference and the tolerance, as QA reads and answers them."""
    tolerance = specification_of(session, batch).formulation_difference_percent
    return [
        {
            "container": one.container,
            "formulation": one.formulated,
            "release": to_decimal(one.released),
            "difference": None if one.percent is None else display(one.percent, tolerance, up=True),
            "tolerance": expanded(tolerance),
            "beyond": one.percent is None or one.percent > exact(tolerance),
        }
        for one in count_differences(session, batch.id)
    ]
