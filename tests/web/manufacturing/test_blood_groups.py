"""Blood groups by page and by API, on the pages of donor and subject."""

from __future__ import annotations

import pytest

from manufacturing.queries.collections import donor_by_code
from manufacturing.queries.trial import subject_by_code

FOUND = {"abo": "A", "rhd": "positive", "laboratory": "Blood bank", "report_reference": "BB-1"}


@pytest.mark.req("F-ABO")
@pytest.mark.parametrize(("door", "language"), [("page", "nl"), ("api", "en")])
def test_two_people_enter_two_samples_and_the_pages_show_how_they_fit(story, browser, api, door, language):
    story.accepted()
    donor, subject = story.read(donor_by_code, "DN-101"), story.read(subject_by_code, "NK-01")
    enter = browser if door == "page" else api
    for place, roles, group in (
        (f"/donors/{donor.id}", ("T", "QA"), "A"),
        (f"/subjects/{subject.id}", ("Dr", "N"), "O"),
    ):
        for number, role in enumerate(roles, start=1):
            person = enter(role)
            send = person.submit if door == "page" else person.act
            told = FOUND | {"abo": group, "sample": f"{group}-{number}", "sampled_at": f"2026-11-20 1{number}:00"}
            assert person.codes(send(f"{place}/blood-groups/new", told)) == []
    looking = browser("QA")
    for path in (f"/donors/{donor.id}", f"/subjects/{subject.id}"):
        page = looking.get(f"{path}?lang={language}").text
        assert ("grote incompatibiliteit" if language == "nl" else "major incompatibility") in page
    assert looking.get(f"/subjects/{subject.id}/blood-groups/new").status_code == 403
