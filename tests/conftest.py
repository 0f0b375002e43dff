"""Fixtures that every lane shares: a fresh database (each engine), people of every role, a clock that is moved by hand."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import config.wiring  # noqa: F401  (plugs ports, events, permissions together as the application does)
from config.schema import create_schema
from kernel.accounts.domain import GrantStatus, PersonStatus
from kernel.accounts.passwords import Passwords
from kernel.accounts.tables import PersonRow, RoleGrantRow
from kernel.clock import FixedClock
from kernel.database import Database
from kernel.db import make_engine
from kernel.signatures import load_seal, make_seal
from kernel.work import SYSTEM, Actor, unit_of_work
from tests.databases import databases, postgres, sqlite_url

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PASSWORD = "five quiet magpies sing"


@pytest.fixture(params=databases())
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty installation on SQLite, then on PostgreSQL, on a clock that stands at ``START``."""
    if request.param == "sqlite":
        app_url = owner_url = sqlite_url(tmp_path)
        role = None
    else:
        fresh = postgres().new_database()
        app_url, owner_url, role = fresh.app_url, fresh.owner_url, "nktrace_app"
    owner = make_engine(owner_url, owner=True)
    create_schema(owner, role)
    owner.dispose()
    make_seal(tmp_path / "seal.pem")
    engine = make_engine(app_url)
    clock = FixedClock(START)
    yield Database(engine, clock, load_seal(tmp_path / "seal.pem"), tmp_path / "head", "test")
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
