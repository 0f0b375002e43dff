"""The access review on its pages: begun, answered line by line by QA, signed; what is taken away waits until it is."""

from __future__ import annotations

import json
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from kernel.accounts.queries import active_roles
from kernel.accounts.tables import RoleGrantRow
from kernel.canonical import canonical
from kernel.clock import PEOPLE as PEOPLE_ZONE
from kernel.documents.tables import DocumentRow
from kernel.reviewing.queries import held_now
from kernel.upkeep.domain import UPKEEP
from kernel.web.i18n import Speech
from kernel.work import SYSTEM, unit_of_work
from tests.conftest import PASSWORD
from tests.web.clients import codes

ACCESS = "/administration/access"
PEOPLE = "/administration/people"
PRESET = json.loads(Path("config/presets/upkeep.json").read_text(encoding="utf-8"))["body"]


@pytest.fixture
def begun(api):
    done = api("QA").act(f"{ACCESS}/new", {})
    assert done.status_code == 200, codes(done)
    return f"{ACCESS}/{done.json['id']}"


def answers(database, reviewer, **otherwise):
    """Keep for everybody but the reviewer, and what a test says of a login otherwise."""
    with database.reading() as session:
        return {
            f"line_{one.key.replace('-', '_')}": otherwise.get(one.login, "keep")
            for one in held_now(session)
            if one.person_id != reviewer.id
        }


@pytest.mark.req("AC-REVIEW", "P11-300b")
def test_a_review_is_answered_by_two_signed_by_qa_and_what_it_takes_away_waits_until_it_is(
    api, browser, people, person, database, begun
):
    colleague = person("QA", login="qa-colleague")
    person("T", login="leaver")
    assert codes(api("QA").act(f"{ACCESS}/new", {})) == ["ACCESS_REVIEW_OPEN"]
    own = {f"line_{people['QA'].id}_QA": "keep"}
    assert codes(api("QA").act(f"{begun}/answer", own)) == ["FIELD_INVALID"], "the own line is not even asked"
    done = api("QA").act(f"{begun}/answer", answers(database, people["QA"], leaver="take_away"))
    assert done.status_code == 200, codes(done)
    assert codes(api("QA").act(f"{begun}/sign", {})) == ["REVIEW_LINES_OPEN"]
    page = browser("QA").get(f"{begun}?lang=en").text
    assert page.count("Not reviewed yet") == 1
    assert api("qa-colleague").act(f"{begun}/answer", own).status_code == 200
    assert codes(api("Ad").act(f"{begun}/sign", {})) == ["ROLE_NOT_ALLOWED"]
    signed = api("QA").act(f"{begun}/sign", {})
    assert signed.json["status"] == "access_review_signed", codes(signed)
    shown = api("In").get(begun).json
    (line,) = [one for one in shown["lines"] if one["login"] == "leaver"]
    assert (line["answer"], line["answered_by"]) == ("take_away", people["QA"].name)
    assert [one["answered_by"] for one in shown["lines"] if one["person_id"] == people["QA"].id] == [colleague.name]
    assert "AR-001: take away the role T" in browser("Ad").get("/?lang=en").text
    taken = api("Ad").act(f"{PEOPLE}/{line['person_id']}/roles/take", {"role": "T", "reason": "left the department"})
    assert taken.status_code == 200, codes(taken)
    assert "AR-001: take away" not in browser("Ad").get("/?lang=en").text
    with database.reading() as session:
        assert active_roles(session, line["person_id"], database.clock.now()) == frozenset()
    assert codes(api("QA").act(f"{begun}/answer", answers(database, people["QA"]))) == ["STATE_NOT_ALLOWED"]


@pytest.mark.parametrize(("language", "since"), [("en", "Since"), ("nl", "Sinds")])
def test_the_days_of_a_line_are_written_as_every_page_writes_days(browser, database, begun, language, since):
    browser("T")
    with unit_of_work(database, SYSTEM, "test.grant") as work:
        given = work.session.query(RoleGrantRow).filter_by(role="T").first()
        work.lock(RoleGrantRow, given.id).decided_at = work.at
        day = work.at.astimezone(PEOPLE_ZONE).date()
    page = browser("QA").get(f"{begun}/answer?lang={language}").text
    assert f"{since} {Speech(language).day(day)}" in page


@pytest.mark.req("AC-REVIEW")
def test_a_role_given_meanwhile_is_reviewed_too_and_the_task_has_its_clock(api, browser, people, person, database):
    browser("T")
    assert "who may do what is to be reviewed" not in browser("QA").get("/?lang=en").text
    database.clock.advance(timedelta(days=80))
    assert "who may do what is to be reviewed" in browser("QA").get("/?lang=en").text
    begun = f"{ACCESS}/{api('QA').act(f'{ACCESS}/new', {}).json['id']}"
    person("QA", login="qa-colleague")
    api("QA").act(f"{begun}/answer", answers(database, people["QA"]))
    api("qa-colleague").act(f"{begun}/answer", {f"line_{people['QA'].id}_QA": "keep"})
    person("T", login="newcomer")
    late = api("QA").act(f"{begun}/sign", {})
    assert (codes(late), "newcomer T" in late.text) == (["REVIEW_LINES_OPEN"], True)
    flagged = []
    for days in (0, 11):
        database.clock.advance(timedelta(days=days))
        held = {one["login"]: one["unused"] for one in api("In").get(ACCESS).json["held"]}
        flagged.append((held["T"], held["In"]))
    assert flagged == [(False, False), (True, False)]


@pytest.mark.req("P11-300b")
def test_a_password_is_never_taken_again_and_its_age_is_a_task_where_the_rules_give_it_one(
    app, api, browser, database, passwords
):
    first, other = "vier paarse olifanten zwijgen", "vijf groene fietsen zingen hard"
    made = (
        api("Ad")
        .act(f"{PEOPLE}/new", {"login": "tess", "full_name": "Tess Bakker", "roles": ["T"], "language": "nl"})
        .json
    )
    path = f"{PEOPLE}/{made['id']}"

    def activate(link, password):
        code = api("QA").act(f"{path}/approve", {"identity_check": "staff card seen"}).json["code"]
        return app.test_client().post(link, data={"code": code, "password": password, "accepted": "true"})

    def renew():
        return api("Ad").act(f"{path}/reset", {"reason": "changed by the rules"}).json["link"]

    assert activate(made["link"], first).status_code == 303
    assert activate(renew(), other).status_code == 303
    link = renew()
    again = activate(link, first)
    assert (again.status_code, codes(again)) == (422, ["PASSWORD_USED"])
    assert PASSWORD not in again.text
    assert "reaches its age" not in browser("Ad").get("/?lang=en").text
    with unit_of_work(database, SYSTEM, "test.rules") as work:
        work.add(rules_of(work))
    database.clock.advance(timedelta(days=25))
    assert "reaches its age" in browser("Ad").get("/?lang=en").text


def rules_of(work):
    """Passwords a month old."""
    body = canonical({**PRESET, "password_months": "1"})
    facts = {"kind": UPKEEP, "code": "UPK-NK", "number": 1, "title": "Upkeep", "status": "effective"}
    return DocumentRow(**facts, body=body, sha256=sha256(body.encode()).hexdigest(), author_id="test")
