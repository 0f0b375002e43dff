"""The records as they stood at an instant: the trail replayed into a database of its own, in memory, to be read only.

What each line says a record became is what verification compares the tables with, so nothing else decides here either:
no column that tells when something was recorded, and no table of today. Files keep their digest on the trail alone, so
their bytes are not there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from kernel.audit import GENESIS
from kernel.db import Base, Day, Exact, UtcDateTime
from kernel.tables import TrailHeadRow, TrailRow
from kernel.trail.verify import Replayed, fold, read_payload

READERS: dict[type[Any], Any] = {UtcDateTime: datetime.fromisoformat, Exact: Decimal, Day: date.fromisoformat}


@contextmanager
def records_as_of(session: Session, at: datetime) -> Iterator[Session]:
    """Every record as the lines up to ``at`` left it, that instant included. Reads the whole trail up to there."""
    replayed, head = replay(session, at)
    engine = sa.create_engine("sqlite://", poolclass=StaticPool)
    try:
        with engine.begin() as connection:
            Base.metadata.create_all(connection)
            connection.execute(sa.insert(Base.metadata.tables[TrailHeadRow.__tablename__]), head)
            enter(connection, replayed)
        with Session(engine) as then:
            yield then
    finally:
        engine.dispose()


def replay(session: Session, at: datetime) -> tuple[Replayed, dict[str, Any]]:
    """What the lines made of every record, and the newest of these lines."""
    replayed: Replayed = {}
    head = {"id": 1, "seq": 0, "hash": GENESIS}
    lines = sa.select(TrailRow.seq, TrailRow.hash, TrailRow.payload).where(TrailRow.at <= at).order_by(TrailRow.seq)
    for seq, found, payload in session.execute(lines.execution_options(yield_per=2000)):
        for change in read_payload(payload).get("changes", ()):
            fold(replayed, change, seq)
        head = {"id": 1, "seq": seq, "hash": found}
    return replayed, head


def enter(connection: Connection, replayed: Replayed) -> None:
    by_table: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for record_id, state in replayed.items():
        by_table[state["entity"]].append({"id": record_id, "version": state["version"], **state["values"]})
    for name, rows in by_table.items():
        table = Base.metadata.tables[name]
        if not any(isinstance(column.type, sa.LargeBinary) for column in table.columns):
            connection.execute(sa.insert(table), [of_types(table, row) for row in rows])


def of_types(table: sa.Table, row: dict[str, Any]) -> dict[str, Any]:
    """Values of the trail, where instants, days and exact numbers are text, as their columns take them."""
    found = dict(row)
    for column in table.columns:
        reader = READERS.get(type(column.type))
        if reader is not None and found.get(column.name) is not None:
            found[column.name] = reader(found[column.name])
    return found
