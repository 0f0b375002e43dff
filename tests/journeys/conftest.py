"""A fresh installation with its real server, its people and approved documents, for a journey to walk through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from config.app import create_app
from config.demo import DEMO_PASSWORD, Stage, make_people
from config.demo_clock import ShiftedClock
from config.keys import make_keys
from config.settings import Settings
from kernel.clock import Clock, FixedClock
from tests.journeys.drivers import find_browser
from tests.server import Server

PICTURES = Path(__file__).resolve().parents[2] / "var" / "pictures"


@dataclass
class Installation:
    server: Server
    clock: ShiftedClock
    password: str = DEMO_PASSWORD

    def later(self, by: timedelta) -> None:
        self.clock.move(by)


@pytest.fixture
def installation(fresh) -> Iterator[Callable[..., Installation]]:
    """An empty schema, keys, and the twelve people requested, approved and activated through the services."""
    make_keys(fresh.folder)
    clock = ShiftedClock(fresh.folder / "clock")
    settings = Settings(
        mode="test",
        database_url=fresh.app_url,
        keys=fresh.folder,
        head_file=fresh.folder / "head",
        cheap_passwords=True,
    )
    stage = Stage(create_app(settings, FixedClock(Clock().now() - timedelta(minutes=5))), FixedClock(clock.now()))
    make_people(stage)
    stage.site.database.engine.dispose()
    with Server(fresh.app_url, fresh.folder) as server:
        yield Installation(server, clock)


@pytest.fixture
def pictures() -> Path:
    PICTURES.mkdir(parents=True, exist_ok=True)
    return PICTURES


@pytest.fixture
def chromium_path() -> str:
    found = find_browser()
    if found is None:
        pytest.skip("no Chromium on this machine: install the package chromium")
    return found
