"""More than one leukapheresis in a batch: only where the process says so, of one donor, accepted, and in time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from manufacturing.domain.plan import Pooling
from manufacturing.domain.pooling import JoiningFacts, joining_refusals
from manufacturing.domain.process import parse_process
from tests.unit.manufacturing.test_process import body, problems

GOOD = JoiningFacts(
    number="LA-2",
    pooling=Pooling(2, "label_cd3"),
    together=1,
    step="Label CD3",
    performed=False,
    same_people=True,
    usable=True,
    state="accepted",
    known=False,
)


@pytest.mark.req("ATMP-9-MIX")
def test_what_the_process_allows_is_allowed():
    assert joining_refusals(GOOD) == ()


@pytest.mark.req("ATMP-9-MIX")
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"pooling": None}, "POOLING_NOT_PLANNED"),
        ({"known": True}, "POOLING_TWICE"),
        ({"same_people": False}, "POOLING_OTHER_DONOR"),
        ({"usable": False, "state": "accepted_at_risk"}, "POOLING_NOT_ACCEPTED"),
        ({"together": 2}, "POOLING_FULL"),
        ({"performed": True}, "POOLING_TOO_LATE"),
    ],
)
def test_each_reason_is_named(change, code):
    assert [one.code for one in joining_refusals(replace(GOOD, **change))] == [code]


def test_without_a_word_of_the_process_nothing_else_is_said():
    worst = replace(GOOD, pooling=None, known=True, same_people=False, usable=False, together=9, performed=True)
    assert [one.code for one in joining_refusals(worst)] == ["POOLING_NOT_PLANNED"]


@pytest.mark.req("ATMP-9-MIX")
def test_a_process_names_how_many_and_the_step():
    plan = body()
    key = plan["steps"][1]["key"]
    assert parse_process(plan).pooling is None
    assert parse_process(plan | {"pooling": {"most": 2, "before": key}}).pooling == Pooling(2, key)
    for wrong in ({"most": 1, "before": key}, {"most": "2", "before": key}, {"most": True, "before": key}, {}):
        assert any("most" in one for one in problems(plan | {"pooling": wrong}))
    assert any("no step" in one for one in problems(plan | {"pooling": {"most": 2, "before": "nowhere"}}))
