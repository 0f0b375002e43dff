"""Orders and what was dispensed on them as something a deviation can be about."""

from __future__ import annotations

from sqlalchemy.orm import Session

from manufacturing.queries.reportable import Reportable, reportable
from manufacturing.tables.batches import ContainerRow
from release.tables.dispensing import OrderRow
from release.tables.testing import QcTestRow


def batch_of_order(session: Session, row: OrderRow) -> str | None:
    """The batch of the container that was dispensed on it; none before."""
    return session.get_one(ContainerRow, row.container_id).batch_id if row.container_id else None


reportable("order", Reportable(OrderRow, lambda _, row: row.number, lambda _, row: f"/orders/{row.id}", batch_of_order))
reportable(
    "test",
    Reportable(QcTestRow, lambda _, row: row.number, lambda _, row: f"/tests/{row.id}", lambda _, row: row.batch_id),
)
