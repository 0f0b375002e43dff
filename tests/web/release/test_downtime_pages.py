"""A downtime page by page: the kit is printed, taken to the counter, and its sheet entered with its scan (DSP-DOWN)."""

from __future__ import annotations

import html
from datetime import timedelta

import pytest

from tests.integration.release.printing import flat
from tests.web.clients import Attached


@pytest.mark.req("DSP-DOWN", "EXP-LOG")
def test_a_kit_is_printed_and_a_sheet_of_it_entered_with_what_nktrace_says(browser, lot):
    giving = lot.giving
    assert "No kit is valid now" in browser("In").get("/downtime").text
    place = browser("Ph").submit("/downtime/print", {"earlier_unused": "yes"}).headers["Location"]
    page = html.unescape(browser("Ph").get(place).text)
    assert f"{lot.kept.number}-01" in page
    assert lot.kept.short_number in page
    for language, words in (("en", "May be dispensed"), ("nl", "Mag worden afgeleverd")):
        paper = flat(browser("Ph").get(f"{place}/kit.pdf?language={language}").data)
        assert words in paper
        assert lot.kept.short_number in paper
    giving.database.clock.advance(timedelta(minutes=30))
    pharmacist = browser("Ph")
    sheet = {
        "label_code": lot.kept.short_number,
        "subject_code": "NK-05",
        "dispensed_at": giving.now.isoformat(),
        "performed_by": giving.pharmacist.id,
        "second_person": giving.pharmacist2.id,
        "file": Attached("sheet.txt", b"sheet 1 of 2\n"),
        "looked_through": "yes",
        "ordered_by": giving.physician.id,
        "volume_ml": "100",
        "duration_minutes": "60",
        "ward": "Ward 1",
    }
    done = pharmacist.submit(f"{place}/dispensings/new", sheet, second="N")
    assert done.status_code == 303, pharmacist.codes(done)
    page = html.unescape(browser("QA").get(place).text)
    assert "ORDER_MISSING" in page
    assert "downtime entry" in page
    assert "sheet.txt" in page
    counted = browser("QA").submit(f"{place}/count", {"dispensings": "1", "hand_overs": "1", "administrations": "0"})
    assert counted.status_code == 303
    assert "1 sheets of a downtime are not entered yet." in browser("In").get("/downtime").text
