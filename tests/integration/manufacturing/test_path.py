"""From registration to production complete: the path, its states and its figures."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from kernel.tables import SignatureRow
from manufacturing.queries.batches import batch_yields, containers_of, get_batch, people_of_batch, step_values
from manufacturing.queries.collections import get_collection
from manufacturing.queries.trial import get_subject
from tests.integration.manufacturing.story import PRESETS


@pytest.mark.req("ATMP-6.2-MBR", "P11-10f", "P211-188b11", "ATMP-CALC")
def test_a_leukapheresis_becomes_a_completed_batch(story):
    batch = story.formulated()
    container = story.fill(batch)
    story.perform(batch, 10, "fill")
    story.verify(batch, 10)
    done = story.complete(batch)
    assert (done.status, done.number) == ("production_complete", "NK26-0001")
    collection = story.read(get_collection, batch.collection_id)
    assert collection.status == "consumed"
    assert container.code == "NK26-0001-01"
    assert container.viable_nk == Decimal(38) * Decimal(28400000) * Decimal("0.96") * Decimal("0.951")
    assert container.expires_at == done.expires_at == done.formulated_at + timedelta(hours=24)


@pytest.mark.req("ATMP-CALC")
def test_yields_of_the_worked_example_are_computed_and_doses_follow_the_newest_weight(story):
    batch = story.formulated()
    story.weigh(story.read(get_subject, batch.subject_id), "18.4")
    yields = story.read(batch_yields, batch.id)
    first, depleted, _, final = yields["rows"]
    assert [row["stage"] for row in yields["rows"]] == ["apheresis", "cd3_depleted", "cd56_enriched", "final"]
    close(first["tnc"], "2.07060e10")
    close(first["viable_nk"], "2.421318e9")
    close(depleted["step_recovery_percent"], "67.1869")
    close(depleted["total_log_depletion"], "3.7865")
    close(final["total_recovery_percent"], "43.3684")
    close(final["total_log_depletion"], "5.0166")
    close(final["nk_per_kg"], "5.706992e7")
    close(final["cd3_per_kg"], "6.601148e3")
    assert final["verified"]
    assert final["purity_percent"] == Decimal("95.1")


def close(found, printed):
    assert abs(found - Decimal(printed)) <= Decimal(printed) * Decimal("1e-5")


@pytest.mark.req("S3")
def test_people_of_a_batch_are_all_who_cleared_performed_verified_or_corrected(story, person):
    batch = story.started()
    story.perform(batch, 1, "inspect")
    late = person("T")
    story.correct(batch, 1, "inspect", by=late)
    checker = person("QA")
    story.verify(batch, 1, by=checker)
    found = story.read(people_of_batch, batch.id)
    assert found == {story.t1.id, story.t2.id, late.id, checker.id}
    assert story.qa.id not in found


@pytest.mark.req("ATMP-6.1-CORR")
def test_a_correction_takes_the_verification_away_and_replaces_the_value(story):
    batch = story.started()
    story.perform(batch, 1, "inspect")
    story.verify(batch, 1)
    row = story.correct(batch, 1, "inspect", wbc=Decimal("97.1"))
    assert (row.status, row.verified_by) == ("performed", None)
    assert story.read(step_values, batch.id)["apheresis.wbc"].number == Decimal("97.1")


def test_filled_containers_follow_a_corrected_count(story):
    batch = story.formulated()
    story.fill(batch)
    story.correct(batch, 9, "formulate", wbc=Decimal(20))
    story.verify(batch, 9)
    (container,) = story.read(containers_of, batch.id)
    assert container.viable_nk == Decimal(38) * Decimal(20000000) * Decimal("0.96") * Decimal("0.951")
    assert container.expires_at == story.read(get_batch, batch.id).expires_at


@pytest.mark.req("ATMP-6.2-MBR")
def test_a_new_process_version_leaves_running_batches_alone(story):
    batch = story.started()
    frozen = batch.process_document_id
    story.effective("process", changed_process(), (story.qa2, "QA"), (story.qp, "QP"))
    assert story.read(get_batch, batch.id).process_document_id == frozen
    story.perform(batch, 1, "inspect")


def changed_process():
    return json.loads((PRESETS / "process.json").read_text())["body"] | {"late_entry_minutes": "5"}


@pytest.mark.req("P11-70", "SIG-WYSIWYS")
def test_every_step_carries_the_signatures_of_two_people(story):
    batch = story.started()
    row = story.perform(batch, 1, "inspect")
    story.check(batch, 1)
    with story.database.reading() as session:
        query = sa.select(SignatureRow.meaning, SignatureRow.signer_id).where(SignatureRow.record_id == row.id)
        found = dict(session.execute(query).all())
    assert found == {"performed": story.t1.id, "shown to the verifier": story.t1.id, "verified": story.t2.id}


def test_units_are_converted_and_the_conversion_is_kept(story):
    batch = story.started()
    story.perform(batch, 1, "inspect", wbc=Decimal(98600), wbc_unit="cells/uL")
    value = story.read(step_values, batch.id)["apheresis.wbc"]
    assert value.number == Decimal("98.6")
    assert value.shown == "98600 cells/uL × 1/1000 = 98.6 10^6/mL"


@pytest.mark.req("ATMP-6.1-TIME")
def test_a_late_entry_keeps_its_reason_and_both_times(story):
    batch = story.started()
    performed = story.now
    story.later(minutes=16)
    row = story.perform(batch, 1, "inspect", performed_at=performed, late_reason="gloves on, no free hand")
    assert (row.performed_at, row.recorded_at) == (performed, story.now)
    assert row.late_reason == "gloves on, no free hand"


def test_batch_numbers_count_up_within_the_year(story):
    story.trial()
    for number, code in enumerate(("NK-01", "NK-02"), start=1):
        subject = story.subject(code)
        collection = story.plan(subject.code, donor_code=f"DN-10{number}", number=f"LA-2026-004{number}")
        story.receive(collection, subject_code=code)
        story.markers(collection)
        story.accept(collection)
        assert story.open(collection).number == f"NK26-000{number}"
