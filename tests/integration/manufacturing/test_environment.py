"""Plates belong to a step, are read days later, and above the action limit force a deviation and a hold."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from kernel.work import SYSTEM, unit_of_work
from manufacturing.queries.batch_content import step_content
from manufacturing.queries.batches import deviations_of
from manufacturing.queries.environment import environment_page, sample_content, standing_of_batch, unread
from manufacturing.queries.holds import open_holds
from manufacturing.queries.record import read_record
from manufacturing.services.environment import correct_sample, read_sample, take_sample
from manufacturing.tables.batches import BatchRow
from tests.integration.manufacturing.hands import decided, done_by, hands, sod
from tests.integration.manufacturing.refusing import refused

D = Decimal
BODY = {
    "rooms": [{"code": "C1", "grade": "B"}],
    "samples": [
        {
            "key": "settle_plate",
            "title": {"en": "Settle plate", "nl": "Plaat"},
            "grade": "A",
            "unit": "CFU",
            "alert": "0",
            "action": "1",
            "steps": ["inspect"],
        }
    ],
}


@pytest.fixture
def listed(story):
    collection = story.accepted()
    story.effective("environment", BODY, (story.qa2, "QA"), (story.qp, "QP"))
    return story.open(collection)


@pytest.fixture
def batch(story, listed):
    batch = story.start(listed)
    story.later(minutes=30)
    return batch


def taken(story, batch, *, position=1, key="settle_plate"):
    times = {"exposed_from": story.now - timedelta(minutes=20), "exposed_until": story.now}
    with story.act("environment.take", story.t1, content=(step_content, batch.id, str(position))) as work:
        return take_sample(work, batch.id, str(position), key=key, place="left of the bag", **times)


def result(story, sample, count, *, service=read_sample, reason=None, by=None):
    with story.act("environment.read", by or story.t2, content=(sample_content, sample.id), reason=reason) as work:
        return service(work, sample.id, count=D(count), read_at=story.now, reference="EM-118")


def codes(story, batch):
    found = story.read(lambda session: standing_of_batch(session, read_record(session, batch.id)))
    return [one.code for one in found.against], [one.code for one, _ in found.pending]


@pytest.mark.req("ATMP-4-EM")
def test_a_plate_is_missing_then_pending_then_read(story, batch):
    assert codes(story, batch) == (["ENVIRONMENT_MISSING"], [])
    sample = taken(story, batch)
    assert codes(story, batch) == ([], ["ENVIRONMENT_PENDING"])
    ((_, number, count, since),) = story.read(lambda session: session.execute(unread()).all())
    assert (number, count, since) == (batch.number, 1, sample.exposed_until)
    story.later(days=5)
    result(story, sample, "0")
    assert codes(story, batch) == ([], [])
    (line,) = story.read(environment_page, batch.id)["samples"]
    assert (line["reading"], line["position"], line["grade"]) == ("pass", 1, "A")
    assert refused(story, result, story, sample, "1") == ["ENVIRONMENT_READ"]
    assert refused(story, taken, story, batch, key="glove") == ["ID_FORMAT"]


@pytest.mark.req("ATMP-4-EM", "ATMP-DEV-1")
def test_above_the_action_limit_a_deviation_is_forced(story, batch):
    sample = taken(story, batch)
    result(story, sample, "1")
    assert story.read(deviations_of, batch.id) == []
    again = taken(story, batch)
    result(story, again, "2")
    (deviation,) = story.read(deviations_of, batch.id)
    assert (deviation.classification, deviation.step_id == again.step_id) == ("major", True)
    assert codes(story, batch)[0] == ["ENVIRONMENT_ACTION"]
    assert story.read(lambda session: open_holds(session, batch=batch.id)) == []


@pytest.mark.req("ATMP-4-EM", "ATMP-HOLD")
def test_a_result_above_it_after_production_holds_what_can_still_be_given(story, listed):
    story.start(listed)
    story.later(minutes=30)
    sample = taken(story, listed)
    completed(story, listed)
    result(story, sample, "7")
    (hold,) = story.read(lambda session: open_holds(session, batch=listed.id))
    assert hold.cause == "environment"


def completed(story, batch):
    """Production is complete; how is told elsewhere."""
    with unit_of_work(story.database, SYSTEM, "test.complete") as work:
        row = work.lock(BatchRow, batch.id)
        row.status, row.completed_at = "production_complete", work.at


@pytest.mark.req("ATMP-6.1-CORR")
def test_qa_corrects_a_result_with_its_reason_and_the_deviation_stays(story, batch):
    sample = taken(story, batch)
    result(story, sample, "2")
    assert refused(story, result, story, sample, "0", service=correct_sample, reason="plate of another room") == [
        "ROLE_NOT_ALLOWED"
    ]
    fixed = {"service": correct_sample, "by": story.qa}
    assert refused(story, result, story, sample, "0", **fixed) == ["MISSING_REASON"]
    row = result(story, sample, "0", reason="plate of another room", **fixed)
    assert row.deviation_id is not None
    assert codes(story, batch) == ([], [])


@pytest.mark.req("ATMP-LINECLEAR")
def test_the_line_is_cleared_only_in_a_room_of_the_list(story, listed):
    assert refused(story, story.start, listed, room="C9") == ["ROOM_UNKNOWN"]
    story.start(listed, room="c1")


@pytest.mark.req("S3", "S4")
def test_whoever_took_read_or_corrected_a_sample_of_the_environment_had_a_hand_in_the_batch(story, batch, person):
    taker, reader = person("T"), person("T")
    with done_by(story, taker):
        sample = taken(story, batch)
    result(story, sample, "2", by=reader)
    assert [one.raised_by for one in story.read(deviations_of, batch.id)] == [reader.id]
    result(story, sample, "0", service=correct_sample, by=story.qa, reason="plate of another room")
    assert {(one.id, "environment_sample") for one in (taker, reader, story.qa)} <= hands(story, batch)
    decided(story, batch, story.t1), decided(story, batch, story.qa)
    again = {"service": correct_sample, "by": story.qa, "reason": "plate of another room"}
    assert sod(taken, story, batch) == sod(result, story, sample, "1", **again) == ["SOD_RELEASE"]
