"""Supply out of specification as people and clients meet it: the forms, the verdict of its own colour, the trial."""

from __future__ import annotations

import pytest

from labels.ports import label_keys
from release import ports
from release.queries.oos import oos_of_batch
from tests.integration.release.factory import Made
from tests.integration.release.giving_factory import KEYS, checked_order, new_giving, new_patient, supplied_product
from tests.integration.release.test_supply import REASON, Supplied
from tests.places import along, remembered
from tests.web.clients import Attached, act_form
from tests.web.release.test_giving_pages import ANSWERS, BOX, GIVEN, SCAN, WRITTEN, done, scanned

ASKED = {"hazard": REASON, "alternatives": REASON, "consequence": REASON}
DOCUMENT = Attached("risk.txt", b"69.9 % instead of 70 %: no added risk.\n")
STATEMENT = {
    "en": "OUT OF SPECIFICATION – supplied at the request of the treating physician",
    "nl": "BUITEN SPECIFICATIE – geleverd op verzoek van de behandelend arts",
}


@pytest.fixture
def giving(app, database, person, monkeypatch):
    """After the application has plugged in its own keys."""
    monkeypatch.setattr(label_keys, "answer", lambda: KEYS)
    monkeypatch.setattr(ports.integrity_faults, "answer", lambda _session, _batch: [])
    return remembered(database, "giving", lambda: new_giving(database, person))


@pytest.fixture
def product(giving):
    return along(giving, "supplied", lambda: supplied_product(giving, new_patient(giving)))


@pytest.fixture
def ready(giving, product):
    return along(giving, "checked", lambda: checked_order(giving))


@pytest.fixture
def failed(app, database, people):
    return remembered(database, "failed", lambda: Supplied(Made(database)))


@pytest.mark.req("DSP-SCAN", "ATMP-11.5-LABEL")
@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_verdict_says_it_in_words_and_in_a_colour_of_its_own(browser, product, ready, language):
    who = browser("Ph")
    who.get(f"/?lang={language}")
    page = scanned(who, product).text.split("<main")[1]
    assert STATEMENT[language] in page
    assert "verdict-except" in page
    assert "verdict-ok" not in page
    assert "60 %" in page
    assert 'name="oos_acknowledged"' in page
    assert "DISPENSE POSSIBLE" not in page


@pytest.mark.req("ATMP-11.54b")
def test_below_the_verdict_nothing_is_dispensed_without_the_word(browser, product, ready):
    who = browser("Ph")
    page = scanned(who, product)
    form = act_form(page.text)
    path = page.text.split('action="/dispense/scans/')[1].split('"')[0]
    assert "oos_acknowledged" not in form
    missing = who.submit(f"/dispense/scans/{path}", form=form, second="QP")
    assert (missing.status_code, who.codes(missing)) == (422, ["FIELD_INVALID"])
    no = who.submit(f"/dispense/scans/{path}", {"oos_acknowledged": "no"}, form=form, second="QP")
    assert who.codes(no) == ["OOS_NOT_ACKNOWLEDGED"]
    yes = who.submit(f"/dispense/scans/{path}", {"oos_acknowledged": "yes"}, form=form, second="QP")
    assert yes.status_code == 303
    assert STATEMENT["en"] in who.get(yes.headers["Location"]).text


@pytest.mark.on_both
@pytest.mark.req("TR-OOSFLAG", "TR-F2", "ATMP-11.5-LABEL")
def test_from_the_order_to_the_trial_it_is_infused_and_never_met_all_criteria(api, browser, product):
    physician, pharmacist, nurse, sponsor = api("Dr"), api("Ph"), api("N"), api("Sp")
    before = sponsor.get("/trial/feasibility").json
    order_id = done(physician, "/orders/new", WRITTEN)["id"]
    done(physician, f"/orders/{order_id}/eligibility", ANSWERS)
    answer = pharmacist.post("/dispense", {**SCAN, "label_code": product.payload}).json
    assert answer["verdict"] == "ALLOW_OOS"
    assert answer["out_of_specification"]["statement"] == STATEMENT["en"]
    row = done(pharmacist, f"/dispense/scans/{answer['scan_id']}", {"oos_acknowledged": True}, "QP")
    assert row["out_of_specification"] is True
    done(pharmacist, f"/dispensings/{row['id']}/hand-over", BOX, "N")
    at_bed = nurse.post("/dispense", {**SCAN, "label_code": product.payload, "place": "bedside"})
    assert at_bed.json["verdict"] == "ALLOW_OOS"
    given = done(nurse, f"/dispensings/{row['id']}/administration", GIVEN)
    done(nurse, f"/administrations/{given['id']}/no-reaction")
    figures = sponsor.get("/trial/feasibility").json
    counts = [{one["key"]: one["count"] for one in each["stages"]} for each in (before, figures)]
    assert [one["F"] for one in counts] == [one["F_final"] for one in counts] == [0, 0]
    assert (before["safety"]["infused"], figures["safety"]["infused"]) == ([], ["NK-03"])
    assert figures["supplied"] == ["NK-03"]
    assert [figures[name]["numerator"] for name in ("infusion", "infusion_with_supplied")] == [0, 1]
    (listed,) = sponsor.get("/trial/stages/supplied").json["subjects"]
    assert (listed["code"], listed["out_of_specification"]) == ("NK-03", True)
    (listed,) = sponsor.get("/trial/stages/infused").json["subjects"]
    assert listed["out_of_specification"] is True
    page = browser("Sp").get("/trial?lang=en").text
    assert "out of specification counted too" in page


PAGES = {
    "Dr": ["/supplies", "/supplies/{supply}", "/supplies/{supply}/withdraw", "/supplies/{supply}/accept"],
    "QA": ["/supplies/{supply}", "/supplies/{supply}/decline", "/batches/{batch}", "/batches/{batch}/release"],
    "QP": ["/supplies?status=supply_in_force", "/supplies/{supply}/agree", "/trace/{number}"],
    "Ph": ["/supplies/{supply}", "/"],
    "N": ["/supplies/{supply}"],
    "Sp": ["/supplies/{supply}", "/trial", "/trial/feasibility", "/trial/stages/supplied"],
    "In": ["/supplies", "/supplies/{supply}"],
}


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("role", sorted(PAGES))
def test_every_page_draws_in_both_languages(browser, product, role, language):
    who = browser(role)
    places = {"supply": product.supply_id, "batch": product.batch_id, "number": product.number}
    for path in PAGES[role]:
        answer = who.get(path.format(**places) + ("&" if "?" in path else "?") + f"lang={language}")
        assert answer.status_code == 200, path
        assert ' style="' not in answer.text


@pytest.mark.on_both
@pytest.mark.req("ATMP-11.53", "ATMP-11.54a", "ATMP-11.54b", "ATMP-11.54c", "ATMP-11.5-INFO")
def test_each_person_finds_the_next_step_among_the_own_work_and_signs_it_there(browser, people, failed):
    made, (record,) = failed.made, failed.records()
    physician, qa, qp, sponsor = browser("Dr"), browser("QA"), browser("QP"), browser("Sp")
    batch = f"/batches/{made.batch_id}/supply"
    assert batch + "/request" in physician.get("/supplies?lang=en").text
    asked = physician.submit(batch + "/request", ASKED)
    assert asked.status_code == 303
    place = asked.headers["Location"]
    assert place in qa.get("/").text
    assert record.found in qa.get(place).text
    seen = {"evaluation": REASON, "file": DOCUMENT, "looked_through": "yes"}
    assert qa.submit(place + "/evaluate", seen).status_code == 303
    assert place in qp.get("/").text
    agreed = qp.submit(place + "/agree")
    assert agreed.status_code == 303, qp.codes(agreed)
    assert place in physician.get("/").text
    told = {"informed": "parents", "informed_by": people["Dr"].id, "informed_at": made.now.strftime("%Y-%m-%d %H:%M")}
    accepted = physician.submit(place + "/accept", told)
    assert accepted.status_code == 303, physician.codes(accepted)
    work = sponsor.get("/?lang=en").text
    assert work.count("/supply-notices/") >= 3
    notice = work.split("/supply-notices/")[1].split("/")[0]
    reported = sponsor.submit(f"/supply-notices/{notice}/report", {"reference": "IGJ-2026-1"})
    assert reported.status_code == 303, sponsor.codes(reported)
    page = sponsor.get(place + "?lang=en").text
    assert STATEMENT["en"] in page
    assert made.read(oos_of_batch, made.batch_id)[0].status == "oos_confirmed"
    assert made.states() == ["oos_supply"]
    certificate = qa.get("/decisions/" + made.decisions()[-1].id)
    assert certificate.status_code == 200
    assert STATEMENT["en"] in certificate.text
