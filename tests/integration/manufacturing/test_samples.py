"""Every sample drawn is accounted for before production is complete, and is never lost, swapped or overdrawn."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest

from kernel.work import SYSTEM, unit_of_work
from manufacturing.queries.balance import balance_view
from manufacturing.queries.collections import collection_by_number
from manufacturing.queries.completion import completion_facts
from manufacturing.queries.samples import get_sample, retained_samples, sample_content, sample_view
from manufacturing.tables.batches import BatchRow
from manufacturing.tables.trial import TrialRow
from tests.integration.manufacturing.refusing import refused
from tests.integration.manufacturing.sampling import (
    at_lab,
    discarded,
    drawn,
    drawn_from,
    ends_tested,
    retained,
)
from tests.integration.manufacturing.story import PRESETS

D = Decimal


@pytest.fixture
def batch(story):
    return story.started()


@pytest.fixture
def ready(story):
    """Filled and every step verified: only samples could be missing."""
    batch = story.formulated()
    story.fill(batch)
    story.steps(batch, first=10)
    return batch


@pytest.mark.req("QC-ALLSAMPLES")
def test_production_is_not_complete_while_a_sample_is_with_nobody(story, ready):
    first, second = drawn(story, ready), drawn(story, ready, step="10")
    assert refused(story, story.complete, ready) == ["SAMPLES_OPEN"]
    at_lab(story, first)
    assert refused(story, story.complete, ready) == ["SAMPLES_OPEN"]
    discarded(story, second)
    assert story.complete(ready).status == "production_complete"


def test_a_sample_of_the_leukapheresis_counts_for_its_batch(story):
    collection = story.accepted()
    sample = drawn_from(story, collection)
    batch = story.start(story.open(collection))
    with story.database.reading() as session:
        assert completion_facts(session, session.get(BatchRow, batch.id)).samples == (sample.code,)
    ends_tested(story, sample)
    with story.database.reading() as session:
        assert completion_facts(session, session.get(BatchRow, batch.id)).samples == ()


@pytest.mark.req("TC-86-9.1")
def test_codes_run_on_whatever_became_of_the_samples(story, batch):
    first = drawn(story, batch)
    discarded(story, first)
    second = drawn(story, batch)
    assert (first.code[:13], second.code[:13]) == ("NK26-0001-S01", "NK26-0001-S02")


@pytest.mark.req("QC-ALLSAMPLES")
def test_every_end_keeps_who_when_and_what(story, batch):
    one, two, three = drawn(story, batch), drawn(story, batch), drawn(story, batch)
    ends_tested(story, at_lab(story, one), "ST-0007")
    retained(story, two)
    discarded(story, three)
    ends = {row["code"]: row for row in (story.read(sample_view, row.id) for row in (one, two, three))}
    assert (ends[one.code]["status"], ends[one.code]["result_reference"]) == ("tested", "ST-0007")
    assert (ends[two.code]["status"], ends[two.code]["kept_in"]) == ("retained", "freezer 2")
    assert ends[three.code]["end_reason"] == "the tube broke in the rotor"
    assert ends[three.code]["witnessed_by"] == story.t2.name


@pytest.mark.parametrize("end", [ends_tested, retained, discarded])
def test_an_ended_sample_is_not_ended_again(story, batch, end):
    sample = drawn(story, batch)
    ends_tested(story, sample)
    assert refused(story, end, story, sample) == ["STATE_NOT_ALLOWED"]


def test_the_tube_in_the_hand_must_be_the_one_of_the_record(story, batch):
    sample, neighbour = drawn(story, batch), drawn(story, batch)
    assert refused(story, at_lab, story, sample, code=neighbour.code) == ["SAMPLE_MISMATCH"]
    early = sample.drawn_at - timedelta(minutes=1)
    assert refused(story, at_lab, story, sample, received_at=early) == ["TIME_ORDER"]
    assert refused(story, at_lab, story, sample, received_at=story.now + timedelta(minutes=1)) == ["FUTURE_TIME"]


@pytest.mark.req("QC-RETAIN")
def test_a_retained_sample_stays_until_two_years_after_the_trial_or_an_exemption(story, batch):
    early = date(2028, 11, 22)
    assert refused(story, retained, story, drawn(story, batch), early) == ["RETENTION_TOO_SHORT"]
    sample = retained(story, drawn(story, batch), early + timedelta(days=1))
    (line,) = story.read(retained_samples)
    assert (line["code"], line["kept_in"], line["earliest_disposal"]) == (sample.code, "freezer 2", None)
    assert refused(story, discarded, story, sample) == ["RETENTION_TRIAL"]
    with unit_of_work(story.database, SYSTEM, "test.trial") as work:
        for row in work.session.query(TrialRow):
            trial = work.lock(TrialRow, row.id)
            trial.status, trial.ended_on, trial.closed_at = "closed", date(2026, 12, 31), work.at
    assert story.read(retained_samples)[0]["earliest_disposal"] == date(2028, 12, 31)
    assert refused(story, discarded, story, sample) == ["RETENTION_RUNNING"]
    discarded(story, sample, exemption="the cells are needed for a retest")
    assert story.read(get_sample, sample.id).end_reason.endswith("the cells are needed for a retest")


@pytest.mark.req("ATMP-ID-SPLIT")
def test_no_more_is_drawn_from_a_container_than_is_in_it(story, ready):
    with story.database.reading() as session:
        code = f"{session.get(BatchRow, ready.id).number}-01"
    drawn(story, ready, container=code, volume_ml=D("37.5"))
    assert refused(story, drawn, story, ready, container=code, volume_ml=D("0.6")) == ["SAMPLE_VOLUME"]
    drawn(story, ready, container=code, volume_ml=D("0.5"))


@pytest.mark.parametrize(
    "source", [{"step": "1", "container": "NK26-0001-01"}, {"container": "NK26-0009-01"}, {"step": "99"}]
)
def test_a_sample_has_one_source_in_its_own_batch(story, batch, source):
    assert refused(story, drawn, story, batch, **source) == ["SAMPLE_SOURCE"]


def test_nothing_is_drawn_from_what_is_not_open(story):
    collection = story.accepted()
    planned = story.open(collection)
    assert refused(story, drawn, story, planned) == ["STATE_NOT_ALLOWED"]
    story.reject(story.plan(number="LA-2026-0042"))
    rejected = story.read(collection_by_number, "LA-2026-0042")
    assert refused(story, drawn_from, story, rejected) == ["STATE_NOT_ALLOWED"]


def with_waste(body):
    """The process of the story, allowing 2 %, with a field for what the formulation threw away."""
    step = next(one for one in body["steps"] if one["key"] == "formulate")
    words = {"en": "Waste", "nl": "Afval"}
    field = {"key": "waste", "label": words, "kind": "number", "analyte": "volume", "measure": "final.waste_ml"}
    step["fields"].append({**field, "required": False})
    return {**body, "balance_tolerance_percent": "2"}


@pytest.fixture
def tolerant(story):
    """A batch of that process, with the enrichment done: 45.0 mL go into the formulation, 40.5 mL come out."""
    collection = story.accepted()
    body = json.loads((PRESETS / "process.json").read_text(encoding="utf-8"))["body"]
    story.effective("process", with_waste(body), (story.qa2, "QA"), (story.qp, "QP"))
    batch = story.start(story.open(collection))
    story.steps(batch, last=8)
    return batch


def made(story, batch, waste):
    story.perform(batch, 9, "formulate", waste=waste)
    story.verify(batch, 9)
    story.fill(batch)
    story.steps(batch, first=10)


@pytest.mark.req("ATMP-ID-SPLIT")
def test_volumes_that_do_not_balance_need_an_assessed_deviation(story, tolerant):
    made(story, tolerant, D("3.5"))
    assert refused(story, story.complete, tolerant) == ["BALANCE_OUT"]
    deviation = story.deviate(tolerant, step="9")
    assert refused(story, story.complete, tolerant) == ["BALANCE_OUT"]
    story.assess(deviation)
    assert story.complete(tolerant).status == "production_complete"


@pytest.mark.req("ATMP-ID-SPLIT")
def test_a_sample_that_was_drawn_explains_what_is_missing(story, tolerant):
    drawn(story, tolerant, step="8", volume_ml=D("1.0"))
    made(story, tolerant, D("3.5"))
    with story.database.reading() as session:
        found = balance_view(session, session.get(BatchRow, tolerant.id))["lines"]
    assert [(one["in_ml"], one["out_ml"], one["within"]) for one in found][-1] == (D("44.0"), D("40.5"), True)
    assert found[0]["within"] is None


def test_a_process_without_tolerance_asks_for_no_balance(story, ready):
    with story.database.reading() as session:
        batch = session.get(BatchRow, ready.id)
        assert balance_view(session, batch)["tolerance_percent"] is None
        assert completion_facts(session, batch).unbalanced == ()


@pytest.mark.req("PHE-2.6.27-3")
def test_a_sample_says_whether_it_holds_cells_and_why_if_not_how_much_it_is_and_when_it_was_drawn(story):
    batch = story.started()
    assert refused(story, drawn, story, batch, supernatant_only=True) == ["MISSING_FIELD"]
    sample = drawn(story, batch, supernatant_only=True, remark="cells were too few to give any away")
    said = story.read(sample_content, sample.id)
    assert (said["cells included"], said["remark"]) == (False, "cells were too few to give any away")
    assert (said["volume (mL)"], said["drawn at"]) == (sample.volume_ml, story.now)
    assert story.read(sample_content, drawn(story, batch).id)["cells included"] is True
