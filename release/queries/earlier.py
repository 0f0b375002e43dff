"""The same quantity in the batches before: what a value is compared with by whoever verifies it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.plots import Mark, plot
from kernel.quantities import to_decimal
from kernel.refusals import N_
from manufacturing.tables.batches import BatchRow
from release.domain.criteria import Criterion, Formula
from release.domain.decisions import QcTestStatus
from release.domain.entries import units_of
from release.queries.testing import concentration_of, typed_text
from release.tables.testing import QcTestRow, ResultRow

LAST = 5


def earlier_batches(session: Session, test: QcTestRow, criterion: Criterion) -> dict[str, Any]:
    """The last five other batches with a verified value of this key in this unit, the newest first; and a plot of them
    with this one, the oldest first."""
    rows = verified_before(session, test)
    own = session.get(ResultRow, test.result_id) if test.result_id else None
    unit = next(iter(units_of(criterion)), "")
    listed = [
        {
            "batch": batch.number,
            "batch_id": batch.id,
            "value": typed_text(row),
            "outcome": found.outcome,
            "measured_at": row.measured_at,
        }
        for found, row, batch in rows
    ]
    low, high = ends_of(criterion)
    marks = [Mark(batch.number, number_of(row, unit), link=f"/batches/{batch.id}") for _, row, batch in reversed(rows)]
    if own is not None:
        marks.append(Mark(N_("this batch"), number_of(own, unit), low, high))
    drawn = plot("earlier", criterion.name, unit, [("", marks)], (low, high)) if len(marks) > 1 else None
    return {"values": listed, "plot": drawn if drawn and drawn["series"] else None}


def ends_of(criterion: Criterion) -> tuple[Decimal | None, Decimal | None]:
    """The limits in the unit of the measurement; a limit per kg is none of them."""
    if criterion.formula is not Formula.NONE:
        return None, None
    low = criterion.limit if criterion.has_lower else None
    return low, criterion.upper_limit if criterion.has_upper else None


def number_of(row: ResultRow, unit: str) -> Decimal | None:
    """Nothing where it was measured in another unit: a gap, no number of another kind."""
    found = concentration_of(row)
    return to_decimal(found) if found is not None and row.unit == unit else None


def verified_before(session: Session, test: QcTestRow) -> list[tuple[QcTestRow, ResultRow, BatchRow]]:
    query = (
        sa.select(QcTestRow, ResultRow, BatchRow)
        .join(ResultRow, ResultRow.id == QcTestRow.result_id)
        .join(BatchRow, BatchRow.id == QcTestRow.batch_id)
        .where(
            QcTestRow.criterion == test.criterion,
            QcTestRow.batch_id != test.batch_id,
            QcTestRow.status == QcTestStatus.VERIFIED,
        )
        .order_by(ResultRow.verified_at.desc(), ResultRow.id.desc())
        .limit(LAST)
    )
    return [(found, row, batch) for found, row, batch in session.execute(query)]
