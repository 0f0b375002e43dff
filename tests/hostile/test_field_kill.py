"""kill -9 of the server between any two fields of a step: every field that was answered is there, the one on its way is
there once or not at all, and sending it again is safe (DI-6.12)."""

from __future__ import annotations

import os
import threading
import time
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.hostile.independent import looked_at
from tests.hostile.killing import PLANTED, Victim, is_caught, survives
from tests.nursery import Nursery
from tests.races.installations import PASSWORD, path_of
from tests.server import Answer, ApiClient

KILLS = {"sqlite": int(os.environ.get("NKTRACE_KILLS", "15")), "postgresql": int(os.environ.get("NKTRACE_KILLS", "5"))}
HOSTILE_KILLS = {"sqlite": 100, "postgresql": 50}
SEED = 20261128
LONGEST = 0.1
SETTLED = 0.3
POSITION = "2"
NUMBERS = {"volume": (150, 250), "wbc": (60, 120), "viability": (90, 99)}
WORDS = "program"


class Bench(Victim):
    """A technician who types field after field, never the same value twice, while the server is killed.

    ``answered``: by field, the entries the server said it keeps, by their number. ``open_end``: sent, never answered.
    """

    def __init__(self, engine: str, folder: Path, nursery: Nursery, app: str = "wsgi:app") -> None:
        super().__init__(engine, "bench", folder, nursery, SEED, app)
        self.longest = LONGEST
        self.path = path_of("step.save", batch_id=self.here.facts["batch"], position=POSITION)
        self.answered: dict[str, dict[int, str]] = {name: {} for name in (*NUMBERS, WORDS)}
        self.open_end: tuple[str, str] | None = None
        self.typed = 0
        self.unexpected: list[Answer] = []
        self.told = threading.Event()
        self.server.start()
        self.client = ApiClient(self.server.url, "tech1", PASSWORD).sign_in()
        time.sleep(SETTLED)  # a server with the planted defect keeps the session only a moment later

    def value(self, name: str) -> str:
        """Another value than all before; the digits behind the point count."""
        self.typed += 1
        if name == WORDS:
            return "slow " + "".join("abcdefghij"[int(digit)] for digit in str(self.typed))
        low, high = NUMBERS[name]
        return f"{self.seed.randrange(low, high)}.{self.typed:05d}1"

    def save(self, name: str, value: str) -> None:
        self.open_end = (name, value)
        seen = {f"{name}_seen": max(self.answered[name], default=0)}
        answer = self.client.act(self.path, seen="-", **{name: value}, **seen)
        if answer.status != 200:
            self.unexpected.append(answer)
        else:
            self.answered[name] |= {answer.body["saved"][name]: value} if answer.body["saved"] else {}
        self.open_end = None
        self.told.set()

    def type_on(self) -> None:
        try:
            while True:
                name = self.seed.choice([*NUMBERS, WORDS])
                self.save(name, self.value(name))
        except (OSError, HTTPException, ValueError):
            return

    def killed(self) -> list[str]:
        """Type, kill, look, start, send the open end again. What is wrong afterwards."""
        self.told.clear()
        typing = threading.Thread(target=self.type_on)
        typing.start()
        self.told.wait(20)
        time.sleep(self.seed.uniform(0, self.longest))
        self.server.kill()
        typing.join(60)
        wrong = [*self.lost(), *looked_at(self.here)]
        self.server.start()
        wrong += self.sent_again()
        return wrong + [f"{one.status} {one.body}" for one in self.unexpected]

    def kept(self) -> dict[str, dict[int, str]]:
        """What the database keeps, whoever answered what."""
        found: dict[str, dict[int, str]] = {name: {} for name in self.answered}
        query = (
            "SELECT e.field, e.number, e.value, e.text FROM step_entry e JOIN trail_change c ON c.record_id = e.id"
            " JOIN trail t ON t.seq = c.seq WHERE t.outcome = 'done'"
        )
        for row in self.here.rows(query):
            found[row.field][row.number] = str(row.text if row.value is None else row.value)
        return found

    def lost(self) -> list[str]:
        kept, wrong = self.kept(), []
        for name, entries in self.answered.items():
            wrong += [
                f"{name} {number} was answered and is gone"
                for number, value in entries.items()
                if kept[name].get(number) != value
            ]
            beyond = {kept[name][number] for number in kept[name].keys() - entries.keys()}
            wrong += [f"{name} {value} was never sent" for value in beyond - {(self.open_end or ("", ""))[1]}]
        return wrong

    def sent_again(self) -> list[str]:
        """The same value again, after one look at what is there: on record once, and shown on every device."""
        if self.open_end is None:
            return []
        name, value = self.open_end
        self.answered[name] = self.kept()[name]
        self.save(name, value)
        self.answered[name] = self.kept()[name]
        times = list(self.answered[name].values()).count(value)
        wrong = [] if times == 1 else [f"{name} {value} is on record {times} times"]
        page = self.client.get(f"/batches/{self.here.facts['batch']}/steps/{POSITION}")
        shown = page.body["bench"]["entries"].get(name, {}).get("value") if page.status == 200 else page.status
        return wrong if str(shown) == value else [*wrong, f"{name} shows {shown}"]

    def worked(self, kills: int) -> None:
        assert not self.here.verified().faults
        assert sum(len(entries) for entries in self.answered.values()) > kills, "nothing was typed"


@pytest.mark.req("DI-6.12")
def test_a_kill_between_two_fields_loses_at_most_the_one_being_typed(engine, nursery, tmp_path):
    survives(Bench(engine, tmp_path / "here", nursery), KILLS[engine])


@pytest.mark.hostile
def test_many_kills_between_two_fields_lose_at_most_the_one_being_typed(engine, nursery, tmp_path):
    survives(Bench(engine, tmp_path / "here", nursery), HOSTILE_KILLS[engine])


def test_a_server_that_answers_before_it_keeps_the_field_is_caught(nursery, tmp_path):
    bench = Bench("sqlite", tmp_path / "here", nursery, PLANTED)
    bench.longest = 0
    is_caught(bench, KILLS["sqlite"], "was answered and is gone")
