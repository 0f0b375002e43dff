"""Sent twice is done once: idempotency keys, and the version that was seen."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from kernel.accounts.tables import RoleGrantRow
from kernel.tables import IdempotencyRow, TrailRow
from tests.web.clients import codes

PEOPLE = "/administration/people"


@pytest.fixture
def path(people):
    return f"{PEOPLE}/{people['T'].id}/roles/new"


def grants(database, people):
    query = sa.select(RoleGrantRow.role).where(RoleGrantRow.person_id == people["T"].id)
    with database.reading() as session:
        return sorted(session.execute(query).scalars())


def done_acts(database):
    with database.reading() as session:
        query = sa.select(TrailRow).where(TrailRow.action == "role.request", TrailRow.outcome == "done")
        return len(session.execute(query).all())


@pytest.mark.req("SIG-ONCE")
def test_the_same_form_sent_twice_is_done_once_and_answered_alike(browser, people, path, database):
    admin = browser("Ad")
    form = admin.form(path)
    answers = [admin.submit(path, {"role": "QP"}, form=form) for _ in range(2)]
    assert [(one.status_code, one.headers["Location"]) for one in answers] == [(303, PEOPLE)] * 2
    assert (grants(database, people), done_acts(database)) == (["QP", "T"], 1)


@pytest.mark.req("SIG-ONCE")
def test_the_same_request_of_a_client_gets_the_same_answer(api, people, path, database):
    admin = api("Ad")
    seen = admin.get(path).json["seen"]
    answers = [admin.act(path, {"role": "QP"}, key="one", seen=seen) for _ in range(2)]
    assert [one.status_code for one in answers] == [200, 200]
    assert answers[0].json == answers[1].json
    assert (grants(database, people), done_acts(database)) == (["QP", "T"], 1)


@pytest.mark.req("SIG-ONCE")
def test_two_equal_requests_at_the_same_time_are_one(api, people, path, database):
    admin = api("Ad")
    seen = admin.get(path).json["seen"]
    answers, ready = [], threading.Barrier(4)

    def send():
        ready.wait()
        answers.append(admin.act(path, {"role": "QP"}, key="one", seen=seen))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(one.status_code, one.json) for one in answers] == [(200, answers[0].json)] * 4
    assert (grants(database, people), done_acts(database)) == (["QP", "T"], 1)


@pytest.mark.parametrize("change", ["fields", "reason", "act", "person"])
def test_a_key_is_never_reused_for_something_else(api, people, person, change):
    path = f"{PEOPLE}/{people['T'].id}/deactivate"
    admin = api("Ad")
    first = {"reason": "Left on Friday"}
    if change == "fields":
        path = f"{PEOPLE}/{people['T'].id}/roles/new"
        first = {"role": "QP"}
    assert admin.act(path, first, key="one").status_code == 200
    if change == "person":
        person("Ad", login="Ad2")
    again, place, body = {
        "fields": (admin, path, {"role": "QA"}),
        "reason": (admin, path, {"reason": "Left on Monday"}),
        "act": (admin, f"{PEOPLE}/{people['N'].id}/deactivate", first),
        "person": (api("Ad2" if change == "person" else "Ad"), path, first),
    }[change]
    refused = again.act(place, body, key="one")
    assert (refused.status_code, codes(refused)) == (422, ["IDEMPOTENCY_MISMATCH"])


def test_without_a_key_nothing_is_done(api, people, path, database, browser):
    admin = api("Ad")
    refused = admin.post(path, {"role": "QP", "seen": admin.get(path).json["seen"]})
    assert (refused.status_code, codes(refused)) == (422, ["IDEMPOTENCY_MISSING"])
    page = browser("Ad").submit(path, {"role": "QP", "idempotency_key": None})
    assert (page.status_code, codes(page)) == (422, ["IDEMPOTENCY_MISSING"])
    assert grants(database, people) == ["T"]


def test_a_key_is_short_and_visible(api, people, path, database):
    admin = api("Ad")
    body = {"role": "QP", "seen": admin.get(path).json["seen"]}
    for key in ("x" * 201, "two words", "é", "\u202e", "a\tb"):
        refused = admin.post(path, body | {"idempotency_key": key})
        assert (key, refused.status_code, codes(refused)) == (key, 422, ["FIELD_INVALID"])
    assert grants(database, people) == ["T"]


def test_a_corrected_password_works_with_the_same_key(api, people, path):
    admin = api("Ad")
    assert admin.act(path, {"role": "QP"}).status_code == 200
    approve = f"{PEOPLE}/{people['T'].id}/approve"
    quality = api("QA")
    wrong = quality.act(approve, {"identity_check": "staff card seen", "password": "wrong"}, key="one")
    assert codes(wrong) == ["AUTH_BAD_SIGNATURE"]
    assert quality.act(approve, {"identity_check": "staff card seen"}, key="one").status_code == 200


def test_a_refusal_is_not_stored_under_its_key(api, people, path, database):
    admin = api("Ad")
    refused = admin.act(path, {"role": "King"}, key="one")
    assert codes(refused) == ["UNKNOWN_ROLE"]
    assert admin.act(path, {"role": "QP"}, key="one").status_code == 200


def test_a_replay_asks_for_the_password_again(api, browser, database, people):
    draft = api("Sp").act("/administration/documents/new", {"preset": "label_template"}).json["id"]
    path = f"/administration/documents/{draft}/approve"
    quality = api("QA")
    seen = quality.get(path).json["seen"]
    assert quality.act(path, {"role": "QA"}, key="one", seen=seen).status_code == 200
    wrong = quality.act(path, {"role": "QA", "password": "wrong"}, key="one", seen=seen)
    assert (wrong.status_code, codes(wrong)) == (401, ["AUTH_BAD_SIGNATURE"])
    assert quality.act(path, {"role": "QA"}, key="one", seen=seen).status_code == 200


@pytest.mark.req("P11-70")
def test_no_password_is_stored_with_an_answer(api, people, path, database):
    api("Ad").act(path, {"role": "QP"}, key="one")
    with database.reading() as session:
        row = session.get(IdempotencyRow, "one")
    assert "magpies" not in str(vars(row))


@pytest.mark.req("SIG-WYSIWYS")
def test_what_was_not_seen_is_not_done(api, people, path, database):
    admin = api("Ad")
    for seen in ("", "0" * 64, "x", "é"):
        refused = admin.act(path, {"role": "QP", "seen": seen})
        assert (seen, refused.status_code, codes(refused)) == (seen, 409, ["STALE_VERSION"])
    assert grants(database, people) == ["T"]


@pytest.mark.req("SIG-WYSIWYS")
def test_after_a_stale_page_the_record_is_shown_as_it_is_now(browser, api, people, path):
    admin = browser("Ad")
    form = admin.form(path)
    assert api("Ad").act(path, {"role": "QP"}).status_code == 200
    stale = admin.submit(path, {"role": "Sp"}, form=form)
    assert (stale.status_code, codes(stale)) == (409, ["STALE_VERSION"])
    assert "QP: requested" in stale.text
    assert admin.submit(path, {"role": "Sp"}).status_code == 303
