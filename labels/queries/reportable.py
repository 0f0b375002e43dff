"""Labels as something a deviation can be about."""

from __future__ import annotations

from sqlalchemy.orm import Session

from labels.tables.labels import LabelRow
from manufacturing.queries.reportable import Reportable, reportable
from manufacturing.tables.batches import ContainerRow


def batch_of_label(session: Session, row: LabelRow) -> str:
    return session.get_one(ContainerRow, row.container_id).batch_id


reportable(
    "label", Reportable(LabelRow, lambda _, row: row.short_number, lambda _, row: f"/labels/{row.id}", batch_of_label)
)
