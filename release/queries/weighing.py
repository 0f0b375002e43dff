"""Whose weight waits for somebody, over many batches at once; of one batch, ``weight_is_settled`` decides."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from manufacturing.queries.trial import latest_weights
from manufacturing.tables.batches import BatchRow
from release.queries.decisions import too_old
from release.queries.testing import specification_of


def without_fresh_weight(session: Session, batches: Collection[BatchRow], at: datetime) -> set[str]:
    """Ids of the subjects of these batches whose weight is missing, or too old for one of them."""
    weights = latest_weights(session, {batch.subject_id for batch in batches})
    return {
        batch.subject_id
        for batch in batches
        if (current := weights.get(batch.subject_id)) is None or too_old(current, specification_of(session, batch), at)
    }
