"""The reconstitution on the page of its container, by page and by API; nothing is done before the release."""

from __future__ import annotations

import pytest

from kernel.clock import PEOPLE
from tests.presets import bare_process

THAW = {"en": "Thaw at 37 °C", "nl": "Ontdooien bij 37 °C"}
PLAN = {"in_use_hours": "2", "steps": [{"key": "thaw", "title": THAW, "instruction": THAW}]}


@pytest.mark.req("ATMP-16-RECON")
@pytest.mark.parametrize(("door", "language"), [("page", "nl"), ("api", "en")])
def test_the_instruction_is_shown_and_nothing_is_done_before_the_release(story, browser, api, door, language):
    collection = story.accepted()
    story.effective("process", bare_process() | {"reconstitution": PLAN}, (story.qa2, "QA"), (story.qp, "QP"))
    batch = story.start(story.open(collection))
    story.later(minutes=5)
    story.steps(batch, last=9)
    bag = story.fill(batch)
    pharmacist, nurse = (browser("Ph"), browser("N")) if door == "page" else (api("Ph"), api("N"))
    send = pharmacist.submit if door == "page" else pharmacist.act
    now = story.now.astimezone(PEOPLE).strftime("%Y-%m-%d %H:%M")
    told = {"code": bag.code, "done_at": now, "volume_ml": "50"}
    place = f"/containers/{bag.id}"
    assert pharmacist.codes(send(f"{place}/reconstitution/new", told, nurse.login)) == ["NOT_CERTIFIED"]
    pages = pharmacist if door == "page" else browser("Ph")
    assert THAW[language] in pages.get(f"{place}?lang={language}").text
    assert pages.get(f"{place}/reconstitution/new?lang={language}").status_code == 200
