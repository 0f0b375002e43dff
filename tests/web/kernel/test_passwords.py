"""Wrong passwords: counted on the account, wherever they were typed; five lock it; nothing tells who has an account."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from kernel.accounts.passwords import Passwords
from kernel.accounts.tables import PersonRow
from kernel.tables import SignatureRow, TrailRow
from tests.conftest import PASSWORD
from tests.web.clients import codes

PEOPLE = "/administration/people"
WRONG = "wrong magpies sing here"


def attempt(app, login, password=WRONG):
    return app.test_client().post("/login", data={"login": login, "password": password})


def person_row(database, login):
    with database.reading() as session:
        return session.execute(sa.select(PersonRow).where(PersonRow.login == login)).scalar_one()


def requested_account(browser, api):
    """A new account that waits for QA: the path on which QA approves it with a signature."""
    fields = {"login": "tess", "full_name": "Tess Bakker", "roles": ["T"], "language": "nl"}
    done = api("Ad").act(f"{PEOPLE}/new", fields)
    assert done.status_code == 200, codes(done)
    return f"{PEOPLE}/{done.json['id']}/approve"


@pytest.mark.req("AC-PW", "P11-300d")
def test_five_wrong_passwords_lock_the_account_for_fifteen_minutes(app, people, database):
    answers = [codes(attempt(app, "QA")) for _ in range(5)]
    assert answers == [["AUTH_BAD_SIGNATURE"]] * 5
    assert codes(attempt(app, "QA", PASSWORD)) == ["AUTH_LOCKED"]
    database.clock.advance(timedelta(minutes=15) - timedelta(microseconds=1))
    assert codes(attempt(app, "QA", PASSWORD)) == ["AUTH_LOCKED"]
    database.clock.advance(timedelta(microseconds=1))
    assert attempt(app, "QA", PASSWORD).status_code == 303


@pytest.mark.req("P11-300d")
def test_qa_and_the_administrator_hear_of_a_locked_account_until_it_opens(app, api, database):
    for _ in range(5):
        attempt(app, "T")
    for role, told in (("QA", True), ("Ad", True), ("QP", False), ("In", False)):
        tasks = [(one["record"], one["reason"]) for one in api(role).get("/").json["tasks"]]
        assert (role, tasks) == (role, [("T", "locked after five wrong passwords")] if told else [])
    database.clock.advance(timedelta(minutes=15))
    assert api("QA").get("/").json["tasks"] == []


def test_four_wrong_passwords_do_not_lock_and_the_right_one_starts_the_count_anew(app, people, database):
    for _ in range(2):
        for _ in range(4):
            attempt(app, "QA")
        assert attempt(app, "QA", PASSWORD).status_code == 303
        assert person_row(database, "QA").failed_count == 0


def test_the_lock_is_on_the_account_not_on_the_browser(app, people):
    client = app.test_client()
    for _ in range(5):
        client.post("/login", data={"login": "QA", "password": WRONG})
    assert client.post("/login", data={"login": "T", "password": PASSWORD}).status_code == 303
    assert codes(attempt(app, "QA", PASSWORD)) == ["AUTH_LOCKED"]


@pytest.mark.req("P11-300d")
def test_signing_and_signing_in_share_one_count(app, browser, api, database):
    path = requested_account(browser, api)
    quality = browser("QA")
    for _ in range(2):
        attempt(app, "QA")
    for _ in range(3):
        answer = quality.submit(path, {"identity_check": "staff card seen"}, password=WRONG)
        assert (answer.status_code, codes(answer)) == (401, ["AUTH_BAD_SIGNATURE"])
    answer = quality.submit(path, {"identity_check": "staff card seen"})
    assert (answer.status_code, codes(answer)) == (401, ["AUTH_LOCKED"])
    assert person_row(database, "tess").status == "requested"


@pytest.mark.req("P11-200a1", "AT-SCOPE")
def test_a_refused_signature_is_on_the_trail_under_the_person_who_tried(browser, api, people):
    path = requested_account(browser, api)
    browser("QA").submit(path, {"identity_check": "staff card seen"}, password=WRONG)
    refused = api("In").get("/trail?outcome=refused").json["links"][0]
    assert (refused["actor"], refused["action"]) == ("Person QA", "person.approve")
    assert [one["code"] for one in refused["refusals"]] == ["AUTH_BAD_SIGNATURE"]
    assert refused["details"] == {"login": "QA"}


@pytest.mark.req("P11-200a1", "P11-200a1i")
def test_a_password_alone_signs_only_after_the_first_full_signature(browser, api, people):
    quality = browser("QA")
    first = requested_account(browser, api)
    alone = quality.submit(first, {"identity_check": "staff card seen", "signer": None})
    assert (alone.status_code, codes(alone)) == (401, ["AUTH_BAD_SIGNATURE"])
    assert 'name="signer"' in alone.text
    assert quality.submit(first, {"identity_check": "staff card seen"}).status_code == 200
    again = api("Ad").act(f"{PEOPLE}/{people['T'].id}/roles/new", {"role": "QP"})
    assert again.status_code == 200, codes(again)
    second = f"{PEOPLE}/{people['T'].id}/approve"
    assert 'name="signer"' not in quality.get(second).text
    assert quality.submit(second, {"identity_check": "staff card seen", "signer": None}).status_code == 303


@pytest.mark.req("P11-200a1i")
def test_a_client_names_the_signer_every_time(api, browser):
    path = requested_account(browser, api)
    refused = api("QA").act(path, {"identity_check": "staff card seen", "signer": None})
    assert (refused.status_code, codes(refused)) == (401, ["AUTH_BAD_SIGNATURE"])


@pytest.mark.req("P11-200a2", "AT-SCOPE")
def test_a_colleagues_id_and_password_do_not_sign_in_my_session(browser, api, person, database):
    person("QA", login="QA2")
    path = requested_account(browser, api)
    answer = browser("QA").submit(path, {"identity_check": "staff card seen", "signer": "QA2"})
    assert (answer.status_code, codes(answer)) == (401, ["AUTH_OTHER_PERSON"])
    with database.reading() as session:
        assert session.execute(sa.select(SignatureRow)).all() == []
    refused = api("In").get("/trail?outcome=refused").json["links"][0]
    assert (refused["actor"], refused["refusals"][0]["code"]) == ("Person QA", "AUTH_OTHER_PERSON")


def links_of(database):
    with database.reading() as session:
        return session.execute(sa.select(TrailRow).order_by(TrailRow.seq)).scalars().all()


@pytest.mark.req("AC-PW")
def test_an_unknown_login_takes_the_same_path_as_a_wrong_password(app, people, database, monkeypatch):
    verified = []
    verify = Passwords.matches

    def matches(self, stored, password):
        verified.append(stored is not None)
        return verify(self, stored, password)

    monkeypatch.setattr(Passwords, "matches", matches)
    start = len(links_of(database))
    known = attempt(app, "QA")
    middle = len(links_of(database))
    unknown = attempt(app, "who")
    assert verified == [True, False]
    assert (known.status_code, codes(known)) == (unknown.status_code, codes(unknown)) == (401, ["AUTH_BAD_SIGNATURE"])
    assert middle - start == len(links_of(database)) - middle == 2


def test_an_unknown_login_verifies_against_a_hash_of_the_same_cost():
    passwords = Passwords(cheap=True)
    ours, nobody = passwords.hash("x" * 15).split("$")[:4], passwords._nobody.split("$")[:4]
    assert ours == nobody


def test_what_is_typed_as_an_unknown_id_is_not_kept(app, people, database):
    attempt(app, PASSWORD, "QA")
    assert not [one for one in links_of(database) if PASSWORD in one.payload]


@pytest.mark.req("P11-200a1")
def test_an_id_that_is_not_exactly_right_signs_nobody_in(app, people):
    for login in ("QA\0", "\0", "qa", "QA ", "' OR 1=1 --", "x" * 5000, "é", ""):
        answer = attempt(app, login, PASSWORD)
        assert (login, answer.status_code, codes(answer)) == (login, 401, ["AUTH_BAD_SIGNATURE"])


def test_a_token_is_given_only_for_id_and_password(app, people):
    odd = [{"login": "\ud800", "password": PASSWORD}, {"login": "QA", "password": "\ud800"}, {"login": 5}]
    for body in (*odd, {}, [], "x", None):
        answer = app.test_client().post("/api/v1/tokens", json=body)
        assert (body, answer.status_code, codes(answer)) == (body, 401, ["AUTH_BAD_SIGNATURE"])


def test_a_client_with_a_name_nobody_can_read_is_just_a_client(app, api):
    for name, kept in (("bench\0", "client"), ("\ud800", "client"), ("\u202e", "client"), ("x" * 99, "x" * 64)):
        body = {"login": "T", "password": PASSWORD, "client": name}
        assert app.test_client().post("/api/v1/tokens", json=body).status_code == 201
        assert api("In").get("/trail?action=session.open").json["links"][1]["details"] == {"client": kept}


def test_the_same_keys_give_the_same_password_on_every_keyboard(app, people, database, passwords):
    assert passwords.matches(passwords.hash("caf\u00e9 drie blauwe fietsen"), "cafe\u0301 drie blauwe fietsen")
