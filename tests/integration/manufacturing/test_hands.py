"""Each way to a hand in a batch leaves one, whoever's it is (S1, S3). ``tests/data/separation.csv`` names them all."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.integration.manufacturing.hands import decided, done_by, hands, performers, sod
from tests.integration.manufacturing.sampling import drawn
from tests.integration.manufacturing.test_counts import counted
from tests.integration.manufacturing.test_entries import save
from tests.integration.manufacturing.test_rooms import cleared, paused
from tests.integration.manufacturing.test_transcribing import transcribe

D = Decimal


@pytest.mark.req("S1", "S3")
def test_whoever_clears_saves_performs_checks_corrects_measures_chooses_or_copies_has_a_hand_in_it(story, person):
    batch = story.started()
    starters = {story.t1.id, story.t2.id}
    saver, performer, checker, corrector, measurer, chooser, verifier, scribe = (person("T") for _ in range(8))
    save(story, batch, by=saver, wbc=D("98.6"))
    story.perform(batch, 1, "inspect", by=performer)
    with done_by(story, performer):
        story.check(batch, 1, second=checker)
    story.correct(batch, 1, "inspect", by=corrector, wbc=D("97.1"))
    story.again(batch, 1, by=measurer, wbc=D("97.3"))
    with done_by(story, chooser):
        story.choose(batch, 1, "wbc", 1)
    story.verify(batch, 1, by=verifier)
    story.later(hours=1)
    transcribe(story, batch, 2, "wash", by=scribe)
    in_the_step = (performer, checker, corrector, measurer, chooser, verifier, scribe)
    assert hands(story, batch) == {
        *((one, "batch") for one in starters),
        *((one.id, "step") for one in in_the_step),
        (saver.id, "step_entry"),
    }
    assert performers(story, batch) == {one.id for one in (saver, performer, corrector, measurer, chooser)}
    assert performers(story, batch, 2) == {scribe.id}


@pytest.mark.req("S3")
def test_whoever_draws_counts_or_clears_again_has_a_hand_in_it_and_who_stops_or_reports_has_none(story, person):
    batch = story.started()
    drawer, counter, clearer, second, stopper = (person("T") for _ in range(5))
    with done_by(story, drawer):
        sample = drawn(story, batch, kind="in_process_control", step="3")
    counted(story, sample, by=counter)
    with done_by(story, stopper):
        story.deviate(batch)
        paused(story, batch, sealed=True)
    with done_by(story, clearer, second):
        cleared(story, batch)
    found = hands(story, batch)
    assert {(drawer.id, "sample"), (counter.id, "cell_count"), (clearer.id, "batch"), (second.id, "batch")} <= found
    assert counter.id in performers(story, batch, 3)
    assert stopper.id not in {one for one, _ in found}


@pytest.mark.req("S3")
def test_whoever_fills_or_declares_the_production_complete_has_a_hand_in_it(story, person):
    batch = story.formulated()
    filler, second, completer = (person("T") for _ in range(3))
    with done_by(story, filler, second):
        story.fill(batch)
    story.perform(batch, 10, "fill")
    story.verify(batch, 10)
    with done_by(story, completer):
        story.complete(batch)
    wanted = {(filler.id, "container"), (second.id, "container"), (completer.id, "batch")}
    assert wanted <= hands(story, batch)


@pytest.mark.req("S3")
def test_whoever_decided_about_a_batch_works_on_its_record_no_more(story, person):
    """The other order of S3: signed first, worked afterwards, in a record that was opened for correction."""
    batch = story.started()
    story.perform(batch, 1, "inspect")
    sample = drawn(story, batch, kind="in_process_control", step="3")
    decider = person("T", "QA")
    decided(story, batch, decider)
    acts = {
        "step.save": lambda: save(story, batch, by=decider, position="2", volume=D(200)),
        "step.perform": lambda: story.perform(batch, 2, "wash"),
        "step.transcribe": lambda: transcribe(story, batch, 2, "wash"),
        "step.verify": lambda: story.verify(batch, 1),
        "step.check": lambda: story.check(batch, 1),
        "step.correct": lambda: story.correct(batch, 1, "inspect", wbc=D("97.1")),
        "step.measure_again": lambda: story.again(batch, 1, wbc=D("97.3")),
        "step.choose_measurement": lambda: story.choose(batch, 1, "wbc", 1),
        "condition.leave_out": lambda: story.decide(batch, "second_depletion", "not_needed"),
        "sample.draw_batch": lambda: drawn(story, batch, kind="in_process_control", step="3"),
        "sample.count": lambda: counted(story, sample),
        "batch.complete": lambda: story.complete(batch),
    }
    with done_by(story, decider, decider):
        assert {name: sod(act) for name, act in acts.items()} == {name: ["SOD_RELEASE"] for name in acts}
    with done_by(story, story.t1, decider):
        assert sod(story.check, batch, 1) == ["SOD_RELEASE"], "nor as the second person"
    story.verify(batch, 1)
