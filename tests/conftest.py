"""Fixtures that every lane shares: a fresh database (each engine), people of every role, a clock that is moved by hand."""

from __future__ import annotations

import gc
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import settings

import config.wiring  # noqa: F401  (plugs ports, events, permissions together as the application does)
from kernel.accounts.domain import GrantStatus, PersonStatus
from kernel.accounts.passwords import Passwords
from kernel.accounts.tables import PersonRow, RoleGrantRow
from kernel.clock import FixedClock
from kernel.database import Database
from kernel.signatures import load_seal
from kernel.work import SYSTEM, Actor, unit_of_work
from tests.databases import databases
from tests.nursery import Nursery
from tests.places import OPEN, Place, place_on
from tests.second_database import first_cases
from tests.training import train_everybody
from tests.wide import narrowed

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PASSWORD = "five quiet magpies sing"

settings.register_profile("patient", deadline=None)  # how fast a rule is says the bench; here it may wait for others
settings.load_profile("patient")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items[:], left = first_cases(items)
    items[:], waiting = narrowed(items)
    left += waiting
    if left:
        config.hook.pytest_deselected(items=left)


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end; looking through it for garbage again and again took a tenth of a run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def pytest_sessionfinish() -> None:
    while OPEN:
        OPEN.pop().close()


@pytest.fixture(params=databases())
def fresh(request: pytest.FixtureRequest) -> Place:
    """An empty installation on SQLite, then on PostgreSQL; ``owner_url`` may do what the application may not."""
    return place_on(request.param)


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Starts servers without their imports."""
    with Nursery() as found:
        yield found


@pytest.fixture
def database(fresh: Place) -> Database:
    """It on a clock that stands at ``START`` until a test moves it."""
    return Database(
        fresh.engine, FixedClock(START), load_seal(fresh.folder / "seal.pem"), fresh.folder / "head", "test"
    )


@pytest.fixture
def passwords() -> Passwords:
    return Passwords(cheap=True)


@pytest.fixture
def person(database: Database, passwords: Passwords) -> Callable[..., Actor]:
    """``person("QA", "QP")`` gives a new active person with these roles and the password of all test people,
    trained by the versions there are unless the test says otherwise."""
    hashed = passwords.hash(PASSWORD)

    def make(*roles: str, login: str | None = None, trained: bool = True) -> Actor:
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
        if trained:
            train_everybody(database)
        return Actor(row.id, row.full_name, frozenset(roles))

    return make
