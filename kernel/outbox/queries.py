"""What is to be sent now."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.outbox.domain import UNSENT
from kernel.outbox.tables import Outgoing

MOST_AT_ONCE = 50


def due(session: Session, table: type[Outgoing], at: datetime) -> list[str]:
    """Ids, the oldest first."""
    query = sa.select(table.id).where(table.status == UNSENT, table.next_at <= at)
    return list(session.execute(query.order_by(table.next_at, table.id).limit(MOST_AT_ONCE)).scalars())
