"""A fresh installation with its real server, its people and approved documents, for a journey to walk through."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from config.app import create_app
from config.demo import DEMO_PASSWORD, Stage, make_people
from config.demo_clock import ShiftedClock
from config.keys import make_keys
from config.settings import Settings
from kernel.clock import Clock, FixedClock
from tests.conftest import PASSWORD
from tests.databases import sqlite_url
from tests.journeys.drivers import QUIET, ApiDriver, Told, find_browser
from tests.journeys.grounds import Ground
from tests.journeys.outside import INSIDE
from tests.journeys.walking import Walk
from tests.nursery import Nursery
from tests.server import Server


@dataclass
class Installation:
    """``told``: the same people in process, for what is not the journey."""

    server: Server
    clock: ShiftedClock
    told: Told
    password: str = DEMO_PASSWORD

    def later(self, by: timedelta) -> None:
        self.clock.move(by)


@pytest.fixture
def installation(fresh, nursery) -> Iterator[Callable[..., Installation]]:
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
    stage.clock = stage.site.database.clock = clock
    with Server(fresh.app_url, fresh.folder, workers=1, nursery=nursery) as server:
        yield Installation(server, clock, Told(stage))
    stage.site.database.engine.dispose()


@pytest.fixture(scope="session")
def pictures() -> Path | None:
    """A folder for pictures of every page, where ``NKTRACE_PICTURES`` names one."""
    named = os.environ.get("NKTRACE_PICTURES")
    if not named:
        return None
    Path(named).mkdir(parents=True, exist_ok=True)
    return Path(named)


@pytest.fixture(scope="session")
def play(chromium_path: str) -> Iterator[Playwright]:
    with sync_playwright() as found:
        yield found


@pytest.fixture(scope="session")
def browser(play: Playwright, chromium_path: str) -> Iterator[Browser]:
    """One for all journeys; each person of each journey has a window of his own in it."""
    found = play.chromium.launch(executable_path=chromium_path, args=QUIET, chromium_sandbox=False)
    yield found
    found.close()


@pytest.fixture
def begin(
    browser: Browser, nursery: Nursery, pictures: Path | None, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[[Callable[[Ground], Any]], tuple[Walk, Any]]]:
    """``begin(told)``: a server on a world of its own in which ``told`` has happened, and what that answers."""
    ground, walks = Ground(tmp_path), []
    with ExitStack() as stack:

        def go(told: Callable[[Ground], Any]) -> tuple[Walk, Any]:
            answer = told(ground)
            ground.leave()
            url = sqlite_url(tmp_path)
            server = stack.enter_context(Server(url, tmp_path, workers=1, nursery=nursery, extra=INSIDE))
            api = ApiDriver(server, PASSWORD)
            prefix = f"{request.node.name.split('_')[2]}-"
            walks.append(Walk(server, browser, PASSWORD, pictures, api, prefix=prefix, ground=ground))
            return walks[0], answer

        yield go
        for walk in walks:
            walk.leave()


@pytest.fixture(scope="session")
def chromium_path() -> str:
    found = find_browser()
    if found is None:
        pytest.skip("no Chromium on this machine: install the package chromium")
    return found
