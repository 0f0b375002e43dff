"""One installation put back to a point of its story again and again, far cheaper than a new copy each time.

Its engine stays, with every statement it has compiled. On PostgreSQL a new database is a thousand new files; here the
rows are replaced instead, below the triggers, by the server's superuser.
"""

from __future__ import annotations

import functools
import shutil
from dataclasses import replace
from pathlib import Path

import psycopg
from psycopg import sql

from config.tables import METADATA
from tests.databases import postgres, sqlite_url
from tests.races.installations import Installation

TABLES = tuple(table.name for table in METADATA.sorted_tables)


def superuser(installation: Installation) -> psycopg.Connection:
    assert installation.source is not None
    return psycopg.connect(host=str(postgres().directory), user="postgres", dbname=installation.source.name)


def made_rewindable(here: Installation) -> None:
    """Triggers fire for the application as always, but no longer for a superuser who replays rows."""
    if here.source is None:
        return
    with superuser(here) as connection:
        found = connection.execute("SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgenabled = 'A'")
        for table, trigger in found.fetchall():
            names = (sql.Identifier(table), sql.Identifier(trigger))
            connection.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER {}").format(*names))


@functools.cache
def rows_of(name: str) -> dict[str, bytes]:
    """Every table of a database, as COPY writes it."""
    kept = {}
    with psycopg.connect(host=str(postgres().directory), user="postgres", dbname=name) as connection:
        for table in TABLES:
            statement = sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))
            with connection.cursor() as cursor, cursor.copy(statement) as copy:
                kept[table] = b"".join(copy)
    return kept


def rewound(here: Installation, source: Installation) -> Installation:
    """The same place as it was at the point ``source``."""
    if here.engine is not None:
        here.engine.dispose()
    shutil.copy(source.folder / "head", here.folder / "head")
    if source.source is None:
        file = Path(sqlite_url(source.folder).removeprefix("sqlite:///"))
        shutil.copyfile(file, here.folder / file.name)
    else:
        kept = rows_of(source.source.name)
        with superuser(here) as connection, connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            for table in TABLES:
                cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
                with cursor.copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))) as copy:
                    copy.write(kept[table])
    return replace(here, facts=source.facts, now=source.now)
