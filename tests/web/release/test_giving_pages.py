"""The giving half as people and clients meet it: pages draw, verdicts are fresh, the two doors answer alike."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from kernel.canonical import canonical
from kernel.documents.queries import find_effective
from kernel.documents.tables import DocumentRow
from kernel.work import SYSTEM, unit_of_work
from manufacturing.services.holds import set_hold
from release.queries.administration import order_of
from release.queries.quality_checks import open_checks
from tests.integration.release.giving_factory import (
    PROTOCOL,
    change,
    check,
    dispensed,
    disposition,
    give_out,
    infused,
    new_patient,
    order,
    react,
    scan,
    to_the_ward,
)
from tests.web.clients import act_form

SCAN = {"label_code": "", "subject_code": "NK-03", "nonce": "n" * 20, "place": "pharmacy"}


def scanned(who, product, **changes):
    form = who.form("/dispense")
    return who.submit("/dispense", {**SCAN, "label_code": product.payload, **changes}, form=form)


@pytest.mark.req("DSP-SCAN")
def test_the_page_shows_the_verdict_in_words_with_the_form_below(browser, product, ready):
    page = scanned(browser("Ph"), product)
    assert page.status_code == 200
    assert "POSSIBLE, RESULTS PENDING" in page.text
    assert 'class="dispense-now"' in page.text
    assert "no-store" in page.headers["Cache-Control"]


def test_the_form_below_the_verdict_dispenses_with_the_second_checker(browser, product, ready):
    who = browser("Ph")
    page = scanned(who, product)
    form = act_form(page.text)
    path = page.text.split('action="/dispense/scans/')[1].split('"')[0]
    done = who.submit(f"/dispense/scans/{path}", form=form, second="QP")
    assert done.status_code == 303
    shown = who.get(done.headers["Location"])
    assert "Dispensed" in shown.text


@pytest.mark.req("DSP-SCAN")
def test_a_refusal_lists_every_reason_and_offers_no_form(browser, giving, product, ready):
    disposition(giving, product, sponsor_released=False)
    page = scanned(browser("Ph"), product, subject_code="NK-99")
    assert page.status_code == 200
    assert "DO NOT DISPENSE" in page.text
    assert "NOT_SPONSOR_RELEASED" in page.text
    assert "SUBJECT_NOT_READ" in page.text
    assert 'class="dispense-now"' not in page.text
    assert "POSSIBLE" not in page.text.split("<main")[1]


def test_the_api_answers_200_with_the_whole_verdict(api, product, ready):
    answer = api("Ph").post("/dispense", {**SCAN, "label_code": product.payload})
    assert answer.status_code == 200
    body = answer.json
    assert (body["verdict"], body["reasons"], body["nonce"]) == ("ALLOW_CONDITIONAL", [], "n" * 20)
    assert (body["subject"], body["minutes_left"]) == ("NK-03", 23 * 60)
    assert [one["test"] for one in body["results_pending"]] == ["sterility"]
    assert {one["guard"] for one in body["guards"]} >= {"holds", "subject", "expiry"}
    assert body["not_checked"] == ["lots", "custody", "temperature", "training"]
    assert len(body["head"]["hash"]) == 64


@pytest.mark.req("P11-10f")
def test_the_same_request_twice_is_two_verdicts(api, giving, product, ready):
    who = api("Ph")
    sent = {**SCAN, "label_code": product.payload}
    first = who.post("/dispense", sent, key="same-key")
    disposition(giving, product, status="late_oos")
    second = who.post("/dispense", sent, key="same-key")
    assert (first.json["verdict"], second.json["verdict"]) == ("ALLOW_CONDITIONAL", "DENY")
    assert first.json["scan_id"] != second.json["scan_id"]


@pytest.mark.req("DSP-SCAN")
def test_a_code_in_small_letters_is_the_subjects_and_another_subjects_is_still_an_alarm(api, giving, product, ready):
    new_patient(giving, "NK-04")
    who = api("Ph")
    sent = {**SCAN, "label_code": product.payload}
    found = who.post("/dispense", {**sent, "subject_code": "nk-03"}).json
    assert (found["verdict"], found["subject"], found["reasons"]) == ("ALLOW_CONDITIONAL", "NK-03", [])
    for code in ("NK-04", "nk-04"):
        (reason,) = who.post("/dispense", {**sent, "subject_code": code}).json["reasons"]
        assert (reason["code"], reason["facts"]["typed"]) == ("SUBJECT_MISMATCH", "NK-04")


@pytest.mark.req("QR-2")
def test_a_keyboard_of_another_layout_leads_to_the_set_up_label(browser, product, ready):
    page = scanned(browser("Ph"), product, label_code="´`04000´A99992612345600´;S0000V00").text
    assert "LAYOUT_MISMATCH" in page
    assert '<a href="/stations/scanner-test">' in page.split('verdict-reasons"')[1]


@pytest.mark.parametrize("label", ["", "x" * 300, "https://example.org", "]C0NKTL", "\x1d01095212345432131726112310"])
def test_whatever_is_scanned_gets_a_verdict(api, product, ready, label):
    answer = api("Ph").post("/dispense", {**SCAN, "label_code": label})
    assert (answer.status_code, answer.json["verdict"]) == (200, "DENY")
    assert answer.json["reasons"]


def test_dispensing_through_the_api_takes_two_people(api, product, ready):
    who = api("Ph")
    scan_id = who.post("/dispense", {**SCAN, "label_code": product.payload}).json["scan_id"]
    assert who.codes(who.act(f"/dispense/scans/{scan_id}", second="Ph")) == ["SOD_DISPENSE"]
    assert who.codes(who.act(f"/dispense/scans/{scan_id}", second="N")) == ["SECOND_ROLE_NOT_ALLOWED"]
    done = who.act(f"/dispense/scans/{scan_id}", second="QP")
    assert done.status_code == 201
    again = who.act(f"/dispense/scans/{scan_id}", second="QP")
    assert (again.status_code, who.codes(again)) == (409, ["ALREADY_DISPENSED"])


def test_an_old_verdict_dispenses_nothing(api, giving, product, ready):
    who = api("Ph")
    scan_id = who.post("/dispense", {**SCAN, "label_code": product.payload}).json["scan_id"]
    giving.database.clock.advance(timedelta(seconds=61))
    assert who.codes(who.act(f"/dispense/scans/{scan_id}", second="QP")) == ["DECISION_EXPIRED"]


def test_a_typed_number_takes_the_second_persons_password(api, product, ready):
    who = api("Ph")
    sent = {**SCAN, "label_code": product.short_number}
    assert who.post("/dispense", sent).json["reasons"][0]["code"] == "SECOND_PERSON_NEEDED"
    done = who.act("/dispense/typed", sent, second="QP")
    assert (done.status_code, done.json["verdict"]) == (200, "ALLOW_CONDITIONAL")


WRITTEN = {
    "subject_code": "NK-03",
    "infusion_on": "2026-11-23",
    "volume_ml": "100",
    "duration_minutes": "60",
    "ward": "Ward 1",
}
ANSWERS = {
    "marrow_blasts": "2",
    "marrow_assessed_on": "2026-11-12",
    "circulating_blasts": "0",
    "circulating_assessed_on": "2026-11-23",
    "extramedullary_progression": "no",
    "neutrophils": "1.2",
    "neutrophils_assessed_on": "2026-11-23",
    "donor_chimerism": "yes",
    "gvhd_grade": "1",
    "steroids": "0.5",
    "other_condition": "no",
    "source": "laboratory report of today",
}
BOX = {
    "handed_over_at": "2026-11-23 10:00",
    "temperature_c": "20.5",
    "condition": "intact",
    "transport_box": "BOX-1",
}
GIVEN = {
    "outcome": "complete",
    "started_at": "2026-11-23 10:00",
    "stopped_at": "2026-11-23 10:00",
    "volume_given_ml": "100",
    "premedication": "yes",
    "identity_checked": "yes",
}
SEEN = {"term": "fever", "onset_at": "2026-11-23 10:00", "grade": "3", "serious": "no", "relatedness": "probable"}


def done(who, path, fields=None, second=None):
    """The answer of an act that succeeds."""
    answer = who.act(path, fields, second)
    assert answer.status_code < 300, who.codes(answer)
    return answer.json


def handed_over(api, product):
    """The dispensing, from the order to the ward, each step by its own person."""
    physician, pharmacist = api("Dr"), api("Ph")
    order_id = done(physician, "/orders/new", WRITTEN)["id"]
    assert done(physician, f"/orders/{order_id}/eligibility", ANSWERS)["failed"] == []
    scan_id = pharmacist.post("/dispense", {**SCAN, "label_code": product.payload}).json["scan_id"]
    dispensing = done(pharmacist, f"/dispense/scans/{scan_id}", second="QP")["id"]
    done(pharmacist, f"/dispensings/{dispensing}/hand-over", BOX, "N")
    return dispensing


def given_through_the_api(api, product):
    nurse, dispensing = api("N"), handed_over(api, product)
    at_bed = nurse.post("/dispense", {**SCAN, "label_code": product.payload, "place": "bedside"})
    assert at_bed.json["verdict"] == "ALLOW_CONDITIONAL", at_bed.json["reasons"]
    return done(nurse, f"/dispensings/{dispensing}/administration", GIVEN)["id"]


def test_a_nurse_is_led_from_the_verdict_to_the_record_of_the_infusion(api, browser, product):
    dispensing, nurse = handed_over(api, product), browser("N")
    page = nurse.submit("/dispense", {**SCAN, "label_code": product.payload, "place": "bedside"}).text
    (order,) = set(re.findall(r'btn-primary" href="(/orders/[^"]+)"', page))
    assert f"/dispensings/{dispensing}/administration" in nurse.get(order).text
    form = nurse.get(f"/dispensings/{dispensing}/administration").text
    assert form.count("(unless nothing was given)") == len(("start", "end", "volume", "drug", "identity"))


def test_the_whole_way_through_the_api(api, product):
    administration = given_through_the_api(api, product)
    reaction = done(api("N"), f"/administrations/{administration}/reactions/new", SEEN)
    assert reaction["adjudicated"] == "pending"
    sponsor = api("Sp")
    figures = sponsor.get("/trial/feasibility").json
    assert figures["names"]["F_final"] == "Infused with a product that met all criteria (final)"
    stages = {one["key"]: one for one in figures["stages"]}
    assert stages["F"]["subjects"] == ["NK-03"]
    assert stages["F_final"]["count"] == 0
    assert figures["safety"]["pending"] == ["NK-03"]
    word = {"adjudicated": "not_qualifying", "reason": "judged as the underlying infection"}
    assert done(sponsor, f"/reactions/{reaction['id']}/adjudicate", word)["adjudicated"] == "not_qualifying"


PAGES = {
    "Dr": ["/orders", "/orders/new", "/orders/{order}", "/trial", "/trial/feasibility", "/trial/stages/T"],
    "Ph": ["/orders", "/orders/{order}", "/dispense", "/dispense/typed", "/dispensings/results-pending", "/"],
    "N": ["/orders/{order}", "/dispense?place=bedside", "/administrations/{administration}/reactions/new", "/"],
    "Sp": ["/trial", "/trial/stages/F", "/trial/stages/pending", "/reactions/{reaction}/adjudicate", "/"],
    "QA": [
        *("/trial", "/trace/{container}", "/trace/NK-03", "/orders/{order}"),
        *("/quality-checks", "/quality-checks/{check}", "/quality-checks/{check}/conclude"),
    ],
    "T": ["/trace/{container}", "/trace/{batch}"],
    "In": ["/orders", "/orders/{order}", "/trial", "/trace/{container}"],
}


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("role", sorted(PAGES))
def test_every_page_draws_in_both_languages(browser, giving, product, role, language):
    given = infused(giving, product)
    reaction = react(giving, given)
    with giving.database.reading() as session:
        order_id = order_of(session, given.id)
        (check_id,) = (one.id for one in open_checks(session))
    who = browser(role)
    places = {
        "order": order_id,
        "administration": given.id,
        "reaction": reaction.id,
        "check": check_id,
        "container": f"{product.number}-01",
        "batch": product.number,
    }
    for path in PAGES[role]:
        answer = who.get(path.format(**places) + ("&" if "?" in path else "?") + f"lang={language}")
        assert answer.status_code == 200, path
        assert ' style="' not in answer.text


@pytest.mark.req("DSP-ELIG-5", "DSP-ELIG-6")
def test_the_check_asks_for_immunosuppression_only_where_the_protocol_version_needs_it(browser, api, giving, product):
    row = order(giving)
    path, physician = f"/orders/{row.id}/eligibility", browser("Dr")
    assert "immunosuppression_" not in physician.get(path).text
    strict = {"immunosuppression": "none_within_14_days", "second_cellular_product": "excluded"}
    settings = [one | {"value": strict.get(one["key"], one["value"])} for one in PROTOCOL["settings"]]
    with giving.database.reading() as session:
        document = find_effective(session, "protocol").id
    change(giving, DocumentRow, document, body=canonical(PROTOCOL | {"settings": settings}))
    for language, question in (("en", "immunosuppression since"), ("nl", "immunosuppressie sinds")):
        page = physician.get(f"{path}?lang={language}").text
        asked = page.split(question)[1].split("</fieldset>")[0]
        assert 'name="immunosuppression_given"' in asked
        assert 'class="optional"' not in asked.split("</legend>")[0]
        assert 'name="immunosuppression_last_on"' in page
        assert 'name="second_product_given"' in page
    client = api("Dr")
    assert client.codes(client.act(path, ANSWERS)) == ["ELIGIBILITY_MISSING"] * 2
    until = {"immunosuppression_given": "yes", "immunosuppression_last_on": "2026-11-09", "second_product_given": "no"}
    assert done(client, path, ANSWERS | {"steroids": "0"} | until)["failed"] == ["immunosuppression"]
    until["immunosuppression_last_on"] = "2026-11-08"
    assert done(client, path, ANSWERS | {"steroids": "0"} | until)["failed"] == []
    assert "8 Nov 2026" in physician.get(f"/orders/{row.id}?lang=en").text


def test_the_page_of_an_order_opens_before_its_check_is_done(browser, giving, product):
    row = order(giving)
    for role in ("Dr", "Ph", "N"):
        assert "Not done yet." in browser(role).get(f"/orders/{row.id}?lang=en").text


@pytest.mark.req("TC-23-14")
def test_the_technician_sees_the_chain_without_what_happened_to_the_recipient(browser, giving, product):
    infused(giving, product)
    page = browser("T").get(f"/trace/{product.number}-01").text.split("<main")[1]
    assert product.number in page
    for word in ("/orders/", "complete", "Person N"):
        assert word not in page
    assert "/orders/" in browser("QA").get(f"/trace/{product.number}-01").text


@pytest.mark.parametrize("text", ["{number}-01", "{payload}", "{short}", "{number}", "LK-0001", "D-0001", "NK-03"])
def test_every_code_of_the_chain_leads_to_the_trace(api, giving, product, text):
    infused(giving, product)
    code = text.format(number=product.number, payload=product.payload, short=product.short_number)
    body = api("QA").get(f"/trace/{code}").json
    assert [one["number"] for one in body["trace"]["batches"]] == [product.number]
    assert body["trace"]["subject"]["code"] == "NK-03"
    assert [one["number"] for one in body["trace"]["collections"]] == ["LK-0001"]


def test_the_trace_of_nothing_is_not_found(api, giving):
    assert api("QA").get("/trace/NOTHING").status_code == 404


def test_the_scan_field_of_the_header_opens_an_order(browser, giving, product):
    row = order(giving)
    answer = browser("Dr").get(f"/find?code={row.number}")
    assert answer.headers["Location"].endswith(f"/orders/{row.id}")


def test_the_work_page_says_what_waits(browser, giving, product):
    row = order(giving)
    assert "day-of-infusion check" in browser("Dr").get("/").text
    check(giving, row)
    assert "ready for dispensing" in browser("Ph").get("/").text
    sent = give_out(giving, scan(giving, product))
    assert "not handed over yet" in browser("Ph").get("/").text
    to_the_ward(giving, sent)
    assert "the infusion is not recorded yet" in browser("N").get("/").text


@pytest.mark.parametrize(
    ("language", "number", "time", "unmet", "nothing"),
    [
        (
            "en",
            "with a decimal point, such as 20.5",
            "Times are written as 2026-11-23 16:30",
            "criteria not met",
            "none",
        ),
        (
            "nl",
            "met een decimale punt, zoals 20.5",
            "Schrijf tijden als 2026-11-23 16:30",
            "niet aan de criteria voldaan",
            "geen",
        ),
    ],
)
def test_hand_over_and_infusion_say_how_to_write_and_that_no_criterion_was_not_met(
    browser, giving, product, language, number, time, unmet, nothing
):
    row = dispensed(giving, product)
    forms = {"Ph": f"/dispensings/{row.id}/hand-over", "N": f"/dispensings/{row.id}/administration"}
    for role, path in forms.items():
        if role == "N":
            to_the_ward(giving, row)
        page = browser(role).get(f"{path}?lang={language}").text
        assert number in page
        assert time in page
        assert "[]" not in page
        assert f'<span class="none">{nothing}</span>' in page.split(unmet)[1].split("</dd>")[0]


def test_the_qp_reads_why_the_system_holds_in_his_language_on_his_work_and_where_he_lifts_it(browser, giving, product):
    reason = "Read at 30 °C at the hand-over; 2 to 25 °C is allowed."
    with unit_of_work(giving.database, SYSTEM, "test.held") as work:
        hold = set_hold(work, "batch", product.batch_id, cause="temperature", reason=reason)
    who, dutch = browser("QP"), "Bij de overdracht 30 °C gemeten; 2 tot 25 °C is toegestaan."
    for path in ("/", f"/holds/{hold.id}/lift", f"/batches/{product.batch_id}/exceptions"):
        assert dutch in who.get(f"{path}?lang=nl").text, path
        assert reason in who.get(f"{path}?lang=en").text, path
