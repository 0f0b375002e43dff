"""Holds stack; stopping takes one person, restarting the QP, and a failed result no lifted hold at all."""

from __future__ import annotations

import pytest

from manufacturing.queries.batches import get_batch, holds_over_batch
from manufacturing.queries.holds import open_holds
from manufacturing.queries.trial import get_trial
from manufacturing.services.holds import lift_system_holds, set_hold
from tests.integration.manufacturing.refusing import refused


@pytest.fixture
def batch(story):
    return story.open(story.accepted())


def system_hold(story, scope, record_id, cause):
    with story.act("test.hold", story.qa) as work:
        return set_hold(work, scope, record_id, cause=cause, reason="by the system")


def holds(story, **wanted):
    with story.database.reading() as session:
        return [(hold.scope, hold.record, hold.cause) for hold in open_holds(session, **wanted)]


@pytest.mark.req("ATMP-HOLD")
def test_holds_stack_and_each_is_lifted_for_itself(story, batch):
    first = story.hold("batch", batch.id)
    story.hold("batch", batch.id, by=story.qp)
    assert holds(story, batch=batch.id) == [("batch", "NK26-0001", "person")] * 2
    story.lift(first)
    assert len(holds(story, batch=batch.id)) == 1


def test_what_is_above_holds_what_is_below(story, batch):
    subject_hold = story.hold("subject", batch.subject_id)
    system_hold(story, "collection", batch.collection_id, "temperature")
    with story.database.reading() as session:
        found = [hold.scope for hold in holds_over_batch(session, get_batch(session, batch.id))]
    assert sorted(found) == ["collection", "subject"]
    assert subject_hold.cause == "person"


@pytest.mark.req("ATMP-HOLD")
def test_only_the_qp_lifts(story, batch):
    hold = story.hold("batch", batch.id)
    assert refused(story, story.lift, hold, by=story.qa) == ["ROLE_NOT_ALLOWED"]
    story.lift(hold)
    assert refused(story, story.lift, hold) == ["HOLD_LIFTED"]


@pytest.mark.req("ATMP-HOLD")
def test_only_qa_and_qp_stop(story, batch):
    assert refused(story, story.hold, "batch", batch.id, by=story.t1) == ["ROLE_NOT_ALLOWED"]


@pytest.mark.req("ATMP-DEV-2")
def test_the_hold_of_a_failed_result_is_not_lifted(story, batch):
    hold = system_hold(story, "batch", batch.id, "oos")
    assert refused(story, story.lift, hold) == ["HOLD_CAUSE_STANDS"]


@pytest.mark.req("TR-S1")
def test_a_hold_of_the_trial_is_the_sponsors_to_lift_with_the_decision(story, batch):
    hold = system_hold(story, "trial", story.read(get_trial).id, "safety")
    assert refused(story, story.lift, hold) == ["HOLD_CAUSE_STANDS"]
    person_hold = story.hold("batch", batch.id)
    assert refused(story, story.lift_of_trial, person_hold) == ["HOLD_CAUSE_STANDS"]
    row = story.lift_of_trial(hold)
    assert (row.lifted_by, row.lift_document) == (story.sp.id, "DSMB 2026-3 v1")
    assert refused(story, story.lift_of_trial, hold) == ["HOLD_LIFTED"]


@pytest.mark.req("TR-S1")
def test_the_trial_goes_on_with_the_last_of_its_holds(story, batch):
    def state():
        return story.read(get_trial).status

    trial = story.read(get_trial).id
    assert state() == "open"
    safety = system_hold(story, "trial", trial, "safety")
    assert state() == "on_hold"
    asked = story.hold("trial", trial)
    story.lift_of_trial(safety)
    assert state() == "on_hold"
    story.lift_of_trial(asked)
    assert (state(), holds(story, trial=trial)) == ("open", [])
    assert refused(story, story.hold, "trial", trial, by=story.t1) == ["ROLE_NOT_ALLOWED"]


def test_the_system_ends_its_own_holds_of_one_cause(story, batch):
    system_hold(story, "batch", batch.id, "oos")
    story.hold("batch", batch.id)
    with story.act("test.lift", story.qp) as work:
        lifted = lift_system_holds(work, "batch", batch.id, cause="oos", reason="rejected")
    assert len(lifted) == 1
    assert holds(story, batch=batch.id) == [("batch", "NK26-0001", "person")]
