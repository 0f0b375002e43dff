"""The trial over its whole life as people and clients meet it: on hold, closed, and another one beside it."""

from __future__ import annotations

import re

import pytest

from manufacturing.tables.trial import SubjectRow
from tests.integration.release.giving_factory import change, new_giving, new_patient
from tests.places import remembered

NEXT = {"code": "NL-OMON77777", "title": "The next trial", "eu_trial_number": "2028-500000-00-00"}


@pytest.fixture
def giving(app, database, person):
    return remembered(database, "giving", lambda: new_giving(database, person))


@pytest.mark.req("RET-25", "RET-MAX")
def test_a_trial_is_held_lifted_closed_and_read_beside_the_next_one(giving, api, browser):
    sponsor, trial = api("Sp"), giving.trial_id
    patient = new_patient(giving, collected=False)
    held = sponsor.act(f"/trials/{trial}/hold", {"reason": "the board asked for it"})
    assert (held.status_code, sponsor.get("/trial").json["figures"]["trial"]["status"]) == (200, "on_hold")
    close = f"/trials/{trial}/close"
    assert sorted(sponsor.codes(sponsor.act(close, {"ended_on": "2020-01-01"}))) == [
        "TIME_ORDER",
        "TRIAL_RECORDS_OPEN",
        "TRIAL_SUBJECTS_OBSERVED",
    ]
    lifted = {"reason": "the board decided", "document": "DSMB 2026-3 v1"}
    assert sponsor.act(f"/holds/{held.json['id']}/lift-trial", lifted).status_code == 200
    change(giving, SubjectRow, patient.id, status="concluded", drop_reason="death", concluded_at=giving.now)
    day = giving.today.isoformat()
    assert sponsor.codes(api("QP").act(close, {"ended_on": day})) == ["ROLE_NOT_ALLOWED"]
    closed = sponsor.act(close, {"ended_on": day}).json
    assert (closed["id"], closed["status"], closed["ended_on"]) == (trial, "closed", day)
    assert sponsor.codes(sponsor.act("/subjects/new", {"code": "NK-30"})) != []
    assert sponsor.act("/trials/new", NEXT).status_code == 200
    figures = sponsor.get(f"/trial?trial={trial}").json["figures"]
    assert (figures["trial"]["ended_on"], figures["stages"][0]["subjects"]) == (day, ["NK-03"])
    assert figures["retention"]["all"] == f"{giving.today.year + 25}{day[4:]}"
    page = browser("Sp").get(f"/trial?trial={trial}").text
    assert "records are read only" in page or "alleen te lezen" in page
    assert f"/trial/stages/T?trial={trial}" in page
    assert sponsor.get("/trial?trial=0000000000000000").status_code == 404


@pytest.mark.req("TR-ROLE")
def test_whoever_makes_the_product_does_not_see_why_a_subject_went_no_further(giving, api, browser):
    patient = new_patient(giving, status="concluded", drop_reason="progressive_disease")
    seen = {role: api(role).get(f"/subjects/{patient.id}").json["subject"]["drop_reason"] for role in ("T", "Dr")}
    assert seen == {"T": None, "Dr": "progressive_disease"}
    assert api("T").get("/subjects").json["subjects"][0]["drop_reason"] is None
    assert api("T").codes(api("T").get("/trial")) == ["ROLE_NOT_ALLOWED"]
    page = browser("T").get(f"/subjects/{patient.id}").text
    assert "progressi" not in page
    assert 'id="orders"' not in page


@pytest.mark.req("SIG-WYSIWYS")
def test_what_is_signed_at_the_end_is_shown_in_the_words_of_the_reader(giving, browser):
    patient = new_patient(giving, collected=False)
    shown = browser("Sp").get(f"/trials/{giving.trial_id}/close?lang=nl").text
    assert re.search(r"deelnemers.*geïncludeerd.*NK-03", shown, re.DOTALL)
    asked = browser("QA").get(f"/subjects/{patient.id}/erasure?lang=nl").text
    assert "te bewaren gegevens" in asked
    assert "gehaald" not in asked
