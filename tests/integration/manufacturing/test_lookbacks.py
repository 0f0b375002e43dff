"""What becomes known of a donor afterwards holds every unit until others conclude; serious events are reported."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from manufacturing.domain.expiry import local_day
from manufacturing.domain.lookbacks import Audience
from manufacturing.queries.collections import collection_content, get_collection
from manufacturing.queries.donors import donor_view, event_content, unreported_events
from manufacturing.queries.holds import list_open_holds
from manufacturing.queries.lookbacks import donor_content, lookback_content
from manufacturing.services.lookbacks import (
    acknowledge_lookback,
    conclude_lookback,
    open_lookback,
    record_donor_event,
    report_donor_event,
)
from tests.integration.manufacturing.refusing import refused
from tests.integration.manufacturing.sampling import drawn, retained


@pytest.fixture
def batch(story):
    return story.open(story.accepted(), volume="100")


def look_back(story, batch, *, by=None, days=0):
    with story.act("lookback.open", by or story.qa, content=(donor_content, batch.donor_id)) as work:
        return open_lookback(
            work,
            batch.donor_id,
            kind="seroconversion",
            informed_on=local_day(story.now) + timedelta(days=days),
            source="TE-2027-14",
            description="anti-HCV reactive in a later donation",
        )


def acknowledge(story, row, audience, by):
    with story.act("lookback.acknowledge", by, content=(lookback_content, row.id)) as work:
        return acknowledge_lookback(work, row.id, audience)


def conclude(story, row, by, *, cleared):
    with story.act("lookback.conclude", by, content=(lookback_content, row.id)) as work:
        return conclude_lookback(
            work, row.id, cleared=cleared, conclusion="sample of the donation itself is NAT negative"
        )


def everybody(story, row):
    for audience, by in zip(Audience, (story.dr, story.qp, story.sp), strict=True):
        acknowledge(story, row, audience, by)


def held(story):
    return sorted((one.scope, one.record) for one in story.read(list_open_holds) if one.cause == "lookback")


@pytest.mark.req("TC-LOOKBACK")
def test_a_look_back_holds_every_unit_of_the_donor_until_it_is_cleared_by_somebody_else(story, batch):
    assert refused(story, look_back, story, batch, by=story.t1) == ["ROLE_NOT_ALLOWED"]
    assert refused(story, look_back, story, batch, days=1) == ["FUTURE_TIME"]
    row = look_back(story, batch)
    assert row.number == "DN-101-L1"
    assert held(story) == [("batch", batch.number), ("collection", "LA-2026-0041")]
    assert refused(story, story.start, batch) == ["BATCH_ON_HOLD"] * 2
    (hold, _) = story.read(list_open_holds)
    assert refused(story, story.lift, hold) == ["HOLD_CAUSE_STANDS"]
    assert refused(story, story.plan, number="LA-2026-0042") == ["DONOR_LOOKBACK"]
    assert refused(story, conclude, story, row, story.qa2, cleared=True) == ["NOTICE_OPEN"]
    assert refused(story, acknowledge, story, row, "sponsor", story.dr) == ["ROLE_NOT_ALLOWED"]
    everybody(story, row)
    assert refused(story, acknowledge, story, row, "sponsor", story.sp) == ["NOTICE_ANSWERED"]
    assert refused(story, conclude, story, row, story.qa, cleared=True) == ["SOD_LOOKBACK"]
    assert conclude(story, row, story.qa2, cleared=True).status == "closed"
    assert held(story) == []
    assert story.plan(number="LA-2026-0042").status == "planned"


@pytest.mark.req("TC-LOOKBACK")
def test_units_that_are_not_cleared_stay_on_hold(story, batch):
    row, other = look_back(story, batch), look_back(story, batch)
    everybody(story, row)
    everybody(story, other)
    conclude(story, other, story.qa2, cleared=True)
    assert len(held(story)) == 2
    conclude(story, row, story.qp, cleared=False)
    assert len(held(story)) == 2
    assert refused(story, conclude, story, row, story.qp, cleared=True) == ["STATE_NOT_ALLOWED"]


@pytest.mark.req("ATMPR-15.3", "TC-LOOKBACK")
def test_from_a_donor_everything_is_found_used_or_not_destroyed_or_kept(story, batch):
    story.later(minutes=1)
    story.dispose(story.read(get_collection, batch.collection_id), volume="12")
    found = story.read(donor_view, batch.donor_id)
    (material,) = found["collections"]
    assert [(one["kind"], one["volume_ml"], one["batch"]) for one in material["parts"]] == [
        ("batch", Decimal(100), batch.number),
        ("destroyed", Decimal(12), None),
    ]
    assert (material["left_ml"], found["recipient"]["code"]) == (Decimal(100), "NK-01")
    assert [one["number"] for one in found["batches"]] == [batch.number]


@pytest.mark.req("TC-LOOKBACK", "ATMPR-15.3")
def test_containers_and_samples_of_a_donor_are_listed_with_where_they_are_kept(story):
    batch = story.formulated()
    filled, sample = story.fill(batch), drawn(story, batch)
    retained(story, sample)
    found = story.read(donor_view, batch.donor_id)
    assert [(one["code"], one["batch"], one["volume_ml"]) for one in found["containers"]] == [
        (filled.code, batch.number, Decimal(38))
    ]
    kept = {one["code"]: (one["kind"], one["status"], bool(one["place"])) for one in found["samples"]}
    assert kept[sample.code] == ("sterility", "retained", True)


@pytest.mark.req("TR-S5")
def test_a_serious_event_of_the_donor_waits_until_the_tissue_establishment_knows(story, batch):
    collection_id = batch.collection_id

    def record(*, serious, hours=1):
        given = {"kind": "hypotension", "grade": 3 if serious else 1, "description": "pressure fell to 70 mmHg"}
        with story.act("donor_event.record", story.t1, content=(collection_content, collection_id)) as work:
            happened = story.now - timedelta(hours=hours)
            return record_donor_event(work, collection_id, serious=serious, happened_at=happened, **given)

    def report(event, *, hours=0, by=story.qa):
        with story.act("donor_event.report", by, content=(event_content, event.id)) as work:
            return report_donor_event(work, event.id, reported_at=story.now - timedelta(hours=hours), reference="TE-77")

    assert refused(story, record, serious=True, hours=-1) == ["FUTURE_TIME"]
    mild, event = record(serious=False), record(serious=True)
    assert [one.id for one, _ in story.read(unreported_events)] == [event.id]
    assert refused(story, report, mild) == ["EVENT_NOT_SERIOUS"]
    assert refused(story, report, event, hours=2) == ["TIME_ORDER"]
    assert refused(story, report, event, by=story.t1) == ["ROLE_NOT_ALLOWED"]
    assert report(event).reference == "TE-77"
    assert refused(story, report, event) == ["EVENT_REPORTED"]
    assert story.read(unreported_events) == []
