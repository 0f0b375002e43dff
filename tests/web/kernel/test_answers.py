"""What every answer carries: closed content policy, no copies, honest errors, the reader's language."""

from __future__ import annotations

import pytest

from kernel.web.assets import asset
from kernel.web.registry import SIGNED_IN, VIEWS, view
from tests.conftest import PASSWORD
from tests.web.clients import codes

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
ANSWERS = [
    ("/", 200),
    ("/login", 200),
    ("/trail", 200),
    ("/trail/export.csv", 200),
    ("/administration/people/new", 403),
    ("/nothing", 404),
    ("/logout", 405),
    ("/health", 200),
    ("/find?code=x", 404),
    ("/activate/x", 200),
    ("/api/v1/trail", 200),
    ("/api/v1/administration/people/new", 403),
    ("/api/v1/nothing", 404),
    ("/api/v1/openapi.json", 200),
    (asset("nktrace.js"), 200),
    ("/static/bootstrap.css", 200),
    ("/static/x", 404),
]


@pytest.mark.req("AC-WEB")
def test_every_answer_is_hardened(browser):
    quality = browser("QA")
    for path, status in ANSWERS:
        answer = quality.get(path)
        policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
        assert (path, answer.status_code, policy) == (path, status, POLICY)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        kept = path.startswith("/static/") and status == 200
        assert (path, answer.headers.get("Cache-Control") == "no-store") == (path, not kept)


@pytest.mark.req("AC-WEB")
def test_nobody_signed_in_gets_the_same_headers(app):
    answer = app.test_client().get("/")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (401, "no-store")
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


@pytest.mark.req("AC-WEB")
@pytest.mark.parametrize(("mode", "asked"), [("test", False), ("production", True)])
def test_a_production_instance_asks_for_tls_for_good(make_app, mode, asked):
    answer = make_app(mode).test_client().get("/login")
    assert ("Strict-Transport-Security" in answer.headers) == asked


def test_no_page_needs_an_exception_of_the_content_policy(browser):
    quality = browser("QA")
    for path in ("/", "/login", "/trail", "/administration/people", "/administration/documents", "/trail/check"):
        page = quality.get(path).text
        assert [
            word for word in (" style=", "<style", " onclick=", "javascript:", "http://", "https://") if word in page
        ] == []


@pytest.mark.parametrize(("prefix", "mimetype"), [("", "text/html"), ("/api/v1", "application/problem+json")])
def test_unknown_addresses_and_wrong_methods_are_said_so(browser, prefix, mimetype):
    quality = browser("QA")
    token = {"X-CSRF-Token": quality.csrf()}
    for method, path, status in (("GET", "/nothing", 404), ("POST", "/trail", 405), ("DELETE", "/trail", 405)):
        answer = quality.client.open(prefix + path, method=method, headers=token)
        assert (path, answer.status_code, answer.mimetype) == (path, status, mimetype)
        assert status != 405 or set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


@pytest.fixture
def broken(make_app):
    """An application with a view that fails, as in production: not caught by the test."""

    def load(session, viewer):
        raise ZeroDivisionError("secret detail")

    view("test.broken", "/broken", permission=SIGNED_IN, template="kernel/work.html", summary="Broken.")(load)
    app = make_app()
    app.testing = False
    yield app
    del VIEWS["test.broken"]


@pytest.mark.parametrize(
    ("path", "mimetype"), [("/broken", "text/html"), ("/api/v1/broken", "application/problem+json")]
)
def test_an_error_of_ours_tells_that_nothing_was_saved_and_no_detail(broken, people, path, mimetype):
    client = broken.test_client()
    client.post("/login", data={"login": "QA", "password": PASSWORD})
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (500, mimetype)
    assert "secret detail" not in answer.text
    assert "Content-Security-Policy" in answer.headers
    assert mimetype != "text/html" or "Nothing was saved" in answer.text


def test_without_a_database_the_answer_is_an_error_page_too(make_app, people, monkeypatch):
    app = make_app()
    app.testing = False
    client = app.test_client()
    client.post("/login", data={"login": "QA", "password": PASSWORD})

    def gone(*_args):
        raise OSError("no database")

    monkeypatch.setattr("kernel.web.gate.viewer_of", gone)
    answer = client.get("/")
    assert (answer.status_code, codes(answer), "no database" in answer.text) == (503, ["STORAGE_DEGRADED"], False)
    assert "Person QA" not in answer.text


def test_a_refusal_is_a_problem_document(api):
    answer = api("T").get("/trail")
    assert (answer.status_code, answer.mimetype) == (403, "application/problem+json")
    assert {name: answer.json[name] for name in ("type", "title", "status")} == {
        "type": "about:blank",
        "title": "Refused",
        "status": 403,
    }
    [refusal] = answer.json["refusals"]
    assert set(refusal) == {"code", "sentence", "resolver", "next_step", "facts"}
    assert refusal["sentence"] == "Your role does not allow this."


def test_a_page_tells_what_who_and_next(browser):
    page = browser("T").get("/trail")
    assert codes(page) == ["ROLE_NOT_ALLOWED"]
    for words in (
        "Your role does not allow this",
        "Who can resolve it: a person with the role",
        "Next: Ask a colleague",
    ):
        assert words in page.text


def test_the_language_is_chosen_once_and_kept(browser):
    quality = browser("QA")
    assert "What needs me now" in quality.get("/").text
    assert "Wat nu op mij wacht" in quality.get("/?lang=nl").text
    page = quality.get("/").text
    assert "Wat nu op mij wacht" in page
    assert '<html lang="nl">' in page
    assert "What needs me now" in quality.get("/?lang=en").text


def test_choosing_a_language_keeps_the_filters(browser):
    page = browser("QA").get("/trail?outcome=refused&page=1").text
    assert 'href="?outcome=refused&amp;page=1&amp;lang=nl"' in page


@pytest.mark.parametrize(("header", "words"), [("nl,en;q=0.5", "Aanmelden"), ("en-GB", "Sign in"), ("fr", "Aanmelden")])
def test_before_signing_in_the_browser_says_which_language(app, header, words):
    assert f"<h1>{words}</h1>" in app.test_client().get("/login", headers={"Accept-Language": header}).text


def test_the_api_speaks_the_language_it_is_asked_for(api):
    client = api("T")
    assert client.get("/trail?lang=nl").json["refusals"][0]["sentence"] == "Uw rol staat dit niet toe."


def test_field_errors_speak_the_readers_language(api, browser):
    answer = api("Ad").post("/administration/people/new?lang=nl", {"login": "x", "roles": ["T"]})
    assert [one["sentence"] for one in answer.json["refusals"]] == [
        "Gebruikersnaam: 3 tot 32 kleine letters, cijfers, punten of streepjes.",
        "Volledige naam: Vul dit veld in.",
        "Taal: Vul dit veld in.",
    ]


def test_what_was_just_done_is_said_once(browser, people):
    admin = browser("Ad")
    admin.submit(f"/administration/people/{people['T'].id}/roles/new", {"role": "QP"})
    said = ["Requested; QA approves it." in admin.get("/administration/people").text for _ in range(2)]
    assert said == [True, False]


@pytest.mark.req("AC-DEMO")
def test_a_demo_says_so_on_every_page_and_production_does_not(make_app):
    for mode, shown in (("test", True), ("production", False)):
        page = make_app(mode).test_client().get("/login").text
        assert ("DEMO" in page) == shown


def test_the_scan_field_finds_nothing_for_nothing(browser):
    for code in ("", "x", "%", "😀"):
        assert browser("T").get("/find", query_string={"code": code}).status_code == 404


@pytest.mark.req("SIG-TIME")
def test_the_servers_time_is_on_every_page_with_its_zone(browser):
    assert "Mon 23 Nov 2026 10:00 CET" in browser("QA").get("/trail/check").text


def test_the_work_page_answers_browsers_of_the_api_too(browser, api):
    found = browser("QA").get("/api/v1/").json
    assert found == api("QA").get("/").json
    assert (found["tasks"], found["page"]["total"]) == ([], 0)
