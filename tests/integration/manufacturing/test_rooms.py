"""One open product in a room: a sealed pause frees it, and the line is cleared again by two before work goes on."""

from __future__ import annotations

import pytest

from manufacturing.queries.batch_content import batch_content
from manufacturing.queries.batches import busy_in_room, get_batch
from manufacturing.services.batches import clear_line_again, pause_batch, resume_batch
from tests.integration.manufacturing.refusing import refused

pytestmark = pytest.mark.req("ATMP-LINECLEAR")


def paused(story, batch, *, sealed):
    content = (batch_content, batch.id)
    with story.act("batch.pause", content=content, reason="the separator is down", actor=story.t1) as work:
        return pause_batch(work, batch.id, sealed=sealed)


def resumed(story, batch):
    content = (batch_content, batch.id)
    with story.act("batch.resume", content=content, reason="the separator is back", actor=story.t1) as work:
        return resume_batch(work, batch.id)


def cleared(story, batch, *, room="C1", second=None, subject="NK-01", answer=True):
    content = (batch_content, batch.id)
    with story.act("batch.clear_again", story.t1, second or story.t2, content=content) as work:
        return clear_line_again(work, batch.id, room=room, subject_code=subject, cleared=answer)


@pytest.fixture
def batch(story):
    return story.started()


@pytest.fixture
def other(story, batch):
    """A second donor's batch, opened and waiting for its line."""
    story.subject("NK-02")
    collection = story.plan("NK-02", donor_code="DN-102", number="LA-2026-0042")
    collection = story.receive(collection, number="LA-2026-0042", subject_code="NK-02")
    story.markers(collection)
    return story.open(story.accept(collection))


def begin(story, other, room="C1"):
    return story.start(other, room=room, number="LA-2026-0042", subject_code="NK-02")


def test_a_pause_keeps_the_room_and_a_sealed_one_frees_it(story, batch, other):
    paused(story, batch, sealed=False)
    assert refused(story, begin, story, other) == ["LINE_CLEARANCE"]
    resumed(story, batch)
    paused(story, batch, sealed=True)
    begin(story, other)
    assert story.read(busy_in_room, "C1", "") == (other.number,)


def test_a_sealed_product_comes_back_only_to_a_free_room_cleared_by_two(story, batch, other):
    paused(story, batch, sealed=True)
    assert refused(story, resumed, story, batch) == ["LINE_CLEARANCE"]
    begin(story, other)
    assert refused(story, cleared, story, batch) == ["LINE_CLEARANCE"]
    assert refused(story, cleared, story, batch, room="C2", answer=False) == ["LINE_CLEARANCE"]
    assert refused(story, cleared, story, batch, room="C2", subject="NK-02") == ["SUBJECT_MISMATCH"]
    assert refused(story, cleared, story, batch, room="C2", second=story.sp) == ["SECOND_ROLE_NOT_ALLOWED"]
    cleared(story, batch, room="c2")
    found = story.read(get_batch, batch.id)
    assert (found.room, found.status) == ("C2", "in_process")
