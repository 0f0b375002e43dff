"""Training by page and by API: recorded by two, shown to everybody, told to those whom it concerns when it lapses."""

from __future__ import annotations

from datetime import timedelta

import pytest

import release.domain.specification_documents  # noqa: F401  (the kind of document that batches freeze)
from tests.integration.manufacturing.story import Story
from tests.integration.manufacturing.test_training import new_version
from tests.places import remembered
from tests.training import train_everybody

pytestmark = pytest.mark.req("ATMP-3.2-TRAIN")


@pytest.fixture
def process(database, person, app, people):
    def tell():
        story = Story(database, person)
        story.documents()
        return story

    return remembered(database, "process", tell)


def subject_of(reader, procedure):
    return next(one["key"] for one in reader.get("/training").json["subjects"] if one["procedure"] == procedure)


@pytest.mark.parametrize("door", ["page", "api"])
def test_training_is_recorded_by_one_and_confirmed_by_another(process, person, browser, api, door):
    novice = person("T", trained=False)
    technician = browser("T") if door == "page" else api("T")
    send = technician.submit if door == "page" else technician.act
    key = subject_of(api("QA"), "manufacturing")
    told = {"people": [novice.id], "procedures": [key], "trained_on": "2026-11-23", "evidence": "list TR-7"}
    assert technician.codes(send("/training/new", {**told, "effective_at": None}, "QA")) == []
    (line,) = [one for one in api("In").get("/training").json["people"] if one["id"] == novice.id]
    assert {one["procedure"]: one["state"] for one in line["cells"]}["manufacturing"] == "valid"
    assert "list TR-7" in browser("In").get(f"/training/{novice.id}?lang=en").text


def test_a_form_that_stood_open_for_ten_minutes_is_accepted(process, person, browser, api, database):
    """A time filled in by the page would lie before the entry as soon as somebody thinks for a minute."""
    novice, technician = person("T", trained=False), browser("T")
    opened = technician.form("/training/new")
    database.clock.advance(timedelta(minutes=10))
    told = {"people": [novice.id], "procedures": [subject_of(api("QA"), "manufacturing")]}
    sent = {**told, "trained_on": "2026-11-23", "evidence": "list TR-8"}
    assert technician.codes(technician.submit("/training/new", sent, "QA", form=opened)) == []


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_page_of_training_is_drawn(process, people, database, browser, language):
    train_everybody(database)
    officer = browser("QA")
    for path in ("/training", "/training/new", f"/training/{people['T'].id}"):
        assert officer.get(f"{path}?lang={language}").status_code == 200


def test_what_lapses_is_on_the_work_page_of_qa_and_of_the_person(process, people, database, browser):
    train_everybody(database)
    place = f"/training/{people['T'].id}"
    assert place not in browser("QA").get("/").text
    new_version(process, "process")
    assert place in browser("QA").get("/").text
    assert place in browser("T").get("/").text
    assert place not in browser("Ph").get("/").text
