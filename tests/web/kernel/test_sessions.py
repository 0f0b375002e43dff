"""Sign in, sign out, and how a session ends: by its owner, by another session, by time, by what happens to the account."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from kernel.accounts.domain import GrantStatus, PersonStatus
from kernel.accounts.tables import PersonRow, RoleGrantRow, SessionRow
from kernel.work import SYSTEM, unit_of_work
from tests.conftest import PASSWORD
from tests.web.clients import act_form, codes, sign_in

COOKIE = "nktrace-demo-sid"
PEOPLE = "/administration/people"
NEW = f"{PEOPLE}/new"


def cookie_of(browser):
    return browser.client.get_cookie(COOKIE).value


def with_cookie(app, value):
    client = app.test_client()
    client.set_cookie(COOKIE, value)
    return client


@pytest.mark.req("P11-10d")
def test_nobody_sees_a_page_before_signing_in(app, people):
    answer = app.test_client().get(PEOPLE)
    assert (answer.status_code, codes(answer)) == (401, ["AUTH_SESSION_EXPIRED"])
    assert "Person QA" not in answer.text


def test_signing_in_leads_back_to_the_page_that_was_asked_for(app, people):
    client = app.test_client()
    form = act_form(client.get(f"{PEOPLE}?sort=name").text)
    answer = client.post("/login", data=form | {"login": "QA", "password": PASSWORD})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{PEOPLE}?sort=name")


@pytest.mark.req("AC-WEB")
@pytest.mark.parametrize("back", ["//elsewhere.example", "/\t/elsewhere.example", "https://elsewhere.example", "/\\x"])
def test_signing_in_never_leads_to_another_site(app, people, back):
    answer = app.test_client().post("/login", data={"login": "QA", "password": PASSWORD, "back": back})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


@pytest.mark.req("AC-WEB")
@pytest.mark.parametrize(
    ("mode", "name", "flags"),
    [
        ("test", "nktrace-demo-sid", {"HttpOnly", "SameSite=Strict", "Path=/"}),
        ("production", "__Host-sid", {"HttpOnly", "SameSite=Strict", "Path=/", "Secure"}),
    ],
)
def test_the_cookie_is_closed_to_scripts_and_other_sites(make_app, people, mode, name, flags):
    answer = make_app(mode).test_client().post("/login", data={"login": "QA", "password": PASSWORD})
    [cookie] = [one for one in answer.headers.getlist("Set-Cookie") if one.startswith(name)]
    sent = {part.strip() for part in cookie.split(";")[1:]}
    assert flags <= sent
    assert not any(part.startswith("Domain") for part in sent)
    assert ("Secure" in sent) == ("Secure" in flags)


@pytest.mark.req("AC-WEB")
def test_only_a_digest_of_the_cookie_is_stored(database, browser):
    value = cookie_of(browser("QA"))
    with database.reading() as session:
        [row] = session.execute(sa.select(SessionRow)).scalars()
    assert value not in str(vars(row))


def test_a_copied_cookie_is_dead_after_signing_out(app, browser):
    quality = browser("QA")
    thief = with_cookie(app, cookie_of(quality))
    assert thief.get(PEOPLE).status_code == 200
    assert quality.post("/logout", {"csrf_token": quality.csrf()}).status_code == 303
    assert thief.get(PEOPLE).status_code == 401


@pytest.mark.req("PI041-9.5", "AT-SCOPE")
def test_a_second_session_ends_the_first_and_says_so_on_the_trail(browser, api):
    first = browser("QA")
    second = browser("QA")
    assert (first.get("/").status_code, second.get("/").status_code) == (401, 200)
    newest = api("In").get("/trail?action=session.open").json["links"][1]
    assert newest["details"] == {"client": "browser", "ended_other": True}


def test_a_client_of_the_api_and_a_browser_live_side_by_side(browser, api):
    page, client = browser("QA"), api("QA")
    assert (page.get("/").status_code, client.get("/").status_code) == (200, 200)


def test_a_browsers_cookie_is_no_token_and_a_token_no_cookie(app, browser, api):
    stolen, token = cookie_of(browser("QA")), api("QA").token
    bearer = app.test_client().get("/api/v1/", headers={"Authorization": f"Bearer {stolen}"})
    assert (bearer.status_code, with_cookie(app, token).get("/").status_code) == (401, 401)


@pytest.mark.req("AC-IDLE")
@pytest.mark.parametrize(("minutes", "status"), [(14, 200), (15, 401), (16, 401)])
def test_an_idle_session_ends_after_fifteen_minutes(database, browser, minutes, status):
    quality = browser("QA")
    database.clock.advance(timedelta(minutes=minutes))
    assert quality.get(PEOPLE).status_code == status


@pytest.mark.req("AC-IDLE")
def test_work_keeps_a_session_alive_but_never_longer_than_twelve_hours(database, browser):
    quality = browser("QA")
    answers = []
    for _ in range(52):
        database.clock.advance(timedelta(minutes=14))
        answers.append(quality.get(PEOPLE).status_code)
    assert answers == [200] * 51 + [401]


@pytest.mark.req("AC-IDLE")
def test_a_form_sent_too_late_comes_back_filled_in_and_without_password(database, browser):
    quality = browser("QA")
    someone = quality.client.get(f"/api/v1{PEOPLE}").json["people"][0]["id"]
    path = f"{PEOPLE}/{someone}/deactivate"
    form = quality.form(path)
    database.clock.advance(timedelta(minutes=16))
    late = quality.submit(path, {"reason": "Left on Friday"}, form=form)
    assert (late.status_code, codes(late)) == (401, ["AUTH_SESSION_EXPIRED"])
    assert PASSWORD not in late.text
    again = quality.post("/login", act_form(late.text) | {"login": "QA", "password": PASSWORD})
    assert again.status_code == 200
    carried = quality.post(path, act_form(again.text))
    assert (carried.status_code, codes(carried)) == (200, [])
    assert act_form(carried.text)["reason"] == "Left on Friday"
    assert PASSWORD not in again.text + carried.text


def test_a_carried_form_is_shown_and_not_done(database, browser):
    quality = browser("QA")
    target = quality.client.get(f"/api/v1{PEOPLE}").json["people"][0]
    form = quality.form(f"{PEOPLE}/{target['id']}/deactivate") | {"carry": "1", "reason": "Left on Friday"}
    assert quality.post(f"{PEOPLE}/{target['id']}/deactivate", form).status_code == 200
    with database.reading() as session:
        assert session.get(PersonRow, target["id"]).status == PersonStatus.ACTIVE


@pytest.mark.req("AC-IDLE")
def test_a_form_of_the_session_before_comes_back_filled_in(app, browser):
    quality = browser("QA")
    target = quality.client.get(f"/api/v1{PEOPLE}").json["people"][0]
    path = f"{PEOPLE}/{target['id']}/deactivate"
    form = quality.form(path) | {"reason": "Left on Friday"}
    quality.post("/login", {"login": "QA", "password": PASSWORD})
    answer = quality.post(path, form, headers={"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"})
    assert (answer.status_code, codes(answer)) == (403, ["CSRF_FAILED"])
    shown = quality.post(path, act_form(answer.text))
    assert (shown.status_code, act_form(shown.text)["reason"]) == (200, "Left on Friday")


def test_signing_out_too_late_leads_to_the_start_not_to_an_error(database, browser):
    quality = browser("QA")
    token = quality.csrf()
    database.clock.advance(timedelta(minutes=16))
    late = quality.post("/logout", {"csrf_token": token})
    assert (late.status_code, act_form(late.text)["back"]) == (401, "/")


@pytest.mark.req("AC-LEAVE", "P11-300c")
def test_deactivation_ends_sessions_tokens_and_signing_at_once(people, browser, api):
    technician, client, quality = browser("T"), api("T"), browser("QA")
    done = quality.submit(f"{PEOPLE}/{people['T'].id}/deactivate", {"reason": "Left on Friday"})
    assert done.status_code == 303
    assert (technician.get("/").status_code, client.get("/").status_code) == (401, 401)
    refused = technician.post("/login", {"login": "T", "password": PASSWORD})
    assert (refused.status_code, codes(refused)) == (401, ["AUTH_BAD_SIGNATURE"])


@pytest.mark.req("P11-10g")
def test_a_role_given_or_taken_acts_on_the_very_next_request(database, people, browser):
    technician = browser("T")
    assert technician.get("/trail").status_code == 403
    with unit_of_work(database, SYSTEM, "test.role") as work:
        grant = work.add(
            RoleGrantRow(person_id=people["T"].id, role="QP", status=GrantStatus.ACTIVE, requested_by="test")
        )
    assert technician.get("/trail").status_code == 200
    with unit_of_work(database, SYSTEM, "test.role") as work:
        work.lock(RoleGrantRow, grant.id).status = GrantStatus.REVOKED
    assert technician.get("/trail").status_code == 403


@pytest.mark.req("AC-QPVALID")
@pytest.mark.parametrize(("seconds", "status"), [(-1, 200), (0, 403), (1, 403)])
def test_a_role_ends_with_its_last_moment(database, people, browser, seconds, status):
    with unit_of_work(database, SYSTEM, "test.role") as work:
        work.add(
            RoleGrantRow(
                person_id=people["T"].id,
                role="QP",
                status=GrantStatus.ACTIVE,
                requested_by="test",
                valid_until=work.at + timedelta(minutes=5),
            )
        )
    technician = browser("T")
    database.clock.advance(timedelta(minutes=5, seconds=seconds))
    assert technician.get("/trail").status_code == status


def test_a_client_ends_its_token_by_signing_out(api):
    client = api("QA")
    assert client.client.post("/logout", headers=client.headers).status_code == 303
    assert client.get("/").status_code == 401


def test_two_people_of_one_browser_never_share_a_session(app, people):
    first = sign_in(app, "QA")
    first.post("/login", {"login": "T", "password": PASSWORD})
    assert "Person T" in first.get("/").text
    assert "Person QA" not in first.get("/").text
