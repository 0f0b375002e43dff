"""Paper when it must be: the blank record, and a step copied from it afterwards with a second check."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kernel.canonical import digest
from kernel.errors import Refused
from kernel.web.i18n import Speech
from manufacturing.queries.batch_content import step_content
from manufacturing.queries.bench import bench_view
from manufacturing.queries.steps import batch_steps, process_of
from manufacturing.services.transcribing import transcribe_step
from release.drawing.paper import draw_paper
from release.queries.blank_record import blank_of_batch
from release.queries.exceptions import list_exceptions
from tests.integration.release.printing import flat, printed

PAPER = {"paper": "NK26-0001 page 2", "why_paper": "network down from 9:10 to 10:00"}


def transcribe(story, batch, position, key, *, by=None, **changed):
    done = story.now - timedelta(minutes=30)
    fields = {**story.values(key, at=done), "performed_at": done, **PAPER, **changed}
    with story.act("step.transcribe", by or story.t1, content=(step_content, batch.id, str(position))) as work:
        return transcribe_step(work, batch.id, str(position), **fields)


@pytest.fixture
def batch(story):
    batch = story.started()
    story.later(hours=1)
    return batch


def test_a_step_copied_from_paper_is_marked_as_such_wherever_it_is_shown(story, batch):
    transcribe(story, batch, 1, "inspect")
    story.verify(batch, 1)
    shown = story.read(bench_view, batch.id, "1", story.now)
    assert shown["paper"]["paper"] == "NK26-0001 page 2"
    assert [one["meaning"] for one in shown["signatures"]] == ["transcribed", "verified"]
    kinds = [one["kind"] for one in story.read(list_exceptions, batch)]
    assert "copied from paper" in kinds
    assert "late entry" in kinds
    assert "COPIED FROM PAPER NK26-0001 page 2 by Person T" in flat(printed(story, batch))


def test_the_second_check_is_another_persons_and_sees_the_paper(story, batch):
    transcribe(story, batch, 1, "inspect")
    assert story.read(step_content, batch.id, "1")["copied from paper"] == "NK26-0001 page 2"
    with pytest.raises(Refused) as caught:
        story.verify(batch, 1, by=story.t1)
    assert [one.code for one in caught.value.refusals] == ["SOD_STEP"]
    story.verify(batch, 1)
    assert story.read(batch_steps, batch.id)[0].status == "verified"


def test_what_was_signed_before_the_paper_was_named_is_stale(story, batch):
    before = digest(story.read(step_content, batch.id, "1"))
    transcribe(story, batch, 1, "inspect")
    assert digest(story.read(step_content, batch.id, "1")) != before


def test_a_step_is_copied_once(story, batch):
    transcribe(story, batch, 1, "inspect")
    with pytest.raises(Refused) as caught:
        transcribe(story, batch, 1, "inspect")
    assert [one.code for one in caught.value.refusals] == ["STATE_NOT_ALLOWED"]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_blank_record_has_every_field_under_the_number_of_the_screen(story, batch, language):
    with story.database.reading() as session:
        sheet = blank_of_batch(session, batch.id, Speech(language), by="Person T", at=story.now)
        process = process_of(session, batch)
    text = flat(draw_paper(sheet))
    for position, step in enumerate(process.steps, start=1):
        for one in story.read(bench_view, batch.id, str(position), story.now)["fields"]:
            assert f"{one['no']} {one['label'][language]}"[:24] in text
        assert step.title[language] in text
    assert batch.number in text
    assert "PROVISIONAL" not in text
