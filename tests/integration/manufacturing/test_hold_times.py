"""Cells that waited too long: the next step is stopped until a deviation for exactly that is opened; pauses stop no clock."""

from __future__ import annotations

import pytest

from manufacturing.queries.batch_content import batch_content, hold_content
from manufacturing.queries.bench import bench_view
from manufacturing.queries.record import read_record
from manufacturing.services.batches import pause_batch, resume_batch
from manufacturing.services.hold_times import report_hold_time
from tests.integration.manufacturing.refusing import refused
from tests.places import along

KEY = "label_cd3_to_depletion"


def pause(story, batch, reason="the cytometer is down"):
    with story.act("batch.pause", content=(batch_content, batch.id), reason=reason, actor=story.t1) as work:
        return pause_batch(work, batch.id)


def resume(story, batch, reason="the cytometer is back"):
    with story.act("batch.resume", content=(batch_content, batch.id), reason=reason, actor=story.t2) as work:
        return resume_batch(work, batch.id)


def explain(story, batch, position=4, key=KEY):
    content = (hold_content, batch.id, str(position), key)
    told = {"classification": "minor", "description": "the depletion had to wait for the device"}
    with story.act("step.hold_time", content=content, actor=story.t1) as work:
        return report_hold_time(work, batch.id, str(position), key, **told)


@pytest.fixture
def labelled(story):
    """The CD3 labelling is done twenty minutes ago; the depletion is next."""
    batch = story.started()
    along(story, "labelled", lambda: story.steps(batch, last=3))
    return batch


@pytest.mark.req("ATMP-HOLDTIME")
def test_an_exceeded_hold_time_stops_the_next_step_until_its_own_deviation_is_open(story, labelled):
    story.later(minutes=221)
    assert refused(story, story.perform, labelled, 4, "deplete_cd3") == ["HOLD_TIME_EXCEEDED"]
    story.deviate(labelled, step="4")
    assert refused(story, story.perform, labelled, 4, "deplete_cd3") == ["HOLD_TIME_EXCEEDED"]
    deviation = explain(story, labelled)
    assert deviation.hold_time == KEY
    story.perform(labelled, 4, "deplete_cd3")
    (clock,) = [one for one in story.read(read_record, labelled.id).clocks if one.hold.key == KEY]
    assert clock.state(story.now) == "exceeded"
    assert clock.deviations == (deviation.number,)


@pytest.mark.req("ATMP-HOLDTIME")
def test_what_counts_is_when_it_was_done_not_when_it_is_typed(story, labelled):
    inside = story.now
    story.later(minutes=300)
    story.perform(labelled, 4, "deplete_cd3", performed_at=inside, late_reason="the tablet was empty", at=inside)


@pytest.mark.req("ATMP-HOLDTIME")
def test_a_pause_runs_the_clock(story, labelled):
    story.later(minutes=100)
    pause(story, labelled)
    story.later(minutes=121)
    resume(story, labelled)
    assert refused(story, story.perform, labelled, 4, "deplete_cd3") == ["HOLD_TIME_EXCEEDED"]


@pytest.mark.req("ATMP-HOLDTIME")
def test_the_page_of_the_step_shows_what_is_left(story, labelled):
    story.later(minutes=110)
    (clock,) = [one for one in story.read(bench_view, labelled.id, "4", story.now)["hold_times"] if one["key"] == KEY]
    assert clock["state"] == "warning"
    assert (clock["limit_at"] - story.now).total_seconds() == 110 * 60
    assert story.read(bench_view, labelled.id, "6", story.now)["hold_times"][0]["state"] == "waiting"


def test_nobody_works_on_a_batch_that_pauses(story, labelled):
    pause(story, labelled)
    assert refused(story, story.perform, labelled, 4, "deplete_cd3") == ["STATE_NOT_ALLOWED"]
    assert refused(story, pause, story, labelled) == ["STATE_NOT_ALLOWED"]
    resume(story, labelled)
    assert refused(story, resume, story, labelled) == ["STATE_NOT_ALLOWED"]
    story.perform(labelled, 4, "deplete_cd3")
    pauses = story.read(batch_content, labelled.id)["pauses"]
    assert [(one["because"], one["resumed because"]) for one in pauses] == [
        ("the cytometer is down", "the cytometer is back")
    ]


@pytest.mark.req("ATMP-LINECLEAR")
def test_the_room_of_a_batch_that_pauses_stays_taken(story, labelled):
    pause(story, labelled)
    story.subject("NK-02")
    other = story.plan("NK-02", donor_code="DN-102", number="LA-2026-0042")
    story.receive(other, subject_code="NK-02")
    story.markers(other)
    batch = story.open(story.accept(other))
    here = {"number": "LA-2026-0042", "subject_code": "NK-02"}
    assert refused(story, story.start, batch, **here) == ["LINE_CLEARANCE"]
