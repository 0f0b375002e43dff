"""A station's scanner is tested with the set-up label; a scan at a station without a passed test says so (P11-10h)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from labels.domain.keyboards import LAYOUTS, SETUP_TEXT, typed
from tests.web.kernel.test_stations import LIST, SCANNED, opened

TEST = "/stations/scanner-test"


@pytest.mark.req("P11-10h")
def test_a_scan_at_a_station_warns_until_its_scanner_passed_and_again_when_that_is_too_old(browser, api, database):
    quality, station_id = opened(api, scanner_test_days=7)
    pharmacist = api("Ph")
    assert pharmacist.codes(pharmacist.act(TEST, {"qr_text": SETUP_TEXT})) == ["STATION_UNKNOWN"]
    key = quality.act(f"{LIST}/{station_id}/enrol", {}).json["station_key"]
    pharmacist.client.environ_base["HTTP_X_STATION"] = key

    def warned():
        return [one["code"] for one in pharmacist.act("/dispense", SCANNED).json["warnings"]]

    assert warned() == ["SCANNER_UNTESTED"]
    german = pharmacist.act(TEST, {"qr_text": typed(SETUP_TEXT, LAYOUTS[1]) + "\n"}).json
    assert (german["layout"], german["labels_read"], german["all_read"]) == ("German", True, False)
    assert german["data_matrix_read"] is None
    assert warned() == []
    database.clock.advance(timedelta(seconds=1))
    assert not pharmacist.act(TEST, {"qr_text": SETUP_TEXT[:-1]}).json["labels_read"]
    assert warned() == ["SCANNER_UNTESTED"]
    database.clock.advance(timedelta(seconds=1))
    good = pharmacist.act(TEST, {"qr_text": SETUP_TEXT + "\r\n", "data_matrix_text": SETUP_TEXT}).json
    assert (good["all_read"], good["enter"], good["data_matrix_read"]) == (True, True, True)
    who = browser("Ph")
    who.client.environ_base["HTTP_X_STATION"] = key
    for language, words in (("en", "passed its test"), ("nl", "test doorstaan")):
        assert words in who.get(f"/dispense?lang={language}").text
    database.clock.advance(timedelta(days=7))
    assert warned() == ["SCANNER_UNTESTED"]


@pytest.mark.req("P11-10h")
def test_the_page_says_what_to_do_and_the_list_what_came_of_it(browser, api):
    quality, station_id = opened(api)
    who = browser("QA")
    key = quality.act(f"{LIST}/{station_id}/enrol", {}).json["station_key"]
    assert "not tested" in who.get(f"{LIST}?lang=en").text
    who.client.environ_base["HTTP_X_STATION"] = key
    assert who.submit(TEST, {"qr_text": SETUP_TEXT.swapcase() + "\r\n"}).status_code == 303
    shown = who.get(f"{TEST}?lang=en").text
    assert "on: switch it off" in shown
    assert "PH-01" in shown
    assert "product labels arrive, other codes do not" in who.get(f"{LIST}?lang=en").text
    paper = who.get("/stations/scanner-label.pdf")
    assert paper.data.startswith(b"%PDF")
