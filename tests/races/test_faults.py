"""Whatever statement of a scan, a dispensing, a signature or a print fails: all of it is kept or nothing, and nobody is
shown anything that allows (hazards a6, §4.7)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from tests.races.deeds import CERTIFY, DEEDS, DISPENSE, DONE, PRINT, SCAN, Deed, wrong_refusal
from tests.races.faults import COMMIT, Fault, failing, last_line, records, trail

DRAWN = 3  # of the statements between the first and the last
SEED = 20261128


class Trial:
    """One act in an installation, up to the button. ``done``: the records when it is done, where that is known."""

    def __init__(self, here, stage, deed: Deed, door: str, done: Any = None) -> None:
        self.here, self.deed, self.door, self.done = here, deed, door, done
        self.send = deed.opened(stage, here.facts, door)
        self.before, self.line = records(here), last_line(here)
        self.points: list[str] = []

    def met(self, fault: Fault) -> tuple[list[str], bool]:
        """What is wrong after the request met this fault, and whether the act was kept nevertheless."""
        with failing(self.here, fault) as broken:
            answer = self.send()
        self.points = broken.points
        if not broken.struck:
            return ["it was never reached"], False
        now, lines = records(self.here), trail(self.here, self.line)
        kept = bool(lines)
        wrong = wrong_refusal(self.deed, self.door, answer)
        if now != ((self.done or now) if kept else self.before):
            wrong.append(f"half of it is kept: {[name for name in now if now[name] != self.before[name]]}")
        if kept and lines != [(self.deed.name, "done")]:
            wrong.append(f"the trail says {lines}")
        if kept and COMMIT not in self.points[: broken.struck - 1 + fault.after]:
            wrong.append("it was kept before it was committed")
        return [f"{fault} at {self.points[broken.struck - 1][:40]}: {one}" for one in wrong], kept

    def again(self, *, kept: bool) -> list[str]:
        """The same form once more is done, or answered as it was done, but not done twice; a scan is judged anew."""
        was, answer = records(self.here), self.send()
        now, lines = records(self.here), trail(self.here, self.line)
        wrong = [] if answer.status_code in DONE else [f"again: {answer.status_code} {answer.text[:300]}"]
        if lines != [(self.deed.name, "done")] * (1 + (kept and self.deed is SCAN)):
            wrong.append(f"again: the trail says {lines}")
        if self.deed is not SCAN and now != (was if kept else self.done or now):
            wrong.append("again: other records than were kept before")
        return [*wrong, *(f"verify: {fault}" for fault in self.here.verified().faults)]


def drawn(trial: Trial) -> Iterator[Fault]:
    """At the COMMIT, which shows how many statements there are before it; the first, some and the last of them. One lasts."""
    yield Fault(commit=1)
    chance = random.Random(SEED)  # noqa: S311  (repeatable on purpose)
    last = len(trial.points) - 1
    some = chance.sample(range(2, last), DRAWN)
    for place in (1, *some, last):
        yield Fault(place, lasting=place == some[0])


@pytest.mark.req("DSP-SCAN", "DI-6.12")
@pytest.mark.parametrize(
    "deeds",
    [[(SCAN, "page"), (SCAN, "api"), (DISPENSE, "api")], [(PRINT, "api")], [(CERTIFY, "api")]],
    ids=lambda deeds: deeds[-1][0].name,
)
def test_an_act_that_meets_a_fault_is_kept_whole_or_not_at_all_and_allows_nothing(scene, deeds):
    with scene(deeds[0][0].point) as (here, stage):
        for deed, door in deeds:
            trial = Trial(here, stage, deed, door)
            for fault in drawn(trial):
                assert trial.met(fault) == ([], False)
            assert trial.met(Fault(commit=1, after=True)) == ([], True)
            assert trial.again(kept=True) == []


@pytest.mark.hostile
@pytest.mark.req("DSP-SCAN", "DI-6.12")
@pytest.mark.parametrize(("door", "lasting"), [("page", False), ("api", True)], ids=["once", "lasting"])
@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.name)
def test_whatever_statement_of_an_act_fails_the_same_act_is_done_afterwards(scene, deed, door, lasting):
    """Each statement and COMMIT of the request, from the first until it completes; each COMMIT also with its answer lost."""
    with scene(deed.point) as (here, stage):
        trial = Trial(here, stage, deed, door)
        with failing(here) as unharmed:
            assert trial.send().status_code in DONE
        points, done = unharmed.points, records(here)
    faults = [Fault(place, lasting=lasting) for place in range(1, len(points) + 1)]
    faults += [Fault(place, after=True) for place, one in enumerate(points, 1) if one == COMMIT and not lasting]
    for fault in faults:
        with scene(deed.point) as (here, stage):
            trial = Trial(here, stage, deed, door, done)
            wrong, kept = trial.met(fault)
            assert wrong + trial.again(kept=kept) == []
