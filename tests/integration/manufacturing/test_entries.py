"""Each field of a step is kept when it is left, by whoever leaves it, and the signature takes what is kept."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from config.tables import audited_tables
from kernel.canonical import digest
from kernel.errors import Refused
from kernel.trail.verify import verify
from kernel.web.i18n import Speech
from kernel.work import SYSTEM, unit_of_work
from manufacturing.domain.expiry import local_text
from manufacturing.queries.batch_content import step_content
from manufacturing.queries.batches import people_of_batch
from manufacturing.queries.bench import bench_view
from manufacturing.queries.completion import completion_facts
from manufacturing.queries.entries import entries_of_batch
from manufacturing.queries.steps import batch_steps, step_values
from manufacturing.services.corrections import digest_of
from manufacturing.services.entries import save_fields
from manufacturing.services.steps import correct_step, foresee_correction, perform_step
from manufacturing.tables.batches import BatchRow
from release.queries.exceptions import list_exceptions

D = Decimal
CODES = ("wbc", "wbc_unit")


@pytest.fixture
def batch(story):
    return story.started()


def save(story, batch, *, by=None, position="1", **typed):
    with story.act("step.save", by or story.t1) as work:
        work.signers = ()
        return save_fields(work, batch.id, position, **typed)


def sign(story, batch, *, by=None, position="1", seen=None, **typed):
    with story.act("step.perform", by or story.t1, content=(step_content, batch.id, position)) as work:
        work.seen = seen or work.seen
        return perform_step(work, batch.id, position, **typed)


def bench(story, batch, position="1"):
    return story.read(bench_view, batch.id, position, story.now)


def refused(act, *args, **typed):
    with pytest.raises(Refused) as caught:
        act(*args, **typed)
    return [one.code for one in caught.value.refusals]


@pytest.mark.req("DI-6.12")
def test_the_signature_takes_what_was_saved_field_by_field(story, batch):
    for name, value in story.values("inspect").items():
        save(story, batch, **{name: value})
        story.later(seconds=40)
    sign(story, batch)
    values = story.read(step_values, batch.id)
    assert values["apheresis.wbc"].number == D("98.6")
    assert values["inspect.culture_sample"].text == "ST-0042"
    assert values["inspect.label_matches"].text == "yes"
    step = story.read(batch_steps, batch.id)[0]
    assert (step.status, step.performed_at) == ("performed", story.now)


@pytest.mark.req("DI-6.12")
def test_a_field_is_saved_with_its_person_its_time_and_a_link_of_the_trail(story, batch):
    save(story, batch, wbc=D(98600), wbc_unit="cells/uL")
    story.later(minutes=2)
    save(story, batch, by=story.t2, wbc=D(98700), wbc_unit="cells/uL", wbc_seen=1)
    shown = bench(story, batch)
    entry = shown["entries"]["wbc"]
    assert (entry["number"], entry["value"], entry["by"]) == (2, D(98700), story.t2.name)
    assert [(one["value"], one["by"]) for one in entry["before"]] == [(D(98600), story.t1.name)]
    field = next(one for one in shown["fields"] if one["key"] == "wbc")
    assert field["number"] == D("98.7")
    with story.database.reading() as session:
        assert not verify(session, audited_tables(), story.database.seal.public, None).faults


def test_a_value_changed_before_the_signature_is_among_the_exceptions_of_the_review(story, batch):
    save(story, batch, **story.values("inspect"))
    save(story, batch, by=story.t2, viability=D("98.1"), viability_seen=1)
    sign(story, batch)
    found = [one for one in story.read(list_exceptions, batch) if one["kind"] == "changed before signing"]
    assert [(one["what"]["en"], one["who"]) for one in found] == [("1.5 Viability (7-AAD): 99.1 → 98.1", story.t2.name)]


def test_a_time_changed_before_the_signature_is_told_in_the_zone_of_the_people(story, batch):
    save(story, batch, position="2", spin_started=story.now)
    story.later(minutes=1)
    with pytest.raises(Refused) as unseen:
        save(story, batch, by=story.t2, position="2", spin_started=story.now)
    said = unseen.value.refusals[0].fact("value")
    assert said == local_text(story.now - timedelta(minutes=1))
    save(story, batch, by=story.t2, position="2", spin_started=story.now, spin_started_seen=1)
    (found,) = [one for one in story.read(list_exceptions, batch) if one["kind"] == "changed before signing"]
    for language in ("nl", "en"):
        before, after = (Speech(language).moment(at) for at in (story.now - timedelta(minutes=1), story.now))
        assert found["what"][language].endswith(f": {before} → {after}")


def test_a_corrected_time_is_told_as_every_page_tells_times(story, batch):
    story.steps(batch, last=1)
    story.later(minutes=10)
    story.perform(batch, 2, "wash")
    ended = story.now
    story.correct(batch, 2, "wash", spin_started=ended - timedelta(minutes=8))
    (found,) = [one for one in story.read(list_exceptions, batch) if one["kind"] == "corrected value"]
    for language in ("nl", "en"):
        before, after = (Speech(language).moment(at) for at in (ended, ended - timedelta(minutes=8)))
        assert found["what"][language].endswith(f": {before} → {after}")


def test_the_same_value_again_is_no_change(story, batch):
    save(story, batch, viability=D("99.1"))
    assert save(story, batch, viability=D("99.10")) == []
    assert save(story, batch, by=story.t2, viability=D("99.1")) == []
    assert len(story.read(entries_of_batch, batch.id)[story.read(batch_steps, batch.id)[0].id]) == 1


@pytest.mark.req("SIG-WYSIWYS")
def test_nobody_overwrites_what_a_colleague_saved_without_having_seen_it(story, batch):
    save(story, batch, viability=D("99.1"))
    assert refused(save, story, batch, by=story.t2, viability=D("91.9")) == ["ENTRY_CHANGED"]
    assert refused(sign, story, batch, **story.values("inspect", viability=D("91.9"))) == ["ENTRY_CHANGED"]
    save(story, batch, by=story.t2, viability=D("91.9"), viability_seen=1)
    assert bench(story, batch)["entries"]["viability"]["value"] == D("91.9")


@pytest.mark.req("SIG-WYSIWYS")
def test_a_signature_on_a_page_from_before_a_colleagues_value_is_stale(story, batch):
    save(story, batch, **story.values("inspect"))
    before = digest(story.read(step_content, batch.id, "1"))
    save(story, batch, by=story.t2, viability=D("98.1"), viability_seen=1)
    assert refused(sign, story, batch, seen=before) == ["STALE_VERSION"]
    sign(story, batch)
    assert story.read(step_values, batch.id)["apheresis.viability"].number == D("98.1")


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ({"wbc": D("98.6"), "wbc_unit": "cells/uL"}, ["UNIT_IMPLAUSIBLE"]),
        ({"viability": D(991)}, ["UNIT_IMPLAUSIBLE"]),
        ({"performed_at": timedelta(minutes=1)}, ["FUTURE_TIME"]),
        ({"performed_at": timedelta(hours=-3)}, ["TIME_ORDER"]),
        ({"viability": D("99.1"), "done_at": timedelta(minutes=1)}, ["FUTURE_TIME"]),
        ({"viability": D("99.1"), "done_at": timedelta(minutes=-16)}, ["LATE_ENTRY_UNJUSTIFIED"]),
    ],
)
def test_what_cannot_be_is_refused_at_the_field_and_not_kept(story, batch, typed, codes):
    typed = {name: story.now + one if isinstance(one, timedelta) else one for name, one in typed.items()}
    story.later(minutes=20)
    typed = {
        name: one + timedelta(minutes=20) if name in {"performed_at", "done_at"} else one for name, one in typed.items()
    }
    assert refused(save, story, batch, **typed) == codes
    assert story.read(entries_of_batch, batch.id) == {}


@pytest.mark.req("ATMP-6.1-TIME")
def test_a_field_recorded_late_has_its_reason_and_marks_the_step(story, batch):
    done = story.now
    story.later(minutes=40)
    typed = story.values("inspect", at=done)
    save(story, batch, done_at=done, late_reason="no network in the clean room", **typed)
    assert bench(story, batch)["entries"]["viability"]["performed_at"] == done
    sign(story, batch, late_reason=None)
    assert story.read(batch_steps, batch.id)[0].late_reason == "no network in the clean room"


def test_what_was_emptied_is_asked_for_at_the_signature(story, batch):
    save(story, batch, **story.values("inspect"))
    save(story, batch, viability=None, viability_seen=1)
    assert refused(sign, story, batch) == ["MISSING_FIELD"]


@pytest.mark.req("S1", "S3")
def test_whoever_left_a_value_performed_the_step_and_cannot_verify_it(story, batch):
    save(story, batch, by=story.t2, viability=D("99.0"))
    save(story, batch, viability=D("99.1"), viability_seen=1)
    sign(story, batch, **{k: v for k, v in story.values("inspect").items() if k != "viability"})
    assert refused(story.verify, batch, 1, by=story.t2) == ["SOD_STEP"]
    save_by_qa = story.qa
    assert save_by_qa.id not in story.read(people_of_batch, batch.id)
    story.verify(batch, 1, by=story.qa2)


def test_nothing_is_kept_in_a_step_that_is_signed_or_a_batch_that_pauses(story, batch):
    story.perform(batch, 1, "inspect")
    assert refused(save, story, batch, viability=D("99.1")) == ["STATE_NOT_ALLOWED"]


def corrected(story, batch, *, by=None, reason="read from the wrong line", **typed):
    """The correction of a record that QA returned: looked at, then signed."""
    with story.act("step.effect", by or story.t1, content=(step_content, batch.id, "1"), reason=reason) as work:
        seen = digest_of(foresee_correction(work, batch.id, "1", **typed))
    with story.act("step.correct", by or story.t1, content=(step_content, batch.id, "1"), reason=reason) as work:
        return correct_step(work, batch.id, "1", effect_seen=seen, **typed)


@pytest.mark.req("DI-6.12", "ATMP-6.1-CORR")
def test_a_correction_in_a_returned_record_is_saved_field_by_field_and_its_signature_takes_it(story, batch):
    save(story, batch, **story.values("inspect"))
    sign(story, batch)
    story.verify(batch, 1)
    with unit_of_work(story.database, SYSTEM, "test.return") as work:
        work.lock(BatchRow, batch.id).status = "returned_for_correction"
    assert bench(story, batch)["entries"] == {}, "what was signed waits for nothing"
    assert len(save(story, batch, wbc=D("98.1"))) == 1
    assert save(story, batch, wbc=D("98.1"), wbc_seen=2) == [], "the same sent again is no change"
    assert refused(save, story, batch, by=story.t2, wbc=D("97.0"), wbc_seen=1) == ["ENTRY_CHANGED"]
    save(story, batch, by=story.t2, viability=D("98.2"))
    shown = bench(story, batch)
    assert {name: one["by"] for name, one in shown["entries"].items()} == {
        "wbc": story.t1.name,
        "viability": story.t2.name,
    }
    assert story.read(step_values, batch.id)["apheresis.wbc"].number == D("98.6"), "nothing is corrected yet"
    assert "ENTRY_UNSIGNED" in refused(story.complete, batch)
    (refusal,) = story.read(completion_facts, batch).unsigned
    step = "Inspect and sample the leukapheresis"
    assert Speech("en").word(dict(refusal.facts)["fields"]) == f"{step} 1.4 White cells, {step} 1.5 Viability (7-AAD)"
    corrected(story, batch)
    values = story.read(step_values, batch.id)
    assert (values["apheresis.wbc"].number, values["apheresis.viability"].number) == (D("98.1"), D("98.2"))
    assert bench(story, batch)["entries"] == {}
    assert "ENTRY_UNSIGNED" not in refused(story.complete, batch)
    assert refused(story.verify, batch, 1, by=story.t2) == ["SOD_STEP"], "he left a value in it"
    story.verify(batch, 1, by=story.qa)
    with story.database.reading() as session:
        assert not verify(session, audited_tables(), story.database.seal.public, None).faults
