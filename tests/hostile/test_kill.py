"""kill -9 of every server process under load: nothing acknowledged is lost, nothing is half, work goes on (hazards a1)."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.hostile.independent import looked_at
from tests.hostile.killing import PLANTED, Victim, is_caught, survives
from tests.hostile.load import Load
from tests.nursery import Nursery

KILLS = {"sqlite": int(os.environ.get("NKTRACE_KILLS", "20")), "postgresql": int(os.environ.get("NKTRACE_KILLS", "10"))}
HOSTILE_KILLS = {"sqlite": 100, "postgresql": 50}
SEED = 20261124
SHORTEST, LONGEST = 0.02, 0.25
FIRST_WRITE = 5.0


class Trial(Victim):
    """An installation that is killed again and again, with everything it ever acknowledged."""

    def __init__(self, engine: str, folder: Path, nursery: Nursery, app: str = "wsgi:app") -> None:
        super().__init__(engine, "ready", folder, nursery, SEED, app)
        self.load = Load(self.here, self.server, self.seed)
        self.here.set_server_clock()
        self.server.start()
        self.load.sign_in()

    def killed(self) -> list[str]:
        """Work, kill, look, start, write. What is wrong afterwards."""
        self.load.until_killed()
        time.sleep(self.seed.uniform(SHORTEST, LONGEST))
        self.server.kill()
        self.load.join()
        wrong = [*self.lost(), *looked_at(self.here), *(str(fault) for fault in self.here.verified().faults)]
        wrong += [f"{one.path} was answered {one.answer}" for one in self.load.unexpected]
        self.server.start()
        return [*wrong, *self.first_write()]

    def lost(self) -> list[str]:
        """Everything acknowledged is in its table, and was done by a link of the trail."""
        wrong = []
        for (table, column), wanted in self.load.acknowledged.items():
            found = self.here.rows(
                f"SELECT DISTINCT r.{column} AS value FROM {table} r JOIN trail_change c ON c.record_id = r.id"
                " JOIN trail t ON t.seq = c.seq WHERE t.outcome = 'done'"
            )
            missing = wanted - {row.value for row in found}
            wrong += [f"{table} {one} was acknowledged and is gone" for one in sorted(missing)]
        with self.here.opened() as database:
            if database.remembered_head() is None:
                wrong.append("the head outside the database is gone")
        return wrong

    def first_write(self) -> list[str]:
        """What was never answered is sent again under its key first: the usual thing to do, and it must be done once."""
        began = time.monotonic()
        open_ends = [one for one in self.load.unknown if one.path.endswith("deviations/new")]
        for one in open_ends:
            one.answer = self.load.clients[one.login].act(one.path, key=one.key, **one.fields)
        if not open_ends:
            self.load.report()
        answers = [one.answer for one in open_ends or self.load.sent[-1:]]
        words = [one.fields["description"] for one in open_ends]
        took = time.monotonic() - began
        wrong = [f"the first write was answered {one}" for one in answers if one is None or one.status != 200]
        for text in words:
            found = len(self.here.rows("SELECT id FROM deviation WHERE description = :text", text=text))
            if found != 1:
                wrong.append(f"sent again under its key, it is on record {found} times")
        return wrong if took < FIRST_WRITE else [*wrong, f"the first write took {took:.1f} s"]

    def worked(self, kills: int) -> None:
        assert sum(len(found) for found in self.load.acknowledged.values()) > kills, "there was no load"
        assert self.load.unknown, "nobody was ever interrupted"


@pytest.mark.req("DI-6.12")
def test_nothing_acknowledged_is_lost_by_kill_9(engine, nursery, tmp_path):
    survives(Trial(engine, tmp_path / "here", nursery), KILLS[engine])


@pytest.mark.hostile
def test_nothing_acknowledged_is_lost_by_many_kills(engine, nursery, tmp_path):
    survives(Trial(engine, tmp_path / "here", nursery), HOSTILE_KILLS[engine])


def test_a_server_that_answers_before_it_commits_is_caught(engine, nursery, tmp_path):
    trial = Trial(engine, tmp_path / "here", nursery, PLANTED)
    is_caught(trial, KILLS[engine], "was acknowledged and is gone")
