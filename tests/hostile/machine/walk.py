"""Runs of moves drawn by a seed: the same seed and number give the same run, on any machine and either database.

A run that breaks a rule is told by its seed and number, and by as few of its moves as still break it.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.hostile.machine.moves import MOVES, Moves, Tally
from tests.hostile.machine.told import Told

# Where runs begin, in turn; what stands more than once is begun with more often.
GIVING = ("ready", "final", "scanned", "on the ward")
SUPPLIED = ("accepted", "supplied", "supplied, on the ward")
ASKED = (*GIVING, *SUPPLIED, "ordered", "certified", "dispensed", "ordered again", "at the end")
BEGINNINGS = (
    *GIVING,
    *("dispensed", "ordered again", "at the end", "late", "reviewed", "tested"),
    *GIVING,
    *("labelled", "entered", "out of specification", "ordered", "certified", "expired in the pharmacy"),
    *("positive", "given", "failed after it was given", "reprinted", "label checked"),
    *("asked for", *SUPPLIED),
    *GIVING,
    *("ready", "final"),
)
LAST = "ask"
ASKING = {"ask", "scan", "scan_and_dispense", "disturb_and_ask", "disturb_and_go_on", "wait_and_go_on"}
OFTEN = {"disturb_and_ask": 3, "disturb_and_go_on": 8, "wait_and_go_on": 2, "disturb_an_open_page": 2}
OFTEN |= {"do_just_wrongly": 3, "go_on_and_do_just_wrongly": 3}
DECK = [name for name in sorted(MOVES) for _ in range(OFTEN.get(name, 1))]
TOLD_EVERY = 100
THOROUGH_EVERY = 20  # runs end with the product's own verification of trail, tables and signatures


@dataclass(frozen=True)
class Step:
    move: str
    given: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.move}({', '.join(f'{name}={value!r}' for name, value in self.given.items())})"


@dataclass(frozen=True)
class Walk:
    """One run: where it begins and what is done in it."""

    beginning: str
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        return "\n".join([f"begin {self.beginning!r}", *map(str, self.steps)])

    def go(self, told: Told, tally: Tally, *, thorough: bool = False) -> None:
        run = told.begin(self.beginning)
        allowed, moves = run.model.allowed, Moves(run, tally)
        for step in self.steps:
            getattr(moves, step.move)(**step.given)
        run.finish(thorough=thorough)
        tally.runs += 1
        tally.allowed += run.model.allowed > allowed


def drawn(seed: int, number: int, longest: int, beginnings: Sequence[str] = BEGINNINGS) -> Walk:
    """Run ``number`` of a seed. Moves are dealt like cards. Before or after them somebody asks whether
    the container may be given, if it was on its way."""
    rng = random.Random(f"{seed}/{number}")  # noqa: S311  (repeatable on purpose)
    beginning = beginnings[number % len(beginnings)]
    names: list[str] = []
    steps = []
    for _ in range(rng.randint(1, longest)):
        names = names or rng.sample(DECK, len(DECK))
        name = names.pop()
        steps.append(chosen(rng, name))
    if beginning in ASKED and name not in ASKING:
        place = "bedside" if beginning.endswith("on the ward") else "pharmacy"
        asking = Step(LAST, {**chosen(rng, LAST).given, "place": place})
        steps.insert(rng.choice((0, len(steps))), asking)
    return Walk(beginning, tuple(steps))


def chosen(rng: random.Random, name: str) -> Step:
    return Step(name, {key: rng.choice(choices) for key, choices in MOVES[name].items()})


def broken(told: Told, walk: Walk, *, thorough: bool) -> Exception | None:
    """What went wrong on this way; also that it broke off with something else than an answer."""
    try:
        walk.go(told, Tally(), thorough=thorough)
    except Exception as error:  # noqa: BLE001  (whatever is no answer is the finding)
        return error
    return None


def shortened(told: Told, walk: Walk, kind: type[Exception], *, thorough: bool) -> Walk:
    """Without every move that it breaks just as well without."""
    place = len(walk.steps) - 1
    while place >= 0:
        fewer = Walk(walk.beginning, walk.steps[:place] + walk.steps[place + 1 :])
        if type(broken(told, fewer, thorough=thorough)) is kind:
            walk = fewer
        place -= 1
    return walk


def run_machine(
    told: Told,
    runs: int,
    longest: int,
    *,
    seed: int = 1,
    first: int = 0,
    beginnings: Sequence[str] = BEGINNINGS,
    short: bool = True,
    telling: bool = False,
) -> Tally:
    """As many runs of up to ``longest`` moves. Raises what the first broken one said, with how to see it again."""
    tally = Tally()
    for number in range(first, first + runs):
        walk, thorough = drawn(seed, number, longest, beginnings), number % THOROUGH_EVERY == 0
        try:
            walk.go(told, tally, thorough=thorough)
        except Exception as error:
            least = shortened(told, walk, type(error), thorough=thorough) if short else walk
            error.add_note(
                f"run_machine(told, 1, {longest}, seed={seed}, first={number}) breaks it; as short as:\n{least}"
            )
            raise
        if telling and (number + 1) % TOLD_EVERY == 0:
            print(
                f"seed {seed}: {number + 1} runs, {tally.done} done, {tally.refused} refused, {tally.allowed} allowed"
            )
    return tally
