"""NAT and repeat tests by page and by API, on the page of the leukapheresis."""

from __future__ import annotations

import pytest

FOUND = {"test": "nat", "hiv": "non_reactive", "hbv": "non_reactive", "hcv": "non_reactive", "sampled_on": "2026-11-23"}
PAPER = {"laboratory": "Virology", "kit": "NAT triplex", "report_reference": "VR-77"}


@pytest.mark.req("TC-17-II.2.8")
@pytest.mark.parametrize(("door", "language"), [("page", "nl"), ("api", "en")])
def test_a_later_test_is_entered_and_shown(story, browser, api, door, language):
    collection = story.accepted()
    person = browser("QA") if door == "page" else api("QA")
    send = person.submit if door == "page" else person.act
    place = f"/collections/{collection.id}/later-tests/new"
    assert person.codes(send(place, FOUND | PAPER | {"sampled_on": "2026-11-01"})) == ["LATER_TEST_TIME"]
    assert person.codes(send(place, FOUND | PAPER)) == []
    pages = person if door == "page" else browser("T")
    assert pages.get(f"{place}?lang={language}").status_code == 200
    assert "VR-77" in pages.get(f"/collections/{collection.id}?lang={language}").text
