"""The bench in a real browser: every field is kept when it is left; a browser that is killed loses at most the field
being typed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Error, Page, Playwright

from config.demo_people import DEMO_PASSWORD
from tests.journeys.drivers import QUIET
from tests.races.installations import borrowed, story
from tests.server import Server, free_port

pytestmark = pytest.mark.journey
TYPED = {"program": "slow spin", "volume": "201.1", "wbc": "94.1", "viability": "97.5"}
SEED, KILLS = 20261129, int(os.environ.get("NKTRACE_KILLS", "3"))


class Bench:
    """A technician's browser at step 2 of the batch that is being made; ``kill`` ends it without a goodbye."""

    def __init__(self, play: Playwright, chromium: str, server: Server, batch: str, folder: Path) -> None:
        self.play, self.chromium, self.server, self.folder = play, chromium, server, folder
        self.step = f"{server.url}/batches/{batch}/steps/2"
        self.process: subprocess.Popen[bytes] | None = None

    @contextmanager
    def opened(self) -> Iterator[Page]:
        port = free_port()
        command = [self.chromium, "--headless=new", "--no-sandbox", f"--remote-debugging-port={port}", *QUIET]
        command += [f"--user-data-dir={self.folder / str(port)}", "about:blank"]
        self.process = subprocess.Popen(
            command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        page = self.connected(port)
        page.goto(f"{self.server.url}/login?lang=en")
        page.focus("#login")
        for word in ("tech1", DEMO_PASSWORD):
            page.keyboard.type(word)
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url("**/")
        yield page
        self.kill()

    def connected(self, port: int) -> Page:
        for attempt in range(50):
            try:
                return self.play.chromium.connect_over_cdp(f"http://127.0.0.1:{port}").new_context().new_page()
            except Error:  # the browser is starting
                if attempt == 49:
                    raise
                subprocess.run(["sleep", "0.2"], check=True)
        raise AssertionError

    def kill(self) -> None:
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.name || document.activeElement.textContent.trim()"))


def type_at(page: Page, name: str, value: str) -> None:
    """Enter by Enter to the field, then the value."""
    for _ in range(30):
        if focused(page) == name:
            break
        page.keyboard.press("Enter")
    assert focused(page) == name
    page.keyboard.press("Control+A")
    page.keyboard.type(value)


def kept(page: Page) -> dict[str, str]:
    return {name: page.input_value(f"[name={name}]") for name in TYPED}


@pytest.fixture
def bench(play, chromium_path, nursery, tmp_path):
    with borrowed(story("sqlite")["bench"], tmp_path / "here") as here:
        here.set_server_clock()
        with Server(here.app_url, here.folder, workers=1, nursery=nursery) as server:
            found = Bench(play, chromium_path, server, here.facts["batch"], tmp_path)
            yield found
            found.kill()


@pytest.mark.req("DI-6.12")
def test_a_killed_browser_loses_at_most_the_field_being_typed(bench):
    seed = random.Random(SEED)  # noqa: S311  (repeatable on purpose)
    left: dict[str, str] = {}
    for number in range(KILLS):
        with bench.opened() as page:
            page.goto(f"{bench.step}/perform")
            shown = kept(page)
            assert {name: shown[name] for name in left} == left, f"after kill {number}"
            names = list(TYPED)[: seed.randrange(2, len(TYPED) + 1)]
            page.focus("[name=viability]")
            page.keyboard.press("/")
            assert focused(page) == "code", "the scan field answers from every field that is not free text"
            page.focus("[name=program]")
            for name in names:
                value = f"{TYPED[name]}{number}" if name != "program" else f"slow spin {'abcdefgh'[number]}"
                type_at(page, name, value)
                if name != names[-1]:
                    page.keyboard.press("Enter")
                    page.wait_for_function(
                        "name => document.querySelector(`[data-field=${name}] .save-state`).classList.contains('ok')",
                        arg=name,
                    )
                    left[name] = value
            bench.kill()
