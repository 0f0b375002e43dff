"""Equipment by page and by API: registered, scanned at a step, its log as page and file."""

from __future__ import annotations

import pytest

from manufacturing.queries.equipment import equipment_by_code
from tests.integration.manufacturing.equipping import asking

AT = "2026-11-23 10:10"
CABINET = {
    "code": "CAB-01",
    "title": "safety cabinet",
    "kind": "cabinet",
    "room": "Clean room 1",
    "qualification_due": "2027-11-23",
}


@pytest.fixture
def batch(story):
    collection = story.accepted()
    asking(story)
    batch = story.start(story.open(collection))
    story.later(minutes=10)
    return batch


@pytest.mark.req("ATMP-5-CAL", "ATMP-5-LOG")
@pytest.mark.parametrize("door", ["page", "api"])
def test_a_device_is_registered_and_scanned_at_a_step(story, batch, browser, api, door):
    qa, technician = (browser("QA"), browser("T")) if door == "page" else (api("QA"), api("T"))
    send = (lambda one: one.submit) if door == "page" else (lambda one: one.act)
    assert qa.codes(send(qa)("/equipment/new", CABINET)) == []
    device = story.read(equipment_by_code, "CAB-01")
    step = f"/batches/{batch.id}/steps/1"
    told = {"codes": "CAB-01\n", "performed_at": AT}
    assert technician.codes(send(technician)(f"{step}/equipment", told)) == []
    assert "CAB-01" in browser("In").get(f"{step}?lang=en").text
    log = browser("In").get(f"/equipment/{device.id}/log.csv").text
    assert batch.number in log
    assert "registered" in log


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_page_of_equipment_is_drawn(story, batch, browser, language):
    qa = browser("QA")
    assert qa.get(f"/equipment?lang={language}").status_code == 200
    qa.submit("/equipment/new", CABINET)
    device = story.read(equipment_by_code, "CAB-01")
    one = f"/equipment/{device.id}"
    for path in ("/equipment", "/equipment/new", one, f"{one}/events/new", f"{one}/out-of-tolerance", f"{one}/retire"):
        assert qa.get(f"{path}?lang={language}").status_code == 200
    technician = browser("T")
    step = f"/batches/{batch.id}/steps/1"
    for path in (step, f"{step}/equipment", f"{step}/perform", f"/batches/{batch.id}"):
        assert technician.get(f"{path}?lang={language}").status_code == 200
    assert technician.get("/find?code=cab-01").location == one
