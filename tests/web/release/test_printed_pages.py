"""Printed records as people and clients take them."""

from __future__ import annotations

import pytest

from kernel.tables import TrailRow
from tests.integration.manufacturing.story import Story
from tests.integration.release.printing import flat
from tests.places import remembered


@pytest.fixture
def story(database, person, app):
    return remembered(database, "story", lambda: Story(database, person))


@pytest.mark.req("ATMP-HIST")
def test_the_record_is_taken_from_the_batch_page_and_from_the_api_and_each_taking_is_noted(story, browser, api):
    batch = story.started()
    qa = browser("QA")
    assert f"/batches/{batch.id}/record.pdf?language=nl" in qa.get(f"/batches/{batch.id}").text
    dutch = qa.get(f"/batches/{batch.id}/record.pdf?language=nl")
    assert dutch.mimetype == "application/pdf"
    assert f"Batchdossier {batch.number}" in flat(dutch.data)
    english = api("In").get(f"/batches/{batch.id}/record.pdf?language=en")
    assert f"Batch record {batch.number}" in flat(english.data)
    noted = story.read(lambda session: session.query(TrailRow).filter_by(action="batch.record").count())
    assert noted == 2


def test_a_record_of_a_demo_says_that_it_is_none(story, browser):
    batch = story.started()
    assert "DEMO – NOT A RECORD" in flat(browser("QA").get(f"/batches/{batch.id}/record.pdf?language=en").data)
