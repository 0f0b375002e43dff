"""Fixtures of the web lane: the whole application on each database, one person per role, browsers and API clients.

``browser("QA").submit("/administration/people/" + id + "/approve", {"identity_check": "staff card seen"})``
``api("T").act("/collections/new", {...}, second="QA")``; ``codes(response)`` gives the refusal codes of either answer.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache

import config.wiring
from config.app import create_app, open_database
from config.keys import make_keys
from config.settings import Settings
from kernel.accounts.domain import GrantStatus, PersonStatus
from kernel.accounts.passwords import Passwords
from kernel.accounts.tables import PersonRow, RoleGrantRow
from kernel.clock import Clock
from kernel.database import Database
from kernel.permissions import ROLES
from kernel.web.registry import ACTS, VIEWS
from kernel.web.site import Site
from kernel.work import SYSTEM, Actor, Work, unit_of_work
from labels.keys import make_label_keys
from tests.conftest import PASSWORD
from tests.places import Place, remembered, share
from tests.training import train_everybody
from tests.web import clients
from tests.web.clients import Browser, Client


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates compiled once a run instead of once an application."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


APPS: dict[tuple[str, str], tuple[object, Flask]] = {}


@pytest.fixture
def make_app(fresh: Place, database: Database, compiled: FileSystemBytecodeCache) -> Iterator[Callable[..., Flask]]:
    """``make_app(mode="production")``: the application on this test's database and clock; several may be made.

    Putting together half a thousand routes costs more than most tests, so the next test opens the same application
    again on what its place holds then, unless it registered something of its own.
    """
    made: list[tuple[tuple[str, str], tuple[object, Flask]]] = []

    def make(mode: str = "test") -> Flask:
        settings = Settings(
            mode=mode,
            database_url=fresh.app_url,
            keys=keys_of(fresh.folder, mode),
            head_file=fresh.folder / "head",
            cheap_passwords=True,
        )
        key, offered = (fresh.app_url, mode), (frozenset(ACTS.values()), frozenset(VIEWS.values()))
        known, app = APPS.pop(key, (None, None))
        if app is None or known != offered:
            app = create_app(settings, database.clock)
        else:
            reopen(app, settings, database.clock)
        made.append((key, (offered, app)))
        app.testing = True
        app.jinja_env.bytecode_cache = compiled
        share(app.extensions["nktrace"].database, fresh.engine)
        return app

    yield make
    APPS.update(made)


def reopen(app: Flask, settings: Settings, clock: Clock) -> None:
    """What a start reads from the installation, read again."""
    site: Site = app.extensions["nktrace"]
    site.database = open_database(settings, clock)
    config.wiring.connect(site, settings)


def keys_of(folder: Path, mode: str) -> Path:
    """The keys of an installation of this mode: those of a demo are no keys for production."""
    if mode != "production":
        return folder
    keys = folder / mode
    if not keys.exists():
        keys.mkdir(mode=0o700)
        for name in ("seal.pem", "session.key"):
            shutil.copy(folder / name, keys / name)
        make_keys(keys)
        make_label_keys(keys, demo=False)
    return keys


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """The application in test mode, on the fixed clock of ``database``: ``database.clock.advance(...)`` moves it.

    What it does not catch is raised in the test instead of answered with 500.
    """
    return make_app()


@pytest.fixture
def site(app: Flask) -> Site:
    """The installation behind ``app``; its ``database`` works beside ``database`` on the same data."""
    found: Site = app.extensions["nktrace"]
    return found


@pytest.fixture
def people(database: Database, passwords: Passwords) -> dict[str, Actor]:
    """One active person per role, who reads English; login and key are the role's code, all have the test password."""

    def employ() -> dict[str, Actor]:
        hashed = passwords.hash(PASSWORD)
        with unit_of_work(database, SYSTEM, "test.people") as work:
            found = {role: make_person(work, role, hashed) for role in ROLES}
        train_everybody(database)
        return found

    return remembered(database, "people", employ)


def make_person(work: Work, role: str, hashed: str, *, login: str | None = None) -> Actor:
    row = work.add(
        PersonRow(
            login=login or role,
            full_name=f"Person {role}",
            status=PersonStatus.ACTIVE,
            password_hash=hashed,
            requested_by="test",
            language="en",
        )
    )
    grant(work, row.id, role)
    return Actor(row.id, row.full_name, frozenset({role}))


def grant(work: Work, person_id: str, role: str) -> None:
    work.add(RoleGrantRow(person_id=person_id, role=role, status=GrantStatus.ACTIVE, requested_by="test"))


@pytest.fixture
def browser(app: Flask, people: dict[str, Actor]) -> Callable[..., Browser]:
    """``browser("QA")``: a new browser, signed in as that person; an earlier one of the same person is out then."""

    def sign_in(login: str, password: str = PASSWORD) -> Browser:
        return clients.sign_in(app, login, password)

    return sign_in


@pytest.fixture
def api(app: Flask, people: dict[str, Actor]) -> Callable[..., Client]:
    """``api("QA")``: a new client of the JSON interface with a token of that person."""

    def connect(login: str, password: str = PASSWORD) -> Client:
        return clients.connect(app, login, password)

    return connect


@pytest.fixture
def codes() -> Callable[..., list[str]]:
    """``codes(response)``: the refusal codes of a page or of a problem document."""
    return clients.codes
