"""The accountability log is read as a page, as JSON, as CSV and on paper by pharmacist, sponsor and monitor (DSP-ACC)."""

from __future__ import annotations

import csv
import io

import pytest

from manufacturing.tables.batches import BatchRow
from tests.integration.release.printing import flat


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
