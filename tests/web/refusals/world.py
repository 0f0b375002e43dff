"""The worked example as a world to break rules in: told once a run, copied back whenever a test has changed it.

It is told on SQLite through the acts people use; PostgreSQL gets the same rows through the same table definitions. The
journeys tell the whole path on each database by itself.
"""

from __future__ import annotations

import atexit
import functools
import hashlib
import marshal
import shutil
import sqlite3
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Engine

from config import wiring
from config.app import create_app
from config.demo import Stage
from config.example import BEGIN
from config.keys import make_keys
from config.settings import Settings
from config.tables import METADATA
from kernel.accounts.domain import IDLE
from kernel.clock import FixedClock
from kernel.db import make_engine
from kernel.web.site import Site
from tests.conftest import PASSWORD, postgres_template, sqlite_template
from tests.databases import PostgresDatabase, postgres, sqlite_url
from tests.web import clients
from tests.web.clients import Browser, Client
from tests.web.refusals.names import names_of
from tests.web.refusals.scenes import NOW, tell_everything

KEYS = ("session.key", "seal.pem", "labels.json")
FILE = Path(sqlite_url(Path())).name
EVIDENCE = frozenset({"trail", "trail_change", "trail_head", "session", "idempotency"})
COUNTED = frozenset({"failed_count", "locked_until", "version"})


def without_waiting(engine: Engine) -> Engine:
    """The copies of a test are thrown away, so nobody waits for the disk; durability is proved elsewhere."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    return engine


def settings_of(folder: Path, url: str) -> Settings:
    return Settings(mode="test", database_url=url, keys=folder, head_file=folder / "head", cheap_passwords=True)


def own_folder(name: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix=f"nktrace-{name}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@functools.cache
def example() -> Path:
    """A folder with keys, head and database of the example and its scenes, standing at ``NOW``."""
    folder = own_folder("example")
    make_keys(folder)
    shutil.copyfile(sqlite_template(), folder / FILE)
    clock = FixedClock(NOW - BEGIN)
    stage = Stage(create_app(settings_of(folder, sqlite_url(folder)), clock), clock, password=PASSWORD)
    without_waiting(stage.site.database.engine)
    tell_everything(stage, NOW)
    stage.site.database.engine.dispose()
    return folder


@functools.cache
def example_on_postgres() -> PostgresDatabase:
    copied = postgres().new_database(template=postgres_template())
    source, target = make_engine(sqlite_url(example())), make_engine(copied.owner_url, owner=True)
    with source.connect() as reading, target.begin() as writing:
        writing.execute(sa.delete(METADATA.tables["trail_head"]))
        for table in METADATA.sorted_tables:
            if rows := [dict(row) for row in reading.execute(sa.select(table)).mappings()]:
                writing.execute(sa.insert(table), rows)
    for engine in (source, target):
        engine.dispose()
    return copied


@dataclass
class Kept:
    """A state of the world to come back to: what happened, with its records, time, and copy."""

    happened: tuple[Any, ...]
    records: dict[str, str]
    at: datetime
    copy: Path | PostgresDatabase


class World:
    """One installation with the example in it, which can be brought back to a state that was kept.

    ``happened``: what was done since the example was told; None when a test has done something by itself.
    """

    def __init__(self, engine: str) -> None:
        self.engine_name = engine
        self.folder = own_folder(engine)
        for name in (*KEYS, "head"):
            shutil.copy(example() / name, self.folder / name)
        told = example() / FILE if engine == "sqlite" else example_on_postgres()
        self.states = [Kept((), {}, NOW, told)]
        self.database: PostgresDatabase | None = None
        self.happened: tuple[Any, ...] | None = ()
        self.records: dict[str, str] = {}
        self.forms: dict[Any, Any] = {}
        self.browsers: dict[str, Browser] = {}
        self.clients: dict[str, Client] = {}
        self.known: dict[str, str] = {}
        self.copy(told)
        self.app = create_app(settings_of(self.folder, self.url), FixedClock(NOW))
        self.app.testing = True
        without_waiting(self.site.database.engine)
        with self.site.database.reading() as session:
            self.names = names_of(session)

    @property
    def site(self) -> Site:
        site: Site = self.app.extensions["nktrace"]
        return site

    @property
    def clock(self) -> FixedClock:
        clock = self.site.database.clock
        assert isinstance(clock, FixedClock)
        return clock

    @property
    def url(self) -> str:
        return self.database.app_url if self.database else sqlite_url(self.folder)

    def copy(self, source: Path | PostgresDatabase) -> None:
        """This installation's data become those of ``source``; the head begins anew with the next act."""
        (self.folder / "head").unlink(missing_ok=True)
        if isinstance(source, Path):
            shutil.copyfile(source, self.folder / FILE)
            return
        earlier, self.database = self.database, postgres().new_database(template=source)
        if earlier is not None:
            postgres().drop_database(earlier)

    def plug(self) -> None:
        """Ports answer for this installation again, whatever another test plugged in."""
        wiring.connect(self.site, settings_of(self.folder, self.url))

    def back(self, state: Kept) -> None:
        database = self.site.database
        database.engine.dispose()
        self.copy(state.copy)
        if self.database is not None:
            database.engine = make_engine(self.url)
            database.__post_init__()
        database.clock = FixedClock(state.at)
        self.happened, self.records = state.happened, dict(state.records)
        self.browsers, self.clients = {}, {}
        self.moved()

    def moved(self) -> None:
        """Something happened: open forms and digests are of yesterday."""
        self.forms, self.known = {}, {}

    def keep(self) -> None:
        """Remember this state; nobody is connected to the data while they are copied."""
        assert self.happened is not None
        self.site.database.engine.dispose()
        copied: Path | PostgresDatabase
        if self.database is None:
            copied = self.folder / f"state-{len(self.states)}"
            shutil.copyfile(self.folder / FILE, copied)
        else:
            copied = postgres().new_database(template=self.database)
        self.states.append(Kept(self.happened, dict(self.records), self.clock.now(), copied))

    def wait(self, time: timedelta) -> None:
        self.clock.advance(time)
        if time >= IDLE:
            self.browsers.clear()

    def browser(self, login: str) -> Browser:
        if login not in self.browsers:
            self.browsers[login] = clients.sign_in(self.app, login)
        return self.browsers[login]

    def client(self, login: str) -> Client:
        if login not in self.clients:
            self.clients[login] = clients.connect(self.app, login)
        return self.clients[login]

    def trail_since(self, seq: int) -> list[dict[str, Any]]:
        query = sa.text("SELECT action, outcome, payload FROM trail WHERE seq > :seq ORDER BY seq")
        with self.site.database.reading() as session:
            return [dict(row) for row in session.execute(query, {"seq": seq}).mappings()]

    def last_seq(self) -> int:
        with self.site.database.reading() as session:
            return int(session.execute(sa.text("SELECT seq FROM trail_head")).scalar_one())

    def digests(self, *, counted: bool = False) -> dict[str, str]:
        """Table by table a digest of every row of the records; the trail and what proves a person apart.

        ``counted``: leave out the count of wrong passwords on people too.
        """
        wanted = {
            table.name: [
                column.name
                for column in table.columns
                if not (counted and table.name == "person" and column.name in COUNTED)
            ]
            for table in METADATA.sorted_tables
            if table.name not in EVIDENCE
        }
        return self._sqlite(wanted) if self.database is None else self._postgres(wanted)

    def _sqlite(self, wanted: dict[str, list[str]]) -> dict[str, str]:
        connection = sqlite3.connect(self.folder / FILE)
        found = {}
        for table, columns in wanted.items():
            rows = connection.execute(f"SELECT {', '.join(columns)} FROM {table} ORDER BY rowid").fetchall()
            found[table] = hashlib.sha256(marshal.dumps(rows, 2)).hexdigest()
        connection.close()
        return found

    def _postgres(self, wanted: dict[str, list[str]]) -> dict[str, str]:
        parts = [
            f"SELECT '{table}', count(*) || ' ' || coalesce(sum(hash_record_extended(t, 0)::numeric), 0)"
            f" FROM (SELECT {', '.join(columns)} FROM {table}) t"
            for table, columns in wanted.items()
        ]
        with self.site.database.reading() as session:
            return {name: str(digest) for name, digest in session.execute(sa.text(" UNION ALL ".join(parts)))}


@functools.cache
def world_on(engine: str) -> World:
    """The one world of this run on this database."""
    return World(engine)
