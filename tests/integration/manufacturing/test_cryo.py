"""A container that is frozen and thawed: its expiry follows, and no later act puts the old one back."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from manufacturing.queries.batches import get_batch, get_container
from manufacturing.queries.cryo import cryo_content, cryo_view
from manufacturing.services.cryo import freeze_container, thaw_container
from tests.integration.manufacturing.hands import decided, done_by, hands, sod
from tests.integration.manufacturing.refusing import refused
from tests.integration.manufacturing.story import PRESETS

HOURS = {"frozen_hours": "8760", "post_thaw_hours": "6"}


def filled(story, cryopreservation):
    """One bag of a batch whose process version says this about freezing."""
    collection = story.accepted()
    body = json.loads((PRESETS / "process.json").read_text(encoding="utf-8"))["body"]
    approvals = ((story.qa2, "QA"), (story.qp, "QP"))
    story.effective("process", {**body, "cryopreservation": cryopreservation}, *approvals)
    batch = story.start(story.open(collection))
    story.steps(batch, last=9)
    return story.fill(batch)


@pytest.fixture
def bag(story):
    return filled(story, HOURS)


def frozen(story, container, *, second=None, **changed):
    fields = {"code": container.code, "at": story.now, **changed}
    with story.act("container.freeze", story.t1, second or story.t2, content=(cryo_content, container.id)) as work:
        return freeze_container(work, container.id, **fields)


def thawed(story, container, **changed):
    fields = {"code": container.code, "at": story.now, **changed}
    with story.act("container.thaw", story.t1, story.t2, content=(cryo_content, container.id)) as work:
        return thaw_container(work, container.id, **fields)


def expiry(story, container):
    return story.read(get_container, container.id).expires_at


@pytest.mark.req("S3")
def test_freezing_and_thaw_move_the_expiry_and_are_hands_in_the_batch(story, bag, person):
    fresh, four = expiry(story, bag), [person("T") for _ in range(4)]
    with done_by(story, *four[:2]):
        frozen(story, bag)
    assert expiry(story, bag) == story.now + timedelta(hours=8760) > fresh
    story.later(days=30)
    batch = story.read(get_batch, story.read(get_container, bag.id).batch_id)
    decided(story, batch, story.t1)
    assert sod(thawed, story, bag) == ["SOD_RELEASE"]
    with done_by(story, *four[2:]):
        thawed(story, bag)
    assert expiry(story, bag) == story.now + timedelta(hours=6)
    assert story.read(cryo_view, bag.id)["decided_by"] == "thaw"
    assert {(one.id, "container") for one in four} <= hands(story, batch)


def test_a_corrected_count_does_not_bring_the_fresh_clock_back(story, bag):
    frozen(story, bag)
    until = expiry(story, bag)
    batch = story.read(lambda session: get_container(session, bag.id).batch_id)
    of_batch = type("Batch", (), {"id": batch})
    story.correct(of_batch, 9, "formulate", wbc=Decimal("28.5"))
    story.verify(of_batch, 9)
    assert expiry(story, bag) == until


def test_each_fault_is_refused_alone(story, bag):
    assert refused(story, thawed, story, bag) == ["CRYO_STATE"]
    assert refused(story, frozen, story, bag, code="NK26-0001-02") == ["CONTAINER_MISMATCH"]
    assert refused(story, frozen, story, bag, second=story.dr) == ["SECOND_ROLE_NOT_ALLOWED"]
    frozen(story, bag)
    assert refused(story, frozen, story, bag) == ["CRYO_STATE"]
    story.later(hours=8760)
    assert refused(story, thawed, story, bag) == ["CRYO_EXPIRED"]


def test_a_process_that_says_nothing_about_freezing_freezes_nothing(story):
    bag = story.fill(story.formulated())
    assert refused(story, frozen, story, bag) == ["CRYO_NOT_PLANNED"]
    assert story.read(cryo_view, bag.id) is None
