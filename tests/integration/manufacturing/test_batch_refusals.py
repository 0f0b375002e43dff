"""What is not opened, performed, verified, filled or completed - each fault with its own code."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.integration.manufacturing.refusing import refused
from tests.places import along


@pytest.fixture
def accepted(story):
    return story.accepted()


@pytest.fixture
def planned(story, accepted):
    return along(story, "planned", lambda: story.open(accepted))


@pytest.fixture
def started(story, planned):
    batch = along(story, "started", lambda: story.start(planned))
    story.later(minutes=5)
    return batch


@pytest.fixture
def formulated(story, started):
    along(story, "formulated", lambda: story.steps(started, last=9))
    return started


@pytest.fixture
def finished(story, formulated):
    def finish():
        story.fill(formulated)
        story.perform(formulated, 10, "fill")
        story.verify(formulated, 10)

    along(story, "finished", finish)
    return formulated


@pytest.mark.req("P1271-QUAR")
def test_only_accepted_material_becomes_a_batch(story):
    collection = story.received()
    assert refused(story, story.open, collection) == ["STATE_NOT_ALLOWED"]


@pytest.mark.req("ATMP-9-MIX")
def test_one_collection_becomes_one_batch(story, planned, accepted):
    assert refused(story, story.open, accepted) == ["STATE_NOT_ALLOWED"]


@pytest.mark.req("ATMP-6.2-MBR")
@pytest.mark.parametrize("kind", ["process", "specification"])
def test_without_approved_documents_no_batch_is_opened(story, kind, monkeypatch):
    effective = story.effective
    monkeypatch.setattr(story, "effective", lambda name, *rest: None if name == kind else effective(name, *rest))
    if kind == "process":
        story.trial()
        story.subject()
        assert refused(story, story.receive, story.plan()) == ["NO_EFFECTIVE_DOCUMENT"]
    else:
        assert refused(story, story.open, story.accepted()) == ["NO_EFFECTIVE_DOCUMENT"]


@pytest.mark.req("TR-S1")
def test_a_trial_on_hold_starts_no_batch(story, accepted):
    subject = story.read(subject_of, accepted)
    hold = story.hold("trial", subject.trial_id)
    assert refused(story, story.open, accepted) == ["TRIAL_ON_HOLD"]
    story.lift_of_trial(hold)
    batch = story.open(accepted)
    story.hold("trial", subject.trial_id)
    assert refused(story, story.start, batch) == ["TRIAL_ON_HOLD"]


def subject_of(session, collection):
    from manufacturing.queries.trial import get_subject  # noqa: PLC0415

    return get_subject(session, collection.subject_id)


@pytest.mark.parametrize("scope", ["collection", "subject"])
def test_a_hold_above_opens_no_batch(story, accepted, scope):
    record = accepted.id if scope == "collection" else accepted.subject_id
    story.hold(scope, record)
    assert refused(story, story.open, accepted) == ["COLLECTION_ON_HOLD"]


def test_a_concluded_subject_gets_no_batch(story, accepted):
    story.conclude(story.read(subject_of, accepted))
    assert refused(story, story.open, accepted) == ["SUBJECT_NOT_INCLUDED"]


@pytest.mark.req("F-COI-3")
def test_both_identifiers_are_read_at_the_start(story, planned):
    assert refused(story, story.start, planned, subject_code="NK-02") == ["SUBJECT_MISMATCH"]
    assert refused(story, story.start, planned, number="LA-2026-0014") == ["DONATION_MISMATCH"]


def test_a_held_batch_is_not_started(story, planned):
    story.hold("batch", planned.id)
    assert refused(story, story.start, planned) == ["BATCH_ON_HOLD"]


@pytest.mark.req("ATMP-LINECLEAR")
def test_a_room_holds_one_product_and_is_cleared(story, started):
    story.subject("NK-02")
    other = story.plan("NK-02", donor_code="DN-102", number="LA-2026-0042")
    story.receive(other, subject_code="NK-02")
    story.markers(other)
    story.accept(other)
    batch = story.open(other)
    here = {"number": "LA-2026-0042", "subject_code": "NK-02"}
    assert refused(story, story.start, batch, room=" c1 ", **here) == ["LINE_CLEARANCE"]
    assert refused(story, story.start, batch, room="C2", cleared=False, **here) == ["LINE_CLEARANCE"]
    assert story.start(batch, room="C2", **here).status == "in_process"


def test_no_step_before_the_line_is_clear(story, planned):
    assert refused(story, story.perform, planned, 1, "inspect") == ["STATE_NOT_ALLOWED"]


@pytest.mark.req("P11-10f")
def test_steps_keep_their_order(story, started):
    assert refused(story, story.perform, started, 2, "wash") == ["STEP_OUT_OF_ORDER"]
    story.perform(started, 1, "inspect")
    assert refused(story, story.perform, started, 2, "wash") == ["STEP_OUT_OF_ORDER"]
    assert refused(story, story.perform, started, 1, "inspect") == ["STATE_NOT_ALLOWED"]
    story.verify(started, 1)
    assert story.perform(started, 2, "wash").status == "performed"


@pytest.mark.req("ATMP-6.1-TIME")
def test_late_entries_need_a_reason_and_no_entry_is_of_the_future(story, started):
    performed = story.now
    story.later(minutes=15)
    future = story.now + timedelta(minutes=1)
    assert refused(story, story.perform, started, 1, "inspect", performed_at=future) == ["FUTURE_TIME"]
    story.later(seconds=1)
    late = refused(story, story.perform, started, 1, "inspect", performed_at=performed)
    assert late == ["LATE_ENTRY_UNJUSTIFIED"]
    short = refused(story, story.perform, started, 1, "inspect", performed_at=performed, late_reason="-")
    assert short == ["LATE_ENTRY_UNJUSTIFIED"]


@pytest.mark.req("ATMP-6.1-TIME")
def test_fifteen_minutes_are_not_late(story, started):
    performed = story.now
    story.later(minutes=15)
    assert story.perform(started, 1, "inspect", performed_at=performed).late_reason is None


def test_no_step_lies_before_what_came_before(story, started):
    early = story.now - timedelta(minutes=6)
    assert refused(story, story.perform, started, 1, "inspect", performed_at=early) == ["TIME_ORDER"]
    story.perform(started, 1, "inspect")
    story.verify(started, 1)
    early = story.now - timedelta(minutes=1)
    assert refused(story, story.perform, started, 2, "wash", performed_at=early) == ["TIME_ORDER"]


def test_missing_fields_are_all_named(story, started):
    assert refused(story, story.perform, started, 1, "inspect", wbc=None, culture_sample=" ") == ["MISSING_FIELD"] * 2


@pytest.mark.req("PHE-UNIT")
def test_an_impossible_count_or_unit_is_refused(story, started):
    assert refused(story, story.perform, started, 1, "inspect", wbc=Decimal(98600000)) == ["UNIT_IMPLAUSIBLE"]
    assert refused(story, story.perform, started, 1, "inspect", volume=Decimal(5)) == ["UNIT_IMPLAUSIBLE"]
    assert refused(story, story.perform, started, 1, "inspect", wbc_unit="10^9/mL") == ["UNIT_NOT_ALLOWED"]


@pytest.mark.req("ATMP-IPC")
def test_a_breach_of_an_action_limit_needs_a_deviation_for_its_step(story, started):
    story.perform(started, 1, "inspect", viability=Decimal("89.9"))
    story.verify(started, 1)
    assert refused(story, story.perform, started, 2, "wash") == ["IPC_DEVIATION_MISSING"]
    story.deviate(started)
    assert refused(story, story.perform, started, 2, "wash") == ["IPC_DEVIATION_MISSING"]
    story.deviate(started, step="1")
    assert story.perform(started, 2, "wash").status == "performed"


@pytest.mark.req("ATMP-IPC")
def test_a_value_at_the_action_limit_and_an_alert_need_none(story, started):
    story.perform(started, 1, "inspect", viability=Decimal(90))
    story.verify(started, 1)
    assert story.perform(started, 2, "wash").status == "performed"


@pytest.mark.req("S1", "P211-188b11")
def test_who_performed_does_not_verify(story, started):
    story.perform(started, 1, "inspect")
    assert refused(story, story.verify, started, 1, by=story.t1) == ["SOD_STEP"]
    assert refused(story, story.check, started, 1, second=story.t1) == ["SOD_STEP"]


@pytest.mark.req("S1")
def test_who_ever_corrected_a_step_does_not_verify_it(story, started):
    story.perform(started, 1, "inspect")
    story.correct(started, 1, "inspect", by=story.t2)
    story.correct(started, 1, "inspect", by=story.t1)
    assert refused(story, story.verify, started, 1, by=story.t2) == ["SOD_STEP"]
    assert story.verify(started, 1, by=story.qa).status == "verified"


def test_the_verifier_has_the_role(story, started):
    story.perform(started, 1, "inspect")
    assert refused(story, story.verify, started, 1, by=story.dr) == ["ROLE_NOT_ALLOWED"]
    assert refused(story, story.check, started, 1, second=story.dr) == ["SECOND_ROLE_NOT_ALLOWED"]


@pytest.mark.req("ATMP-6.1-CORR")
def test_a_correction_without_words_is_refused(story, started):
    assert refused(story, story.correct, started, 1, "inspect") == ["STATE_NOT_ALLOWED"]
    story.perform(started, 1, "inspect")
    assert refused(story, story.correct, started, 1, "inspect", reason="x") == ["MISSING_REASON"]


def test_nothing_is_verified_twice_or_before_it_is_done(story, started):
    assert refused(story, story.verify, started, 1) == ["STATE_NOT_ALLOWED"]
    story.perform(started, 1, "inspect")
    story.verify(started, 1)
    assert refused(story, story.verify, started, 1) == ["STATE_NOT_ALLOWED"]


@pytest.mark.req("A11-6")
def test_nothing_is_filled_from_unverified_counts(story, started):
    story.steps(started, last=8)
    story.perform(started, 9, "formulate")
    assert refused(story, story.fill, started) == ["FORMULATION_UNVERIFIED"]
    story.verify(started, 9)
    assert story.fill(started).number == 1


def test_containers_hold_what_was_formulated_and_fits(story, formulated):
    assert refused(story, story.fill, formulated, container_type="bucket") == ["CONTAINER_TYPE"]
    for volume in ("40.6", "0", "51"):
        assert refused(story, story.fill, formulated, volume_ml=Decimal(volume)) == ["CONTAINER_VOLUME"]
    story.fill(formulated, volume_ml=Decimal("20.5"))
    assert refused(story, story.fill, formulated, volume_ml=Decimal("20.1")) == ["CONTAINER_VOLUME"]
    assert story.fill(formulated, volume_ml=Decimal("20.0")).code.endswith("-02")


@pytest.mark.req("F-COI-3")
def test_both_identifiers_are_read_at_the_fill(story, formulated):
    assert refused(story, story.fill, formulated, subject_code="NK-02") == ["SUBJECT_MISMATCH"]
    assert refused(story, story.fill, formulated, batch_number="NK26-0002") == ["BATCH_MISMATCH"]


@pytest.mark.req("ATMP-6.3-CONTENT")
def test_production_is_complete_only_with_every_step_verified(story, formulated):
    story.fill(formulated)
    assert refused(story, story.complete, formulated) == ["STEP_UNVERIFIED"]
    story.perform(formulated, 10, "fill")
    assert refused(story, story.complete, formulated) == ["STEP_UNVERIFIED"]


def test_production_is_complete_only_with_something_filled(story, formulated):
    story.perform(formulated, 10, "fill")
    story.verify(formulated, 10)
    assert refused(story, story.complete, formulated) == ["CONTAINER_MISSING"]


@pytest.mark.req("LBL-SERIAL")
def test_production_is_complete_only_with_labels_settled(story, finished, labels):
    labels["count"] = 1
    assert refused(story, story.complete, finished) == ["LABELS_OPEN"]
    labels["count"] = 0
    assert story.complete(finished).status == "production_complete"


@pytest.mark.req("ATMP-IPC")
def test_production_is_complete_only_with_breaches_assessed(story, finished):
    story.correct(finished, 10, "fill", seals=False)
    story.verify(finished, 10)
    deviation = story.deviate(finished, step="10")
    assert refused(story, story.complete, finished) == ["ACTION_UNASSESSED"]
    story.assess(deviation)
    assert story.complete(finished).status == "production_complete"


def test_nothing_is_done_to_a_completed_batch(story, finished):
    story.complete(finished)
    for act in (
        lambda: story.fill(finished),
        lambda: story.correct(finished, 10, "fill"),
        lambda: story.complete(finished),
    ):
        assert refused(story, act) == ["STATE_NOT_ALLOWED"]


def test_qa_terminates_a_failed_manufacture_with_a_reason(story, started):
    assert refused(story, terminate_as(story, story.t1), started) == ["ROLE_NOT_ALLOWED"]
    done = story.terminate(started)
    assert (done.status, done.end_reason) == ("terminated", "the tubing set leaked")
    assert refused(story, story.terminate, started) == ["STATE_NOT_ALLOWED"]
    assert refused(story, story.perform, started, 1, "inspect") == ["STATE_NOT_ALLOWED"]


def terminate_as(story, somebody):
    def act(batch):
        story.qa = somebody
        try:
            return story.terminate(batch)
        finally:
            story.qa = story.qa2

    return act
