"""The page of an order names the container to fetch: by its label, where it lies and until when; or says why there is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from kernel.web.i18n import Speech
from kernel.work import SYSTEM, unit_of_work
from labels.tables.labels import LabelRow
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.places import CustodyRow, PlaceRow
from tests.integration.release.giving_factory import (
    Patient,
    change,
    check,
    checked_order,
    disposition,
    give_out,
    new_patient,
    new_product,
    order,
    scan,
)


def fetched(api, row, role="Ph"):
    answer = api(role).get(f"/orders/{row.id}")
    assert answer.status_code == 200
    return answer.json["fetch"]


def codes(line):
    return [one["code"] for one in line["reasons"]]


def stored(giving, product, code="FREEZER-2"):
    with unit_of_work(giving.database, SYSTEM, "test.stored") as work:
        limits = {"low_c": Decimal(15), "high_c": Decimal(25)}
        place = work.add(PlaceRow(code=code, title="pharmacy", status_class="released", opened_by="qa", **limits))
        bag = work.session.get_one(ContainerRow, product.container_id)
        when = {"moved_at": work.at, "recorded_at": work.at, "handed_by": "p1", "received_by": "p2"}
        what = {"temperature_c": Decimal(20), "device": "LOG-1", "gap": False, "excursion": False}
        work.add(CustodyRow(container_id=bag.id, unit=bag.code, place_id=place.id, **when, **what))


@pytest.mark.req("DSP-SCAN")
def test_the_order_names_label_place_and_time_of_the_container_before_anybody_scans(browser, api, giving, product):
    row = order(giving)
    stored(giving, product)
    (one,) = fetched(api, row)["containers"]
    assert (one["label"], one["place"]["code"], one["reasons"]) == (product.short_number, "FREEZER-2", [])
    expires, before = datetime.fromisoformat(one["expires_at"]), datetime.fromisoformat(one["before"])
    assert expires - before == timedelta(hours=1)  # of the specification, for transport and infusion
    page = browser("Ph").get(f"/orders/{row.id}").text.split('id="fetch"')[1].split("</section>")[0]
    for said in (product.short_number, "FREEZER-2", Speech("en").moment(before), "the scan decides"):
        assert said in page, said


def test_what_the_order_names_is_what_the_scan_allows(api, giving, product):
    """Nothing but the check of the day stands between the page and the scan."""
    row = checked_order(giving)
    assert fetched(api, row)["containers"][0]["reasons"] == []
    assert scan(giving, product).row.verdict == "ALLOW_CONDITIONAL"
    disposition(giving, product, sponsor_released=False)
    assert codes(fetched(api, row)["containers"][0]) == ["NOT_SPONSOR_RELEASED"]
    assert scan(giving, product).row.verdict == "DENY"


def another_product(giving, product, **values):
    """A further container of the same subject."""
    with giving.database.reading() as session:
        batch = session.get_one(BatchRow, product.batch_id)
        patient = Patient(batch.subject_id, "NK-03", batch.donor_id, batch.collection_id)
    return new_product(giving, patient, **values)


def test_what_may_be_fetched_stands_before_what_may_not_and_nobody_elses_is_named(browser, api, giving, product):
    row = order(giving)
    rejected = another_product(giving, product, state="rejected", hours=6)
    new_product(giving, new_patient(giving, "NK-04"))
    lines = fetched(api, row)["containers"]
    assert [one["id"] for one in lines] == [product.container_id, rejected.container_id]
    assert codes(lines[1]) == ["BATCH_REJECTED"]
    page = browser("Ph").get(f"/orders/{row.id}").text.split('id="fetch"')[1].split("</section>")[0]
    assert rejected.short_number not in page
    assert "BATCH_REJECTED" in page.split("Not to be fetched")[1]


def test_a_container_without_its_label_is_not_named_as_one_to_fetch(api, giving, product):
    row = order(giving)
    with giving.database.reading() as session:
        label = session.execute(sa.select(LabelRow.id).filter_by(container_id=product.container_id)).scalar_one()
    change(giving, LabelRow, label, status="voided")
    assert codes(fetched(api, row)["containers"][0]) == ["LABEL_UNVERIFIED"]


def test_for_an_order_of_another_day_the_container_is_judged_as_of_that_day(api, giving, product):
    tomorrow = order(giving, infusion_on=giving.today + timedelta(days=1))
    assert codes(fetched(api, tomorrow)["containers"][0]) == []
    later = order(giving, infusion_on=giving.today + timedelta(days=2))
    assert "PRODUCT_EXPIRED" in codes(fetched(api, later)["containers"][0])
    giving.database.clock.advance(timedelta(days=3))
    assert {"ORDER_MISSING", "PRODUCT_EXPIRED"} <= set(codes(fetched(api, tomorrow)["containers"][0]))


@pytest.mark.on_both
def test_where_nothing_is_in_stock_the_order_says_why(browser, api, giving, product):
    row, other = checked_order(giving), order(giving, infusion_on=giving.today + timedelta(days=1))
    new_patient(giving, "NK-05", collected=False)
    never = order(giving, "NK-05")
    give_out(giving, scan(giving, product))
    assert fetched(api, row) is None
    assert fetched(api, other) == {"containers": [], "more": 0, "filled": 1}
    pharmacist = browser("Ph")
    assert "every one that was filled is dispensed or destroyed" in pharmacist.get(f"/orders/{other.id}").text
    assert "none was filled yet" in pharmacist.get(f"/orders/{never.id}").text
    assert "Container to fetch" not in pharmacist.get(f"/orders/{row.id}").text


def lines_of(api, role="Ph"):
    """Of each line of the Work page the record, until when, and what there is to do."""
    return [
        (one["record"], one["deadline"] and datetime.fromisoformat(one["deadline"]), one["action"])
        for one in api(role).get("/").json["tasks"]
    ]


@pytest.mark.on_both
def test_an_order_to_dispense_stands_above_a_bag_to_destroy_with_the_time_of_its_last_scan(api, giving, product):
    """The margin of the specification before the expiry; on the day of the infusion where the product lasts longer."""
    row = checked_order(giving)
    rejected = another_product(giving, product, state="rejected", hours=6)
    over = datetime(2026, 11, 23, 23, 0, tzinfo=UTC)
    assert lines_of(api) == [(row.number, over, "Scan"), (f"{rejected.number}-01", None, "Destroy")]
    expires = giving.now + timedelta(hours=10)
    another_product(giving, product, hours=10)
    assert lines_of(api)[0] == (row.number, expires - timedelta(hours=1), "Scan")


@pytest.mark.on_both
def test_the_product_that_expires_first_stands_first_and_is_urgent_in_its_last_hours(api, giving, product):
    row = checked_order(giving)
    new_product(giving, new_patient(giving, "NK-04"), hours=6)
    hurried = order(giving, "NK-04")
    check(giving, hurried)
    tasks = api("Ph").get("/").json["tasks"]
    assert [(one["record"], one["urgent"]) for one in tasks] == [(hurried.number, True), (row.number, False)]


def test_an_order_for_which_nothing_is_certified_is_led_to_why(api, giving, product):
    row = order(giving)
    disposition(giving, product, status="rejected")
    assert row.number in [one for one, _, _ in lines_of(api, "Dr")]
    check(giving, row)
    (found,) = [one for one in api("Ph").get("/").json["tasks"] if one["record"] == row.number]
    assert (found["location"], found["action"]) == (f"/orders/{row.id}", "Open")
    assert "no certified container is in stock" in found["reason"]
