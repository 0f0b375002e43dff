"""What a pharmacist and an inspector hold in their hands: accountability log, downtime kit, trace; as page, file and paper."""

from __future__ import annotations

import csv
import html
import io
from datetime import timedelta

import pytest

from manufacturing.tables.batches import BatchRow
from tests.integration.release.printing import flat, pages_of
from tests.web.clients import Attached


def subject_of(lot):
    with lot.giving.database.reading() as session:
        return session.get_one(BatchRow, lot.kept.batch_id).subject_id


@pytest.mark.req("DSP-ACC", "EXP-FORMULA")
def test_the_log_is_the_same_as_page_json_csv_and_paper(browser, api, lot):
    numbers = [f"{one.number}-01" for one in lot.products]
    page = browser("Sp").get("/accountability").text
    assert all(one in page for one in numbers)
    assert "with the ward, and what was given is not on record" in page
    base = f"/accountability/trial/{lot.giving.trial_id}"
    data = api("In").get(base).get_json()
    assert data["balance"]["received"] == len(numbers)
    assert {one["container"] for one in data["accounts"]} == set(numbers)
    text = browser("Ph").get(f"{base}/log.csv").get_data().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {one["container"] for one in rows} == set(numbers)
    assert {"filled", "dispensed", "handed over", "given"} <= {one["what"] for one in rows}
    for language, title in (("en", "Accountability log"), ("nl", "Verantwoordingslijst")):
        paper = flat(browser("In").get(f"{base}/log.pdf?language={language}").data)
        assert title in paper
        assert all(one in paper for one in numbers)
    for scope, record_id, path in (
        ("batch", lot.kept.batch_id, "batches"),
        ("subject", subject_of(lot), "subjects"),
    ):
        link = f"/accountability/{scope}/{record_id}"
        assert link in browser("QA").get(f"/{path}/{record_id}").text
        assert browser("QA").get(link).status_code == 200
    assert browser("QA").get("/accountability/donor/x").status_code == 404


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
    counted = browser("QA").submit(
        f"{place}/count", {"checks": "0", "dispensings": "1", "hand_overs": "1", "administrations": "0"}
    )
    assert counted.status_code == 303
    assert "1 sheets of a downtime are not entered yet." in browser("In").get("/downtime").text


@pytest.mark.req("ATMPR-15.1", "TC-23-14")
def test_on_paper_the_chain_is_drawn_on_one_sheet_with_every_list_behind_it(browser, lot):
    code = f"{lot.given.number}-01"
    body = browser("In").get(f"/trace/{code}/trace.pdf?language=en").data
    first, *_ = pages = pages_of(body)
    for words in ("D-0001", lot.given.number, code, "NK-03", "complete"):
        assert words in first
    whole = " ".join(pages)
    for words in (lot.lot, lot.given.short_number, "handed over", "second check", "Person"):
        assert words in whole
    hidden = " ".join(pages_of(browser("T").get(f"/trace/{code}/trace.pdf?language=en").data))
    assert "not shown to your role" in hidden
    assert "handed over" not in hidden
    assert browser("In").get("/trace/nothing/trace.pdf").status_code == 404
