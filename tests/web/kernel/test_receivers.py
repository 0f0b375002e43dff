"""Receivers as people meet them: entered by one, approved by another, the secret on one answer, messages with state."""

from __future__ import annotations

import pytest

from kernel.work import SYSTEM, unit_of_work
from release.domain.receivers import secret_text
from release.ports import receiver_secret
from tests.conftest import PASSWORD
from tests.web.conftest import make_person

RECEIVERS = "/administration/receivers"
EDC = {"code": "EDC-01", "title": "EDC of the trial", "url": "https://edc.example.org/nktrace"}


@pytest.mark.on_both
def test_a_receiver_goes_through_two_people_and_its_secret_is_shown_once(browser, api, codes, database, passwords):
    admin = browser("Ad")
    assert codes(admin.submit(f"{RECEIVERS}/new", EDC | {"url": "http://edc.example.org/"})) == ["RECEIVER_INSIDE"]
    shown = admin.submit(f"{RECEIVERS}/new", EDC)
    assert shown.status_code == 200
    (one,) = api("QA").get(RECEIVERS).json["receivers"]
    secret = secret_text(receiver_secret(one["keys"][0]["id"]))
    assert secret in shown.text
    assert secret not in admin.get(RECEIVERS).text
    assert "EDC-01" in browser("QA").get("/").text, "it waits on the Work page of who may approve it"
    assert codes(api("Ad").act(f"{RECEIVERS}/{one['id']}/approve")) == ["SOD_RECEIVER"]
    with unit_of_work(database, SYSTEM, "test.people") as work:
        make_person(work, "Ad", passwords.hash(PASSWORD), login="Ad2")
    second = browser("Ad2")
    assert second.submit(f"{RECEIVERS}/{one['id']}/approve").status_code == 303
    page = second.get(RECEIVERS)
    assert "approved by Person Ad" in page.text
    assert api("Ad").act(f"{RECEIVERS}/{one['id']}/key", {"overlap_hours": "0"}).json["secret"] != secret
    assert codes(api("Ad").act(f"{RECEIVERS}/{one['id']}/key", {"overlap_hours": "200"})) == ["FIELD_INVALID"]
