"""A page that is an old one is refused with what changed: which field of which record, from what to what, by whom."""

from __future__ import annotations

from decimal import Decimal

import pytest

from manufacturing.tables.trial import WeightRow
from tests.integration.release import factory
from tests.places import along, remembered
from tests.web.clients import act_form

D = Decimal
YES = {"manufacturing_authorised": "yes", "national_duties": "yes", "register_entry": "yes"}
POTENCY = {"operator": "=", "unit": "%", "measured_at": "2026-11-23 10:00", "raw_data_reference": "RUN-18"}
SIGNED_AS = {"en": "on the page as it is now", "nl": "op de pagina zoals die nu is"}
NOBODY = {"en": "Who can resolve it: nobody", "nl": "Wie kan het oplossen: niemand"}
WORDS = "assessed together with the minor deviation"


@pytest.fixture
def reviewed(app, database, people):
    made = remembered(database, "made", lambda: factory.Made(database))
    along(made, "reviewed", lambda: factory.tested_and_reviewed(made))
    return made


@pytest.fixture
def path(reviewed):
    return f"/batches/{reviewed.batch_id}/certify-pending"


@pytest.mark.req("SIG-WYSIWYS")
def test_the_page_says_what_changed_keeps_what_was_typed_and_can_be_signed_after_reading(
    reviewed, path, browser, codes
):
    person = browser("QP")
    form = person.form(path)
    reviewed.enter("potency", value=D(40), unit="%")
    answer = person.submit(path, {**YES, "deviation_assessment": WORDS}, form=form)
    assert (answer.status_code, codes(answer)) == (409, ["STALE_VERSION"])
    for words in (
        "What changed since you opened this page",
        "<strong>Enter the result</strong> · Person T ",
        f"test {reviewed.test('potency').number}",
        "<del>requested</del></td>",
        "<ins>entered</ins></td>",
        "results › Killing of K562 at 20:1 › status",
        WORDS,
    ):
        assert words in answer.text
    again = act_form(answer.text)
    assert again["seen"] != form["seen"]
    assert "STALE_VERSION" not in codes(person.submit(path, form=again))


@pytest.mark.req("SIG-WYSIWYS")
@pytest.mark.parametrize(("language", "words"), [("en", ("status", "requested", "entered")), ("nl", None)])
def test_a_client_is_told_the_same_in_its_language(reviewed, path, api, language, words):
    client = api("QP")
    looked = client.get(path).json
    reviewed.enter("potency", value=D(40), unit="%")
    body = {**YES, "seen": looked["seen"], "opened": looked["opened"], "signer": client.login}
    answer = client.post(f"{path}?lang={language}", {**body, "password": client.password}, key="k")
    (act,) = answer.json["changes"]["acts"]
    (test,) = [one for one in act["records"] if one["entity"] == "test"]
    field = next(one for one in test["fields"] if one["name"] == "status")
    assert (act["by"], test["id"], test["new"]) == ("Person T", reviewed.test_id("potency"), False)
    assert (field["field"], field["from"], field["to"]) == (words or ("status", "aangevraagd", "ingevoerd"))
    assert {tuple(one["where"])[-1] for one in answer.json["changes"]["lines"]} == {"status"}


@pytest.mark.req("SIG-WYSIWYS")
def test_what_follows_from_a_change_is_told_with_it(reviewed, path, api):
    """Of another weight also the doses that it gives."""
    client = api("QP")
    looked = client.get(path).json
    reviewed.later(minutes=5)
    reviewed.weigh(40)
    answer = client.act(path, {**YES, "opened": looked["opened"]}, seen=looked["seen"])
    records = [one["entity"] for act in answer.json["changes"]["acts"] for one in act["records"]]
    assert records == [WeightRow.__tablename__]
    lines = {tuple(one["where"][:1]): one for one in answer.json["changes"]["lines"]}
    assert {("weight",), ("results",)} <= set(lines)


@pytest.mark.req("SIG-WYSIWYS")
@pytest.mark.parametrize(("language", "meanwhile"), [("en", "no longer possible"), ("nl", "kan niet meer")])
def test_a_second_tab_of_what_is_done_already_is_told_what_was_done_and_where_to_look(
    reviewed, browser, codes, language, meanwhile
):
    technician, path = browser("T"), f"/tests/{reviewed.test_id('potency')}/enter?lang={language}"
    form = technician.form(path)
    reviewed.enter("potency", value=D(40), unit="%")
    late = technician.submit(path, {**POTENCY, "value": "41"}, form=form)
    assert (late.status_code, codes(late)) == (409, ["STATE_NOT_ALLOWED"])
    for words in (meanwhile, "Person T ", f"{reviewed.test('potency').number}", SIGNED_AS[language]):
        assert words in late.text
    assert NOBODY[language] not in late.text


def test_a_page_that_does_not_bring_back_what_it_showed_is_refused_all_the_same(reviewed, path, api, codes):
    client = api("QP")
    looked = client.get(path).json
    reviewed.later(minutes=5)
    reviewed.weigh(40)
    for opened in ("", "x", looked["opened"][:-8]):
        answer = client.act(path, {**YES, "opened": opened}, seen=looked["seen"])
        assert (codes(answer), "changes" in answer.json) == (["STALE_VERSION"], False)
