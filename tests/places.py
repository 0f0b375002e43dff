"""Installations that tests take turns in: one per database and process, brought back to a kept state in milliseconds.

Making a database, connecting to it and compiling every statement anew costs more than most tests. So a place keeps
its address, its engine and its connections; what is put back between two tests are the rows and the files. Whoever
works as the owner may change more than rows: asking for ``owner_url`` ends the place, and the next test gets a new one.
"""

from __future__ import annotations

import atexit
import functools
import io
import os
import pickle
import secrets
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.engine import Engine

from config.keys import write_secret
from config.schema import create_schema
from config.tables import METADATA
from kernel.clock import FixedClock
from kernel.database import Database, locked_file
from kernel.db import make_engine
from kernel.signatures import make_seal
from tests.databases import PostgresDatabase, postgres, sqlite_url

Answer = TypeVar("Answer")
TABLES = [table.name for table in METADATA.sorted_tables]
NOT_KEPT = (".gate", ".lock", "-journal")
VACUUM_EVERY = 40
SQLITE = b"SQLite format 3\0"
WRITTEN = count(1_000_000, 1_000)  # no test commits a thousand times between two
LOCK_SECONDS = 20
NO_ROWS = "0:0"
UNGUARDED = "CREATE OR REPLACE FUNCTION nktrace_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'"


@functools.cache
def sqlite_template() -> Path:
    """An empty schema, made once a run and copied where one is wanted."""
    folder = own_folder("template")
    owner = make_engine(sqlite_url(folder), owner=True)
    create_schema(owner)
    owner.dispose()
    return folder / Path(sqlite_url(folder)).name


@functools.cache
def postgres_template() -> PostgresDatabase:
    fresh = postgres().new_database()
    owner = make_engine(fresh.owner_url, owner=True)
    create_schema(owner, "nktrace_app")
    owner.dispose()
    return fresh


def copy_rows(source: Path, owner_url: str) -> None:
    """Every row of the SQLite file in a folder into an empty PostgreSQL schema, through the same table definitions."""
    here, there = make_engine(sqlite_url(source)), make_engine(owner_url, owner=True)
    with here.connect() as reading, there.begin() as writing:
        writing.execute(sa.delete(METADATA.tables["trail_head"]))
        for table in METADATA.sorted_tables:
            if rows := [dict(row) for row in reading.execute(sa.select(table)).mappings()]:
                writing.execute(sa.insert(table), rows)
    for engine in (here, there):
        engine.dispose()


def once_a_run(name: str, make: Callable[[Path], Answer]) -> Answer:
    """What ``make`` answers, with the files it leaves in the folder it is given, which nobody changes afterwards.

    The lanes of one run (``NKTRACE_TEST_TOLD`` names their folder) tell it once between them; whoever comes while it is
    being told waits.
    """
    shared = os.environ.get("NKTRACE_TEST_TOLD")
    folder = Path(shared) / name if shared else own_folder(name)
    folder.mkdir(parents=True, exist_ok=True)
    with locked_file(folder / "turn"):
        told = folder / "told"
        if not told.exists():
            half = folder / "half-told"
            half.write_bytes(pickle.dumps(make(folder)))
            half.replace(told)
        answer: Answer = pickle.loads(told.read_bytes())  # noqa: S301  (written by a process of this run)
        return answer


def own_folder(name: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix=f"nktrace-{name}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@dataclass(frozen=True)
class Saved:
    """Files by name, and on PostgreSQL rows by table in the binary form of COPY."""

    files: dict[str, bytes]
    rows: dict[str, bytes]


@dataclass(frozen=True)
class Remembered:
    """The state that something left behind, what it answered (pickled), and what time it was then."""

    saved: Saved
    answer: bytes
    at: datetime


def write_anew(path: Path, content: bytes) -> None:
    """A SQLite file that tells connections which were open before it came that another one wrote it: they keep what
    they prepared and forget what they read (its change counter, and the version its size is valid for)."""
    counter = next(WRITTEN).to_bytes(4, "big")
    with path.open("r+b" if path.exists() else "wb") as file:  # over what is there: no page is given back and asked for
        file.write(content[:24] + counter + content[28:92] + counter)
        file.write(memoryview(content)[96:])
        file.truncate()


class Place:
    """A folder with keys and head, a database and the application's engine on it; here the database is a file."""

    def __init__(self) -> None:
        self.folder = own_folder("place")
        self.spoiled = False
        self.app_url = self.prepare()
        self.engine: Engine = make_engine(self.app_url)
        self.engine.pool._pre_ping = False  # its server does not go away: no question before each question
        make_seal(self.folder / "seal.pem")
        write_secret(self.folder / "session.key", secrets.token_hex(32))
        self.empty = self.take()
        self.memory: dict[tuple[str, datetime, str, frozenset[str]], Remembered] = {}

    def prepare(self) -> str:
        """An empty schema; answers the address for the application."""
        shutil.copyfile(sqlite_template(), self.folder / sqlite_template().name)
        return sqlite_url(self.folder)

    @property
    def owner_url(self) -> str:
        """For what the application may not do; after that nobody else comes here."""
        self.spoiled = True
        return self.app_url

    def take(self) -> Saved:
        """The state as it is; nobody may be writing."""
        return Saved(self.files(), {})

    def put(self, saved: Saved) -> None:
        """Bring back a state that was taken here, or in a place of the same database."""
        self.put_files(saved)

    def files(self) -> dict[str, bytes]:
        return {name: (self.folder / name).read_bytes() for name in self.names()}

    def names(self) -> frozenset[str]:
        kept = (path for path in self.folder.iterdir() if path.is_file() and not path.name.endswith(NOT_KEPT))
        return frozenset(path.name for path in kept)

    def put_files(self, saved: Saved) -> None:
        for path in self.folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name not in saved.files:
                path.unlink()
        for name, content in saved.files.items():
            if content.startswith(SQLITE):
                write_anew(self.folder / name, content)
            else:
                (self.folder / name).write_bytes(content)
            (self.folder / name).chmod(0o600)

    def close(self) -> None:
        self.engine.dispose()


class PostgresPlace(Place):
    """The database is one of the run's server; rows are put back by its superuser, past triggers and rights.

    Only tables that differ are touched: ``rows`` is what was last put or taken, ``marks`` how each table looked then.
    """

    def prepare(self) -> str:
        self.database = postgres().new_database(template=postgres_template())
        self.keeper = postgres().keeper(self.database)
        (self.guard,) = self.keeper.execute("SELECT pg_get_functiondef('nktrace_refuse'::regproc)").fetchone() or ("",)
        self.times = 0
        self.rows: dict[str, bytes] = {}
        self.marks: dict[str, str] = {}
        return self.database.app_url

    @property
    def owner_url(self) -> str:
        self.spoiled = True
        return self.database.owner_url

    def take(self) -> Saved:
        with self.keeper.transaction(), self.keeper.cursor() as cursor:
            now = marks_of(cursor, TABLES)
            rows = {name: self.rows[name] for name in self.rows if now[name] == self.marks[name]}
            for name in TABLES:
                if name not in rows and now[name] != NO_ROWS:
                    with cursor.copy(sql.SQL("COPY {} TO STDOUT (FORMAT BINARY)").format(sql.Identifier(name))) as out:
                        rows[name] = b"".join(bytes(part) for part in out)
        self.rows, self.marks = rows, now
        return Saved(self.files(), rows)

    def put(self, saved: Saved) -> None:
        self.put_files(saved)
        with self.keeper.transaction(), self.keeper.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
            now = marks_of(cursor, TABLES)
            differ = [name for name in TABLES if self.differs(name, now[name], saved)]
            if differ:  # nobody outside this transaction ever meets the records unguarded
                cursor.execute(UNGUARDED)
                now |= self.take_away(cursor, [name for name in differ if self.rows.get(name) == saved.rows.get(name)])
                differ = [name for name in differ if self.differs(name, now[name], saved)]
                cursor.execute("; ".join([*(f'DELETE FROM "{name}"' for name in differ), self.guard]))
            for name in differ:
                if name in saved.rows:
                    with cursor.copy(
                        sql.SQL("COPY {} FROM STDIN (FORMAT BINARY)").format(sql.Identifier(name))
                    ) as into:
                        into.write(saved.rows[name])
            self.rows, self.marks = saved.rows, now | marks_of(cursor, differ)
        self.times += 1
        if self.times % VACUUM_EVERY == 0:
            self.keeper.execute("VACUUM ANALYZE")

    def take_away(self, cursor: psycopg.Cursor, names: list[str]) -> dict[str, str]:
        """What was written to these tables since; answers how they look then. Where that were new rows, it is enough."""
        newest = {name: self.marks.get(name, NO_ROWS).partition(":")[2] for name in names}
        for name in names:
            cursor.execute(f'DELETE FROM "{name}" WHERE xmin::text::bigint > {newest[name]}')
        return marks_of(cursor, names)

    def differs(self, name: str, mark: str, saved: Saved) -> bool:
        """Whether somebody wrote to the table since, or its rows are to be others."""
        return mark != self.marks.get(name, NO_ROWS) or self.rows.get(name) != saved.rows.get(name)

    def close(self) -> None:
        super().close()
        self.keeper.close()
        postgres().drop_database(self.database)


def marks_of(cursor: psycopg.Cursor, names: list[str]) -> dict[str, str]:
    """How many rows each table has and which transaction wrote last to one of them: nothing is written and committed
    without one of the two being another."""
    if not names:
        return {}
    asked = ", ".join(
        f"(SELECT count(*) || ':' || coalesce(max(xmin::text::bigint), 0) FROM \"{name}\")" for name in names
    )
    found = cursor.execute(f"SELECT {asked}").fetchone()
    return dict(zip(names, found or (), strict=True))


OPEN: list[Place] = []


def new_place(engine: str) -> Place:
    """A place of its own for whoever asks; it is closed when the run ends."""
    OPEN.append(PostgresPlace() if engine == "postgresql" else Place())
    return OPEN[-1]


def share(database: Database, engine: Engine) -> None:
    """Let ``database`` work with the connections and compiled statements that are there already."""
    database.engine.dispose()
    database.engine = engine
    database.__post_init__()


PLACES: dict[str, Place] = {}


def place_on(engine: str) -> Place:
    """The place of this process on ``engine``, empty."""
    place = PLACES.get(engine)
    if place is None or place.spoiled:
        if place is not None:
            OPEN.remove(place)
            place.close()
        place = PLACES[engine] = new_place(engine)
    else:
        place.put(place.empty)
    return place


def remembered(database: Database, name: str, make: Callable[[], Answer]) -> Answer:
    """What ``make`` answers, with the state it leaves; done once, then put back wherever the same had happened before.

    The head of the chain tells what happened before: equal heads are equal records. So do the files beside it: where an
    application made its keys, it does not get the state of a place without them. ``name`` stands for all that ``make``
    does, so it has to hold whatever else that depends on.
    """
    place = next((one for one in PLACES.values() if one.engine is database.engine and not one.spoiled), None)
    if place is None:
        return make()
    with database.reading() as session:
        head = session.execute(sa.text("SELECT hash FROM trail_head")).scalar_one()
    key = (head, database.clock.now(), name, place.names())
    if key not in place.memory:
        answer = make()
        place.memory[key] = Remembered(place.take(), pickled(answer, database), database.clock.now())
        return answer
    found = place.memory[key]
    place.put(found.saved)
    assert isinstance(database.clock, FixedClock)
    database.clock.advance(found.at - database.clock.now())
    return unpickled(found.answer, database)


def pickled(answer: object, database: Database) -> bytes:
    """Everything but the database itself, which the next test has one of its own of."""
    out = io.BytesIO()
    pickler = pickle.Pickler(out)
    pickler.persistent_id = lambda one: "database" if one is database else None  # type: ignore[method-assign]
    pickler.dump(answer)
    return out.getvalue()


def unpickled(answer: bytes, database: Database) -> Any:
    unpickler = pickle.Unpickler(io.BytesIO(answer))  # noqa: S301  (written by ``pickled`` in this process)
    unpickler.persistent_load = lambda _word: database  # type: ignore[method-assign]
    return unpickler.load()


def along(told: Any, name: str, step: Callable[[], Answer]) -> Answer:
    """What ``step`` answers, which also changes ``told``, an object that holds its ``database``; remembered."""
    state, answer = remembered(told.database, name, lambda: (vars(told), step()))
    vars(told).update(state)
    return answer


def told_once(method: Callable[[Any], Answer]) -> Callable[[Any], Answer]:
    """For a method that is a way without forks which many tests begin with.

    An object in which a test replaced a method goes the way itself.
    """

    @functools.wraps(method)
    def go(self: Any) -> Answer:
        if any(callable(one) for one in vars(self).values()):
            return method(self)
        return along(self, method.__qualname__, lambda: method(self))

    return go
