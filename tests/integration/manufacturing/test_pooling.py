"""A second leukapheresis joins a batch whose process allows it: its clock, its holds and its volume count with it."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from manufacturing.queries.batch_content import batch_content
from manufacturing.queries.batches import expiry_clocks, get_batch, holds_over_batch
from manufacturing.queries.collections import collections_of_batch, get_collection
from manufacturing.services.pooling import join_collection
from tests.integration.manufacturing.hands import hands
from tests.integration.manufacturing.refusing import refused
from tests.integration.manufacturing.story import PRESETS

SECOND = "LA-2026-0042"


def pooled_process(story, splitting=None, **pooling):
    process = json.loads((PRESETS / "process.json").read_text())["body"]
    story.effective(
        "process", process | {"pooling": pooling, "splitting": splitting}, (story.qa2, "QA"), (story.qp, "QP")
    )


@pytest.fixture
def second(story):
    """Another leukapheresis of the donor, collected an hour after the first and accepted."""
    first = story.accepted()
    pooled_process(story, most=2, before="label_cd3")
    story.later(hours=1)
    row = story.receive(story.plan(number=SECOND))
    story.markers(row)
    return first, row


def join(story, batch, number=SECOND, *, code="NK-01", second=None, volume=None):
    with story.act("batch.join", story.t1, second or story.t2, content=(batch_content, batch.id)) as work:
        ml = None if volume is None else Decimal(volume)
        return join_collection(work, batch.id, number=number, subject_code=code, volume_ml=ml)


@pytest.mark.req("ATMP-9-MIX", "S3")
def test_accepted_material_of_the_same_donor_joins_and_counts(story, second):
    first, row = second
    batch = story.open(first)
    alone = story.read(expiry_clocks, batch, None)
    assert refused(story, join, story, batch) == ["POOLING_NOT_ACCEPTED"]
    story.accept(row)
    assert refused(story, join, story, batch, code="NK-02") == ["SUBJECT_MISMATCH"]
    assert refused(story, join, story, batch, "LA-2026-0099") == ["DONATION_MISMATCH"]
    assert refused(story, join, story, batch, first.number) == ["MATERIAL_LEFT", "POOLING_TWICE"]
    assert refused(story, join, story, batch, second=story.dr) == ["SECOND_ROLE_NOT_ALLOWED"]
    assert refused(story, join, story, batch, volume="213") == ["MATERIAL_LEFT"]
    join(story, batch, volume="200")
    assert {(one.id, "batch") for one in (story.t1, story.t2)} <= hands(story, batch)
    batch = story.read(get_batch, batch.id)
    assert [one.number for one in story.read(collections_of_batch, batch)] == [first.number, SECOND]
    assert story.read(expiry_clocks, batch, None).expires_at == alone.expires_at
    assert story.read(get_collection, row.id).status == "in_use"
    story.hold("collection", row.id)
    assert [one.record for one in story.read(holds_over_batch, batch)] == [SECOND]
    assert refused(story, story.start, batch) == ["BATCH_ON_HOLD"]


@pytest.mark.req("ATMP-9-MIX")
def test_the_earliest_leukapheresis_is_the_clock_whichever_opened_the_batch(story, second):
    first, row = second
    story.accept(row)
    batch = story.open(row)
    alone = story.read(expiry_clocks, batch, None)
    join(story, batch, first.number)
    assert story.read(expiry_clocks, story.read(get_batch, batch.id), None).expires_at < alone.expires_at


@pytest.mark.req("ATMP-9-MIX")
def test_nothing_joins_a_batch_of_another_process_or_after_its_step(story, second):
    first, row = second
    story.accept(row)
    story.documents()
    alone = story.open(first, volume="100")
    assert refused(story, join, story, alone) == ["POOLING_NOT_PLANNED"]
    pooled_process(story, most=2, before="inspect")
    late = story.start(story.open(story.read(get_collection, first.id)))
    story.perform(late, 1, "inspect")
    assert refused(story, join, story, late) == ["POOLING_TOO_LATE"]


@pytest.mark.req("ATMP-9-MIX", "ATMPR-15.3")
def test_a_collection_is_consumed_when_its_volume_is_accounted_for_and_no_batch_is_made(story, second):
    first, row = second
    story.accept(row)
    batch = story.open(first)
    join(story, batch, volume="200")
    story.terminate(batch)
    assert [story.read(get_collection, one.id).status for one in (first, row)] == ["consumed", "in_use"]
    story.dispose(story.read(get_collection, row.id), volume="12")
    assert story.read(get_collection, row.id).status == "consumed"
