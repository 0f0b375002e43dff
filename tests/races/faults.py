"""A database that gives way at one statement of a request, at its COMMIT, or between COMMIT and answer (hazards a6).

On PostgreSQL the server itself ends the connection, so what follows fails as it does in life; on SQLite the driver's own
error is raised. Either way it reaches the application through its engine, below every line of its own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from config.tables import METADATA
from tests.races.installations import Installation
from tests.races.rewinding import superuser

COMMIT = "COMMIT"
GONE = "SELECT pg_terminate_backend(%s, 5000)"
# Whatever an act changes; of a session only that somebody signed in it, of an idempotency key that it is taken.
BESIDE = ("trail", "trail_change", "trail_head", "session", "idempotency")
RECORDED = sa.text(
    " UNION ALL ".join(
        [
            f"SELECT '{one.name}', count(*), sum(version) FROM {one.name}"
            for one in METADATA.sorted_tables
            if one.name not in BESIDE
        ]
        + ["SELECT 'session', 0, sum(CASE WHEN has_signed THEN 1 ELSE 0 END) FROM session"]
        + ["SELECT 'idempotency', count(*), 0 FROM idempotency"]
    )
)


@dataclass(frozen=True)
class Fault:
    """``place``: which of the request's statements and COMMITs, from 1; or ``commit``: which of its COMMITs.

    ``after``: that COMMIT is done and its answer is lost. ``lasting``: nothing works any more from there on.
    """

    place: int = 0
    commit: int = 0
    after: bool = False
    lasting: bool = False


NONE = Fault()


class Failing:
    """The engine of an installation during one request. ``points``: what it was asked for, in order."""

    def __init__(self, fault: Fault, keeper: psycopg.Connection | None) -> None:
        self.fault, self.keeper = fault, keeper
        self.points: list[str] = []
        self.struck = 0

    def statement(self, connection: sa.Connection, _cursor: Any, statement: str, *_more: Any) -> None:
        self.reach(connection, statement)

    def commit(self, connection: sa.Connection) -> None:
        self.reach(connection, COMMIT)

    def reach(self, connection: sa.Connection, point: str) -> None:
        self.points.append(point)
        if not self.fault.after and (self.is_there() or (self.struck and self.fault.lasting)):
            self.struck = self.struck or len(self.points)
            self.strike(connection)

    def is_there(self) -> bool:
        at_commit = self.points[-1] == COMMIT and self.points.count(COMMIT) == self.fault.commit
        return at_commit or len(self.points) == self.fault.place

    def loses_answer(self) -> bool:
        """Asked when a COMMIT is done."""
        lost = self.fault.after and self.is_there()
        self.struck = len(self.points) if lost else self.struck
        return lost

    def strike(self, connection: sa.Connection) -> None:
        if self.keeper is None:
            raise OperationalError(self.points[-1], None, sqlite3.OperationalError("disk I/O error"))
        self.keeper.execute(GONE, [connection.connection.dbapi_connection.info.backend_pid])


@contextmanager
def failing(here: Installation, fault: Fault = NONE) -> Iterator[Failing]:
    """Requests of a ``with`` block meet ``fault``; without one they are only counted."""
    engine = here.engine
    assert engine is not None
    with ExitStack() as stack:
        keeper = None
        if here.source is not None and fault is not NONE:
            keeper = stack.enter_context(superuser(here))
            keeper.autocommit = True
        found = Failing(fault, keeper)
        commit = engine.dialect.do_commit

        def losing(connection: Any) -> None:
            commit(connection)
            if found.loses_answer():
                raise engine.dialect.dbapi.OperationalError("the answer to COMMIT was lost")

        listening = (("before_cursor_execute", found.statement), ("commit", found.commit))
        for name, listener in listening:
            event.listen(engine, name, listener)
            stack.callback(event.remove, engine, name, listener)
        engine.dialect.do_commit = losing
        stack.callback(vars(engine.dialect).pop, "do_commit")
        yield found


def records(here: Installation) -> dict[str, tuple[int, int]]:
    """Rows and versions of every table; no row goes and each change is a version, so equal sums are equal records."""
    with here.opened() as database, database.reading() as session:
        return {name: (rows, int(versions or 0)) for name, rows, versions in session.execute(RECORDED)}


def trail(here: Installation, since: int = 0) -> list[tuple[str, str]]:
    found = here.rows("SELECT action, outcome FROM trail WHERE seq > :since ORDER BY seq", since=since)
    return [(row.action, row.outcome) for row in found]


def last_line(here: Installation) -> int:
    return int(here.rows("SELECT seq FROM trail_head")[0].seq)
