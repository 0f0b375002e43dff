"""Samples by page and by API: one way, from the draw to the scan in the field at the top."""

from __future__ import annotations

import pypdfium2
import pytest
import zxingcpp

from manufacturing.queries.samples import samples_of_batch

AT = "2026-11-23 10:05"
DRAWN = {"kind": "sterility", "step": "1", "volume_ml": "2.5", "drawn_at": AT, "supernatant_only": "no"}


@pytest.fixture
def batch(story):
    return story.started()


@pytest.mark.req("QC-ALLSAMPLES")
@pytest.mark.parametrize("door", ["page", "api"])
def test_a_sample_lives_from_the_draw_to_its_end(story, batch, browser, api, door):
    technician, laboratory = (browser("T"), browser("QA")) if door == "page" else (api("T"), api("QA"))
    send, receive = ((one.submit if door == "page" else one.act) for one in (technician, laboratory))
    assert technician.codes(send(f"/batches/{batch.id}/samples/new", DRAWN)) == []
    (sample,) = story.read(samples_of_batch, batch.id)
    place = f"/samples/{sample.id}"
    taken = {"code": sample.code, "received_at": AT, "laboratory": "QC laboratory"}
    assert laboratory.codes(receive(f"{place}/receive", taken)) == []
    assert laboratory.codes(receive(f"{place}/tested", {"result_reference": "ST-0042"})) == []
    assert laboratory.codes(receive(f"{place}/receive", taken)) == ["STATE_NOT_ALLOWED"]
    (sample,) = story.read(samples_of_batch, batch.id)
    assert (sample.status, sample.result_reference, str(sample.volume_ml)) == ("tested", "ST-0042", "2.5")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_page_of_samples_is_drawn(story, batch, browser, language):
    technician = browser("T")
    empty = technician.get(f"/samples?lang={language}")
    assert empty.status_code == 200
    technician.submit(f"/batches/{batch.id}/samples/new", DRAWN)
    (sample,) = story.read(samples_of_batch, batch.id)
    paths = ["/", "/samples", f"/samples/{sample.id}", f"/batches/{batch.id}", f"/collections/{batch.collection_id}"]
    acts = [f"/samples/{sample.id}/{act}" for act in ("receive", "tested", "retain", "discard")]
    new = [f"/batches/{batch.id}/samples/new", f"/collections/{batch.collection_id}/samples/new"]
    for path in paths + acts + new:
        page = technician.get(f"{path}?lang={language}")
        assert page.status_code == 200, path
        assert "Undefined" not in page.text
        assert sample.code in page.text or path in {f"/collections/{batch.collection_id}", *new[1:]}, path


def test_a_scan_opens_the_sample_and_a_slip_opens_nothing(story, batch, browser):
    technician = browser("T")
    technician.submit(f"/batches/{batch.id}/samples/new", DRAWN)
    (sample,) = story.read(samples_of_batch, batch.id)
    assert technician.get(f"/find?code={sample.code}").location == f"/samples/{sample.id}"
    wrong = sample.code[:-1] + ("0" if sample.code[-1] != "0" else "1")
    assert technician.get(f"/find?code={wrong}").status_code == 404


def test_what_is_wrong_with_a_draw_is_said_all_at_once(batch, browser):
    technician = browser("T")
    wrong = DRAWN | {"volume_ml": "0", "supernatant_only": "yes", "drawn_at": "2026-11-23 10:30"}
    answer = technician.submit(f"/batches/{batch.id}/samples/new", wrong)
    assert technician.codes(answer) == ["SAMPLE_VOLUME", "FUTURE_TIME", "MISSING_FIELD"]


@pytest.mark.req("PHE-2.6.27-3")
def test_nobody_assumes_what_a_sample_is_made_of(story, browser, api):
    batch = story.started()
    technician = browser("T")
    assert "supernatant_only" not in technician.form(f"/batches/{batch.id}/samples/new")
    left_open = DRAWN | {"supernatant_only": None}
    assert technician.codes(technician.submit(f"/batches/{batch.id}/samples/new", left_open)) == ["FIELD_INVALID"]
    client = api("T")
    assert client.codes(client.act(f"/batches/{batch.id}/samples/new", left_open)) == ["FIELD_INVALID"]


def text_of(pdf):
    with pypdfium2.PdfDocument(pdf) as document:
        return document[0].get_textpage().get_text_range()


def code_on(pdf):
    with pypdfium2.PdfDocument(pdf) as document:
        picture = document[0].render(scale=4).to_pil()
    (code,) = zxingcpp.read_barcodes(picture)
    return code.text


@pytest.mark.req("LBL-SAMPLE")
def test_the_label_of_a_tube_carries_its_code_and_what_it_is(story, batch, browser):
    technician = browser("T")
    technician.submit(f"/batches/{batch.id}/samples/new", DRAWN)
    (sample,) = story.read(samples_of_batch, batch.id)
    path = f"/samples/{sample.id}/label.pdf"
    assert path in technician.get(f"/samples/{sample.id}").text
    answer = technician.get(path)
    assert answer.mimetype == "application/pdf"
    words = text_of(answer.data)
    for one in (sample.code, batch.number, "sterility", "2.5 mL", "2026-11-23 10:05"):
        assert one in words, one
    assert code_on(answer.data) == sample.code


@pytest.mark.req("QC-RETAIN")
def test_the_register_says_where_a_retained_sample_lies_and_until_when(story, batch, browser, api):
    technician = browser("T")
    assert "No sample is retained." in technician.get("/samples/retained").text
    technician.submit(f"/batches/{batch.id}/samples/new", DRAWN)
    (sample,) = story.read(samples_of_batch, batch.id)
    kept = {"kept_in": "freezer 2", "kept_until": "2029-01-01"}
    assert technician.submit(f"/samples/{sample.id}/retain", kept).status_code == 303
    page = technician.get("/samples/retained").text
    for words in (sample.code, "freezer 2", "2029-01-01", "two years after the end of the trial, which runs"):
        assert words in page, words
    assert api("QA").get("/samples/retained").json["samples"][0]["earliest_disposal"] is None
