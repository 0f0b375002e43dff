"""Places by page and by API: scan a place, then several units; the line of custody on the page of the unit."""

from __future__ import annotations

import pytest

from manufacturing.queries.places import place_by_code

AT = "2026-11-23 10:00"
FRIDGE = {"code": "FR-01-Q", "title": "refrigerator of the clean room", "status_class": "quarantine", "high_c": "8"}


@pytest.fixture
def collection(story):
    return story.received()


def opened(story, qa):
    assert qa.codes(qa.submit("/places/new", FRIDGE)) == []
    return story.read(place_by_code, "FR-01-Q")


@pytest.mark.req("F-COC-1")
@pytest.mark.parametrize("door", ["page", "api"])
def test_units_are_moved_by_scanning_the_place_and_then_the_units(story, collection, browser, api, door):
    qa = browser("QA")
    place = opened(story, qa)
    technician = browser("T") if door == "page" else api("T")
    send = technician.submit if door == "page" else technician.act
    told = {"codes": f"{collection.number}\n", "moved_at": AT, "temperature_c": "9.5", "device": "LOG-7"}
    assert technician.codes(send(f"/places/{place.id}/move", told, qa.login)) == []
    page = qa.get(f"/collections/{collection.id}?lang=en").text
    assert "FR-01-Q" in page
    assert "was moved at 9.5 °C" in page
    assert collection.number in qa.get(f"/places/{place.id}").text
    assert "/custody/" in qa.get("/").text


@pytest.mark.on_both
@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_page_of_places_is_drawn(story, collection, browser, language):
    qa = browser("QA")
    assert qa.get(f"/places?lang={language}").status_code == 200
    place = opened(story, qa)
    for path in ("/places", "/places/new", f"/places/{place.id}", f"/places/{place.id}/close"):
        assert qa.get(f"{path}?lang={language}").status_code == 200
    technician = browser("T")
    told = {"codes": collection.number, "moved_at": AT, "temperature_c": "5", "device": "LOG-7"}
    technician.submit(f"/places/{place.id}/move", told, second=qa.login)
    for path in (f"/places/{place.id}", f"/places/{place.id}?show=moves", f"/collections/{collection.id}"):
        page = technician.get(path)
        assert page.status_code == 200
        assert collection.number in page.text
    assert technician.get("/find?code=FR-01-Q").location == f"/places/{place.id}"


def test_one_person_does_not_hand_over_to_himself(story, collection, browser):
    place = opened(story, browser("QA"))
    technician = browser("T")
    told = {"codes": collection.number, "moved_at": AT, "temperature_c": "5", "device": "LOG-7"}
    answer = technician.submit(f"/places/{place.id}/move", told, technician.login)
    assert technician.codes(answer) == ["SOD_SECOND"]
