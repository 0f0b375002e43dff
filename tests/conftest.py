"""Fixtures that every lane shares: a fresh database (each engine), people of every role, a clock that is moved by hand."""

from __future__ import annotations

import atexit
import functools
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

import config.wiring  # noqa: F401  (plugs ports, events, permissions together as the application does)
from config.keys import write_secret
from config.schema import create_schema
from kernel.accounts.domain import GrantStatus, PersonStatus
from kernel.accounts.passwords import Passwords
from kernel.accounts.tables import PersonRow, RoleGrantRow
from kernel.clock import FixedClock
from kernel.database import Database
from kernel.db import make_engine
from kernel.signatures import load_seal, make_seal
from kernel.work import SYSTEM, Actor, unit_of_work
from tests.databases import PostgresDatabase, databases, postgres, sqlite_url

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PASSWORD = "five quiet magpies sing"


@functools.cache
def sqlite_template() -> Path:
    """An empty schema, made once a run and copied for each test."""
    folder = Path(tempfile.mkdtemp(prefix="nktrace-template-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
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


@dataclass(frozen=True)
class Fresh:
    """A new installation's files and addresses; ``owner_url`` may do what the application may not."""

    app_url: str
    owner_url: str
    folder: Path


@pytest.fixture(params=databases())
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Fresh]:
    """An empty schema on SQLite, then on PostgreSQL."""
    make_seal(tmp_path / "seal.pem")
    write_secret(tmp_path / "session.key", secrets.token_hex(32))
    if request.param == "sqlite":
        shutil.copyfile(sqlite_template(), tmp_path / sqlite_template().name)
        yield Fresh(sqlite_url(tmp_path), sqlite_url(tmp_path), tmp_path)
    else:
        copied = postgres().new_database(template=postgres_template())
        yield Fresh(copied.app_url, copied.owner_url, tmp_path)
        postgres().drop_database(copied)


@pytest.fixture
def database(fresh: Fresh) -> Iterator[Database]:
    """An empty installation on a clock that stands at ``START`` until a test moves it."""
    engine = make_engine(fresh.app_url)
    clock = FixedClock(START)
    yield Database(engine, clock, load_seal(fresh.folder / "seal.pem"), fresh.folder / "head", "test")
    engine.dispose()


@pytest.fixture
def passwords() -> Passwords:
    return Passwords(cheap=True)


@pytest.fixture
def person(database: Database, passwords: Passwords) -> Callable[..., Actor]:
    """``person("QA", "QP")`` gives a new active person with these roles and the password of all test people."""
    hashed = passwords.hash(PASSWORD)

    def make(*roles: str, login: str | None = None) -> Actor:
        with unit_of_work(database, SYSTEM, "test.person") as work:
            row = work.add(
                PersonRow(
                    login=login or f"{'-'.join(roles).lower()}-{secrets.token_hex(3)}",
                    full_name=f"Person {'/'.join(roles)}",
                    status=PersonStatus.ACTIVE,
                    password_hash=hashed,
                    requested_by="test",
                )
            )
            for role in roles:
                work.add(RoleGrantRow(person_id=row.id, role=role, status=GrantStatus.ACTIVE, requested_by="test"))
        return Actor(row.id, row.full_name, frozenset(roles))

    return make
