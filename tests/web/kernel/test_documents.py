"""Controlled documents: written by one, approved by two others, each in his role; then in force, and only then."""

from __future__ import annotations

import hashlib
import json

import pytest

from kernel.canonical import canonical
from kernel.documents.domain import PRESETS
from kernel.documents.queries import get_effective
from kernel.errors import Refused
from tests.web.clients import codes

DOCUMENTS = "/administration/documents"


@pytest.fixture
def drafted(api):
    """``drafted("QP")``: the address of a new version of the label template, written by that person."""

    def draft(author="Sp", preset="label_template"):
        done = api(author).act(f"{DOCUMENTS}/new", {"preset": preset})
        assert done.status_code == 200, codes(done)
        return f"{DOCUMENTS}/{done.json['id']}"

    return draft


def shown(api, path):
    return api("In").get(path).json["document"]


def approve(api, path, login, role=None, **changed):
    return api(login).act(f"{path}/approve", {"role": role or login} | changed)


@pytest.mark.req("ATMP-6.2-SPEC", "A11-10")
def test_a_version_is_in_force_only_after_both_approvals(api, drafted, database):
    path = drafted()
    seen = [shown(api, path)["status"]]
    for role in ("QP", "QA"):
        assert approve(api, path, role).status_code == 200
        seen.append(shown(api, path)["status"])
    assert seen == ["draft", "reviewed", "effective"]
    document = shown(api, path)
    assert [one["by"] for one in document["approvals"]] == ["Person QA", "Person QP"]
    assert document["effective_at"] == "2026-11-23T09:00:00.000000Z"


def test_nothing_is_judged_by_a_draft(api, drafted, database):
    approve(api, drafted(), "QA")
    with database.reading() as session, pytest.raises(Refused) as refused:
        get_effective(session, "label_template")
    assert [one.code for one in refused.value.refusals] == ["NO_EFFECTIVE_DOCUMENT"]


def test_the_digest_is_that_of_the_text(api, drafted):
    document = shown(api, drafted())
    text = canonical(PRESETS["label_template"].body)
    assert document["sha256"] == hashlib.sha256(text.encode()).hexdigest()
    assert document["body"] == json.loads(text)


@pytest.mark.req("F-D7.2.4")
def test_a_new_version_retires_the_one_before(api, drafted, database):
    first, second = drafted(), drafted()
    for path in (first, second):
        for role in ("QA", "QP"):
            assert approve(api, path, role).status_code == 200
    assert [shown(api, path)["status"] for path in (first, second)] == ["retired", "effective"]
    assert [shown(api, path)["number"] for path in (first, second)] == [1, 2]
    with database.reading() as session:
        assert get_effective(session, "label_template").number == 2


@pytest.mark.req("ATMP-6.2-SPEC", "S8")
@pytest.mark.parametrize("author", ["QA", "QP"])
def test_an_author_does_not_approve_his_own_version(api, drafted, author):
    refused = approve(api, drafted(author), author)
    assert (refused.status_code, codes(refused)) == (403, ["SOD_MASTER"])


@pytest.mark.req("ATMP-6.2-SPEC")
def test_one_person_with_both_roles_does_not_approve_twice(api, drafted, person):
    person("QA", "QP", login="both")
    path = drafted()
    assert approve(api, path, "both", "QA").status_code == 200
    refused = approve(api, path, "both", "QP")
    assert (refused.status_code, codes(refused)) == (403, ["SOD_MASTER"])
    assert approve(api, path, "QP").status_code == 200


def test_an_approval_is_given_once_per_role(api, drafted, person):
    person("QA", login="QA2")
    path = drafted()
    assert approve(api, path, "QA").status_code == 200
    refused = approve(api, path, "QA2", "QA")
    assert (refused.status_code, codes(refused)) == (409, ["ALREADY_APPROVED"])


def test_approval_is_in_a_role_that_is_held_and_asked_for(api, drafted):
    by_sponsor, by_qp = drafted("Sp"), drafted("QP")
    tries = [(by_sponsor, "QA", "QP"), (by_qp, "Sp", "Sp"), (by_sponsor, "QP", "QA"), (by_sponsor, "QA", "x")]
    for path, login, role in tries:
        refused = approve(api, path, login, role)
        assert (login, role, refused.status_code, codes(refused)) == (login, role, 403, ["ROLE_NOT_ALLOWED"])


@pytest.mark.parametrize("action", ["QA", "QP"])
def test_a_version_in_force_is_not_approved_again(api, drafted, action):
    path = drafted()
    for role in ("QA", "QP"):
        approve(api, path, role)
    refused = approve(api, path, action)
    assert (refused.status_code, codes(refused)) == (409, ["STATE_NOT_ALLOWED"])


@pytest.mark.req("SIG-WYSIWYS")
def test_an_approval_rests_on_the_approvals_that_were_seen(api, drafted, browser):
    path = drafted()
    quality = browser("QA")
    form = quality.form(f"{path}/approve")
    assert approve(api, path, "QP").status_code == 200
    stale = quality.submit(f"{path}/approve", {"role": "QA"}, form=form)
    assert (stale.status_code, codes(stale)) == (409, ["STALE_VERSION"])


@pytest.mark.parametrize(("field", "value"), [("password", "wrong"), ("seen", "0" * 64), ("seen", "")])
def test_a_refused_approval_changes_nothing(api, drafted, field, value):
    path = drafted()
    before = shown(api, path)
    refused = approve(api, path, "QA", **{field: value})
    assert codes(refused) == ["AUTH_BAD_SIGNATURE" if field == "password" else "STALE_VERSION"]
    assert shown(api, path) == before


def test_the_work_page_asks_exactly_those_who_can_approve(api, drafted, browser):
    drafted("QP")
    waiting = {role: [task["record"] for task in api(role).get("/").json["tasks"]] for role in ("QA", "QP", "Sp", "T")}
    assert waiting == {"QA": ["FULL v1"], "QP": [], "Sp": [], "T": []}
    page = browser("QA").get("/").text
    assert "waits for your approval as QA" in page


def test_a_preset_that_does_not_exist_is_not_found(api):
    assert api("QA").act(f"{DOCUMENTS}/new", {"preset": "x"}).status_code == 404


@pytest.mark.parametrize("act", ["", "/approve"])
def test_a_document_that_does_not_exist_is_not_found(api, browser, act):
    assert (
        api("QA").get(f"{DOCUMENTS}/none{act}").status_code,
        browser("QA").get(f"{DOCUMENTS}/none{act}").status_code,
    ) == (
        404,
        404,
    )


def changed(api, path, limit="0.05"):
    """The next version of this process, with another action limit of the depletion."""
    body = api("QA").get(path).json["document"]["body"]
    step = next(one for one in body["steps"] if one["key"] == "deplete_cd3")
    next(one for one in step["fields"] if one["key"] == "cd3_percent")["action"]["high"] = limit
    given = {"title": "Stricter depletion", "text": json.dumps(body), "retraining": "no"}
    return given | {"reason": "the sponsor asks for a stricter limit"}


@pytest.mark.req("ATMP-6.2-MBR", "A11-10")
def test_a_change_is_a_new_version_and_people_read_what_differs(api, browser, drafted):
    path = drafted("QA", "process")
    done = api("QA").act(f"{path}/revise", changed(api, path))
    assert codes(done) == []
    new, old = f"{DOCUMENTS}/{done.json['id']}", path.rpartition("/")[2]
    found = api("In").get(f"{new}/compare/{old}").json
    [one] = found["differences"]
    assert (one["kind"], one["old"], one["new"]) == ("changed", "0.1", "0.05")
    assert [step["en"] if isinstance(step, dict) else step for step in one["path"]] == [
        "steps",
        "CD3 depletion",
        "fields",
        "T cells (CD3+) of viable CD45+",
        "action",
        "high",
    ]
    page = browser("In").get(f"{new}/compare/{old}").text
    assert "CD3 depletion › fields › T cells (CD3+) of viable CD45+ › action › high" in page.replace("\n", "")
    assert shown(api, path)["number"] == 1
    assert f"/compare/{old}" in browser("QP").get(new).text


@pytest.mark.parametrize(("text", "codes_expected"), [("{]", ["DOCUMENT_INVALID"]), ("[]", ["DOCUMENT_INVALID"])])
def test_a_text_that_is_no_document_is_refused(api, drafted, text, codes_expected):
    path = drafted("QA", "process")
    sent = changed(api, path)
    assert codes(api("QA").act(f"{path}/revise", sent | {"text": text})) == codes_expected
    same = json.dumps(shown(api, path)["body"])
    assert codes(api("QA").act(f"{path}/revise", sent | {"text": same})) == ["DOCUMENT_INVALID"]


def test_a_version_taken_back_is_in_force_no_more(api, drafted, database):
    path = drafted()
    for role in ("QA", "QP"):
        assert approve(api, path, role).status_code == 200
    assert codes(api("QA").act(f"{path}/retire", {"reason": "x"})) == ["MISSING_REASON"]
    assert codes(api("QA").act(f"{path}/retire", {"reason": "the address of the sponsor is wrong"})) == []
    assert shown(api, path)["status"] == "retired"
    with database.reading() as session, pytest.raises(Refused):
        get_effective(session, "label_template")
    assert codes(api("QA").act(f"{path}/retire", {"reason": "once more, with words"})) == ["STATE_NOT_ALLOWED"]


@pytest.mark.req("ATMP-6.2-MBR")
def test_every_preset_is_drafted_under_its_own_name(api, browser):
    page = browser("QA").get(f"{DOCUMENTS}/new").text
    for name, preset in PRESETS.items():
        assert preset.title in page
        done = api("QA").act(f"{DOCUMENTS}/new", {"preset": name})
        assert (name, codes(done)) == (name, [])
