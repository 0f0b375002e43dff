"""The executed batch record as a reader of the PDF finds it."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest

from kernel.documents.domain import DocumentStatus
from kernel.documents.queries import get_document, get_effective
from kernel.work import unit_of_work
from manufacturing.queries.batch_content import step_content
from manufacturing.queries.environment import sample_content
from manufacturing.queries.steps import batch_steps
from manufacturing.services.environment import read_sample, take_sample
from manufacturing.tables.batches import StepRow, StepValueRow
from release.domain.decisions import Disposition
from release.queries.normal import normal_entries
from release.queries.paper_frame import watermark_of
from tests.integration.manufacturing.story import Story
from tests.integration.manufacturing.test_environment import BODY as SURROUNDINGS
from tests.integration.release.printing import dispose, flat, long_process, pages_of, printed, troubled
from tests.places import remembered


@pytest.fixture
def story(database, person):
    return remembered(database, "story", lambda: Story(database, person))


@pytest.fixture
def batch(story):
    return remembered(story.database, "troubled", lambda: troubled(story))


@pytest.fixture
def text(story, batch):
    """What the whole record says."""
    return remembered(story.database, "record text", lambda: flat(printed(story, batch)))


@pytest.mark.req("ATMP-4-EM", "ATMP-HIST")
def test_the_monitoring_of_the_rooms_is_in_the_record_with_what_it_says(story):
    collection = story.accepted()
    story.effective("environment", SURROUNDINGS, (story.qa2, "QA"), (story.qp, "QP"))
    batch = story.start(story.open(collection))
    story.later(minutes=30)
    times = {"exposed_from": story.now - timedelta(minutes=20), "exposed_until": story.now}
    with story.act("environment.take", story.t1, content=(step_content, batch.id, "1")) as work:
        sample = take_sample(work, batch.id, "1", key="settle_plate", place="left of the bag", **times)
    assert "is not read yet" in (before := flat(printed(story, batch))) or "pending" in before
    with story.act("environment.read", story.t2, content=(sample_content, sample.id)) as work:
        read_sample(work, sample.id, count=Decimal(2), read_at=story.now, reference="EM-118")
    text = flat(printed(story, batch))
    assert "Settle plate left of the bag, A" in text
    assert "alert above 0, action above 1 CFU Read" in text
    assert "record EM-118" in text


@pytest.mark.req("A11-8.2")
def test_a_changed_value_is_marked_with_what_it_was_by_whom_when_and_why(text, batch):
    assert "1.4 White cells 98.6 10^6/mL possible 0.5–600 CHANGED" in text
    assert "Changed from 89.6 to 98.6 by Person T, Mon 23 Nov 2026 10:05 CET. Reason: digits turned round" in text


@pytest.mark.req("A11-8.2")
def test_a_correction_after_filling_marks_what_followed_from_it(text, batch):
    assert "Changed from 28.4 to 28 by Person T" in text
    assert "Viable NK cells: Changed from" in text
    assert text.count("second count was the right one") >= 2


@pytest.mark.req("A11-8.2")
@pytest.mark.req("ATMP-6.1-TIME")
def test_everything_that_was_not_normal_is_marked(text, batch):
    assert "LATE ENTRY: performed Mon 23 Nov 2026 10:25 CET, recorded Mon 23 Nov 2026 11:05 CET" in text
    assert "Reason: gloves on, hood running" in text
    assert "2.5 Viability after the wash 85 % alert ≥ 90; action ≥ 80 beyond the alert limit ALERT LIMIT" in text
    assert "3.3 Temperature of the room 31 °C action 15–25 beyond the action limit ACTION LIMIT" in text
    assert f"DEVIATION {batch.number}-D1 (assessed)" in text
    assert re.search(r"1.8 B cells \(CD19\+\) of viable CD45\+ ?N/A: not in the panel of this step N/A", text)


def test_what_is_normal_carries_no_mark(story):
    batch = story.formulated()
    text = flat(printed(story, batch))
    for mark in ("CHANGED", "LATE ENTRY", "ALERT LIMIT", "ACTION LIMIT", "DEVIATION"):
        assert mark not in text
    assert "Exceptions first (4)" in text, "four steps have fields that are N/A"


@pytest.mark.req("ATMP-HIST")
def test_every_signature_stands_there_with_name_time_and_meaning(text, batch):
    first = "Signed: performed Person T · Mon 23 Nov 2026 10:05 CET · overtaken by a correction"
    assert text.index(first) < text.index("Signed: corrected Person T · Mon 23 Nov 2026 10:05 CET")
    assert "Signed: line clearance verified Person T" in text


@pytest.mark.req("ATMP-HIST")
def test_one_file_holds_the_whole_batch(story, batch, text):
    for part in (
        "Versions, clocks and signatures",
        "Starting material",
        "Yields",
        "Deviations",
        "Containers",
        "Labels",
        "Tests",
        "Holds",
        "Decisions",
        "Trail of the batch",
    ):
        assert part in text
    row = story.read(lambda session: session.get(type(batch), batch.id))
    for document in story.read(documents_of, row):
        assert f"{document.code} v{document.number}" in text
        assert document.sha256 in text.replace(" ", "")
    assert "Record the step" in text
    assert "Correct the step. Reason: digits turned round" in text
    assert "1.4 White cells: number 89.6 -> 98.6" in text


def documents_of(session, batch):
    return [get_document(session, one) for one in (batch.process_document_id, batch.specification_document_id)]


def test_every_page_says_which_it_is_of_how_many_and_of_which_batch(story, batch):
    body = printed(story, batch)
    assert body == printed(story, batch), "the same record gives the same bytes"
    pages = pages_of(body)
    assert len(pages) > 5
    for place, text in enumerate(pages, start=1):
        assert f"page {place} of {len(pages)}" in text
        assert f"Batch record {batch.number}" in text


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (Disposition.QUARANTINE, "PROVISIONAL"),
        (Disposition.CERTIFIED_PENDING, "PROVISIONAL"),
        (Disposition.CERTIFIED_FINAL, ""),
        (Disposition.REJECTED, "NOT FOR USE"),
        (Disposition.LATE_OOS, "NOT FOR USE"),
    ],
)
def test_only_a_finally_certified_batch_has_a_record_without_watermark(story, batch, state, words):
    dispose(story, batch, state)
    row = story.read(lambda session: session.get(type(batch), batch.id))
    assert story.read(watermark_of, row) == words


def test_the_watermark_stands_on_every_page_and_is_gone_after_the_final_certification(story, batch):
    assert all(text.startswith("PROVISIONAL") for text in pages_of(printed(story, batch)))
    dispose(story, batch, Disposition.CERTIFIED_FINAL)
    assert "PROVISIONAL" not in flat(printed(story, batch))


def test_it_speaks_dutch(story, batch):
    text = flat(printed(story, batch, "nl"))
    for words in ("Batchdossier", "VOORLOPIG", "GEWIJZIGD", "LATE INVOER", "ACTIEGRENS", "pagina 1 van", "n.v.t."):
        assert words in text
    assert "achterhaald door een correctie" in text
    assert "overtaken" not in text


def test_the_last_of_300_fields_is_printed_like_the_first(story):
    story.trial()
    with unit_of_work(story.database, story.qa, "test.retire") as work:
        get_effective(work.session, "process").status = DocumentStatus.RETIRED
    story.effective("process", long_process(60), (story.qa2, "QA"), (story.qp, "QP"))
    story.subject()
    collection = story.receive(story.plan())
    story.markers(collection)
    batch = story.start(story.open(story.accept(collection)))
    fill_in(story, batch)
    pages = pages_of(printed(story, batch))
    assert any("50.5 Volume 4 49 mL" in text for text in pages)


def fill_in(story, batch):
    """Every added step done, in one act."""
    steps = story.read(batch_steps, batch.id)
    with unit_of_work(story.database, story.t1, "test.fill") as work:
        for one in steps:
            row = work.lock(StepRow, one.id)
            row.status, row.performed_at, row.recorded_at = "verified", work.at, work.at
            row.performed_by, row.verified_by, row.verified_at = story.t1.id, story.t2.id, work.at
            for field in range(5) if one.key.startswith("count_") else ():
                work.session.add(
                    StepValueRow(
                        id=work.new_id(),
                        step_id=row.id,
                        field=f"value_{field}",
                        number=Decimal(row.position - 1),
                        unit="mL",
                        verdict="alert" if row.position < 10 else "pass",
                    )
                )


@pytest.mark.req("AT-EXC")
def test_what_is_normal_is_counted_for_the_reviewer(story, batch):
    """Not normal: the changed and the filled-late fields, the alert, the action value, two N/A in each of four steps;
    step 7 was corrected once."""
    found = story.read(normal_entries, batch.id)
    with_fault = {"1.4", *(f"2.{place}" for place in range(1, 6)), "3.3", "7.4"}
    not_applicable = 2 * 4
    assert found["normal"] == found["entries"] - len(with_fault) - not_applicable
