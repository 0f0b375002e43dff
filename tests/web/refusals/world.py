"""The worked example as a world to break rules in: told once a run, copied back whenever a test has changed it.

It is told on SQLite through the acts people use; PostgreSQL gets the same rows through the same table definitions. The
journeys tell the whole path on each database by itself.
"""

from __future__ import annotations

import functools
import shutil
from dataclasses import dataclass, replace
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
from kernel.accounts.domain import IDLE, LONGEST, PersonStatus
from kernel.accounts.tables import PersonRow
from kernel.clock import FixedClock
from kernel.web.session import witness_cookie
from kernel.web.site import Site
from tests.conftest import PASSWORD
from tests.databases import sqlite_url
from tests.places import Place, PostgresPlace, Saved, copy_rows, new_place, once_a_run, share, sqlite_template
from tests.web import clients
from tests.web.clients import Browser, Client
from tests.web.refusals.names import names_of
from tests.web.refusals.scenes import NOW, tell_everything

KEYS = ("session.key", "seal.pem", "labels.json")
FILE = Path(sqlite_url(Path())).name
# What may grow with a refusal: the trail, and what proves who asked. On people only the count of wrong passwords.
EVIDENCE = frozenset({"trail", "trail_change", "trail_head", "session", "idempotency"})
COUNTED = frozenset({"failed_count", "locked_until", "version"})
RECORDED = sa.text(
    " UNION ALL ".join(
        f"SELECT '{table.name}', count(*), coalesce(sum(version), 0) FROM {table.name}"
        for table in METADATA.sorted_tables
        if table.name not in EVIDENCE
    )
)
PEOPLE = sa.select(*(column for column in PersonRow.__table__.columns if column.name not in COUNTED)).order_by(
    PersonRow.id
)


def without_waiting(engine: Engine) -> Engine:
    """The copies of a test are thrown away, so nobody waits for the disk; durability is proved elsewhere."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    return engine


def settings_of(folder: Path, url: str) -> Settings:
    return Settings(mode="test", database_url=url, keys=folder, head_file=folder / "head", cheap_passwords=True)


@functools.cache
def example() -> Path:
    """A folder with keys, head and database of the example and its scenes, standing at ``NOW``; nobody changes it."""
    return once_a_run("example", told_in)


def told_in(folder: Path) -> Path:
    make_keys(folder)
    shutil.copyfile(sqlite_template(), folder / FILE)
    clock = FixedClock(NOW - BEGIN)
    stage = Stage(create_app(settings_of(folder, sqlite_url(folder)), clock), clock, password=PASSWORD)
    without_waiting(stage.site.database.engine)
    tell_everything(stage, NOW)
    stage.site.database.engine.dispose()
    return folder


def load_example(place: Place) -> None:
    """Bring a place to where the example ends; its address and connections stay."""
    if not isinstance(place, PostgresPlace):
        place.put(Saved({name: (example() / name).read_bytes() for name in (*KEYS, "head", FILE)}, {}))
        return
    place.put_files(Saved({name: (example() / name).read_bytes() for name in (*KEYS, "head")}, {}))
    copy_rows(example(), place.database.owner_url)


@dataclass
class Kept:
    """A state of the world to come back to: what happened, with its records, time, and data, and who is signed in."""

    happened: tuple[Any, ...]
    records: dict[str, str]
    at: datetime
    saved: Saved
    browsers: dict[str, Browser]
    clients: dict[str, Client]


class World:
    """One installation with the example in it, which can be brought back to a state that was kept.

    ``happened``: what was done since the example was told; None when a test has done something by itself.
    """

    def __init__(self, engine: str) -> None:
        self.engine_name = engine
        self.place = new_place(engine)
        load_example(self.place)
        self.happened: tuple[Any, ...] | None = ()
        self.records: dict[str, str] = {}
        self.forms: dict[Any, Any] = {}
        self.browsers: dict[str, Browser] = {}
        self.clients: dict[str, Client] = {}
        self.known: dict[str, Any] = {}
        self.app = create_app(self.settings, FixedClock(NOW))
        self.app.testing = True
        share(self.site.database, without_waiting(self.place.engine))
        with self.site.database.reading() as session:
            self.names = names_of(session)
            people = [login for (login,) in session.query(PersonRow.login).filter_by(status=PersonStatus.ACTIVE)]
        self.states: list[Kept] = []
        self.plug()
        for login in people:
            self.browser(login)
            self.client(login)
        self.keep()

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
    def settings(self) -> Settings:
        return settings_of(self.place.folder, self.place.app_url)

    def plug(self) -> None:
        """Ports answer for this installation again, whatever another test plugged in."""
        wiring.connect(self.site, self.settings)

    def back(self, state: Kept) -> None:
        self.place.put(state.saved)
        self.site.database.clock = FixedClock(state.at)
        self.happened, self.records = state.happened, dict(state.records)
        self.browsers, self.clients = dict(state.browsers), dict(state.clients)
        for browser in self.browsers.values():  # what it witnessed since has not happened
            browser.client.delete_cookie(witness_cookie(self.site))
        self.moved()

    def moved(self) -> None:
        """Something happened: open forms and digests are of yesterday."""
        self.forms, self.known = {}, {}

    def keep(self) -> None:
        """Remember this state."""
        assert self.happened is not None
        told = (self.happened, dict(self.records), self.clock.now(), self.place.take())
        self.states.append(Kept(*told, dict(self.browsers), dict(self.clients)))

    def wait(self, time: timedelta) -> None:
        self.clock.advance(time)
        if time >= IDLE:
            self.browsers.clear()
        if time >= LONGEST:
            self.clients.clear()

    def browser(self, login: str) -> Browser:
        if login not in self.browsers:
            self.browsers[login] = clients.sign_in(self.app, login)
        return self.browsers[login]

    def client(self, login: str) -> Client:
        if login not in self.clients:
            self.clients[login] = replace(clients.connect(self.app, login), language="en")
        return self.clients[login]

    def trail_since(self, seq: int) -> list[dict[str, Any]]:
        query = sa.text("SELECT action, outcome, payload FROM trail WHERE seq > :seq ORDER BY seq")
        with self.site.database.reading() as session:
            return [dict(row) for row in session.execute(query, {"seq": seq}).mappings()]

    def last_seq(self) -> int:
        with self.site.database.reading() as session:
            return int(session.execute(sa.text("SELECT seq FROM trail_head")).scalar_one())

    def digests(self) -> dict[str, Any]:
        """Table by table what any change of the records changes; see ``EVIDENCE`` and ``COUNTED``.

        The database lets no row go, and no row change but into its next version (tests/contracts/test_migrations.py),
        so how many rows there are and the sum of their versions can only grow. Of people, on whom wrong passwords are
        counted, every other column is compared instead.
        """
        with self.site.database.reading() as session:
            found: dict[str, Any] = {name: (rows, versions) for name, rows, versions in session.execute(RECORDED)}
            found["person"] = [tuple(row) for row in session.execute(PEOPLE)]
        return found


@functools.cache
def world_on(engine: str) -> World:
    """The one world of this run on this database."""
    return World(engine)
