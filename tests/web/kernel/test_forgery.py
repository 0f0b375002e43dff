"""Nothing unsafe is done for another site, another session, or by a request that only looks."""

from __future__ import annotations

import pytest

from kernel.accounts.domain import PersonStatus
from kernel.accounts.tables import PersonRow
from tests.conftest import PASSWORD
from tests.web.clients import codes

PEOPLE = "/administration/people"
OURS = "http://localhost"


@pytest.fixture
def attempt(browser, people, database):
    """Deactivate the technician with everything right but what is changed; the answer, and whether it happened."""
    quality = browser("QA")
    path = f"{PEOPLE}/{people['T'].id}/deactivate"

    def send(*, headers=None, **changed):
        form = quality.form(path) | {"reason": "Left on Friday"} | changed
        sent = {name: value for name, value in form.items() if value is not None}
        answer = quality.post(path, sent, headers=headers or {})
        with database.reading() as session:
            return answer, session.get(PersonRow, people["T"].id).status == PersonStatus.DEACTIVATED

    return send


@pytest.mark.req("AC-WEB")
def test_a_form_without_the_token_of_this_session_does_nothing(attempt):
    for token in (None, "", "0" * 64, "é", "\x00"):
        answer, happened = attempt(csrf_token=token)
        assert (token, answer.status_code, codes(answer), happened) == (token, 403, ["CSRF_FAILED"], False)


@pytest.mark.req("AC-WEB")
def test_the_token_of_another_session_does_nothing(attempt, browser):
    answer, happened = attempt(csrf_token=browser("T").csrf())
    assert (answer.status_code, codes(answer), happened) == (403, ["CSRF_FAILED"], False)


FOREIGN = [
    {"Origin": "https://elsewhere.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost.elsewhere.example"},
    {"Origin": "https://localhost"},
    {"Origin": "http://localhost:8080"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "https://elsewhere.example"},
    {"Sec-Fetch-Site": "cross-site", "Origin": OURS},
]


@pytest.mark.req("AC-WEB")
def test_a_form_from_another_site_does_nothing_also_with_the_right_token(attempt):
    for headers in FOREIGN:
        answer, happened = attempt(headers=headers)
        assert (headers, answer.status_code, codes(answer), happened) == (headers, 403, ["CSRF_FAILED"], False)


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": OURS}, {"Sec-Fetch-Site": "same-origin", "Origin": OURS}, {"Sec-Fetch-Site": "none"}],
    ids=str,
)
def test_a_form_from_this_site_is_done(attempt, headers):
    answer, happened = attempt(headers=headers)
    assert (answer.status_code, happened) == (303, True)


def test_behind_tls_only_the_encrypted_address_is_this_site(make_app, people):
    client = make_app("production").test_client()
    for origin, status in (("http://localhost", 403), ("https://localhost", 303)):
        fields = {"login": "QA", "password": PASSWORD}
        answer = client.post("/login", data=fields, headers={"Origin": origin})
        assert (origin, answer.status_code) == (origin, status)


@pytest.mark.req("AC-WEB", "AT-SCOPE")
def test_a_forged_form_is_on_the_trail(attempt, api):
    attempt(headers={"Origin": "https://elsewhere.example"})
    refused = api("In").get("/trail?outcome=refused").json["links"][0]
    assert (refused["actor"], refused["action"]) == ("Person QA", "person.deactivate")
    assert [one["code"] for one in refused["refusals"]] == ["CSRF_FAILED"]


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}], ids=str
)
def test_another_site_signs_nobody_in(app, people, headers):
    answer = app.test_client().post("/login", data={"login": "QA", "password": PASSWORD}, headers=headers)
    assert (answer.status_code, codes(answer)) == (403, ["CSRF_FAILED"])
    assert "Set-Cookie" not in answer.headers


def test_another_site_signs_nobody_out(browser):
    quality = browser("QA")
    assert codes(quality.post("/logout", {"csrf_token": ""})) == ["CSRF_FAILED"]
    assert quality.get("/").status_code == 200


def test_json_with_a_cookie_needs_the_token_in_a_header(browser, people):
    quality = browser("QA")
    path = f"/api/v1{PEOPLE}/{people['T'].id}/deactivate"
    body = {"seen": quality.get(path).json["seen"], "reason": "Left on Friday", "idempotency_key": "k"}
    without = quality.client.post(path, json=body)
    assert (without.status_code, codes(without)) == (403, ["CSRF_FAILED"])
    assert quality.client.post(path, json=body, headers={"X-CSRF-Token": quality.csrf()}).status_code == 200


def test_a_request_that_only_looks_does_nothing(browser, people, database, api):
    path = f"{PEOPLE}/{people['T'].id}/deactivate"
    quality, inspector = browser("QA"), api("In")
    form = quality.form(path) | {"reason": "Left on Friday"}
    before = inspector.get("/trail").json["page"]["total"]
    for method in ("HEAD", "OPTIONS"):
        for prefix in ("", "/api/v1"):
            assert quality.client.open(prefix + path, method=method, data=form).status_code == 200
    assert inspector.get("/trail").json["page"]["total"] == before
    with database.reading() as session:
        assert session.get(PersonRow, people["T"].id).status == PersonStatus.ACTIVE


def test_looking_at_the_sign_in_page_counts_no_attempt(app, api):
    inspector = api("In")
    before = inspector.get("/trail").json["page"]["total"]
    assert app.test_client().head("/login").status_code == 200
    assert inspector.get("/trail").json["page"]["total"] == before
