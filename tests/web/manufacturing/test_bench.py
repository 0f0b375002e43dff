"""The bench by page and by API: hold times, pauses."""

from __future__ import annotations

import pytest

from manufacturing.queries.batches import deviations_of, get_batch
from tests.places import along

LABELLED = {"vials": "1", "incubation": "30", "temperature": "20"}
DEVIATION = {"classification": "minor", "description": "the depletion had to wait for the device"}


@pytest.fixture
def labelled(story):
    batch = story.started()
    along(story, "washed", lambda: story.steps(batch, last=2))
    return batch


@pytest.fixture
def waited(story, labelled):
    """Nobody was there for five hours; sessions of that time are over."""
    story.later(minutes=300)
    return labelled


@pytest.fixture(params=["page", "api"])
def technician(request, browser, api):
    who = browser("T") if request.param == "page" else api("T")
    return (who.submit if request.param == "page" else who.act), who.codes


def now(story):
    return story.now.isoformat(timespec="minutes")


@pytest.mark.req("ATMP-HOLDTIME")
def test_the_deviation_is_two_clicks_from_the_step_that_waited_too_long(story, waited, technician):
    send, codes = technician
    step = f"/batches/{waited.id}/steps/3"
    filled = {**LABELLED, "performed_at": now(story)}
    assert codes(send(f"{step}/perform", filled)) == ["HOLD_TIME_EXCEEDED"]
    assert codes(send(f"{step}/hold-times/wash_to_label_cd3/deviation", DEVIATION)) == []
    assert [one.hold_time for one in story.read(deviations_of, waited.id)] == ["wash_to_label_cd3"]
    assert codes(send(f"{step}/perform", filled)) == []


def test_the_page_shows_the_running_clock(story, labelled, browser):
    story.later(minutes=130)
    assert "01 h 30 min left" in browser("T").get(f"/batches/{labelled.id}/steps/3/perform").text


def test_the_page_shows_the_way_out(waited, browser):
    page, step = browser("T"), f"/batches/{waited.id}/steps/3"
    assert f"{step}/hold-times/wash_to_label_cd3/deviation" in page.get(f"{step}/perform").text
    written = page.get(f"{step}/hold-times/wash_to_label_cd3/deviation").text
    assert "Hold time “Wash to CD3 labelling” exceeded: 320 minutes" in written


def test_a_pause_needs_its_reason_and_stops_the_work(story, labelled, technician):
    send, codes = technician
    batch = f"/batches/{labelled.id}"
    assert codes(send(f"{batch}/pause", {"reason": "x"})) == ["MISSING_REASON"]
    assert codes(send(f"{batch}/pause", {"reason": "fire drill in the building"})) == []
    assert story.read(get_batch, labelled.id).status == "paused"
    assert codes(send(f"{batch}/steps/3/perform", {**LABELLED, "performed_at": now(story)})) == ["STATE_NOT_ALLOWED"]
    assert codes(send(f"{batch}/resume", {"reason": "the drill is over"})) == []


def test_work_says_that_a_batch_pauses(story, labelled, browser, api):
    assert browser("T").codes(api("T").act(f"/batches/{labelled.id}/pause", {"reason": "fire drill"})) == []
    page = browser("T").get("/").text
    assert "is paused; the hold times run on" in page
    assert "fire drill" in browser("T").get(f"/batches/{labelled.id}").text
