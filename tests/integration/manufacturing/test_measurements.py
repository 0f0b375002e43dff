"""A count that is made again: every value stays, one is used, and the step is verified anew."""

from __future__ import annotations

from decimal import Decimal

import pytest

from manufacturing.queries.measurements import measurements_of_batch
from manufacturing.queries.steps import batch_steps, step_values
from manufacturing.queries.yields import batch_yields
from tests.integration.manufacturing.refusing import refused


@pytest.fixture
def inspected(story):
    batch = story.started()
    story.perform(batch, 1, "inspect")
    story.verify(batch, 1)
    return batch


def kept(story, batch):
    [rows] = [rows for (_, field), rows in story.read(measurements_of_batch, batch.id).items() if field == "wbc"]
    return [(one.number, one.value, one.reason) for one in rows]


def tnc(story, batch):
    return story.read(batch_yields, batch.id)["rows"][0]["tnc"]


@pytest.mark.req("ATMP-6.1-CORR", "ATMP-CALC")
def test_all_values_stay_and_what_follows_is_computed_from_the_chosen_one(story, inspected):
    first = tnc(story, inspected)
    story.again(inspected, 1, wbc=Decimal("90.1"))
    assert kept(story, inspected) == [
        (1, Decimal("98.6"), None),
        (2, Decimal("90.1"), "the first count was of clumped cells"),
    ]
    assert tnc(story, inspected) == Decimal(210) * Decimal("90.1") * 10**6
    step = story.read(batch_steps, inspected.id)[0]
    assert (step.status, step.verified_by) == ("performed", None)
    assert refused(story, story.perform, inspected, 2, "wash") == ["STEP_OUT_OF_ORDER"]
    story.again(inspected, 1, by=story.t2, viability=Decimal(97), use_new=False)
    assert refused(story, story.verify, inspected, 1, by=story.t2) == ["SOD_STEP"]
    story.verify(inspected, 1, by=story.qa)
    story.choose(inspected, 1, "wbc", 1)
    assert tnc(story, inspected) == first
    assert story.read(batch_steps, inspected.id)[0].status == "performed"
    value = story.read(step_values, inspected.id)["apheresis.wbc"]
    assert (value.number, value.verified) == (Decimal("98.6"), False)


@pytest.mark.req("ATMP-6.1-CORR")
def test_a_value_that_is_only_kept_leaves_the_first_in_use(story, inspected):
    before = tnc(story, inspected)
    story.again(inspected, 1, wbc=Decimal("90.1"), use_new=False, reason="the second tube had been left standing")
    assert tnc(story, inspected) == before
    assert story.read(batch_steps, inspected.id)[0].status == "performed"
    story.again(inspected, 1, wbc=Decimal("97.9"), viability=Decimal(97))
    numbers = {
        field: [one.number for one in rows]
        for (_, field), rows in story.read(measurements_of_batch, inspected.id).items()
    }
    assert numbers == {"wbc": [1, 2, 3], "viability": [1, 2]}


def test_what_cannot_be_measured_again_is_refused(story, inspected):
    assert refused(story, story.again, inspected, 1) == ["NOTHING_MEASURED"]
    assert refused(story, story.again, inspected, 1, b_percent=Decimal(3)) == ["NOTHING_MEASURED"]
    assert refused(story, story.again, inspected, 1, wbc=Decimal(98), reason="no") == ["MISSING_REASON"]
    assert refused(story, story.again, inspected, 1, wbc=Decimal(70000)) == ["UNIT_IMPLAUSIBLE"]
    assert refused(story, story.choose, inspected, 1, "wbc", 1) == ["MEASUREMENT_UNKNOWN"]
    story.again(inspected, 1, wbc=Decimal("90.1"))
    assert refused(story, story.choose, inspected, 1, "wbc", 2) == ["MEASUREMENT_UNKNOWN"]


def test_a_correction_corrects_the_measurement_in_use(story, inspected):
    story.again(inspected, 1, wbc=Decimal("90.1"))
    story.correct(inspected, 1, "inspect", wbc=Decimal("91.0"), reason="read from the wrong line")
    assert [value for _, value, _ in kept(story, inspected)] == [Decimal("98.6"), Decimal("91.0")]
