"""The page of one deviation."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from manufacturing.queries.batch_content import identity
from manufacturing.queries.batches import get_batch, get_deviation
from manufacturing.queries.bench import signatures_of
from manufacturing.queries.capa import views
from manufacturing.queries.deviations import (
    actions_of,
    batches_of_deviation,
    deviation_view,
    entries_of,
    numbers_to_certify,
)
from manufacturing.queries.reportable import get_record


def deviation_page(session: Session, deviation_id: str, today: date) -> dict[str, Any]:
    row = get_deviation(session, deviation_id)
    people = names(session)
    about = get_record(session, row.record_kind, row.record_id)
    return {
        "deviation": deviation_view(row, people),
        "about": {"kind": about.kind, "name": row.record, "page": about.page},
        "identity": identity(session, get_batch(session, row.batch_id)) if row.batch_id else None,
        "batches": [
            {"id": one.id, "number": one.number, "status": one.status, "own": one.id == row.batch_id}
            for one in batches_of_deviation(session, row)
        ],
        "waits_for_qp": row.judged_by is None and bool(numbers_to_certify(session, row)),
        "history": [
            {"kind": one.kind, "words": one.words, "by": people.get(one.done_by, one.done_by), "at": one.done_at}
            for one in entries_of(session, row.id)
        ],
        "actions": views(session, actions_of(session, row.id), today),
        "signatures": signatures_of(session, row.id),
    }
