"""The FHIR feed as its client meets it: the facts of the JSON feeds, by somebody else's model of the standard."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from kernel.accounts.tables import PersonRow
from kernel.tables import TrailRow
from manufacturing.services.holds import set_hold
from manufacturing.tables.collections import CollectionRow, CollectionUseRow
from manufacturing.tables.trial import SubjectRow
from release.domain.figure_words import CRITERIA
from tests.fhir import dangling, exact, faults, of, properties, read
from tests.integration.release.giving_factory import (
    add_collection,
    check,
    dispensed,
    entered,
    give_out,
    infused,
    new_giving,
    new_patient,
    new_product,
    order,
    scan,
    supplied_product,
    take_back,
    to_the_ward,
)
from tests.places import along, remembered

FEED = "/trial/fhir"
STATES = {
    "NK-03": ("issued", "unavailable"),
    "NK-04": ("issued", "unavailable"),
    "NK-05": ("unfulfilled", "available"),  # cancelled before the hand-over it is in stock again
    "NK-06": ("allocated", "unavailable"),
}


@pytest.fixture
def giving(app, database, person):
    return remembered(database, "giving", lambda: new_giving(database, person))


@pytest.fixture
def spread(giving, api):
    """Infused, supplied out of specification, taken back, dispensed; in stock, of two leukaphereses; recalled."""

    def made():
        patient = {code: new_patient(giving, code) for code in (*STATES, "NK-07", "NK-08")}
        infused(giving, new_product(giving, patient["NK-03"], nk="3000000.125"))
        supplied = supplied_product(giving, patient["NK-04"])
        check(giving, order(giving, "NK-04"))
        to_the_ward(giving, give_out(giving, scan(giving, supplied, "NK-04"), oos_acknowledged=True))
        take_back(giving, dispensed(giving, new_product(giving, patient["NK-05"]), "NK-05"))
        dispensed(giving, new_product(giving, patient["NK-06"], state="certified_pending"), "NK-06")
        stocked = new_product(giving, patient["NK-07"], volume="75.5")
        recalled = new_product(giving, patient["NK-08"])
        with giving.act("test.join", giving.qa) as work:
            _, second = add_collection(work, work.session.get_one(SubjectRow, patient["NK-07"].id), giving)
            work.session.get_one(CollectionRow, second).volume_ml = Decimal("200.5")
            taken = {"kind": "batch", "volume_ml": Decimal(200), "done_by": "t", "done_at": work.at}
            work.add(CollectionUseRow(collection_id=second, batch_id=stocked.batch_id, **taken))
            set_hold(work, "batch", recalled.batch_id, cause="recall", reason="RC-2026-001")
        return stocked, second

    return along(giving, "one of each", made)


@pytest.mark.on_both
@pytest.mark.req("TR-PROV", "TR-F1", "TR-F2", "TR-OOSFLAG", "GDPR-4.5", "EXP-LOG")
def test_the_bundle_says_what_the_json_feeds_say_and_nobody_is_in_it_but_by_code(giving, spread, api):
    monitor = api("In")
    answer = monitor.get(f"{FEED}/Bundle")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/fhir+json")
    found, model = exact(answer.text), read(answer.text)
    assert (faults(found), dangling(found)) == ([], [])
    figures = monitor.get("/trial/feasibility").json
    assert found["timestamp"] == figures["data_cut_off"]
    (report,), (defined,) = of(found, "MeasureReport"), of(found, "Measure")
    assert report["measure"] == f"{defined['url']}|{defined['version']}"
    assert report["period"] == {"start": str(giving.today - timedelta(days=40)), "end": figures["data_cut_off"]}
    for key, one in zip(CRITERIA, report["group"], strict=True):
        told = figures[key]
        assert [each["count"] for each in one["population"]] == [told["numerator"], told["denominator"]]
        assert ("measureScoreQuantity" in one) is (told["denominator"] > 0)
    agree_with_the_log(found, monitor.get(f"/accountability/trial/{giving.trial_id}").json["accounts"])
    assert all(one.resource.id for one in model.entry)
    with giving.database.reading() as session:
        people = session.execute(sa.select(PersonRow.login, PersonRow.full_name)).all()
        lines = session.execute(sa.select(TrailRow.payload).order_by(TrailRow.seq)).scalars().all()
    assert [one for person in people for one in person if f'"{one}"' in answer.text] == []
    assert any('"trial.fhir"' in one and f"{FEED}/Bundle" in one for one in lines)


@pytest.mark.req("ATMP-11-QUAR")
def test_a_value_that_fails_makes_a_product_unavailable_before_it_is_verified(giving, spread, api):
    stocked, _ = spread
    path = f"{FEED}/BiologicallyDerivedProduct/{stocked.container_id}"
    assert exact(api("In").get(path).text)["productStatus"]["code"] == "available"
    entered(giving, stocked, "positive", 2)
    assert exact(api("In").get(path).text)["productStatus"]["code"] == "unavailable"


def agree_with_the_log(found, accounts):
    """Every container with its codes, instant and exact volumes, and every dispensing with its state."""
    products = {
        one["identifier"][0]["value"]: one for one in of(found, "BiologicallyDerivedProduct") if "parent" in one
    }
    assert set(products) == {one["container"] for one in accounts}
    material = {one["id"]: one for one in of(found, "BiologicallyDerivedProduct") if "parent" not in one}
    patients = {one["id"]: one["identifier"][0]["value"] for one in of(found, "Patient")}
    out = {
        one["product"]["reference"].partition("/")[2]: one for one in of(found, "BiologicallyDerivedProductDispense")
    }
    for one in accounts:
        product, stated = products[one["container"]], properties(products[one["container"]])
        assert product["expirationDate"] == one["expires_at"]
        assert (stated["batch"], stated["subject"]) == (one["batch"], one["subject"])
        assert (stated["disposition"], stated["stage"]) == (one["disposition"], one["stage"])
        assert stated["volume"] == Decimal(one["filled_ml"])
        parents = [material[each["reference"].partition("/")[2]] for each in product["parent"]]
        statuses = [each["productStatus"]["code"] for each in parents]
        assert statuses == ["unavailable", "available"][: 2 if one["subject"] == "NK-07" else 1]
        way = out.get(product["id"])
        state, status = STATES.get(one["subject"], (None, "available" if one["subject"] == "NK-07" else "unavailable"))
        assert (way["status"] if way else None, product["productStatus"]["code"]) == (state, status)
        assert stated["out-of-specification"] is (one["subject"] == "NK-04")
        assert (stated["on-hold"], stated["recalled"]) == ((one["subject"] == "NK-08",) * 2)
        if way:
            lines = {line["what"]: line for line in one["lines"]}
            assert patients[way["patient"]["reference"].partition("/")[2]] == one["subject"]
            assert way["preparedDate"] == lines["dispensed"]["at"]
            assert way.get("whenHandedOver") == lines.get("handed over", {}).get("at")
            assert way["quantity"]["value"] == Decimal(one["filled_ml"])
    assert [properties(products[one["container"]])["viable-nk"] for one in accounts if one["subject"] == "NK-03"] == [
        Decimal("300000012.5")
    ]


@pytest.mark.req("TR-PROV", "TR-ROLE")
def test_each_resource_has_its_own_route_and_the_feed_of_an_instant_is_what_was_sent_then(giving, spread, api, browser):
    sponsor = api("Sp")
    before = exact(sponsor.get(f"{FEED}/Bundle").text)
    chosen = {one["resource"]["resourceType"]: one for one in before["entry"]}
    assert set(chosen) == {
        *("Measure", "MeasureReport", "Patient", "Practitioner"),
        *("BiologicallyDerivedProduct", "BiologicallyDerivedProductDispense"),
    }
    for one in chosen.values():
        path = one["fullUrl"].removeprefix("http://localhost/api/v1")
        answer = sponsor.get(path)
        assert answer.headers["Content-Type"] == "application/fhir+json"
        assert exact(answer.text) == one["resource"]
        assert read(answer.text).id == one["resource"]["id"]
    for nothing in ("Patient/none", f"Observation/{giving.trial_id}"):
        assert sponsor.get(f"{FEED}/{nothing}").status_code == 404
    assert api("T").codes(api("T").get(f"{FEED}/Bundle")) == ["ROLE_NOT_ALLOWED"]
    assert f'href="{FEED}/Bundle"' in browser("Dr").get("/trial?lang=nl").text

    at = before["timestamp"]
    giving.database.clock.advance(timedelta(minutes=1))
    with giving.act("test.hold", giving.qa) as work:
        set_hold(work, "batch", spread[0].batch_id, cause="recall", reason="RC-2026-002")
    new_patient(giving, "NK-09", collected=False)
    now = exact(sponsor.get(f"{FEED}/Bundle").text)
    assert of(now, "MeasureReport") != of(before, "MeasureReport")
    assert exact(sponsor.get(f"{FEED}/Bundle?as_of={at}").text) == before
    for one in (
        *chosen.values(),
        *(each for each in before["entry"] if each["resource"]["id"] == spread[0].container_id),
    ):
        path = one["fullUrl"].removeprefix("http://localhost/api/v1")
        assert exact(sponsor.get(f"{path}?as_of={at}").text) == one["resource"]
    late = sponsor.get(f"{FEED}/MeasureReport/{giving.trial_id}?as_of=2027-12-01 10:00")
    assert sponsor.codes(late) == ["FUTURE_TIME"]
    asked = f"?trial={giving.trial_id}"
    assert f'href="{FEED}/Bundle{asked}' in browser("In").get(f"/trial/feasibility{asked}").text
