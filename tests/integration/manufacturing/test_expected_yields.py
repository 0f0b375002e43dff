"""A yield outside the range of its process version asks for a deviation before production is complete (ATMP-YIELD)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kernel.errors import Refused
from manufacturing.queries.batch_page import batch_view
from tests.places import remembered

LOSS = {"volume": Decimal(20), "nk_percent": Decimal("41.0")}  # 16 % of the NK cells instead of 67 %


def short(story):
    """Most NK cells are lost in the first depletion; every value lies within its own limits."""
    batch = story.started()
    for position, key in enumerate(("inspect", "wash", "label_cd3"), start=1):
        story.perform(batch, position, key)
        story.verify(batch, position)
        story.later(minutes=20)
    story.perform(batch, 4, "deplete_cd3", **LOSS)
    story.verify(batch, 4)
    story.later(minutes=20)
    story.steps(batch, first=5, last=9)
    story.fill(batch)
    story.steps(batch, first=10, last=10)
    return batch


@pytest.fixture
def batch(story):
    return remembered(story.database, "short", lambda: short(story))


def codes(story, batch):
    with pytest.raises(Refused) as caught:
        story.complete(batch)
    return [one.code for one in caught.value.refusals]


@pytest.mark.req("ATMP-YIELD")
def test_the_batch_is_complete_only_when_the_deviation_is_assessed(story, batch):
    assert "YIELD_UNEXPLAINED" in codes(story, batch)
    wrong_step = story.deviate(batch, step="5")
    story.assess(wrong_step)
    assert "YIELD_UNEXPLAINED" in codes(story, batch)
    deviation = story.deviate(batch, step="4")
    assert "YIELD_UNEXPLAINED" in codes(story, batch)
    story.assess(deviation)
    shown = story.read(batch_view, batch.id, story.now)["yields"]["expected"]
    loss = next(one for one in shown if one["outside"])
    assert (loss["explained"], loss["position"], loss["limits"]) == (True, 4, "40–100")


@pytest.mark.req("ATMP-YIELD")
def test_it_says_which_figure_and_what_was_expected(story, batch):
    with pytest.raises(Refused) as caught:
        story.complete(batch)
    (refusal,) = [one for one in caught.value.refusals if one.code == "YIELD_UNEXPLAINED"]
    facts = dict(refusal.facts)
    assert (facts["stage"], facts["value"], facts["limits"], facts["position"]) == (
        {"en": "After CD3 depletion", "nl": "Na CD3-depletie"},
        "16.00",
        "40–100",
        "4",
    )
