"""An installation whose server is killed again and again, and what is asked of it after each time."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

from kernel.db import make_engine
from tests.nursery import Nursery
from tests.races.installations import Installation, copied, dropped, story
from tests.server import Server

PLANTED = "tests.hostile.planted:acknowledging_first()"


class Victim:
    """``told``: the story it begins with. Whoever works on it says what is wrong after a kill."""

    def __init__(self, engine: str, told: str, folder: Path, nursery: Nursery, seed: int, app: str) -> None:
        here = copied(story(engine)[told], folder)
        self.here: Installation = replace(here, engine=make_engine(here.app_url))  # its statements are compiled once
        self.seed = random.Random(seed)  # noqa: S311  (repeatable on purpose)
        self.server = Server(self.here.app_url, folder, app=app, nursery=nursery)

    def killed(self) -> list[str]:
        """Work, kill, look, start again. What is wrong afterwards."""
        raise NotImplementedError

    def worked(self, kills: int) -> None:
        """That there was work enough for so many kills to interrupt."""
        raise NotImplementedError

    def end(self) -> None:
        self.server.kill()
        if self.here.engine is not None:
            self.here.engine.dispose()
        dropped(self.here)


def survives(victim: Victim, kills: int) -> None:
    try:
        for number in range(kills):
            assert victim.killed() == [], f"kill {number}"
        victim.worked(kills)
    finally:
        victim.end()


def is_caught(victim: Victim, kills: int, words: str) -> None:
    """The planted defect: one of the kills shows what a server lost that answers first."""
    try:
        assert any(words in one for _ in range(kills) for one in victim.killed()), "nothing was missed"
    finally:
        victim.end()
