"""A correction by page and by API: what follows from it is shown first, then signed as shown."""

from __future__ import annotations

import re

import pytest

from manufacturing.queries.corrections import step_corrections
from manufacturing.queries.steps import step_values
from tests.web.clients import act_form
from tests.web.manufacturing.test_acts import STEP_ONE, WALL_CLOCK

REASON = "one digit was read from the wrong line of the print"


@pytest.fixture
def path(story, browser):
    path, page = f"/batches/{story.started().id}/steps/1", browser("T")
    assert page.codes(page.submit(f"{path}/perform", STEP_ONE | {"performed_at": WALL_CLOCK})) == []
    return path


@pytest.mark.req("ATMP-6.1-CORR")
@pytest.mark.parametrize(("language", "words"), [("en", "Nucleated cells"), ("nl", "kernhoudende cellen")])
def test_the_page_shows_before_and_after_and_signs_that(story, path, browser, language, words):
    page = browser("T")
    changed = page.form(f"{path}/correct") | {"wbc": "97.6", "wbc_unit": "10^6/mL", "reason": REASON}
    shown = page.post(f"{path}/correct/effect?lang={language}", changed)
    assert shown.status_code == 200
    assert words.lower() in shown.text.lower()
    signing = act_form(shown.text) | {"password": page.password, "signer": page.login}
    assert (signing["wbc"], signing["reason"]) == ("97.6", REASON)
    answer = page.post(f"{path}/correct", signing)
    assert (answer.status_code, page.codes(answer)) == (303, [])
    batch = path.split("/")[2]
    assert str(story.read(step_values, batch)["apheresis.wbc"].number) == "97.6"
    assert "nucleated cells" in story.read(step_corrections, batch)[0].effect
    assert REASON in page.get(path).text
    assert "/trail?record=" not in page.get(path).text, "who may not read the trail"


@pytest.mark.req("AT-READ")
def test_beside_each_value_one_click_opens_its_history(path, browser):
    page, reader = browser("T"), browser("QA")
    changed = page.form(f"{path}/correct") | {"wbc": "97.6", "wbc_unit": "10^6/mL", "reason": REASON}
    signing = act_form(page.post(f"{path}/correct/effect", changed).text)
    assert page.codes(page.post(f"{path}/correct", signing | {"password": page.password, "signer": page.login})) == []
    links = re.findall(r'href="(/trail\?record=\w+)" title="History of this value"', reader.get(path).text)
    assert len(set(links)) == len(links) >= 3
    (history,) = [text for one in links if "97.6" in (text := reader.get(one).text)]
    assert REASON in history


def test_what_was_shown_for_other_values_cannot_be_signed(path, api):
    technician = api("T")
    given = STEP_ONE | {"wbc": "97.6", "wbc_unit": "10^6/mL", "reason": REASON}
    shown = technician.act(f"{path}/correct/effect", given).json
    other = given | {"wbc": "96.6", "effect_seen": shown["effect_seen"]}
    assert technician.codes(technician.act(f"{path}/correct", other)) == ["EFFECT_UNSEEN"]


def test_looking_needs_the_same_reason_and_the_same_rules(path, api):
    technician = api("T")
    assert technician.codes(technician.act(f"{path}/correct/effect", STEP_ONE)) == ["MISSING_REASON"]
    given = STEP_ONE | {"viability": "980", "reason": REASON}
    assert technician.codes(technician.act(f"{path}/correct/effect", given)) == ["UNIT_IMPLAUSIBLE"]
