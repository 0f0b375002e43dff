"""An account from request to activation: two people, a link and a code, a password of one's own, a statement."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from kernel.accounts.domain import GrantStatus
from kernel.accounts.queries import active_roles, find_person
from kernel.accounts.tables import RoleGrantRow
from kernel.work import SYSTEM, unit_of_work
from tests.conftest import PASSWORD
from tests.web.clients import codes, sign_in

PEOPLE = "/administration/people"
OWN = "vier paarse olifanten zwijgen"
TESS = {"login": "tess", "full_name": "Tess Bakker", "roles": ["T"], "language": "nl"}
SEEN = {"identity_check": "staff card seen"}


@pytest.fixture
def requested(api):
    """Tess's account, asked for by the administrator: its path, and the link."""
    done = api("Ad").act(f"{PEOPLE}/new", TESS)
    assert done.status_code == 200, codes(done)
    return f"{PEOPLE}/{done.json['id']}", done.json["link"]


@pytest.fixture
def approved(requested, api):
    """Tess's account approved by QA: the link and the code."""
    path, link = requested
    done = api("QA").act(f"{path}/approve", SEEN)
    assert done.status_code == 200, codes(done)
    return link, done.json["code"]


def activate(app, link, **changed):
    fields = {"code": "", "password": OWN, "accepted": "true"} | changed
    return app.test_client().post(link, data={name: value for name, value in fields.items() if value is not None})


@pytest.mark.req("P11-100b", "P11-10j", "A11-12.3")
def test_an_account_needs_request_approval_link_code_and_statement(app, api, browser, database):
    made = browser("Ad").submit(f"{PEOPLE}/new", TESS)
    [link] = re.findall(r"/activate/[\w-]+", made.text)
    tess = next(one for one in api("QA").get(PEOPLE).json["people"] if one["login"] == "tess")
    given = browser("QA").submit(f"{PEOPLE}/{tess['id']}/approve", SEEN)
    [code] = re.findall(r'class="secret mono">(\w+)<', given.text)
    assert activate(app, link, code=code.lower()).status_code == 303
    with database.reading() as session:
        row = find_person(session, "tess")
        assert (row.status, row.identity_check, row.statement_version) == ("active", "staff card seen", "1")
        assert row.statement_accepted_at == database.clock.now()
    assert sign_in(app, "tess", OWN).get("/").status_code == 200


@pytest.mark.req("P11-200a3")
@pytest.mark.parametrize("role", ["Ad", "QA"])
def test_the_link_alone_and_the_code_alone_are_worth_nothing(app, requested, approved, role):
    link, code = approved
    wrong = {"Ad": (link, "ABCDEFGH"), "QA": ("/activate/guessed", code)}[role]
    answer = activate(app, wrong[0], code=wrong[1])
    assert (answer.status_code, codes(answer)) == (401, ["AUTH_LINK"])


def test_a_link_does_not_work_before_its_approval(app, requested):
    answer = activate(app, requested[1])
    assert codes(answer) == ["AUTH_LINK"]


def test_a_link_works_once(app, approved):
    link, code = approved
    assert activate(app, link, code=code).status_code == 303
    again = activate(app, link, code=code, password="another four quiet words")
    assert codes(again) == ["AUTH_LINK"]
    assert sign_in(app, "tess", OWN).get("/").status_code == 200


@pytest.mark.parametrize(("seconds", "status"), [(-1, 303), (0, 401), (1, 401)])
def test_a_link_lives_three_days(app, approved, database, seconds, status):
    database.clock.advance(timedelta(hours=72, seconds=seconds))
    assert activate(app, approved[0], code=approved[1]).status_code == status


@pytest.mark.req("AC-PW")
def test_a_weak_password_is_refused_and_the_link_stays_good(app, approved):
    link, code = approved
    weak = ["fourteen chars", "x" * 129, "passwordpassword", "PasswordPassword", "aaaabbbbaaaabbbb"]
    for password in (*weak, "tess drinks tea daily", "nktrace welkom wachtwoord", ""):
        answer = activate(app, link, code=code, password=password)
        assert (password, answer.status_code, codes(answer)) == (password, 422, ["PASSWORD_WEAK"])
        assert not password or password not in answer.text
    assert activate(app, link, code=code).status_code == 303


@pytest.mark.req("P11-10j", "A11-14")
def test_without_the_statement_there_is_no_account(app, approved, database):
    answer = activate(app, approved[0], code=approved[1], accepted=None)
    assert (answer.status_code, codes(answer)) == (422, ["STATEMENT_NOT_ACCEPTED"])
    with database.reading() as session:
        assert find_person(session, "tess").status == "identity_verified"


@pytest.mark.req("A11-12.3", "S9")
def test_nobody_approves_what_was_asked_for_himself(api, people, database):
    asked = api("Ad").act(f"{PEOPLE}/{people['QA'].id}/roles/new", {"role": "QP"})
    assert asked.status_code == 200, codes(asked)
    refused = api("QA").act(f"{PEOPLE}/{people['QA'].id}/approve", SEEN)
    assert (refused.status_code, codes(refused)) == (403, ["SOD_ACCESS"])
    with database.reading() as session:
        assert active_roles(session, people["QA"].id, database.clock.now()) == {"QA"}


@pytest.mark.req("A11-12.3", "S9")
def test_nobody_approves_what_he_asked_for(api, people, database, person):
    """An administrator who became QA in the meantime still did the asking."""
    asked = api("Ad").act(f"{PEOPLE}/{people['T'].id}/roles/new", {"role": "QP"})
    assert asked.status_code == 200
    with unit_of_work(database, SYSTEM, "test.role") as work:
        work.add(RoleGrantRow(person_id=people["Ad"].id, role="QA", status=GrantStatus.ACTIVE, requested_by="test"))
    refused = api("Ad").act(f"{PEOPLE}/{people['T'].id}/approve", SEEN)
    assert (refused.status_code, codes(refused)) == (403, ["SOD_ACCESS"])
    person("QA", login="QA2")
    assert api("QA2").act(f"{PEOPLE}/{people['T'].id}/approve", SEEN).status_code == 200


@pytest.mark.req("S9")
def test_nobody_asks_a_role_for_himself(api, people):
    refused = api("Ad").act(f"{PEOPLE}/{people['Ad'].id}/roles/new", {"role": "Ad"})
    assert (refused.status_code, codes(refused)) == (403, ["SOD_ACCESS"])


@pytest.mark.req("DI-6.16", "S10")
def test_an_administrator_holds_no_other_role(api):
    admin = api("Ad")
    for role in ("T", "QA", "QP", "Ph", "Sp", "Dr", "N", "In"):
        refused = admin.act(f"{PEOPLE}/new", TESS | {"roles": ["Ad", role]})
        assert (role, refused.status_code, codes(refused)) == (role, 403, ["SOD_ADMIN"])


@pytest.mark.req("DI-6.16", "S10")
def test_an_administrator_is_not_given_another_role_later(api, person):
    other = person("Ad", login="Ad2")
    refused = api("Ad").act(f"{PEOPLE}/{other.id}/roles/new", {"role": "T"})
    assert (refused.status_code, codes(refused)) == (403, ["SOD_ADMIN"])


@pytest.mark.req("P11-100a")
def test_a_login_is_never_given_twice_also_not_after_deactivation(api, browser, people):
    gone = browser("Ad").submit(f"{PEOPLE}/{people['T'].id}/deactivate", {"reason": "Left on Friday"})
    assert gone.status_code == 303
    person = {"full_name": "Tess Bakker", "roles": ["T"], "language": "nl"}
    refused = api("Ad").act(f"{PEOPLE}/new", person | {"login": "tess"})
    assert refused.status_code == 200
    again = api("Ad").act(f"{PEOPLE}/new", person | {"login": "tess"})
    assert (again.status_code, codes(again)) == (409, ["DUPLICATE_ID"])


def test_a_login_has_one_form(api):
    admin = api("Ad")
    for login in ("T", "te", "Tess", "tess bakker", "1tess", "x" * 33, "tess@x.nl", "tess\n"):
        refused = admin.act(f"{PEOPLE}/new", TESS | {"login": login})
        assert (login, refused.status_code, codes(refused)) == (login, 422, ["FIELD_INVALID"])


@pytest.mark.req("A11-12.3")
def test_the_work_page_asks_a_qa_officer_who_may_approve(api, requested, people):
    path, _link = requested
    assert api("Ad").act(f"{PEOPLE}/{people['QA'].id}/roles/new", {"role": "QP"}).status_code == 200
    [task] = api("QA").get("/").json["tasks"]
    assert (task["record"], task["location"]) == ("tess", f"{path}/approve")
    assert api("QA").act(f"{path}/approve", SEEN).status_code == 200
    assert api("QA").get("/").json["tasks"] == []


def test_a_role_that_does_not_exist_is_named(api):
    refused = api("Ad").act(f"{PEOPLE}/new", TESS | {"roles": ["T", "King"]})
    assert (refused.status_code, codes(refused)) == (422, ["UNKNOWN_ROLE"])
    assert "King" in refused.json["refusals"][0]["sentence"]


@pytest.mark.req("P11-200a3", "P11-300c")
def test_a_reset_ends_sessions_and_signing_until_link_and_code_are_used(app, api, person):
    path = f"{PEOPLE}/{person('T', login='theodora').id}"
    technician = sign_in(app, "theodora")
    done = api("Ad").act(f"{path}/reset", {"reason": "Password forgotten"})
    assert done.status_code == 200, codes(done)
    assert technician.get("/").status_code == 401
    assert codes(technician.post("/login", {"login": "theodora", "password": PASSWORD})) == ["AUTH_BAD_SIGNATURE"]
    assert codes(activate(app, done.json["link"])) == ["AUTH_LINK"]
    code = api("QA").act(f"{path}/approve", SEEN).json["code"]
    assert activate(app, done.json["link"], code=code).status_code == 303
    assert sign_in(app, "theodora", OWN).get("/").status_code == 200


def test_a_new_link_makes_the_one_before_void(app, requested, api):
    path, first = requested
    second = api("Ad").act(f"{path}/reset", {"reason": "The link was lost"}).json["link"]
    code = api("QA").act(f"{path}/approve", SEEN).json["code"]
    assert codes(activate(app, first, code=code)) == ["AUTH_LINK"]
    assert activate(app, second, code=code).status_code == 303


@pytest.mark.req("AC-LEAVE")
def test_after_deactivation_nothing_works_any_more(app, requested, approved, api):
    path, link = requested
    assert api("QA").act(f"{path}/deactivate", {"reason": "Never started"}).status_code == 200
    assert codes(activate(app, link, code=approved[1])) == ["AUTH_LINK"]
    for act, fields in (
        ("approve", SEEN),
        ("roles/new", {"role": "QP"}),
        ("reset", {"reason": "Password forgotten"}),
        ("deactivate", {"reason": "Left twice"}),
    ):
        refused = api("QA" if act in {"approve", "deactivate"} else "Ad").act(f"{path}/{act}", fields)
        assert (act, refused.status_code, codes(refused)) == (act, 409, ["STATE_NOT_ALLOWED"])


def test_nothing_to_approve_is_said_so(api, people):
    refused = api("QA").act(f"{PEOPLE}/{people['T'].id}/approve", SEEN)
    assert (refused.status_code, codes(refused)) == (409, ["STATE_NOT_ALLOWED"])


@pytest.mark.req("SIG-WYSIWYS")
def test_an_approval_of_what_changed_meanwhile_is_refused(requested, browser, api, database):
    path, _link = requested
    quality = browser("QA")
    form = quality.form(f"{path}/approve")
    assert api("Ad").act(f"{path}/roles/new", {"role": "QP"}).status_code == 200
    stale = quality.submit(f"{path}/approve", SEEN, form=form)
    assert (stale.status_code, codes(stale)) == (409, ["STALE_VERSION"])
    assert "QP: requested" in stale.text
    assert quality.submit(f"{path}/approve", SEEN).status_code == 200


@pytest.mark.req("A11-9", "AT-REASONQ")
def test_an_act_that_asks_why_takes_no_empty_word(api, people):
    admin = api("Ad")
    for reason in (None, "", "x", "....", "typo", "Typo.", " typo ", "fout", "reden"):
        refused = admin.act(f"{PEOPLE}/{people['T'].id}/deactivate", {"reason": reason})
        assert (reason, refused.status_code, codes(refused)) == (reason, 422, ["MISSING_REASON"])


@pytest.mark.req("A11-9")
def test_the_reason_stands_on_the_trail(api, people):
    api("Ad").act(f"{PEOPLE}/{people['T'].id}/deactivate", {"reason": "Left on Friday"})
    newest = api("In").get("/trail?action=person.deactivate").json["links"][0]
    assert (newest["actor"], newest["reason"]) == ("Person Ad", "Left on Friday")


def test_the_list_shows_no_secret(api, requested, approved):
    text = api("QA").get(PEOPLE).text
    assert not [word for word in ("hash", "sha256", "token", "argon2") if word in text]
