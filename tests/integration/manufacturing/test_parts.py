"""A leukapheresis is split: parts with codes of their own, one to a batch, the rest kept, used later or destroyed."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from manufacturing.queries.batches import get_batch, holds_over_batch
from manufacturing.queries.chain import read_chain
from manufacturing.queries.collections import (
    batches_made_of,
    collection_content,
    collections_of_batch,
    get_collection,
    volume_left,
)
from manufacturing.queries.parts import kept_parts, part_content, part_view, use_by
from manufacturing.queries.places import custody_view, place_content
from manufacturing.services.batches import open_batch
from manufacturing.services.material import destroy_part
from manufacturing.services.parts import split_collection
from manufacturing.services.places import move_units, open_place
from release.queries.trace import find_traced, trace_of
from tests.integration.manufacturing.refusing import refused
from tests.integration.manufacturing.sampling import drawn_from
from tests.integration.manufacturing.test_pooling import join, pooled_process

D = Decimal
OTHER = D("0.5")


def split(story, collection, volume="100", remainder="112", *, code="NK-01", second=None, number=None, **changed):
    fields = {"number": number or collection.number, "subject_code": code, "volume_ml": D(volume)}
    content = (collection_content, collection.id)
    with story.act("collection.split", story.t1, second or story.t2, content=content) as work:
        return split_collection(work, collection.id, remainder_ml=D(remainder), **fields, **changed)


def open_part(story, part):
    with story.act("batch.open_part", story.t1, content=(part_content, part.id)) as work:
        return open_batch(work, part.collection_id, part_id=part.id)


def destroy(story, part, *, code=None, second=None):
    content = (part_content, part.id)
    with story.act("part.destroy", story.t1, second or story.t2, content=content) as work:
        return destroy_part(work, part.id, code=code or part.code, method="autoclaved at 134 degrees")


@pytest.fixture
def collection(story):
    return story.accepted()


@pytest.mark.req("ATMP-ID-SPLIT")
def test_two_people_take_off_a_part_and_the_volumes_come_out(story, collection):
    assert refused(story, split, story, collection, remainder="111") == ["SPLIT_BALANCE"]
    assert refused(story, split, story, collection, number="LA-2026-0099", code="NK-02") == [
        "DONATION_MISMATCH",
        "SUBJECT_MISMATCH",
    ]
    assert refused(story, split, story, collection, second=story.dr) == ["SECOND_ROLE_NOT_ALLOWED"]
    drawn_from(story, collection, volume_ml=D("2"))
    assert refused(story, split, story, collection) == ["SPLIT_BALANCE"]
    lost = {"lost_ml": OTHER, "lost_reason": "left in the transfer tubing"}
    part = split(story, collection, "100", "109.5", **lost)
    assert part.code.startswith("LA-2026-0041-P1-")
    assert story.read(lambda session: volume_left(session, collection)) == D("109.5")
    assert story.read(get_collection, collection.id).status == "in_use"
    assert [one.code for one in story.read(kept_parts, collection.id)] == [part.code]


@pytest.mark.req("ATMP-ID-SPLIT", "ATMPR-15.1")
def test_a_part_goes_whole_into_one_batch_and_the_trace_leads_both_ways(story, collection):
    part, other = split(story, collection), split(story, collection, "60", "52")
    first = open_part(story, part)
    assert refused(story, open_part, story, part) == ["PART_GONE"]
    assert refused(story, story.start, first) == ["DONATION_MISMATCH"]
    assert story.start(first, number=part.code).status == "in_process"
    second = story.open(story.read(get_collection, collection.id))
    assert [one.number for one in story.read(batches_made_of, collection.id)] == [first.number, second.number]
    assert [story.read(read_chain, one.id).codes()["collection"] for one in (first, second)] == [
        part.code,
        collection.number,
    ]
    assert story.read(part_view, part.id)["batch"]["number"] == first.number
    traces = {code: traced(story, code) for code in (part.code, first.number, second.number, collection.number)}
    assert [one["number"] for one in traces[part.code]["batches"]] == [first.number]
    assert [one["number"] for one in traces[part.code]["collections"]] == [collection.number]
    assert [one["code"] for one in traces[first.number]["parts"]] == [part.code]
    assert traces[second.number]["parts"] == []
    assert [one["code"] for one in traces[collection.number]["parts"]] == [part.code, other.code]


def traced(story, code):
    return story.read(lambda session: trace_of(session, find_traced(session, code), clinical=True))


@pytest.mark.req("ATMP-ID-SPLIT", "ATMP-9-MIX")
def test_a_kept_part_joins_a_later_batch_of_the_donor_and_brings_its_hold(story, collection):
    pooled_process(story, most=2, before="label_cd3")
    assert refused(story, split, story, collection) == ["SPLIT_NOT_PLANNED"]
    pooled_process(story, most=2, before="label_cd3", splitting={"most": 1})
    part = split(story, collection)
    assert refused(story, split, story, collection, "50", "62") == ["SPLIT_FULL"]
    second = story.receive(story.plan(number="LA-2026-0042"), number="LA-2026-0042")
    story.markers(second)
    batch = story.open(story.accept(second))
    join(story, batch, part.code)
    assert [one.number for one in story.read(collections_of_batch, batch)] == ["LA-2026-0042", collection.number]
    assert refused(story, destroy, story, part) == ["PART_GONE"]
    story.hold("collection", collection.id)
    assert [one.record for one in story.read(holds_over_batch, story.read(get_batch, batch.id))] == [collection.number]


@pytest.mark.req("ATMP-ID-SPLIT", "ATMPR-15.3")
def test_a_leukapheresis_is_consumed_when_its_last_part_is_destroyed_by_two(story, collection):
    part, other = split(story, collection), split(story, collection, "60", "52")
    batch = open_part(story, part)
    story.terminate(batch)
    story.dispose(story.read(get_collection, collection.id), volume="52")
    assert story.read(get_collection, collection.id).status == "in_use"
    assert refused(story, destroy, story, other, code=part.code) == ["DONATION_MISMATCH"]
    assert refused(story, destroy, story, other, second=story.dr) == ["SECOND_ROLE_NOT_ALLOWED"]
    destroy(story, other)
    assert story.read(get_collection, collection.id).status == "consumed"


def test_a_rejected_leukapheresis_is_destroyed_with_every_part_that_is_still_here(story, collection):
    part = split(story, collection)
    story.reject(story.read(get_collection, collection.id))
    assert refused(story, story.dispose, collection, "112") == ["PART_LEFT"]
    assert story.dispose(collection).status == "disposed"
    assert story.read(part_view, part.id)["state"] == "destroyed"


@pytest.mark.req("F-COC-1")
def test_a_part_is_kept_in_a_place_of_its_own_line_of_custody(story, collection):
    part = split(story, collection)
    with story.act("place.open", story.qa) as work:
        place = open_place(work, code="FR-09-R", title="refrigerator", status_class="released")
    told = {"moved_at": story.now, "temperature_c": D("5"), "device": "LOG-7"}
    with story.act("custody.move", story.t1, story.t2, content=(place_content, place.id)) as work:
        move_units(work, place.id, codes=part.code, **told)
    found = story.read(custody_view, "part", part.id)
    assert found["place"]["code"] == "FR-09-R"
    assert found["faults"] == []


@pytest.mark.req("CTR-VI-k")
def test_material_that_was_kept_too_long_makes_no_batch(story, collection):
    part = split(story, collection)
    until = story.read(lambda session: use_by(session, story.read(get_collection, collection.id)))
    story.later(seconds=(until - story.now - timedelta(seconds=1)).total_seconds())
    open_part(story, part)
    story.later(seconds=1)
    assert refused(story, story.open, story.read(get_collection, collection.id)) == ["MATERIAL_EXPIRED"]
    assert refused(story, split, story, collection, "50", "62") == ["MATERIAL_EXPIRED"]
