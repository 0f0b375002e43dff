"""Lots at the bench: scanned before a step, judged at their time, corrected with the old value kept."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from kernel.web.i18n import Speech
from kernel.web.site import Viewer
from manufacturing.queries.batch_content import batch_content, step_content
from manufacturing.queries.history import corrections_of, links_of
from manufacturing.queries.lot_pages import lot_page
from manufacturing.queries.lot_uses import pieces_of, use_content, used_in_batch
from manufacturing.queries.materials import get_lot, lot_content
from manufacturing.queries.step_lots import chosen_now
from manufacturing.services.kits import assemble_kit, take_kit
from manufacturing.services.lot_stock import destroy_lot, discard_lot, open_piece
from manufacturing.services.lot_uses import Line, add_lots, correct_use, use_lots
from manufacturing.services.steps import correct_step
from manufacturing.tables.collections import CollectionRow
from tests.integration.labels.test_races import at_once
from tests.integration.manufacturing.hands import decided, done_by, hands, sod
from tests.integration.manufacturing.lots import listed, ready_lot, recalled, received_lot
from tests.integration.manufacturing.refusing import refused
from tests.presets import PRESETS, without_materials

D = Decimal


def asks_for(kind, quantity, unit, **more):
    """The preset with one material in its first step, and nothing else asked for."""
    body = without_materials(json.loads((PRESETS / "process.json").read_text(encoding="utf-8"))["body"])
    body["steps"][0]["materials"] = [{"kind": kind, "quantity": quantity, "unit": unit, **more}]
    return body


@pytest.fixture
def started(story):
    """A batch whose first step asks for CD3 reagent."""
    wanted = asks_for("cd3_reagent", "2", "vials")
    story.body_of = lambda kind, body: wanted if kind == "process" else body
    listed(story)
    batch = story.start(story.open(story.accepted(), volume="120"))
    story.later(minutes=5)
    return batch


def used(story, batch, *lines, at=None, by=None, **changed):
    content = (step_content, batch.id, "1")
    with story.act("step.use_lots", by or story.t1, content=content) as work:
        return use_lots(work, batch.id, "1", lines, performed_at=at or story.now, **changed)


def added(story, batch, *lines, reason="the vial lay behind the rotor"):
    with story.act("step.add_lots", story.t1, content=(step_content, batch.id, "1"), reason=reason) as work:
        return add_lots(work, batch.id, "1", lines, performed_at=story.now)


def corrected(story, use, quantity, *, by=None):
    content = (use_content, use.id)
    with story.act("lot.correct_use", by or story.t1, content=content, reason="one vial was not opened") as work:
        return correct_use(work, use.id, quantity=D(quantity))


def opened(story, lot, at=None):
    with story.act("lot.open", story.t1, content=(lot_content, lot.id)) as work:
        return open_piece(work, lot.id, opened_at=at or story.now)


def discarded(story, lot, quantity, *, witness=None):
    signers = (story.t1, witness) if witness else (story.t1,)
    with story.act("lot.discard", *signers, content=(lot_content, lot.id), reason="fell on the floor") as work:
        return (destroy_lot if witness else discard_lot)(work, lot.id, quantity=D(quantity))


def line(lot, quantity="2", wanted="cd3_reagent", **more):
    return Line(lot.code, D(quantity), wanted=wanted, **more)


def balance(story, lot):
    return {name: str(number) for name, number in story.read(lot_page, lot.id, story.now)["balance"].items()}


@pytest.mark.req("ATMP-7-LOT", "ATMP-7-SCAN")
def test_a_step_is_performed_with_its_lots_on_record_and_not_without(story, started):
    lot = ready_lot(story)
    assert refused(story, story.perform, started, 1, "inspect") == ["MATERIAL_MISSING"]
    assert refused(story, used, story, started, Line("M26-0001-0", D(2))) == ["LOT_UNKNOWN"]
    assert refused(story, used, story, started, Line("CD3 reagent of May", D(2))) == ["LOT_UNKNOWN"]
    used(story, started, line(lot))
    story.perform(started, 1, "inspect")
    shown = story.read(step_content, started.id, "1")["materials"]
    assert [(one["lot"], one["quantity"], one["unit"]) for one in shown] == [(lot.code, D(2), "vials")]
    assert refused(story, used, story, started, line(lot)) == ["STATE_NOT_ALLOWED"]


@pytest.mark.req("ATMP-7-LOT")
def test_a_lot_is_judged_at_the_time_of_use_and_not_at_the_time_of_entry(story, started):
    quarantined = received_lot(story)
    assert refused(story, used, story, started, line(quarantined)) == ["LOT_NOT_APPROVED"]
    short = ready_lot(story, expires_on=None, expires_at=story.now + timedelta(minutes=5))
    story.later(minutes=5)
    assert refused(story, used, story, started, line(short)) == ["LOT_EXPIRED"]
    before = story.now - timedelta(minutes=1)
    (use,) = used(story, started, line(short), at=before)
    assert (use.used_at, use.recorded_at) == (before, story.now)
    early = story.now - timedelta(hours=9)
    assert "TIME_ORDER" in refused(story, used, story, started, line(short), at=early)


@pytest.mark.req("ATMP-7-LOT", "ATMP-6.1-CORR")
def test_a_step_is_not_corrected_to_a_time_at_which_its_lot_had_run_out(story, started):
    short = ready_lot(story, expires_on=None, expires_at=story.now + timedelta(minutes=5))
    used(story, started, line(short))
    done = story.now
    story.later(minutes=6)
    story.perform(started, 1, "inspect", performed_at=done)
    assert refused(story, moved, story, started, done + timedelta(minutes=5)) == ["LOT_EXPIRED"]
    assert moved(story, started, done + timedelta(minutes=4)).performed_at == done + timedelta(minutes=4)


def moved(story, batch, performed_at):
    content = (step_content, batch.id, "1")
    with story.act("step.correct", story.t1, content=content, reason="read the clock of the other room") as work:
        return correct_step(work, batch.id, "1", performed_at=performed_at, **story.values("inspect"))


def test_a_lot_that_ran_out_before_the_end_of_the_step_needs_a_deviation(story, started):
    short = ready_lot(story, expires_on=None, expires_at=story.now + timedelta(minutes=5))
    used(story, started, line(short))
    story.later(minutes=6)
    assert refused(story, story.perform, started, 1, "inspect") == ["LOT_EXPIRED"]
    story.deviate(started, step="1")
    story.perform(started, 1, "inspect")


@pytest.mark.req("ATMP-7-BAL")
def test_lines_of_one_form_share_a_balance_that_never_goes_below_nothing(story, started):
    lot = ready_lot(story, quantity="3")
    assert refused(story, used, story, started, line(lot), line(lot)) == ["LOT_BALANCE"]
    used(story, started, line(lot), line(lot, "1"))
    assert balance(story, lot) == {"received": "3", "used": "3", "discarded": "0", "left": "0"}
    assert story.read(get_lot, lot.id).status == "empty"
    assert refused(story, discarded, story, lot, "1") == ["LOT_BALANCE"]


@pytest.mark.req("ATMP-6.1-CORR", "ATMP-7-BAL")
def test_a_corrected_quantity_keeps_the_old_one_and_the_step_is_verified_anew(story, started):
    lot = ready_lot(story, quantity="2")
    (use,) = used(story, started, line(lot))
    story.perform(started, 1, "inspect")
    story.verify(started, 1)
    corrected(story, use, "1")
    assert story.read(get_lot, lot.id).status == "approved"
    (change,) = story.read(lambda session: corrections_of(links_of(session, [use.id])))[use.id]
    assert (change.old, change.new, change.why) == ("2", "1", "one vial was not opened")
    assert story.read(step_content, started.id, "1")["status"] == "performed"
    assert refused(story, corrected, story, use, "3") == ["LOT_BALANCE"]
    assert refused(story, story.verify, started, 1, by=story.t1) == ["SOD_STEP"]


def test_a_forgotten_lot_is_added_as_a_correction_of_the_step(story, started):
    lot = ready_lot(story)
    assert refused(story, added, story, started, line(lot)) == ["STATE_NOT_ALLOWED"]
    used(story, started, line(lot, "1"))
    story.perform(started, 1, "inspect")
    story.verify(started, 1)
    added(story, started, line(lot, "1"))
    assert story.read(step_content, started.id, "1")["status"] == "performed"
    assert len(story.read(used_in_batch, started.id)) == 2


@pytest.mark.req("ATMP-7-OPEN")
def test_an_opened_bottle_is_used_until_its_own_end_and_by_its_own_code(story, started):
    lot = ready_lot(story, "buffer", "1000")
    other = {"wanted": "", "prefix": "other_"}
    assert refused(story, used, story, started, line(lot, **other)) == ["MISSING_FIELD"]
    used(story, started, line(lot, "100", piece="new", **other))
    (piece,) = story.read(pieces_of, lot.id)
    assert piece.usable_until - piece.started_at == timedelta(hours=24)
    used(story, started, Line(piece.code, D(100)))
    assert refused(story, used, story, started, line(lot, piece="M26-0099-P01-0", **other)) == ["PIECE_UNKNOWN"]
    second = opened(story, lot)
    story.later(hours=24)
    why = {"late_reason": "the screen was down"}
    assert refused(story, used, story, started, Line(second.code, D(100)), **why) == ["LOT_IN_USE_EXPIRED"]
    assert balance(story, lot)["left"] == "800"


@pytest.mark.req("ATMP-7-BAL")
def test_what_is_thrown_away_leaves_the_balance_and_a_recalled_lot_before_a_second_person(story, started):
    lot = ready_lot(story, quantity="5")
    discarded(story, lot, "1")
    recalled(story, lot)
    assert refused(story, discarded, story, lot, "4") == ["LOT_WITNESS"]
    gone = discarded(story, lot, "4", witness=story.t2)
    assert (gone.witnessed_by, balance(story, lot)["left"]) == (story.t2.id, "0")


@pytest.mark.req("ATMP-7-LOT")
def test_production_is_not_complete_while_a_required_material_has_no_lot(story, started):
    lot = ready_lot(story)
    (use,) = used(story, started, line(lot))
    story.steps(started, last=9)
    story.fill(started)
    story.perform(started, 10, "fill")
    story.verify(started, 10)
    corrected(story, use, "0")
    story.verify(started, 1)
    assert refused(story, story.complete, started) == ["MATERIAL_MISSING"]
    added(story, started, line(lot))
    story.verify(started, 1)
    assert story.complete(started).status == "production_complete"


def second_batch(story):
    """Another batch of the rest of the leukapheresis, in another room."""
    (collection,) = story.read(lambda session: list(session.execute(sa.select(CollectionRow)).scalars()))
    return story.start(story.open(collection), room="C2")


@pytest.mark.req("ATMP-7-BAL")
def test_of_two_who_take_the_last_vial_at_once_exactly_one_gets_it(story, started):
    lot = ready_lot(story, quantity="2")
    used(story, started, line(lot, "1"))
    other = second_batch(story)
    takers = [lambda: used(story, started, line(lot, "1")), lambda: used(story, other, line(lot, "1"), by=story.t2)]
    assert at_once(takers) == ["LOT_BALANCE", None]
    assert balance(story, lot)["left"] == "0"
    assert story.read(get_lot, lot.id).status == "empty"


def kit_of(story, *lots):
    typed = "\n".join(lot if isinstance(lot, str) else lot.code for lot in lots)
    with story.act("kit.assemble", story.t1) as work:
        return assemble_kit(work, lots=typed)


def takes(story, batch, code):
    with story.act("batch.take_kit", story.t1, content=(batch_content, batch.id)) as work:
        return take_kit(work, batch.id, kit=code)


def offered(story, batch):
    viewer = Viewer(story.t1, story.now, Speech("en"))
    return story.read(chosen_now, viewer, batch.id, "1")[1]


@pytest.mark.req("ATMP-7-SCAN")
def test_a_kit_is_scanned_once_and_its_lots_stand_in_the_form_of_each_step(story, started):
    lot, bag = ready_lot(story), ready_lot(story, "bag")
    kit = kit_of(story, lot, bag)
    assert "cd3_reagent_lot" not in {name for name, value in offered(story, started).items() if value}
    takes(story, started, kit.code)
    assert offered(story, started) == {"cd3_reagent_lot": lot.code, "cd3_reagent_quantity": D(2)}
    assert balance(story, lot)["used"] == "0"
    used(story, started, line(lot))
    assert offered(story, started) == {}


def test_a_kit_holds_usable_lots_one_of_each_and_belongs_to_one_batch(story, started):
    lot, waiting = ready_lot(story), received_lot(story, "bag")
    assert refused(story, kit_of, story) == ["MISSING_FIELD"]
    assert refused(story, kit_of, story, lot, "M26-9999-0") == ["LOT_UNKNOWN"]
    assert refused(story, kit_of, story, lot, waiting) == ["LOT_NOT_APPROVED"]
    assert refused(story, kit_of, story, lot, ready_lot(story)) == ["KIT_TWICE"]
    kit = kit_of(story, lot, lot)
    assert refused(story, takes, story, started, "K26-0009-0") == ["KIT_UNKNOWN"]
    takes(story, started, kit.code)
    assert refused(story, takes, story, second_batch(story), kit.code) == ["KIT_TAKEN"]


@pytest.mark.req("ATMP-7-LOT")
def test_a_lot_of_a_kit_is_judged_again_when_it_is_used(story, started):
    lot = ready_lot(story)
    takes(story, started, kit_of(story, lot).code)
    recalled(story, lot)
    assert refused(story, used, story, started, line(lot)) == ["LOT_NOT_APPROVED"]


@pytest.mark.req("S1", "S3")
def test_whoever_scanned_corrected_or_added_a_lot_performed_the_step(story, started, person):
    scanner, mender, adder = (person("T") for _ in range(3))
    lot = ready_lot(story)
    (use,) = used(story, started, line(lot, "3"), by=scanner)
    corrected(story, use, "2", by=mender)
    story.perform(started, 1, "inspect")
    assert [sod(story.verify, started, 1, by=one) for one in (scanner, mender)] == [["SOD_STEP"]] * 2
    with done_by(story, adder):
        added(story, started, line(lot, "1"))
    assert sod(story.verify, started, 1, by=adder) == ["SOD_STEP"]
    assert {(one.id, "lot_use") for one in (scanner, mender, adder)} <= hands(story, started)
    story.verify(started, 1)
    decided(story, started, story.t1)
    assert sod(added, story, started, line(lot, "1")) == sod(corrected, story, use, "1") == ["SOD_RELEASE"]
