"""Lots in what is reviewed, traced and printed: as many out as in, and a stop shows everywhere."""

from __future__ import annotations

import pytest

from kernel.canonical import digest
from kernel.web.i18n import Speech
from manufacturing.queries.batches import get_batch
from release.domain.decisions import DecisionKind
from release.domain.guards import GuardState, guard_lines
from release.drawing.paper import draw_paper
from release.queries.blank_record import blank_of_batch
from release.queries.exceptions import list_exceptions
from release.queries.records import lot_records, records_of_batch, reviewed_record
from release.queries.review import release_facts
from release.queries.trace import find_traced, trace_of
from tests.integration.manufacturing.lots import decided_anew, listed, ready_lot, recalled
from tests.integration.manufacturing.story import Story
from tests.integration.manufacturing.test_lot_uses import asks_for, corrected, line, used
from tests.integration.release.printing import flat, printed
from tests.places import remembered

KINDS = (("cd3_reagent", "2"), ("cd56_reagent", "1"), ("bag", "1"))


@pytest.fixture
def story(database, person):
    return remembered(database, "story", lambda: Story(database, person))


@pytest.fixture
def batch(story):
    wanted = asks_for("cd3_reagent", "2", "vials")
    story.body_of = lambda kind, body: wanted if kind == "process" else body
    listed(story)
    batch = story.start(story.open(story.accepted()))
    story.later(minutes=5)
    return batch


@pytest.fixture
def lots(story, batch):
    """Three lots in the first step, the first of them twice; a fourth that nobody used."""
    found = [ready_lot(story, kind) for kind, _ in KINDS]
    lines = [line(lot, quantity, wanted="") for lot, (_, quantity) in zip(found, KINDS, strict=True)]
    used(story, batch, *lines, line(found[0], "1"))
    ready_lot(story, "syringe")
    story.perform(batch, 1, "inspect")
    return found


def guard(story, batch):
    facts = story.read(release_facts, batch.id, story.now)
    return next(one for one in guard_lines(facts, DecisionKind.STAGE1, story.now) if one.guard.key == "lots")


@pytest.mark.req("ATMPR-15.1")
def test_a_batch_made_with_n_lots_is_traced_to_exactly_these(story, batch, lots):
    def traced(session):
        return trace_of(session, find_traced(session, batch.number), clinical=False)["batches"][0]["lots"]

    found = story.read(traced)
    assert [one["code"] for one in found] == sorted(lot.code for lot in lots)
    assert [str(one["quantity"]) for one in found] == ["3", "1", "1"]
    (use,) = [one for one in story.read(lot_records, batch.id) if getattr(one, "lot_id", "") == lots[2].id][:1]
    corrected(story, use, "0")
    assert [one["code"] for one in story.read(traced)] == sorted(lot.code for lot in lots[:2])


@pytest.mark.req("ATMP-7-RECALL", "QA-REVIEW")
def test_a_stop_turns_the_guard_red_and_the_review_stale_until_qa_decides_anew(story, batch, lots):
    before = digest(story.read(reviewed_record, batch.id)["materials"])
    assert guard(story, batch).state is GuardState.GREEN
    story.later(minutes=1)
    recalled(story, lots[1])
    line_now = guard(story, batch)
    assert (line_now.state, [one.code for one in line_now.refusals]) == (GuardState.RED, ["LOT_NOT_APPROVED"])
    assert digest(story.read(reviewed_record, batch.id)["materials"]) != before
    decided_anew(story, lots[1])
    assert guard(story, batch).state is GuardState.GREEN


def test_every_lot_use_and_decision_is_among_the_records_that_are_verified(story, batch, lots):
    kept = {one.id for one in story.read(records_of_batch, batch.id)}
    assert {lot.id for lot in lots} <= kept
    assert len([one for one in story.read(lot_records, batch.id) if one.__tablename__ == "lot_decision"]) == 6


@pytest.mark.req("ATMP-7-RECALL", "AT-EXC")
def test_a_stopped_lot_and_a_corrected_quantity_are_exceptions_of_the_batch(story, batch, lots):
    uses = [one for one in story.read(lot_records, batch.id) if getattr(one, "lot_id", "") == lots[0].id]
    corrected(story, next(one for one in uses if getattr(one, "quantity", 0) == 2), "1")
    recalled(story, lots[1])
    found = story.read(lambda session: list_exceptions(session, get_batch(session, batch.id)))
    words = [(one["kind"], Speech("en").word(one["what"]), one["why"]) for one in found]
    said = [(kind, what, why) for kind, what, why in words if "M26-" in what]
    assert said == [
        ("stopped lot", f"{lots[1].code} CD56 reagent recalled", "the supplier reports particles"),
        ("corrected value", f"{lots[0].code} CD3 reagent: 2 → 1 vials", "one vial was not opened"),
    ]


@pytest.mark.req("ATMP-6.3-CONTENT", "A11-8.2")
def test_the_executed_record_prints_every_lot_with_its_quantity_and_marks_what_was_changed(story, batch, lots):
    uses = [one for one in story.read(lot_records, batch.id) if getattr(one, "lot_id", "") == lots[0].id]
    use = next(one for one in uses if getattr(one, "quantity", 0) == 2)
    corrected(story, use, "1")
    recalled(story, lots[1])
    text = flat(printed(story, batch))
    for lot in lots:
        assert lot.code in text
        assert lot.manufacturer_lot in text
    assert "Changed from 2 to 1 by Person T" in text
    assert "RECALLED" in text


def test_the_blank_record_has_room_for_the_lots_of_a_step(story, batch):
    with story.database.reading() as session:
        sheet = blank_of_batch(session, batch.id, Speech("en"), by="Person T", at=story.now)
    text = flat(draw_paper(sheet))
    assert "Material Planned Lot Expiry Quantity used Initials CD3 reagent 2 vials" in text
