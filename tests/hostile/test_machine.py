"""The whole lifecycle of a release by any person in any order: nothing is done that must not be, nothing refused that may be.

The machine (``tests/hostile/machine``) sends requests through the door of the pages and the API and holds every answer,
the trail and the tables against a model and an oracle of its own.
"""

from __future__ import annotations

import pytest

from labels.keys import make_label_keys
from tests.databases import databases
from tests.hostile.machine.teeth import QUICK, SHOWS_IN, TEETH
from tests.hostile.machine.told import STORIES, Told
from tests.hostile.machine.walk import BEGINNINGS, GIVING, drawn, run_machine
from tests.hostile.machine.way import ENDED, to_the_end
from tests.places import new_place

SEED = 1
RUNS = {"sqlite": 160, "postgresql": 40}  # what an engine decides for itself shows in fewer, and on the way
STARTS = {"sqlite": BEGINNINGS, "postgresql": (*GIVING, "dispensed", "ordered again")}
LONGEST, LONGEST_WRONG = 1, 3
LONG_RUNS, LONG_LONGEST = 1000, 4
LONG_SEEDS = {"sqlite": range(2, 18), "postgresql": range(2, 6)}  # twenty thousand runs, shared as above
FOUND_WITHIN = 600
ALLOWED_PERCENT = 20
PLACES: dict[tuple[str, bool], Told] = {}


def told_on(engine: str, *, quick: bool) -> Told:
    """The stories, each told once a process: runs put them back."""
    if (engine, quick) not in PLACES:
        place = new_place(engine)
        make_label_keys(place.folder, demo=True)
        PLACES[engine, quick] = Told(place, quick=quick)
    return PLACES[engine, quick]


@pytest.mark.parametrize("engine", databases())
@pytest.mark.req("P11-10f", "P11-10g", "S2", "S3", "S6", "S7", "S11", "S12", "DSP-GUARD", "AT-CHAIN")
def test_a_hundred_and_fifty_runs_break_no_rule_and_refuse_nothing_that_may_be_done(engine):
    runs = RUNS[engine]
    tally = run_machine(told_on(engine, quick=True), runs, LONGEST, seed=SEED, beginnings=STARTS[engine])
    print(f"seed {SEED}: {tally}")
    assert tally.runs == runs
    assert 100 * tally.allowed >= ALLOWED_PERCENT * runs, "a product that never allows anything is safe for nobody"
    assert min(tally.done, tally.refused) > runs // 4


@pytest.mark.parametrize("defect", QUICK)
def test_the_machine_notices_at_once(monkeypatch, defect):
    noticed(monkeypatch, told_on("sqlite", quick=True), defect)


@pytest.mark.hostile
@pytest.mark.parametrize("defect", [one for one in TEETH if one not in QUICK])
def test_the_machine_notices(monkeypatch, defect):
    noticed(monkeypatch, told_on("sqlite", quick=True), defect)


def noticed(monkeypatch, told: Told, defect: str) -> None:
    beginnings = SHOWS_IN.get(defect, BEGINNINGS)
    for one in set(beginnings):
        told.begin(one)
    TEETH[defect](monkeypatch)
    with pytest.raises(AssertionError) as caught:
        run_machine(told, FOUND_WITHIN, LONGEST_WRONG, seed=SEED, beginnings=beginnings, short=False)
    assert "breaks it" in caught.value.__notes__[0]


@pytest.mark.req("DSP-GUARD")
@pytest.mark.parametrize(
    ("beginning", "verdict"), [("ready", "ALLOW_CONDITIONAL"), ("final", "ALLOW"), ("asked for", "ALLOW_OOS")]
)
def test_a_unit_that_nothing_speaks_against_is_allowed_and_given(beginning, verdict):
    """Read in one way only: “results pending” as long as they are, “out of specification” where it was asked for."""
    run = to_the_end(told_on("sqlite", quick=True).begin(beginning))
    assert run.model.given
    assert {one.verdict for one in run.model.scans.values()} == {verdict}
    run.finish(thorough=True)


@pytest.mark.hostile
@pytest.mark.parametrize("engine", databases())
@pytest.mark.parametrize("beginning", sorted({name for name, _, _ in STORIES} - ENDED))
def test_the_infusion_can_be_reached_from_every_state_that_is_no_end(engine, beginning):
    run = to_the_end(told_on(engine, quick=False).begin(beginning))
    assert run.model.given


@pytest.mark.hostile
@pytest.mark.parametrize(("engine", "seed"), [(engine, seed) for engine in databases() for seed in LONG_SEEDS[engine]])
def test_twenty_thousand_longer_runs(engine, seed):
    tally = run_machine(told_on(engine, quick=False), LONG_RUNS, LONG_LONGEST, seed=seed, telling=True)
    assert tally.runs == LONG_RUNS
    assert 100 * tally.allowed >= ALLOWED_PERCENT * LONG_RUNS


def test_a_run_is_told_by_its_seed_and_number():
    """The same on every machine, whatever was run before it; every beginning has its turn."""
    assert drawn(3, 7, 5) == drawn(3, 7, 5)
    assert len({str(drawn(3, number, 5)) for number in range(50)}) == 50
    assert {drawn(1, number, 1).beginning for number in range(len(BEGINNINGS))} == {name for name, _, _ in STORIES}
