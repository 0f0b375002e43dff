"""A photo instead of a scanner, in pharmacy and at the bedside; and a verdict on a screen that is asked whether it stands."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from kernel.files.tables import FileContentRow
from kernel.work import SYSTEM, unit_of_work
from manufacturing.services.holds import set_hold
from release.tables.dispensing import ScanRow
from tests.integration.release.giving_factory import give_out, new_patient, scan, to_the_ward
from tests.unit.labels.photos import beside, blank, jpeg, label_picture, payloads
from tests.web.clients import Attached
from tests.web.release.test_giving_pages import SCAN


def photo(payload):
    return Attached("label.jpg", jpeg(label_picture(payload)))


def codes(answer):
    return [one["code"] for one in answer.json["reasons"]]


def newest_scan(giving):
    with giving.database.reading() as session:
        return session.execute(sa.select(ScanRow).order_by(ScanRow.id.desc()).limit(1)).scalar_one()


@pytest.mark.req("DSP-SCAN")
def test_a_photo_of_the_label_is_read_judged_marked_and_not_kept(browser, api, giving, product, ready):
    page = browser("Ph").submit("/dispense", SCAN | {"label_code": None, "photo": photo(product.payload)})
    assert "POSSIBLE, RESULTS PENDING" in page.text
    assert "Read off a picture." in page.text
    assert newest_scan(giving).camera
    answer = api("Ph").post("/dispense", SCAN | {"photo": photo(product.payload)})
    assert (answer.json["verdict"], answer.json["camera"]) == ("ALLOW_CONDITIONAL", True)
    dispensed = api("Ph").act(f"/dispense/scans/{answer.json['scan_id']}", second="QP")
    assert dispensed.status_code == 201
    copied = api("Ph").post("/dispense", SCAN | {"photo": photo(product.payload)})
    assert (copied.json["verdict"], codes(copied)[0]) == ("DENY", "ALREADY_DISPENSED")
    with giving.database.reading() as session:
        assert session.execute(sa.select(sa.func.count(FileContentRow.id))).scalar_one() == 0


@pytest.mark.req("DSP-GUARD")
def test_a_photo_of_a_label_speaks_for_no_subject(api, giving, product, ready):
    """Whoever has a picture of it still needs the code of the subject, read somewhere else."""
    new_patient(giving, "NK-09")
    for subject, code in (
        ("NK-09", "SUBJECT_MISMATCH"),
        (product.short_number, "SUBJECT_NOT_READ"),
        ("", "SUBJECT_NOT_READ"),
    ):
        answer = api("Ph").post("/dispense", SCAN | {"subject_code": subject, "photo": photo(product.payload)})
        assert (answer.json["verdict"], codes(answer)) == ("DENY", [code]), subject


def test_the_bedside_takes_a_photo_too_and_a_live_picture_is_marked(browser, api, giving, product, ready):
    to_the_ward(giving, give_out(giving, scan(giving, product)))
    at_bed = SCAN | {"place": "bedside"}
    page = browser("N").submit("/dispense", at_bed | {"label_code": None, "photo": photo(product.payload)})
    assert 'data-verdict="ALLOW_CONDITIONAL"' in page.text
    live = api("N").post("/dispense", at_bed | {"label_code": product.payload, "camera": True})
    assert (live.json["verdict"], live.json["camera"]) == ("ALLOW_CONDITIONAL", True)
    assert not api("N").post("/dispense", at_bed | {"label_code": product.payload}).json["camera"]


def test_a_photo_that_shows_no_one_label_denies_by_name(api, product, ready):
    who, (one, other) = api("Ph"), payloads(2)
    both = beside(label_picture(one), label_picture(other))
    for picture, code in (
        (Attached("two.jpg", jpeg(both)), "PHOTO_TWO_LABELS"),
        (Attached("none.jpg", jpeg(blank())), "PHOTO_NO_CODE"),
        (Attached("label.jpg", b"%PDF-1.7"), "PHOTO_UNREADABLE"),
        (photo(one), "LABEL_KEY_UNKNOWN"),
    ):
        answer = who.post("/dispense", SCAN | {"photo": picture})
        assert (answer.status_code, answer.json["verdict"], codes(answer)) == (200, "DENY", [code])
    both_given = who.post("/dispense", SCAN | {"label_code": product.payload, "photo": photo(product.payload)})
    assert who.codes(both_given) == ["FIELD_INVALID"]


@pytest.mark.req("DSP-RACE", "DSP-SCAN")
def test_a_verdict_on_a_screen_stands_until_a_hold_is_set_or_its_minute_is_over(browser, api, giving, product, ready):
    who = api("Ph")
    said = who.post("/dispense", SCAN | {"label_code": product.payload}).json
    path = f"/dispense/scans/{said['scan_id']}/standing"
    standing = who.get(path).json
    assert (standing["standing"], standing["verdict"], standing["nonce"]) == (True, said["verdict"], said["nonce"])
    with unit_of_work(giving.database, SYSTEM, "test.hold") as work:
        set_hold(work, "batch", product.batch_id, cause="person", reason="seal broken")
    turned = who.get(path).json
    assert (turned["standing"], turned["verdict"]) == (False, "DENY")
    for language, words in (("en", "no longer"), ("nl", "niet meer")):
        assert words in browser("Ph").get(f"{path}?lang={language}").text
    denied = who.post("/dispense", SCAN | {"label_code": product.payload}).json
    assert not who.get(f"/dispense/scans/{denied['scan_id']}/standing").json["standing"]


def test_a_verdict_does_not_outlive_its_minute(api, giving, product, ready):
    who = api("Ph")
    said = who.post("/dispense", SCAN | {"label_code": product.payload}).json
    path = f"/dispense/scans/{said['scan_id']}/standing"
    giving.database.clock.advance(timedelta(seconds=60))
    assert who.get(path).json["standing"]
    giving.database.clock.advance(timedelta(seconds=1))
    assert not who.get(path).json["standing"]
