"""Moves are signed by two, all or none; what went wrong is recorded, shown and assessed, never refused away."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from kernel.work import SYSTEM, unit_of_work
from manufacturing.queries.batches import get_batch
from manufacturing.queries.places import custody_of, custody_view, event_content, in_place, place_content
from manufacturing.services.places import assess_event, close_place, move_units, open_place
from manufacturing.tables.places import PlaceRow
from tests.integration.manufacturing.refusing import refused
from tests.integration.manufacturing.sampling import drawn
from tests.races.test_work_statements import counted

D = Decimal


def opened(story, code="FR-01-Q", status_class="quarantine", low="2", high="8"):
    fields = {"code": code, "title": "refrigerator", "status_class": status_class, "low_c": D(low), "high_c": D(high)}
    with story.act("place.open", story.qa) as work:
        return open_place(work, **fields)


def moved(story, place, *codes, second=None, **changed):
    fields = {"moved_at": story.now, "temperature_c": D("4.5"), "device": "LOG-7", **changed}
    content = (place_content, place.id)
    with story.act("custody.move", story.t1, second or story.t2, content=content) as work:
        return move_units(work, place.id, codes="\n".join(codes), **fields)


def assessed(story, event):
    with story.act("custody.assess", story.qa, content=(event_content, event.id)) as work:
        return assess_event(work, event.id, assessment="The logger shows 9 °C for two minutes; no effect.")


def closed(story, place):
    with story.act("place.close", story.qa, content=(place_content, place.id)) as work:
        return close_place(work, place.id)


@pytest.fixture
def bag(story):
    batch = story.formulated()
    return story.fill(batch)


def faults(story, container):
    return [one.code for one in story.read(custody_view, "container", container.id)["faults"]]


@pytest.mark.req("F-COC-1")
def test_a_move_keeps_from_to_both_people_time_temperature_and_device(story, bag):
    first, second = opened(story), opened(story, "FR-02-Q")
    moved(story, first, bag.code)
    story.later(minutes=10)
    moved(story, second, bag.code)
    found = story.read(custody_view, "container", bag.id)
    newest = found["events"][-1]
    assert (found["place"]["code"], newest["from"], newest["to"]) == ("FR-02-Q", "FR-01-Q", "FR-02-Q")
    assert (newest["handed by"], newest["received by"]) == (story.t1.name, story.t2.name)
    assert (newest["temperature (°C)"], newest["device"], newest["moved at"]) == (D("4.5"), "LOG-7", story.now)
    assert story.read(in_place, first.id) == []
    assert faults(story, bag) == []


def test_several_units_move_at_once_and_none_when_one_is_refused(story, bag):
    sample = drawn(story, story.read(get_batch, bag.batch_id))
    bench = opened(story, "BENCH-1", "workplace")
    assert refused(story, moved, story, bench, bag.code, sample.code, "NK26-0001-99") == ["UNIT_UNKNOWN"]
    assert refused(story, moved, story, bench, bag.code, bag.code) == ["UNIT_TWICE"]
    moved(story, bench, bag.code, "", sample.code)
    assert {one.unit for one in story.read(in_place, bench.id)} == {bag.code, sample.code}


@pytest.mark.req("F-COC-2")
def test_what_is_in_quarantine_goes_nowhere_else(story, bag):
    for status_class in ("released", "rejected", "samples"):
        place = opened(story, f"FR-{status_class.upper()}", status_class)
        assert refused(story, moved, story, place, bag.code) == ["PLACE_STATUS"]


@pytest.mark.req("F-COC-2")
def test_a_leukapheresis_follows_its_own_status(story):
    collection = story.received()
    quarantine, free = opened(story), opened(story, "FR-03", "released")
    assert refused(story, moved, story, free, collection.number) == ["PLACE_STATUS"]
    moved(story, quarantine, collection.number)
    story.markers(collection)
    story.accept(collection)
    found = story.read(custody_view, "collection", collection.id)
    assert [one.code for one in found["faults"]] == ["PLACE_WRONG"]
    moved(story, free, collection.number)
    assert story.read(custody_view, "collection", collection.id)["faults"] == []


@pytest.mark.req("F-COC-1")
@pytest.mark.parametrize(
    ("changed", "code"),
    [({"temperature_c": D("8.1")}, "CUSTODY_TEMPERATURE"), ({"found_in": "FR-09-Q"}, "CUSTODY_GAP")],
)
def test_what_went_wrong_is_recorded_and_stands_until_qa_assessed_it(story, bag, changed, code):
    first, second = opened(story), opened(story, "FR-02-Q")
    opened(story, "FR-09-Q")
    moved(story, first, bag.code)
    (event,) = moved(story, second, bag.code, **changed)
    assert faults(story, bag) == [code]
    assessed(story, event)
    assert faults(story, bag) == []
    assert refused(story, assessed, story, event) == ["CUSTODY_SETTLED"]


@pytest.mark.parametrize("temperature", ["2", "8"])
def test_a_temperature_at_the_limit_is_inside(story, bag, temperature):
    moved(story, opened(story), bag.code, temperature_c=D(temperature))
    assert faults(story, bag) == []


def test_without_a_move_on_record_nothing_is_said_about_custody(story, bag):
    assert story.read(custody_of, [bag.id]) is None
    moved(story, opened(story), bag.code)
    assert story.read(custody_of, [bag.id]) == ((), ())
    assert story.read(custody_of, [bag.id, "another, never moved"]) is None


def test_moves_keep_their_order_in_time(story, bag):
    place = opened(story)
    moved(story, place, bag.code)
    before = story.now - timedelta(minutes=1)
    assert refused(story, moved, story, place, bag.code, moved_at=before) == ["TIME_ORDER"]
    assert refused(story, moved, story, place, bag.code, found_in="NOWHERE") == ["PLACE_UNKNOWN"]


def test_a_place_is_closed_when_it_is_empty_and_its_code_is_never_used_again(story, bag):
    place, other = opened(story), opened(story, "FR-02-Q")
    moved(story, place, bag.code)
    assert refused(story, closed, story, place) == ["PLACE_NOT_EMPTY"]
    moved(story, other, bag.code)
    closed(story, place)
    assert refused(story, moved, story, place, bag.code) == ["PLACE_CLOSED"]
    assert refused(story, opened, story) == ["DUPLICATE_ID"]


@pytest.mark.req("F-COC-1")
def test_what_lies_in_a_wrong_place_is_asked_once_however_many_containers_there_are(story):
    """All of them in quarantine, on a shelf of released units: each is named, in as many statements as for one."""
    batch = story.formulated()
    bags = [story.fill(batch, volume_ml=D(19)) for _ in range(2)]
    place = opened(story)
    moved(story, place, *(one.code for one in bags))
    with unit_of_work(story.database, SYSTEM, "test.place") as work:
        work.lock(PlaceRow, place.id).status_class = "released"

    def asked(ids):
        with counted(story.database.engine) as said:
            custody, _ = story.read(custody_of, ids)
        return [dict(one.facts)["unit"] for one in custody], len(said)

    one, few = asked([bags[0].id])
    both, many = asked([each.id for each in bags])
    assert (one, both) == ([bags[0].code], sorted(each.code for each in bags))
    assert many == few
