"""Cells are counted in a tube; the means go to the step the tube was drawn in, and no other number does."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from manufacturing.queries.batch_content import step_content
from manufacturing.queries.counts import count_content, sample_counts, step_counts
from manufacturing.queries.steps import get_step, step_values
from manufacturing.services.counts import count_sample
from manufacturing.services.steps import perform_step
from tests.integration.manufacturing.refusing import refused
from tests.integration.manufacturing.sampling import discarded, drawn, drawn_from
from tests.integration.manufacturing.story import PRESETS

D = Decimal
READ = {"wbc_1": D("9.80"), "viability_1": D("99.0"), "wbc_2": D("9.90"), "viability_2": D("98.8")}


def counted(story, sample, *, by=None, **changed):
    fields = {
        "method": "manual_dye_exclusion",
        "dye": "trypan blue 0.4 %",
        "dilution": D(10),
        "instrument": "chamber 3",
        "counted_at": story.now,
        **READ,
        **changed,
    }
    with story.act("sample.count", by or story.t1, content=(count_content, sample.id)) as work:
        return count_sample(work, sample.id, **fields)


def perform_as_counted(story, batch):
    """The first step with what stands in it: whoever performs it types neither cells nor viability."""
    typed = {name: one for name, one in story.values("inspect").items() if name not in {"wbc", "viability"}}
    with story.act("step.perform", story.t1, content=(step_content, batch.id, "1")) as work:
        return perform_step(work, batch.id, "1", performed_at=story.now, **typed)


@pytest.mark.req("PHE-2.7.29")
def test_a_count_keeps_its_method_dye_dilution_every_reading_and_the_time_from_sampling(story):
    batch = story.started()
    sample = drawn(story, batch, kind="in_process_control")
    story.later(minutes=12)
    row = counted(story, sample)
    assert (row.wbc, row.viability, row.minutes) == (D("98.5"), D("98.9"), 12)
    [view] = story.read(sample_counts, sample.id)
    assert (view["method"], view["dye"], view["dilution"]) == ("manual_dye_exclusion", "trypan blue 0.4 %", D(10))
    assert [one["wbc"] for one in view["readings"]] == [D("9.80"), D("9.90")]
    assert refused(story, counted, story, sample, wbc_2=None) == ["COUNT_REPLICATES"]
    assert refused(story, counted, story, sample, by=story.qa) == ["ROLE_NOT_ALLOWED"]
    assert refused(story, counted, story, sample, counted_at=story.now - timedelta(minutes=13)) == ["TIME_ORDER"]


@pytest.mark.req("PHE-2.7.29", "ATMP-CALC")
def test_the_mean_stands_in_the_step_and_no_other_number_is_signed(story):
    batch = story.started()
    counted(story, drawn(story, batch, kind="in_process_control"))
    seen = {"wbc_seen": 1, "wbc_unit_seen": 1, "viability_seen": 1, "viability_unit_seen": 1}
    assert refused(story, story.perform, batch, 1, "inspect", **seen) == ["COUNT_DIFFERS", "COUNT_DIFFERS"]
    story.later(minutes=1)
    counted(story, drawn(story, batch, kind="in_process_control"), wbc_2=D("9.70"), viability_2=D("98.6"))
    step = story.read(get_step, batch.id, 1)
    perform_as_counted(story, batch)
    values = story.read(step_values, batch.id)
    assert [values[f"apheresis.{one}"].number for one in ("wbc", "viability")] == [D("97.5"), D("98.8")]
    assert len(story.read(step_counts, step.id)) == 2
    why = {"reason": "read the wrong line"}
    assert refused(story, story.correct, batch, 1, "inspect", **why, wbc=D("98"), viability=D("98.8")) == [
        "COUNT_DIFFERS"
    ]


@pytest.mark.req("PHE-2.7.29", "ATMP-CALC", "ATMP-6.1-CORR")
def test_a_counted_value_is_measured_again_by_another_count_and_chosen_among_the_counts(story):
    batch = story.started()
    sample = drawn(story, batch, kind="in_process_control")
    counted(story, sample)
    perform_as_counted(story, batch)
    assert refused(story, story.again, batch, 1, wbc=D("98.5")) == ["COUNT_NOT_REPEATED"]
    story.later(minutes=5)
    counted(story, sample, wbc_2=D("9.70"))
    assert refused(story, story.again, batch, 1, wbc=D("98.5")) == ["COUNT_DIFFERS"]
    story.again(batch, 1, wbc=D("97.5"))
    story.choose(batch, 1, "wbc", 1)
    story.correct(batch, 1, "inspect", reason="the line of the print", wbc=D("98.5"), viability=D("98.9"))
    with story.database.reading() as session:
        assert step_values(session, batch.id)["apheresis.wbc"].number == D("98.5")


@pytest.mark.req("PHE-2.7.29")
def test_a_step_that_asks_for_a_count_is_not_recorded_without(story, monkeypatch):
    collection = story.accepted()
    body = json.loads((PRESETS / "process.json").read_text(encoding="utf-8"))["body"]
    body["steps"][0]["count"] = {"replicates": 2}
    monkeypatch.setattr(story, "body_of", lambda _kind, given: {**given, "steps": stripped(given["steps"])})
    story.effective("process", body, (story.qa2, "QA"), (story.qp, "QP"))
    batch = story.start(story.open(collection))
    assert refused(story, story.perform, batch, 1, "inspect") == ["COUNT_MISSING"]
    read = {"wbc_1": D("9.86"), "wbc_2": D("9.86"), "viability_1": D("99.1"), "viability_2": D("99.1")}
    counted(story, drawn(story, batch, kind="in_process_control"), **read)
    assert perform_as_counted(story, batch).status == "performed"


def stripped(steps):
    return [{name: part for name, part in one.items() if name not in {"materials", "equipment"}} for one in steps]


def test_what_was_thrown_away_is_not_counted(story):
    sample = drawn_from(story, story.accepted())
    assert counted(story, sample).minutes == 0
    discarded(story, sample)
    assert refused(story, counted, story, sample) == ["STATE_NOT_ALLOWED"]
