"""Which steps of a batch were copied from paper, and from which page."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.database import asked_once
from manufacturing.tables.transcriptions import TranscriptionRow


@asked_once
def transcriptions_of(session: Session, batch_id: str) -> dict[str, TranscriptionRow]:
    """By step id."""
    query = sa.select(TranscriptionRow).where(TranscriptionRow.batch_id == batch_id).order_by(TranscriptionRow.id)
    return {row.step_id: row for row in session.execute(query).scalars()}


def paper_of(session: Session, step_id: str) -> TranscriptionRow | None:
    query = sa.select(TranscriptionRow).where(TranscriptionRow.step_id == step_id)
    return session.execute(query).scalar_one_or_none()


def paper_view(session: Session, row: TranscriptionRow | None) -> dict[str, Any] | None:
    if row is None:
        return None
    by = names(session).get(row.transcribed_by, row.transcribed_by)
    return {"paper": row.paper, "why": row.why, "by": by, "at": row.transcribed_at}
