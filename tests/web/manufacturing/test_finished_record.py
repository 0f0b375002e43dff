"""A record that QA returned, as a technician meets it: what changes is shown first, on every way to change a value."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kernel.work import SYSTEM, unit_of_work
from manufacturing.tables.batches import BatchRow
from tests.integration.manufacturing.story import Story
from tests.places import remembered


@pytest.fixture
def story(database, person, app):
    return remembered(database, "story", lambda: Story(database, person))


@pytest.mark.req("A11D-13", "DI-6.12")
def test_every_way_to_change_a_value_of_a_finished_record_leads_over_what_changes(story, browser):
    batch = story.started()
    story.perform(batch, 1, "inspect")
    story.verify(batch, 1)
    story.again(batch, 1, wbc=Decimal("90.1"))
    story.verify(batch, 1, by=story.qa)
    with unit_of_work(story.database, SYSTEM, "test.return") as work:
        work.lock(BatchRow, batch.id).status = "returned_for_correction"
    technician, step = browser("T"), f"/batches/{batch.id}/steps/1"
    assert f'data-save="/api/v1{step}/save" data-page="{step}/correct"' in technician.get(f"{step}/correct").text
    for way in ("measure-again", "choose-measurement"):
        page = technician.get(f"{step}/{way}").text
        assert f'action="{step}/{way}/effect"' in page
        assert 'name="password"' not in page, "it is signed where it is shown"
    asked = {"choice": "wbc:1", "reason": "the second tube stood too long"}
    shown = technician.submit(f"{step}/choose-measurement/effect", asked).text
    assert f'action="{step}/choose-measurement"' in shown
    assert "nucleated cells" in shown
