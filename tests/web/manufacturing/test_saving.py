"""Fields of a step saved by page and by API: kept at once, shown to everybody, signed as shown."""

from __future__ import annotations

import pytest

from manufacturing.queries.entries import entries_of_batch
from manufacturing.queries.steps import batch_steps, step_values
from tests.web.clients import Forms
from tests.web.manufacturing.test_acts import STEP_ONE

PATH = "/batches/{}/steps/1"


@pytest.fixture
def path(story):
    return PATH.format(story.started().id)


@pytest.fixture(params=["page", "api"])
def technician(request, browser, api):
    who = browser("T") if request.param == "page" else api("T")
    return (who.submit if request.param == "page" else who.act), who.codes


def batch_of(path):
    return path.split("/")[2]


@pytest.mark.req("DI-6.12")
def test_a_field_is_kept_and_shown_on_every_other_device(story, path, technician, browser):
    send, codes = technician
    assert codes(send(f"{path}/save", {"wbc": "98600", "wbc_unit": "cells/uL"})) == []
    page = browser("T").get(f"{path}/perform").text
    form = next(form for form in Forms(page).forms if "wbc" in form)
    assert (form["wbc"], form["wbc_unit"], form["wbc_seen"]) == (["98600"], ["cells/uL"], ["1"])
    assert "= 98.6 10^6/mL" in page


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"wbc": "98,6"}, ["FIELD_INVALID"]),
        ({"wbc": "98600", "wbc_unit": "10^6/mL"}, ["UNIT_IMPLAUSIBLE"]),
        ({"tnc": "2e10"}, ["FIELD_INVALID"]),
        ({"culture_sample": "geb. 01-02-2015"}, ["PII_IN_FIELD", "PII_IN_FIELD"]),
    ],
)
def test_a_wrong_value_is_refused_beside_its_field_and_stays_on_the_page(story, path, technician, fields, expected):
    send, codes = technician
    answer = send(f"{path}/save", fields)
    assert codes(answer) == expected
    assert story.read(entries_of_batch, batch_of(path)) == {}
    if not answer.is_json and "tnc" not in fields:
        assert next(iter(fields.values())) in answer.text


@pytest.mark.req("SIG-WYSIWYS")
def test_the_page_signs_what_it_shows_also_where_a_saved_field_was_emptied(story, path, browser):
    one = browser("T")
    assert "(or N/A with a reason)" in one.get(f"{path}/perform").text, (
        "what may not be left empty is not called optional"
    )
    assert one.codes(one.submit(f"{path}/save", STEP_ONE | {"b_percent": "4", "b_percent_na": ""})) == []
    assert (
        one.codes(
            one.submit(f"{path}/perform", {"b_percent": "", "b_percent_na": "not measured today", "viability": "98.9"})
        )
        == []
    )
    values = story.read(step_values, batch_of(path))
    assert str(values["apheresis.viability"].number) == "98.9"
    assert values["apheresis.b_percent"].number is None


@pytest.mark.req("SIG-WYSIWYS")
def test_two_technicians_at_one_step_see_each_others_values(story, path, browser, api):
    first, second = browser("T"), api("QA")
    opened = first.form(f"{path}/perform")
    assert second.codes(second.act(f"{path}/save", {"viability": "97.0"})) == ["ROLE_NOT_ALLOWED"]
    with_api = api("T")
    assert with_api.codes(with_api.act(f"{path}/save", {"viability": "97.0"})) == []
    answer = first.submit(f"{path}/perform", STEP_ONE, form=opened)
    assert first.codes(answer) == ["STALE_VERSION"]
    assert 'value="99.1"' in answer.text
    assert "<strong>97.0</strong>" in answer.text


def test_a_resent_save_is_done_once(story, path, api):
    one = api("T")
    body = {"viability": "99.1", "idempotency_key": "a"}
    assert one.act(f"{path}/save", body).status_code == 200
    assert one.act(f"{path}/save", body).status_code == 200
    assert one.act(f"{path}/save", {**body, "idempotency_key": "b"}).json["saved"] == {}
    assert len(story.read(entries_of_batch, batch_of(path))[story.read(batch_steps, batch_of(path))[0].id]) == 1


def test_the_page_says_in_both_languages_what_to_do_when_the_connection_is_lost(path, browser):
    page = browser("T")
    assert 'data-words-unknown="Unknown, not saved: resend."' in page.get(f"{path}/perform").text
    dutch = page.get(f"{path}/perform?lang=nl").text
    assert 'data-words-unknown="Onbekend, niet opgeslagen: verstuur opnieuw."' in dutch
