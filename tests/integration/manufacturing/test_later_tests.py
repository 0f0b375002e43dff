"""Long storage: a frozen product waits for NAT or the repeat test; a reactive one holds what was made of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from manufacturing.queries.batches import get_batch, holds_over_batch
from manufacturing.queries.collections import get_collection
from manufacturing.queries.later_tests import later_content, long_storage_refusals
from manufacturing.services.later_tests import enter_later_test
from manufacturing.tables.batches import ContainerRow
from release.domain.decisions import DecisionKind
from release.domain.guards import release_refusals
from release.domain.review import ReleaseFacts
from tests.integration.manufacturing.refusing import refused

NEGATIVE = {"hiv": "non_reactive", "hbv": "non_reactive", "hcv": "non_reactive"}


def entered(story, collection_id, *, by=None, days=0, **changed):
    fields = {"test": "nat", **NEGATIVE, "laboratory": "Virology", "kit": "NAT triplex", "report_reference": "VR-9"}
    row = story.read(get_collection, collection_id)
    day = row.started_at.date() + timedelta(days=days)
    with story.act("donor.later_test", by or story.qa, content=(later_content, collection_id)) as work:
        return enter_later_test(work, collection_id, sampled_on=day, **{**fields, **changed})


def codes(story, batch):
    return [
        one.code for one in story.read(lambda session: long_storage_refusals(session, get_batch(session, batch.id)))
    ]


@pytest.fixture
def frozen(story):
    batch = story.formulated()
    bag = story.fill(batch)
    with story.act("test.freeze", story.t1) as work:
        work.confirm({})
        work.lock(ContainerRow, bag.id).frozen_at = work.at
    return batch


@pytest.mark.req("TC-17-II.2.8")
def test_a_frozen_product_waits_for_nat_or_a_repeat_test(story, frozen):
    assert codes(story, frozen) == ["LONG_STORAGE_TEST_MISSING"]
    material = frozen.collection_id
    assert refused(story, entered, story, material, days=-1) == ["LATER_TEST_TIME"]
    assert refused(story, entered, story, material, by=story.dr) == ["ROLE_NOT_ALLOWED"]
    entered(story, material)
    assert codes(story, frozen) == []


@pytest.mark.req("TC-17-II.2.8")
def test_a_reactive_later_test_holds_what_was_made(story, frozen):
    story.later(days=180)
    repeat = {"test": "repeat_after_180_days", "days": 180, "hbv": "reactive"}
    entered(story, frozen.collection_id, **repeat)
    assert codes(story, frozen) == ["LONG_STORAGE_TEST_REACTIVE"]
    batch = story.read(get_batch, frozen.id)
    assert [one.cause for one in story.read(holds_over_batch, batch)] == ["donor"]


@pytest.mark.req("TC-17-II.2.8")
def test_only_the_final_release_waits(story, frozen):
    waiting = story.read(lambda session: long_storage_refusals(session, get_batch(session, frozen.id)))
    facts = ReleaseFacts(accepted=True, long_storage=waiting)
    for kind, expected in (
        (DecisionKind.STAGE1, []),
        (DecisionKind.FULL, ["LONG_STORAGE_TEST_MISSING"]),
        (DecisionKind.STAGE2, ["LONG_STORAGE_TEST_MISSING"]),
    ):
        found = [one.code for one in release_refusals(facts, kind, story.now)]
        assert [code for code in found if code.startswith("LONG_STORAGE")] == expected
