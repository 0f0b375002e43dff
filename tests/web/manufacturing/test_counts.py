"""A count of cells by page and by API, shown with every reading on the pages of the sample and of its step."""

from __future__ import annotations

import pytest

from kernel.clock import PEOPLE
from tests.integration.manufacturing.sampling import drawn
from tests.presets import bare_process
from tests.web.manufacturing.test_acts import STEP_ONE

AS_COUNTED = {name: one for name, one in STEP_ONE.items() if name not in {"wbc", "wbc_unit", "viability"}}


@pytest.mark.req("PHE-2.7.29")
@pytest.mark.parametrize(("door", "language"), [("page", "nl"), ("api", "en")])
def test_a_count_is_entered_reading_by_reading_and_its_mean_shown(story, browser, api, door, language):
    body = bare_process()
    body["steps"][0]["count"] = {"replicates": 2}
    story.body_of = lambda kind, given: body if kind == "process" else given
    batch = story.started()
    sample = drawn(story, batch, kind="in_process_control")
    technician = browser("T") if door == "page" else api("T")
    send = technician.submit if door == "page" else technician.act
    told = {
        "method": "image_cytometry",
        "dye": "AO/DAPI",
        "dilution": "2",
        "instrument": "counter 1",
        "counted_at": story.now.astimezone(PEOPLE).strftime("%Y-%m-%d %H:%M"),
        "wbc_1": "49.2",
        "viability_1": "99.1",
        "wbc_2": "49.5",
        "viability_2": "98.8",
    }
    place = f"/samples/{sample.id}/counts/new"
    pages = technician if door == "page" else browser("T")
    assert pages.form(place)["counted_at"] == "", "nobody read that time off"
    assert technician.codes(send(place, told | {"viability_2": "198.8"})) == ["UNIT_IMPLAUSIBLE"]
    assert technician.codes(send(place, told)) == []
    assert pages.get(f"{place}?lang={language}").status_code == 200
    for path in (f"/samples/{sample.id}", f"/batches/{batch.id}/steps/1"):
        page = pages.get(f"{path}?lang={language}").text
        assert "AO/DAPI" in page
        for number in ("49.2", "49.5", "98.7", "98.95"):
            assert number in page, (path, number)
    signed = pages.submit(f"/batches/{batch.id}/steps/1/perform", AS_COUNTED)
    assert (signed.status_code, pages.codes(signed)) == (303, []), "the form of the step takes what stands there"


def test_a_count_nobody_asked_for_stands_on_the_page_of_its_sample_only(story, browser):
    batch = story.started()
    page = browser("T").get(f"/batches/{batch.id}/steps/1").text
    assert 'id="counts"' not in page
    assert 'id="counts"' in browser("T").get(f"/samples/{drawn(story, batch, kind='in_process_control').id}").text
