"""What a process version plans beyond plain steps: fields that do not apply."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kernel.work import SYSTEM, unit_of_work
from manufacturing.queries.history import corrections_of, links_of
from manufacturing.queries.steps import values_of_batch
from manufacturing.tables.batches import StepValueRow
from tests.integration.manufacturing.refusing import refused


@pytest.fixture
def started(story):
    return story.started()


def value_of(story, batch, field):
    rows = story.read(values_of_batch, batch.id)
    return next(row for found in rows.values() for row in found if row.field == field)


@pytest.mark.req("ATMP-NOBLANK")
def test_a_field_that_does_not_apply_keeps_its_reason_and_its_history(story, started):
    assert refused(story, story.perform, started, 1, "inspect", b_percent_na="") == ["FIELD_BLANK"]
    story.perform(started, 1, "inspect")
    left_out = value_of(story, started, "b_percent")
    assert (left_out.number, left_out.not_applicable) == (None, "not in the panel of this step")
    story.correct(started, 1, "inspect", b_percent=Decimal("4.1"), b_percent_na=None, reason="the panel was wider")
    counted = value_of(story, started, "b_percent")
    assert (counted.number, counted.not_applicable) == (Decimal("4.1"), None)
    changes = story.read(lambda session: corrections_of(links_of(session, [counted.id])))
    [change] = changes[counted.id]
    assert (change.old, change.new, change.why) == (
        "N/A: not in the panel of this step",
        "4.1",
        "the panel was wider",
    )


@pytest.mark.req("ATMP-NOBLANK")
def test_production_is_not_complete_with_a_blank(story):
    batch = story.formulated()
    story.fill(batch)
    story.perform(batch, 8, "fill")
    story.verify(batch, 8)
    sampled = value_of(story, batch, "retained")
    with unit_of_work(story.database, SYSTEM, "test.blank") as work:
        work.lock(StepValueRow, sampled.id).number = None
    assert refused(story, story.complete, batch) == ["FIELD_BLANK"]
    with unit_of_work(story.database, SYSTEM, "test.blank") as work:
        work.lock(StepValueRow, sampled.id).number = Decimal(1)
    assert story.complete(batch).status == "production_complete"
