"""The trail as people read it: plain sentences in two languages, filters, pages, the check, the export."""

from __future__ import annotations

import csv
import io
import re

import pytest

from kernel.audit import GENESIS
from kernel.work import SYSTEM, unit_of_work
from tests.web.clients import codes

PEOPLE = "/administration/people"
TESS = {"login": "tess", "full_name": "Tess Bakker", "roles": ["T"], "language": "nl"}


def sentences(page):
    """Who and what of every line, newest first."""
    return re.findall(r"<strong>(.*?)</strong> · (.*?)</p>", page)


@pytest.mark.req("A11-9")
@pytest.mark.parametrize(
    ("language", "done", "refused"),
    [
        ("en", "Request an account", "tried, and was refused: Request an account"),
        ("nl", "Account aanvragen", "probeerde, en werd geweigerd: Account aanvragen"),
    ],
)
def test_every_line_is_a_plain_sentence_in_the_readers_language(api, browser, language, done, refused):
    assert api("Ad").act(f"{PEOPLE}/new", TESS).status_code == 200
    assert codes(api("Ad").act(f"{PEOPLE}/new", TESS)) == ["DUPLICATE_ID"]
    page = browser("QA").get(f"/trail?lang={language}").text
    lines = sentences(page)
    assert ("Person Ad", done) in lines
    assert ("Person Ad", refused) in lines
    said = {"en": "is already in use", "nl": "is al in gebruik"}[language]
    assert said in page


@pytest.mark.req("AT-SCOPE", "P11-10g")
@pytest.mark.parametrize(
    ("path", "words"),
    [
        (PEOPLE, f"open {PEOPLE}"),
        (f"{PEOPLE}/new", "Request an account"),
        ("/trail/export.csv", "export the trail"),
    ],
)
def test_a_closed_door_is_a_line_too(browser, path, words):
    assert browser("T").get(path).status_code == 403
    page = browser("QA").get("/trail?outcome=refused").text
    assert sentences(page)[0] == ("Person T", f"tried, and was refused: {words}")
    assert "ROLE_NOT_ALLOWED" in page


@pytest.mark.req("AT-SCOPE")
def test_signing_in_and_out_and_failing_to_are_lines(app, people, browser):
    app.test_client().post("/login", data={"login": "T", "password": "wrong"})
    technician = browser("T")
    technician.post("/logout", {"csrf_token": technician.csrf()})
    lines = sentences(browser("QA").get("/trail").text)
    assert lines[1:5] == [
        ("Person T", "signed out"),
        ("Person T", "signed in"),
        ("NKTrace", "accepted a password after wrong ones"),
        ("not signed in", "tried, and was refused: sign in"),
    ]


@pytest.mark.req("P11-10e-1", "AT-TZ")
def test_a_line_shows_time_with_zone_old_and_new_value(api, people, browser):
    api("Ad").act(f"{PEOPLE}/{people['T'].id}/deactivate", {"reason": "Left on Friday"})
    page = browser("QA").get("/trail?action=person.deactivate").text
    assert "Mon 23 Nov 2026 10:00 CET" in page
    assert "Reason: Left on Friday" in page
    assert re.search(r"status: <del>active</del> → <ins>deactivated</ins>", page)


def test_no_digest_of_a_secret_is_shown_or_exported(api, browser):
    assert api("Ad").act(f"{PEOPLE}/new", TESS).status_code == 200
    person = next(one for one in api("QA").get(PEOPLE).json["people"] if one["login"] == "tess")
    assert api("QA").act(f"{PEOPLE}/{person['id']}/approve", {"identity_check": "staff card seen"}).status_code == 200
    quality = browser("QA")
    for shown in (quality.get("/trail").text, quality.get("/trail/export.csv").text, api("In").get("/trail").text):
        assert "argon2" not in shown
        assert not re.search(r"(password_hash|token_sha256|code_sha256)\W+[0-9a-f$]{8}", shown)


@pytest.fixture
def thirty(database, people):
    """Thirty lines more, by the technician."""
    for number in range(30):
        with unit_of_work(database, people["T"], "test.line", reason=f"Number {number:02d} of thirty é"):
            pass


def test_filters_by_person_action_outcome_and_text(api, people, thirty):
    inspector = api("In")

    def total(query):
        return inspector.get(f"/trail?{query}").json["page"]["total"]

    assert total(f"person={people['T'].id}") == total("action=test.line") == 30
    assert total("action=test.line&outcome=refused") == 0
    assert total("record=Number+07") == total("record=number+07") == total("record=07+of+thirty+%C3%A9") == 1
    assert total(f"record={people['T'].id}&action=test.people") == 1
    assert total("record=100%25") == total("record=_umber") == 0


def test_pages_of_twenty_five_with_filters_kept(api, browser, thirty):
    inspector = api("In")
    pages = [inspector.get(f"/trail?action=test.line&page={number}").json for number in (1, 2)]
    assert [len(one["links"]) for one in pages] == [25, 5]
    assert pages[0]["page"] == {"number": 1, "pages": 2, "total": 30}
    assert pages[0]["links"][0]["reason"] == "Number 29 of thirty é"
    assert inspector.get("/trail?action=test.line&page=99").json["page"]["number"] == 2
    page = browser("QA").get("/trail?action=test.line&outcome=done").text
    assert 'href="?action=test.line&amp;outcome=done&amp;page=2"' in page
    assert "/trail/export.csv?action=test.line&amp;outcome=done" in page


def test_an_empty_answer_says_so(browser):
    assert "No line of the trail fits these filters." in browser("QA").get("/trail?action=x").text


def rows_of(answer):
    return list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))


@pytest.mark.req("P11-10e-3", "EXP-LOG")
def test_the_export_is_what_was_filtered_and_is_itself_on_the_trail(browser, api, thirty):
    answer = browser("In").get("/trail/export.csv?action=test.line")
    rows = rows_of(answer)
    assert (len(rows), rows[0]["reason"], rows[-1]["reason"]) == (30, "Number 00 of thirty é", "Number 29 of thirty é")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="trail.csv"'
    newest = api("QA").get("/trail?action=trail.export").json["links"][0]
    assert newest["actor"] == "Person In"
    assert newest["details"] == {"file": "/trail/export.csv?action=test.line"}


def test_a_file_that_was_not_there_was_not_taken(browser, api):
    """What is on the trail happened: a label that does not exist is not exported."""
    assert browser("T").get("/labels/none/label.pdf").status_code == 404
    assert api("In").get("/trail").json["links"][0]["action"] == "session.open"


@pytest.mark.req("AT-CHAIN")
def test_the_export_carries_the_chain(browser, thirty):
    rows = rows_of(browser("In").get("/trail/export.csv"))
    assert [int(row["seq"]) for row in rows] == list(range(1, len(rows) + 1))
    assert len({row["hash"] for row in rows} | {GENESIS}) == len(rows) + 1


@pytest.mark.req("EXP-FORMULA")
def test_no_cell_of_the_export_is_a_formula(database, people, browser):
    with unit_of_work(database, people["T"], "test.line", reason="=HYPERLINK(1)"):
        pass
    [row] = rows_of(browser("In").get("/trail/export.csv?action=test.line"))
    assert row["reason"] == "'=HYPERLINK(1)"


@pytest.mark.req("AT-CHAIN")
def test_the_check_says_that_all_agrees_and_counts(browser, api, thirty):
    assert "Chain, signatures and records agree." in browser("In").get("/trail/check").text
    report = api("In").get("/trail/check").json["report"]
    assert report["faults"] == []
    assert report["links"] == api("In").get("/trail").json["page"]["total"] - 1
    assert report["records"] == 18


@pytest.mark.req("AT-CHAIN")
def test_the_check_names_what_was_changed_behind_its_back(browser, database, fresh):
    inspector = browser("In")
    known = database.remembered_head()
    (fresh.folder / "head").write_text(f"{known[0]} {'0' * 64}\n", encoding="ascii")
    page = inspector.get("/trail/check")
    assert "The records have been tampered with" in page.text
    assert "<code>outside</code>" in page.text


@pytest.mark.req("A11-9")
def test_the_page_foot_shows_the_newest_link(browser, api):
    quality = browser("QA")
    newest = api("In").get("/trail").json["links"][0]
    assert f"trail head {newest['seq']} · <code>{newest['hash'][:10]}</code>" in quality.get("/trail").text


def test_the_system_itself_has_a_name(database, browser):
    with unit_of_work(database, SYSTEM, "person.first"):
        pass
    assert ("NKTrace", "made the first accounts") in sentences(browser("QA").get("/trail").text)
