"""The deciding half as people and clients meet it: results entered and verified, what blocks release, certificates."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from kernel.trail.verify import record_faults
from kernel.work import SYSTEM, unit_of_work
from manufacturing.tables.batches import StepRow
from manufacturing.tables.corrections import StepCorrectionRow
from release import ports
from release.queries.records import records_of_batch
from release.tables.decisions import DispositionRow
from tests.integration.release.factory import COUNT, GOOD, Made, tested_and_reviewed
from tests.places import along, remembered

D = Decimal
YES = {"manufacturing_authorised": "yes", "national_duties": "yes", "register_entry": "yes"}
ABOUT = {"method": "flow cytometry", "measured_at": "2026-11-23 09:50", "raw_data_reference": "RUN-17"}


@pytest.fixture
def made(app, database, people):
    return remembered(database, "made", lambda: Made(database))


@pytest.fixture
def reviewed(made):
    along(made, "reviewed", lambda: tested_and_reviewed(made))
    return made


def test_the_grid_shows_every_required_test_with_its_limit(made, browser):
    made.tested()
    page = browser("T").get(f"/batches/{made.batch_id}/tests")
    assert page.status_code == 200
    for words in ("Chain of identity", "≥ 70 %", "in test", "within specification", "3 × 10⁶ – 1 × 10⁸ cells/kg"):
        assert words in page.text


def test_the_dutch_grid_says_a_result_in_words_in_dutch(made, browser):
    made.tested()
    page = browser("T").get(f"/batches/{made.batch_id}/tests?lang=nl").text
    assert "<strong>komt overeen</strong>" in page
    assert "<strong>match</strong>" not in page


@pytest.mark.parametrize(("language", "words"), [("en", "this batch"), ("nl", "deze batch")])
def test_the_plot_of_earlier_batches_names_this_one_in_the_language_of_the_reader(
    made, database, browser, language, words
):
    other = Made(database, number="NK-2026-002", subject="NK-02", trial=made.trial_id)
    for one, value in ((other, D(92)), (made, D(80))):
        one.enter("purity", value=value, unit="%")
    other.verify("purity")
    page = browser("QA").get(f"/tests/{made.test_id('purity')}?lang={language}").text
    drawn = page[page.index('<svg class="drawing"') :]
    assert f">{words}<" in drawn
    assert f"{words} 80" in drawn


@pytest.mark.req("QC-BLANK")
@pytest.mark.parametrize(
    ("key", "act", "box"),
    [
        ("endotoxin", "enter", "measured_at"),
        ("endotoxin", "read-file", "measured_at"),
        ("sterility", "inoculate", "inoculated_at"),
        ("sterility", "read", "read_at"),
        ("sterility", "conclude", "read_at"),
    ],
)
def test_no_form_suggests_a_time_that_nobody_read_off(made, browser, key, act, box):
    technician, path = browser("T"), f"/tests/{made.test_id(key)}"
    if act in {"read", "conclude"}:
        technician.submit(f"{path}/inoculate", {"inoculated_at": "2026-11-23 10:00"})
    assert technician.form(f"{path}/{act}")[box] == ""


def test_a_correction_shows_the_time_as_it_was_entered(made, browser):
    technician, path = browser("T"), f"/tests/{made.test_id('endotoxin')}"
    technician.submit(f"{path}/enter", {**ABOUT, "operator": "<", "value": "0.5", "unit": "EU/mL"})
    assert technician.form(f"{path}/correct")["measured_at"].startswith("2026-11-23 09:50")


@pytest.mark.req("PHE-UNIT", "QC-2ND")
def test_a_result_goes_from_the_form_to_the_verified_verdict(made, browser, codes, person):
    person("T", login="T2")
    test_id = made.test_id("endotoxin")
    fields = {**ABOUT, "operator": "<", "value": "0.5", "unit": "EU/mL"}
    comma = browser("T").submit(f"/tests/{test_id}/enter", {**fields, "value": "0,5"})
    assert (comma.status_code, codes(comma)) == (422, ["FIELD_INVALID"])
    assert 'value="0,5"' in comma.text
    assert browser("T").submit(f"/tests/{test_id}/enter", fields).status_code == 303
    own = browser("T").submit(f"/tests/{test_id}/verify", {"raw_data_seen": "yes"})
    assert codes(own) == ["SOD_RESULT"]
    shown = browser("T2").get(f"/tests/{test_id}/verify?lang=en").text
    assert "Verdict if you verify" in shown
    assert "RUN-17" in shown
    assert browser("T2").submit(f"/tests/{test_id}/verify", {"raw_data_seen": "yes"}).status_code == 303
    assert made.test("endotoxin").outcome == "pass"
    assert "within specification" in browser("QA").get(f"/tests/{test_id}").text


def test_counted_events_are_whole_numbers(made, api, codes):
    path = f"/tests/{made.test_id('cd3_dose')}/enter"
    fields = {**ABOUT, **{name: str(value) for name, value in COUNT.items()}}
    assert codes(api("T").act(path, {**fields, "events": "41.5"})) == ["FIELD_INVALID"]
    assert codes(api("T").act(path, {**fields, "events": 42})) == ["FIELD_INVALID"]
    typed = {**ABOUT, "operator": "=", "value": "1.1e7", "unit": "cells/mL"}
    refused = codes(api("T").act(f"/tests/{made.test_id('nk_dose')}/enter", typed))
    assert set(refused) == {"FIELD_INVALID"}, "a concentration is computed and never typed"
    assert api("T").act(path, fields).json["status"] == "entered"


def test_a_culture_goes_its_way_through_the_pages(made, browser, database, codes):
    path = f"/tests/{made.test_id('sterility')}"
    about = {"method": "BacT", "raw_data_reference": "BT-4"}
    assert browser("T").submit(f"{path}/inoculate", {"inoculated_at": "2026-11-23 10:00"}).status_code == 303
    database.clock.advance(timedelta(days=2))
    assert browser("T").submit(f"{path}/read", {**about, "read_at": "2026-11-25 10:00"}).status_code == 303
    assert "no growth until day 2" in browser("T").get(path).text
    early = browser("T").submit(
        f"{path}/conclude", {**about, "reading": "final_negative", "read_at": "2026-11-25 10:00"}
    )
    assert codes(early) == ["FINAL_READ_TOO_EARLY"]
    database.clock.advance(timedelta(days=5))
    late = browser("T").submit(
        f"{path}/conclude", {**about, "reading": "final_negative", "read_at": "2026-11-30 10:00"}
    )
    assert late.status_code == 303


@pytest.mark.req("ATMP-11-CHECK")
def test_what_blocks_release_names_each_reason_its_owner_and_what_is_not_checked(made, browser):
    page = browser("QP").get(f"/batches/{made.batch_id}/release").text
    assert "RESULT_MISSING" in page
    assert "AUDIT_REVIEW_MISSING" in page
    assert "Who can resolve it" in page
    assert "Not checked by this version" in page
    assert "Equipment and calibration" in page
    assert f'href="/batches/{made.batch_id}/certify-pending"' not in page


@pytest.mark.req("CTR-62", "SP-RELEASE")
def test_review_certification_and_release_through_the_pages(made, browser, codes):
    made.tested()
    assert "Exceptions first" in browser("QA").get(f"/batches/{made.batch_id}/review").text
    assert browser("QA").submit(f"/batches/{made.batch_id}/review").status_code == 303
    page = browser("QP").get(f"/batches/{made.batch_id}/release").text
    assert "Nothing that is checked here stands against it" in page
    path = f"/batches/{made.batch_id}/certify-pending"
    assert codes(browser("QP").submit(path, {**YES, "register_entry": "no"})) == ["STATEMENT_OPEN"]
    assert browser("QP").submit(path, YES).status_code == 303
    decision = made.decisions()[-1]
    certificate = browser("In").get(f"/decisions/{decision.id}").text
    for words in ("PROVISIONAL", "Register number", "Sterility of the final container", "PENDING", "Trail head"):
        assert words in certificate
    assert made.number in browser("In").get("/release/register").text
    ready = {"trial_authorised": "yes", "site_ready": "yes"}
    assert browser("Sp").submit(f"/batches/{made.batch_id}/sponsor-release", ready).status_code == 303
    assert "certified_pending" not in browser("Ph").get("/release").text
    assert "certified – results pending" in browser("Ph").get("/release").text


def test_the_same_through_the_api_alone(reviewed, api, codes):
    path = f"/batches/{reviewed.batch_id}/certify-pending"
    assert codes(api("QA").act(path, YES)) == ["ROLE_NOT_ALLOWED"]
    assert codes(api("QP").act(path, {**YES, "national_duties": "no"})) == ["STATEMENT_OPEN"]
    answer = api("QP").act(path, YES)
    assert (answer.status_code, answer.json["register_number"]) == (200, 1)
    shown = api("QP").get(f"/batches/{reviewed.batch_id}/release").json
    assert shown["containers"][0]["disposition"] == "certified_pending"
    assert {line["key"] for line in shown["red"]} == {"results"}
    assert codes(api("QP").act(path, YES)) == ["STATE_NOT_ALLOWED"]


def test_a_page_opened_before_a_result_came_cannot_be_signed(reviewed, browser, codes):
    person = browser("QP")
    path = f"/batches/{reviewed.batch_id}/certify-pending"
    form = person.form(path)
    reviewed.enter("potency", value=D(40), unit="%")
    assert codes(person.submit(path, YES, form=form)) == ["STALE_VERSION"]


def test_the_work_page_asks_whoever_can_act(made, browser):
    assert "tests without a result" in browser("T").get("/").text
    made.enter("purity", **GOOD["purity"])
    assert made.test("purity").number in browser("T").get("/").text
    for criterion in GOOD.keys() - {"purity"}:
        made.result(criterion)
    made.verify("purity")
    made.inoculate()
    assert "waits for the QA review" in browser("QA").get("/").text
    made.review()
    assert "certification or rejection" in browser("QP").get("/").text
    made.stage_one()
    assert "sponsor&#39;s release" in browser("Sp").get("/").text
    made.later(days=1)
    made.conclude("positive")
    made.verify("sterility")
    for role in ("QP", "Dr", "Sp"):
        assert "failed a test after its certification" in browser(role).get("/").text
    late = made.decisions()[-1]
    assert (
        browser("Dr").submit(f"/decisions/{late.id}/acknowledge", {"answer": "the child is seen today"}).status_code
        == 303
    )
    assert "failed a test after its certification" not in browser("Dr").get("/").text


def test_qa_is_called_again_when_a_result_came_after_its_review(made, browser):
    again = "has results that came after its QA review"
    for criterion in GOOD.keys() - {"purity"}:
        made.result(criterion)
    made.inoculate()
    made.review()
    assert again not in browser("QA").get("/").text
    made.later(minutes=1)
    made.enter("purity", **GOOD["purity"])
    assert again in browser("QA").get("/").text
    made.verify("purity")
    made.later(minutes=1)
    made.review()
    assert again not in browser("QA").get("/").text


def test_a_new_weight_calls_the_qp(reviewed, browser):
    reviewed.stage_one()
    reviewed.later(minutes=1)
    reviewed.weigh("23")
    assert "judged anew" in browser("QP").get("/").text
    assert browser("QP").submit(f"/batches/{reviewed.batch_id}/sign-weight").status_code == 303
    assert "judged anew" not in browser("QP").get("/").text


def test_the_scan_field_opens_a_test_by_its_number(made, browser):
    test = made.test("purity")
    answer = browser("T").get(f"/find?code={test.number}")
    assert answer.location == f"/tests/{test.id}"


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_page_draws_in_both_languages(reviewed, browser, language):
    reviewed.stage_one()
    decision = reviewed.decisions()[-1]
    about = f"/batches/{reviewed.batch_id}"
    for role, path in [
        ("QA", f"{about}/tests"),
        ("QA", f"/tests/{reviewed.test_id('cd3_dose')}"),
        ("QA", f"/tests/{reviewed.test_id('identity')}"),
        ("T", f"/tests/{reviewed.test_id('potency')}/enter"),
        ("T", f"/tests/{reviewed.test_id('sterility')}/read"),
        ("QA", f"{about}/review"),
        ("QP", f"{about}/release"),
        ("QP", f"{about}/certify-final"),
        ("QP", f"{about}/reject"),
        ("Sp", f"{about}/sponsor-release"),
        ("QP", f"/decisions/{decision.id}"),
        ("QP", "/release"),
        ("QP", "/release/register"),
    ]:
        assert browser(role).get(f"{path}?lang={language}").status_code == 200, path


def test_the_integrity_guard_is_plugged_in(reviewed, app):
    assert ports.integrity_faults.answer is not None
    with reviewed.database.reading() as session:
        assert list(ports.integrity_faults(session, reviewed.batch_id)) == record_faults(
            session, records_of_batch(session, reviewed.batch_id), reviewed.database.seal.public
        )


@pytest.mark.req("A11D-13", "A16-REG")
def test_a_certificate_whose_record_was_corrected_is_followed_in_the_register_by_one_that_says_why(
    made, reviewed, browser, codes
):
    made.stage_one()
    made.later(minutes=1)
    with unit_of_work(made.database, SYSTEM, "test.correct") as work:
        step = work.session.execute(sa.select(StepRow).where(StepRow.batch_id == made.batch_id)).scalars().first()
        row = {"step_id": step.id, "batch_id": made.batch_id, "reason": "a digit", "effect": "[]"}
        work.add(StepCorrectionRow(**row, corrected_by=made.t1.id, corrected_at=work.at))
        for state in work.session.execute(sa.select(DispositionRow)).scalars():
            work.lock(DispositionRow, state.id).status = "quarantine"
    made.later(minutes=1)
    made.review()
    qp = browser("QP")
    where = f"/batches/{made.batch_id}/certify-pending"
    assert "no longer stands" in qp.get(where).text
    assert "SUPERSEDING_UNEXPLAINED" in codes(qp.submit(where, YES))
    because = "a digit was corrected and every result is still within its limits"
    qp.submit(where, YES | {"superseding_reason": because})
    register = qp.get("/release/register").text
    assert "Superseded by no. 2" in register
    assert f"Takes the place of no. 1: {because}" in register
    refused = qp.get(f"/batches/{made.batch_id}/certify-given")
    assert refused.status_code == 200
    assert "STATE_NOT_ALLOWED" in refused.text
