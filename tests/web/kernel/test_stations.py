"""Terminals: once there is a list, only its stations scan and print, and the trail says which one did (P11-10h)."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from kernel.stations.domain import station_refusals
from kernel.tables import TrailRow

STATION = {"code": "PH-01", "title": "counter of the pharmacy", "scanner": "SC-9", "printer": "none"}
LIST = "/administration/stations"
SCANNED = {"label_code": "nothing", "subject_code": "NK-01", "nonce": "n" * 16, "place": "pharmacy"}


def opened(api, **more):
    quality = api("QA")
    answer = quality.act(f"{LIST}/new", STATION | more)
    assert quality.codes(answer) == []
    return quality, answer.json["id"]


@pytest.mark.req("P11-10h")
def test_only_what_decides_is_refused_and_only_once_there_is_a_list():
    assert [one.code for one in station_refusals(asked=True, listed=True, station="")] == ["STATION_UNKNOWN"]
    for given in ((False, True, ""), (True, False, ""), (True, True, "PH-01")):
        assert station_refusals(asked=given[0], listed=given[1], station=given[2]) == ()


@pytest.mark.req("P11-10h")
def test_an_unlisted_terminal_neither_scans_nor_prints_and_a_station_is_on_the_trail(api, database):
    pharmacist = api("Ph")
    assert "STATION_UNKNOWN" not in pharmacist.codes(pharmacist.act("/dispense", SCANNED))
    quality, station_id = opened(api)
    assert pharmacist.codes(pharmacist.act("/dispense", SCANNED)) == ["STATION_UNKNOWN"]
    technician = api("T")
    assert technician.codes(technician.get("/lots/none/label.pdf")) == ["STATION_UNKNOWN"]
    key = quality.act(f"{LIST}/{station_id}/enrol", {}).json["station_key"]
    pharmacist.client.environ_base["HTTP_X_STATION"] = key
    assert "STATION_UNKNOWN" not in pharmacist.codes(pharmacist.act("/dispense", SCANNED))
    with database.reading() as session:
        query = sa.select(TrailRow.payload).where(TrailRow.action == "container.scan").order_by(TrailRow.seq.desc())
        assert '"station":"PH-01"' in session.execute(query.limit(1)).scalar_one()
    assert quality.codes(quality.act(f"{LIST}/{station_id}/close", {})) == []
    assert quality.codes(quality.act(f"{LIST}/{station_id}/enrol", {})) == ["STATION_CLOSED"]


@pytest.mark.req("P11-10h")
def test_a_browser_becomes_a_station_by_a_signature_given_in_it(browser, api):
    _, station_id = opened(api)
    quality = browser("QA")
    assert quality.codes(quality.submit(f"{LIST}/new", STATION | {"code": "pharmacy"})) == ["ID_FORMAT"]
    assert quality.codes(quality.submit(f"{LIST}/new", STATION)) == ["DUPLICATE_ID"]
    for language, words in (("nl", "geen station"), ("en", "no station")):
        assert words in quality.get(f"{LIST}?lang={language}").text
    assert quality.submit(f"{LIST}/{station_id}/enrol").status_code == 303
    assert "This browser is station PH-01" in quality.get(f"{LIST}?lang=en").text
