"""One fault, exactly its codes, and nothing changed but the trail."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from config.tables import audited_tables
from kernel.errors import Refused
from kernel.tables import TrailRow

EVERY_RECORD = sa.text(" UNION ALL ".join(f"SELECT '{name}', id, version FROM {name}" for name in audited_tables()))


def refused(story, act, *args, **fields):
    """The codes with which this act is refused, sorted; every record stays as it was."""
    before = records(story)
    with pytest.raises(Refused) as caught:
        act(*args, **fields)
    assert records(story) == before
    with story.database.reading() as session:
        newest = session.execute(sa.select(TrailRow.outcome).order_by(TrailRow.seq.desc()).limit(1)).scalar_one()
    assert newest == "refused"
    return sorted(refusal.code for refusal in caught.value.refusals)


def records(story):
    """Every record with its version, asked in one statement."""
    with story.database.reading() as session:
        return sorted(tuple(row) for row in session.execute(EVERY_RECORD))
