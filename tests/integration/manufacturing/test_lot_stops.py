"""A stopped lot stops what it went into: in the same act, each batch by itself, lifted one by one."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from manufacturing import ports
from manufacturing.queries.batches import containers_of, get_batch, holds_over_batch
from manufacturing.queries.lot_pages import unassessed_stops
from manufacturing.queries.lot_uses import lot_refusals, stop_content
from tests.integration.manufacturing.lots import assessed, decided_anew, ready_lot, recalled, rejected
from tests.integration.manufacturing.refusing import refused
from tests.integration.manufacturing.test_lot_uses import line, second_batch, started, used  # noqa: F401


@pytest.fixture
def given(monkeypatch):
    """Containers of which a subject was given something."""
    found = set()
    monkeypatch.setattr(ports.administered_containers, "answer", lambda _session, ids: found & set(ids))
    return found


def holds(story, batch):
    return story.read(lambda session: holds_over_batch(session, get_batch(session, batch.id)))


def against(story, batch):
    found = story.read(lambda session: lot_refusals(session, get_batch(session, batch.id)))
    return None if found is None else [one.code for one in found]


@pytest.mark.req("ATMP-7-RECALL")
@pytest.mark.parametrize("stop", [rejected, recalled])
def test_every_batch_that_used_a_stopped_lot_is_on_hold_in_the_same_act(story, started, stop):  # noqa: F811
    lot, innocent = ready_lot(story), ready_lot(story)
    other = second_batch(story)
    used(story, started, line(lot))
    used(story, other, line(innocent))
    stop(story, lot)
    (hold,) = holds(story, started)
    assert (hold.scope, hold.cause, hold.set_by) == ("batch", "lot", "system")
    assert lot.code in hold.reason
    assert "the supplier reports particles" in hold.reason
    assert holds(story, other) == []
    assert [one["batch"] for one in story.read(stop_content, lot.id)["used in"]] == [started.number]


@pytest.mark.req("ATMP-7-RECALL", "ATMP-HOLD")
def test_holds_of_two_lots_stack_and_each_is_lifted_by_itself(story, started):  # noqa: F811
    first, second = ready_lot(story), ready_lot(story)
    used(story, started, line(first), line(second))
    recalled(story, first)
    recalled(story, second)
    mine = holds(story, started)
    assert len(mine) == 2
    story.lift(mine[0])
    assert [hold.id for hold in holds(story, started)] == [mine[1].id]


@pytest.mark.req("ATMP-7-RECALL")
def test_only_what_can_still_be_given_is_held_and_the_rest_is_listed(story, started, given):  # noqa: F811
    lot = ready_lot(story)
    used(story, started, line(lot))
    story.steps(started, last=9)
    story.fill(started, volume_ml=Decimal(10))
    story.fill(started, volume_ml=Decimal(10))
    first, second = story.read(containers_of, started.id)
    given.update({first.id, second.id})
    recalled(story, lot)
    assert holds(story, started) == []
    listed = story.read(stop_content, lot.id)["used in"][0]["containers"]
    assert listed == [f"{first.code} (administered)", f"{second.code} (administered)"]
    assert story.read(unassessed_stops) == [(lot.id, lot.code, [started.number])]
    given.discard(second.id)
    decided_anew(story, lot)
    recalled(story, lot)
    assert [hold.cause for hold in holds(story, started)] == ["lot"]


def test_a_stop_stays_a_task_until_its_consequences_are_assessed(story, started):  # noqa: F811
    lot = ready_lot(story)
    used(story, started, line(lot))
    assert refused(story, assessed, story, lot) == ["STATE_NOT_ALLOWED"]
    recalled(story, lot)
    assessed(story, lot, by=story.qp)
    assert story.read(unassessed_stops) == []


def test_a_use_before_the_stop_is_recorded_afterwards_and_held(story, started):  # noqa: F811
    lot = ready_lot(story)
    story.later(minutes=2)
    recalled(story, lot)
    assert refused(story, used, story, started, line(lot)) == ["LOT_NOT_APPROVED"]
    used(story, started, line(lot), at=story.now - timedelta(minutes=1))
    assert [hold.cause for hold in holds(story, started)] == ["lot"]


@pytest.mark.req("ATMP-7-LOT", "ATMP-7-RECALL", "ATMP-9-REJ")
def test_what_speaks_against_the_lots_of_a_batch_follows_the_decisions(story, started):  # noqa: F811
    lot = ready_lot(story, quantity="2")
    assert against(story, started) == ["MATERIAL_MISSING"]
    used(story, started, line(lot))
    assert against(story, started) == []
    story.later(minutes=1)
    recalled(story, lot)
    assert against(story, started) == ["LOT_NOT_APPROVED"]
    decided_anew(story, lot)
    assert against(story, started) == []


def test_nothing_is_said_of_the_lots_of_a_process_that_asks_for_none(story):
    assert against(story, story.started()) is None
