"""The environment by page and by API: a plate is entered at its step, read from the Work page, shown on the batch."""

from __future__ import annotations

import pytest

from manufacturing.queries.environment import environment_of_batch
from tests.integration.manufacturing.test_environment import BODY

TAKEN = {
    "key": "settle_plate",
    "place": "left of the bag",
    "exposed_from": "2026-11-23 10:05",
    "exposed_until": "2026-11-23 10:25",
}


@pytest.fixture
def batch(story):
    collection = story.accepted()
    story.effective("environment", BODY, (story.qa2, "QA"), (story.qp, "QP"))
    batch = story.start(story.open(collection))
    story.later(minutes=30)
    return batch


@pytest.mark.req("ATMP-4-EM")
@pytest.mark.parametrize("door", ["page", "api"])
def test_a_plate_is_entered_and_read(story, batch, browser, api, door):
    technician = browser("T") if door == "page" else api("T")
    send = technician.submit if door == "page" else technician.act
    assert technician.codes(send(f"/batches/{batch.id}/steps/1/environment", TAKEN)) == []
    (sample,) = story.read(environment_of_batch, batch.id)
    read = f"/environment/{sample.id}/read"
    assert f"/batches/{batch.id}/environment" in browser("QA").get("/").text
    assert read in browser("QA").get(f"/batches/{batch.id}/environment").text
    told = {"count": "4", "read_at": "2026-11-23 10:30", "reference": "EM-118"}
    pages = technician if door == "page" else browser("T")
    assert pages.form(read)["read_at"] == "", "nobody read that time off"
    assert technician.codes(send(read, told)) == []
    assert browser("QA").form(f"/environment/{sample.id}/correct")["read_at"].startswith("2026-11-23 10:30")
    page = browser("In").get(f"/batches/{batch.id}?lang=en").text
    assert "left of the bag" in page
    assert "/deviations/" in page


@pytest.mark.on_both
@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_page_of_the_environment_is_drawn(story, batch, browser, language):
    technician = browser("T")
    step = f"/batches/{batch.id}/steps/1"
    technician.submit(f"{step}/environment", TAKEN)
    (sample,) = story.read(environment_of_batch, batch.id)
    for path in (step, f"{step}/environment", f"/batches/{batch.id}/environment", f"/environment/{sample.id}/read"):
        assert technician.get(f"{path}?lang={language}").status_code == 200
    assert browser("QA").get(f"/environment/{sample.id}/correct?lang={language}").status_code == 200
