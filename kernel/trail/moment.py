"""One moment of the records for whoever reads all of them, while others go on writing (docs/decisions/0044)."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy.orm import Session

from kernel.database import Database
from kernel.db import make_engine, sqlite_file


@contextmanager
def one_moment(database: Database) -> Iterator[Session]:
    """A snapshot on PostgreSQL; on SQLite a copy made in one step, since a long reader keeps every writer waiting."""
    file = sqlite_file(str(database.engine.url.render_as_string(hide_password=False)))
    if file is None:
        snapshot = database.engine.connect().execution_options(isolation_level="REPEATABLE READ")
        with snapshot as connection, Session(connection) as session:
            yield session
        return
    with tempfile.TemporaryDirectory(dir=file.parent, prefix="check-") as folder:
        copy = Path(folder, "copy.sqlite3")
        with closing(sqlite3.connect(file, timeout=30)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        engine = make_engine(f"sqlite:///{copy}", owner=True)
        try:
            with Session(engine) as session:
                yield session
        finally:
            engine.dispose()
