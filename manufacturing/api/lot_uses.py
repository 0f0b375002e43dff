"""Lots at the bench: used in a step, corrected, opened, thrown away; declared once for pages and API."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.registry import Done, act
from kernel.web.site import Viewer
from kernel.work import Work
from manufacturing.queries.batch_content import step_content
from manufacturing.queries.batches import get_batch
from manufacturing.queries.lot_uses import balance_of, get_use, use_content
from manufacturing.queries.materials import get_lot, lot_content
from manufacturing.queries.step_lots import chosen_now, step_lots_view
from manufacturing.queries.steps import process_of
from manufacturing.schemas.lot_uses import (
    CorrectUseSchema,
    DiscardLotSchema,
    OpenPieceSchema,
    lines_of,
    lots_schema,
)
from manufacturing.services.lot_stock import destroy_lot, discard_lot, open_piece
from manufacturing.services.lot_uses import add_lots, correct_use, use_lots
from manufacturing.tables.materials import LotDiscardRow, LotUseRow

STEP = "/batches/<batch_id>/steps/<position>"
USE = "/lot-uses/<use_id>"
ONE = "/lots/<lot_id>"
SPLIT = ("performed_at", "late_reason")


def before_using(session: Session, viewer: Viewer, batch_id: str, position: str) -> dict[str, Any]:
    """The lots to choose from, the quantities that are usual, and what is on record already."""
    choices, initial = chosen_now(session, viewer, batch_id, position)
    view = step_lots_view(session, batch_id, position, viewer.at)
    late = process_of(session, get_batch(session, batch_id)).late_entry_minutes
    initial = {"performed_at": viewer.at, **initial}
    return {"initial": initial, "choices": choices, "lots": view, "late_minutes": late}


def done(rows: list[LotUseRow], batch_id: str, position: str, message: str) -> Done:
    body = {"ids": [one.id for one in rows]}
    return Done(f"/batches/{batch_id}/steps/{position}", message, body, 201)


@act(
    "step.use_lots",
    f"{STEP}/materials",
    station=True,
    permission="lot:use",
    title=N_("Enter the materials"),
    schema=lots_schema,
    dynamic_schema=True,
    content=step_content,
    prepare=before_using,
    template="manufacturing/step_lots.html",
)
def use(work: Work, batch_id: str, position: str, **fields: Any) -> Done:
    given = {name: fields.pop(name) for name in SPLIT}
    rows = use_lots(work, batch_id, position, lines_of(fields), **given)
    return done(rows, batch_id, position, N_("Entered. Whoever records the step signs it with these lots."))


@act(
    "step.add_lots",
    f"{STEP}/materials/add",
    permission="lot:use",
    title=N_("Add a forgotten material"),
    schema=lots_schema,
    dynamic_schema=True,
    content=step_content,
    prepare=before_using,
    signs=1,
    needs_reason=True,
    template="manufacturing/step_lots.html",
    meaning=N_("These lots were used in this step and not entered then; the step is verified anew."),
)
def add(work: Work, batch_id: str, position: str, **fields: Any) -> Done:
    given = {name: fields.pop(name) for name in SPLIT}
    rows = add_lots(work, batch_id, position, lines_of(fields), **given)
    return done(rows, batch_id, position, N_("Entered. The step needs to be verified again."))


def quantity_now(session: Session, _viewer: Viewer, use_id: str) -> dict[str, Any]:
    return {"initial": {"quantity": get_use(session, use_id).quantity}}


@act(
    "lot.correct_use",
    f"{USE}/correct",
    permission="lot:use",
    title=N_("Correct the quantity"),
    schema=CorrectUseSchema,
    content=use_content,
    prepare=quantity_now,
    signs=1,
    needs_reason=True,
    meaning=N_("I corrected what was used of this lot; the old quantity stays on the trail."),
)
def correct(work: Work, use_id: str, **fields: Any) -> Done:
    row = correct_use(work, use_id, **fields)
    body = {"id": row.id, "quantity": row.quantity}
    return Done(f"/lots/{row.lot_id}", N_("Corrected."), body)


def now_and_unit(session: Session, viewer: Viewer, lot_id: str) -> dict[str, Any]:
    row = get_lot(session, lot_id)
    unit, left = viewer.speech.word(row.unit), balance_of(session, row).left
    said = viewer.speech.say(N_("Left of this lot: %(left)s %(unit)s."), left=left, unit=unit)
    return {"initial": {"opened_at": viewer.at}, "notes": [said]}


@act(
    "lot.open",
    f"{ONE}/open",
    permission="lot:use",
    title=N_("Open a piece"),
    schema=OpenPieceSchema,
    content=lot_content,
    prepare=now_and_unit,
    signs=1,
    meaning=N_("I opened, thawed or dissolved this piece at the time given."),
)
def open_one(work: Work, lot_id: str, **fields: Any) -> Done:
    piece = open_piece(work, lot_id, **fields)
    body = {"id": piece.id, "code": piece.code, "usable_until": piece.usable_until}
    return Done(f"{ONE.replace('<lot_id>', lot_id)}", N_("Opened. Write its code and its end on it now."), body)


def gone(row: LotDiscardRow, message: str) -> Done:
    return Done(f"/lots/{row.lot_id}", message, {"id": row.id, "quantity": row.quantity})


@act(
    "lot.discard",
    f"{ONE}/discard",
    permission="lot:discard",
    title=N_("Discard some of it"),
    schema=DiscardLotSchema,
    content=lot_content,
    prepare=now_and_unit,
    signs=1,
    needs_reason=True,
    meaning=N_("This quantity was thrown away, for the reason given."),
    danger=True,
)
def discard(work: Work, lot_id: str, **fields: Any) -> Done:
    return gone(discard_lot(work, lot_id, **fields), N_("Discarded."))


@act(
    "lot.destroy",
    f"{ONE}/destroy",
    permission="lot:discard",
    title=N_("Destroy some of it"),
    schema=DiscardLotSchema,
    content=lot_content,
    prepare=now_and_unit,
    signs=2,
    second_permission="lot:discard",
    needs_reason=True,
    meaning=N_("This quantity was destroyed, for the reason given; the second person saw it."),
    danger=True,
)
def destroy(work: Work, lot_id: str, **fields: Any) -> Done:
    return gone(destroy_lot(work, lot_id, **fields), N_("Destroyed."))
