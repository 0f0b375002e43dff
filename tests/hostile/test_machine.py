"""The whole lifecycle of a release by any person in any order: nothing is done that must not be, nothing refused that may be.

The machine (``tests/hostile/machine``) sends requests through the door of the pages and the API and holds every answer,
the trail and the tables against a model and an oracle of its own.
"""

from __future__ import annotations

import pytest

from labels.keys import make_label_keys
from tests.hostile.machine.machine import run_machine
from tests.hostile.machine.teeth import TEETH
from tests.hostile.machine.told import Told

RUNS, STEPS = 200, 6
LONG_RUNS, LONG_STEPS, LONG_SEEDS = 500, 20, 20  # on both databases: 20,000 runs
ALLOWED_PERCENT = 20


@pytest.fixture
def told(fresh):
    make_label_keys(fresh.folder, demo=True)
    return Told(fresh)


@pytest.mark.hostile
@pytest.mark.req("P11-10f", "P11-10g", "S2", "S3", "S6", "S7", "S11", "S12", "DSP-GUARD", "AT-CHAIN")
def test_two_hundred_runs_break_no_rule_and_refuse_nothing_that_may_be_done(told):
    tally = run_machine(told, RUNS, STEPS)
    assert tally.runs >= RUNS
    assert 100 * tally.allowed >= ALLOWED_PERCENT * tally.runs, (
        "a product that never allows anything is safe for nobody"
    )
    assert min(tally.done, tally.refused) > RUNS // 2


@pytest.mark.hostile
@pytest.mark.parametrize("number", range(2, 2 + LONG_SEEDS))
def test_ten_thousand_longer_runs(told, number):
    assert run_machine(told, LONG_RUNS, LONG_STEPS, number=number).runs >= LONG_RUNS


@pytest.mark.hostile
@pytest.mark.parametrize("defect", TEETH)
def test_the_machine_notices(told, monkeypatch, defect):
    TEETH[defect](monkeypatch)
    with pytest.raises((AssertionError, ExceptionGroup)) as caught:
        run_machine(told, RUNS, STEPS, shrink=False)
    assert {type(one) for one in each_of(caught.value)} == {AssertionError}, "it broke off, and noticed nothing"


def each_of(error: BaseException) -> list[BaseException]:
    """What Hypothesis found, which it gives together where it is more than one."""
    found = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    return [one for part in found for one in each_of(part)] or [error]
