"""What a process version plans beyond plain steps: fields that do not apply, parts that are not always done."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from config.presets_of_routes import route_presets
from kernel.work import SYSTEM, unit_of_work
from manufacturing.queries.balance import balance_lines
from manufacturing.queries.corrections import step_corrections
from manufacturing.queries.expected_yields import expected_view
from manufacturing.queries.hands import people_of_batch
from manufacturing.queries.history import corrections_of, links_of
from manufacturing.queries.record import read_record
from manufacturing.queries.steps import batch_steps, values_of_batch
from manufacturing.queries.yields import batch_yields
from manufacturing.tables.batches import BatchRow, StepValueRow
from tests.integration.manufacturing.hands import done_by, hands
from tests.integration.manufacturing.refusing import refused
from tests.integration.manufacturing.story import PRESETS
from tests.places import along

PRESETS_OF_ROUTES = route_presets(PRESETS)


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
    story.perform(batch, 10, "fill")
    story.verify(batch, 10)
    sampled = value_of(story, batch, "retained")
    with unit_of_work(story.database, SYSTEM, "test.blank") as work:
        work.lock(StepValueRow, sampled.id).number = None
    assert refused(story, story.complete, batch) == ["FIELD_BLANK"]
    with unit_of_work(story.database, SYSTEM, "test.blank") as work:
        work.lock(StepValueRow, sampled.id).number = Decimal(1)
    assert story.complete(batch).status == "production_complete"


# Few T cells in percent, but of too many cells: only the computed depletion is beyond its limit.
LOG_2_7 = {"wbc": Decimal(340), "cd3_percent": Decimal("0.09")}
PART = "second_depletion"


@pytest.fixture
def depleted(story, started):
    """Washed and labelled; the depletion is next."""
    along(story, "labelled", lambda: story.steps(started, last=3))
    return started


def statuses(story, batch):
    return {row.key: row.status for row in story.read(batch_steps, batch.id)}


def deplete(story, batch, **values):
    story.perform(batch, 4, "deplete_cd3", **values)
    story.verify(batch, 4)
    story.later(minutes=20)


@pytest.mark.req("ATMP-IPC", "ATMP-CALC")
def test_log_2_7_forces_a_deviation_and_opens_the_second_depletion(story, depleted):
    deplete(story, depleted, **LOG_2_7)
    [found] = story.read(read_record, depleted.id).calculations[4]
    assert (found.verdict, round(found.value, 2)) == ("action", Decimal("2.70"))
    assert statuses(story, depleted)["deplete_cd3_again"] == "pending"
    assert refused(story, story.perform, depleted, 5, "label_cd3_again") == ["IPC_DEVIATION_MISSING"]
    story.deviate(depleted, step="4")
    assert refused(story, story.perform, depleted, 7, "label_cd56") == ["STEP_OUT_OF_ORDER"]
    story.steps(depleted, first=5, last=8)
    rows = story.read(batch_yields, depleted.id)["rows"]
    assert [one["stage"] for one in rows] == ["apheresis", "cd3_depleted", "cd3_depleted_again", "cd56_enriched"]
    again = story.read(read_record, depleted.id).calculations[6]
    assert [(one.verdict, one.value > 4) for one in again] == [("pass", True)]
    with story.database.reading() as session:
        lines = balance_lines(session, session.get(BatchRow, depleted.id))
    assert [(one.volumes.stage, one.volumes.in_ml) for one in lines][-1] == ("cd56_enriched", Decimal("62.0"))


@pytest.mark.req("ATMP-NOBLANK", "ATMP-HOLDTIME", "ATMP-YIELD")
def test_a_part_that_is_not_needed_asks_for_nothing(story, depleted):
    deplete(story, depleted)
    assert [statuses(story, depleted)[key] for key in ("label_cd3_again", "deplete_cd3_again")] == ["not_needed"] * 2
    assert refused(story, story.perform, depleted, 5, "label_cd3_again") == ["STATE_NOT_ALLOWED"]
    story.steps(depleted, first=7, last=8)
    with story.database.reading() as session:
        expected = {one["stage"]["en"] for one in expected_view(session, session.get(BatchRow, depleted.id))}
    assert "After the second CD3 depletion" not in expected
    record = story.read(read_record, depleted.id)
    assert "label_cd3_again_to_depletion" not in {one.hold.key for one in record.clocks}
    with story.database.reading() as session:
        lines = balance_lines(session, session.get(BatchRow, depleted.id))
    assert [(one.volumes.stage, one.volumes.in_ml) for one in lines] == [
        ("cd3_depleted", Decimal(210)),
        ("cd56_enriched", Decimal("84.0")),
    ]


@pytest.mark.req("ATMP-IPC")
def test_a_value_corrected_too_late_is_settled_by_an_assessed_deviation_and_one_reason(story, depleted):
    deplete(story, depleted)
    story.steps(depleted, first=7, last=7)
    story.correct(depleted, 4, "deplete_cd3", **LOG_2_7)
    story.verify(depleted, 4)
    deviation = story.deviate(depleted, step="4")
    assert refused(story, story.perform, depleted, 5, "label_cd3_again") == ["CONDITION_PASSED"]
    assert refused(story, story.perform, depleted, 8, "enrich_cd56") == ["STEP_OUT_OF_ORDER"]
    assert refused(story, story.decide, depleted, PART, "not_needed") == ["CONDITION_TRIGGERED"]
    story.assess(deviation)
    row = story.decide(depleted, PART, "not_needed")
    assert (row.triggered, row.decided_by, row.reason) == (True, story.t1.id, "too few cells are left for another run")
    story.perform(depleted, 8, "enrich_cd56")
    assert story.t1.id in story.read(people_of_batch, depleted.id)


@pytest.mark.req("A11D-13", "ATMP-IPC")
def test_a_part_decided_in_a_finished_record_is_a_correction_of_it(story, depleted):
    deplete(story, depleted)
    story.steps(depleted, first=7, last=7)
    story.correct(depleted, 4, "deplete_cd3", **LOG_2_7)
    story.verify(depleted, 4)
    story.assess(story.deviate(depleted, step="4"))
    with unit_of_work(story.database, SYSTEM, "test.return") as work:
        work.lock(BatchRow, depleted.id).status = "returned_for_correction"
    story.decide(depleted, PART, "not_needed")
    kept = {one.reason: one.corrected_by for one in story.read(step_corrections, depleted.id)}
    assert kept["too few cells are left for another run"] == story.t1.id


@pytest.mark.req("ATMP-NOBLANK", "S3")
def test_a_part_by_choice_waits_for_the_choice_and_one_reason_is_its_n_a(story, person):
    collection = story.accepted()
    body = json.loads((PRESETS / "process.json").read_text(encoding="utf-8"))["body"]
    body["conditions"].append({"key": "washing", "title": {"en": "Wash", "nl": "Wassen"}, "by_choice": True})
    next(one for one in body["steps"] if one["key"] == "wash")["condition"] = "washing"
    story.effective("process", body, (story.qa2, "QA"), (story.qp, "QP"))
    batch = story.start(story.open(collection))
    story.steps(batch, last=1)
    assert refused(story, story.perform, batch, 2, "wash") == ["CONDITION_UNDECIDED"]
    assert refused(story, story.perform, batch, 3, "label_cd3") == ["CONDITION_UNDECIDED"]
    assert refused(story, story.decide, batch, "washing", "not_needed", reason="no") == ["MISSING_REASON"]
    with done_by(story, person("T")) as chooser:
        story.decide(batch, "washing", "not_needed", reason="few platelets by the count of the collection")
    assert (chooser.id, "batch_condition") in hands(story, batch)
    assert statuses(story, batch)["wash"] == "not_needed"
    story.decide(batch, "washing", "opened", reason="the second count says otherwise")
    story.steps(batch, first=2, last=3)
    assert refused(story, story.decide, batch, "washing", "not_needed") == ["CONDITION_BEGUN"]


OVERNIGHT = {
    "cytokine_ng_per_ml": Decimal(10),
    "density": Decimal(2),
    "container": "bag",
    "incubator": "3",
    "activation_time": Decimal(960),
    "temperature_ok": True,
    "volume": Decimal("44.0"),
    "wbc": Decimal("26.0"),
    "viability": Decimal("94.0"),
    "nk_percent": Decimal("95.0"),
    "cd3_percent": Decimal("0.011"),
}


@pytest.mark.req("ATMP-NOBLANK", "ATMP-6.2-MBR")
def test_a_route_with_activation_is_made_overnight_and_its_culture_left_out_at_once(story):
    collection = story.accepted()
    story.effective("process", PRESETS_OF_ROUTES["process_il15"].body, (story.qa2, "QA"), (story.qp, "QP"))
    batch = story.start(story.open(collection))
    story.later(minutes=5)
    story.steps(batch, last=8)
    assert refused(story, story.perform, batch, 9, "activate_overnight", **OVERNIGHT) == ["CONDITION_UNDECIDED"]
    story.decide(batch, "overnight_activation", "opened", reason="the patient is infused tomorrow")
    moments = {"started_at": story.now, "ended_at": story.now}
    story.perform(batch, 9, "activate_overnight", **OVERNIGHT, **moments)
    story.verify(batch, 9)
    assert refused(story, story.perform, batch, 14, "formulate") == ["CONDITION_UNDECIDED"]
    story.decide(batch, "culture", "not_needed", reason="enough cells for the dose")
    assert [statuses(story, batch)[key] for key in ("seed_culture", "second_week", "harvest")] == ["not_needed"] * 3
    story.perform(batch, 14, "formulate")
    story.verify(batch, 14)
    rows = story.read(batch_yields, batch.id)["rows"]
    assert [one["stage"] for one in rows] == ["apheresis", "cd3_depleted", "cd56_enriched", "activated", "final"]


@pytest.mark.req("P11-10g")
def test_a_step_is_verified_by_the_role_its_process_version_asks_for(story):
    collection = story.accepted()
    body = json.loads((PRESETS / "process.json").read_text(encoding="utf-8"))["body"]
    body["steps"][0]["verifies"] = ["QA"]
    story.effective("process", body, (story.qa2, "QA"), (story.qp, "QP"))
    batch = story.start(story.open(collection))
    story.perform(batch, 1, "inspect")
    assert refused(story, story.verify, batch, 1) == ["ROLE_NOT_ALLOWED"]
    assert refused(story, story.check, batch, 1) == ["SECOND_ROLE_NOT_ALLOWED"]
    assert story.verify(batch, 1, by=story.qa).status == "verified"
