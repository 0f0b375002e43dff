"""Freezing and thaw by page and by API."""

from __future__ import annotations

import pytest

from manufacturing.queries.batches import get_container
from tests.integration.manufacturing.test_cryo import HOURS, filled


@pytest.mark.parametrize("door", ["page", "api"])
def test_a_container_is_frozen_and_thawed(story, browser, api, door):
    bag = filled(story, HOURS)
    technician = browser("T") if door == "page" else api("T")
    send = technician.submit if door == "page" else technician.act
    second = browser("QA").login
    for act in ("freeze", "thaw"):
        told = {"code": bag.code, "at": story.now.isoformat()}
        assert technician.codes(send(f"/containers/{bag.id}/{act}", told, second)) == []
    row = story.read(get_container, bag.id)
    assert (row.frozen_at, row.thawed_at) == (story.now, story.now)
    for language in ("nl", "en"):
        page = browser("QA").get(f"/containers/{bag.id}?lang={language}")
        assert page.status_code == 200
        assert 'id="cryo"' in page.text
        assert "6 h" in page.text
