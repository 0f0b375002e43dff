"""Places, moves and their assessment, declared once for pages and API."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.registry import Done, act
from kernel.web.site import Viewer
from kernel.work import Work
from manufacturing.domain.places import UnitKind
from manufacturing.queries.places import event_content, get_place, place_content, unit_key
from manufacturing.schemas.places import CustodyAssessSchema, MoveSchema, PlaceSchema
from manufacturing.services.places import assess_event, close_place, move_units, open_place
from manufacturing.tables.places import CustodyRow, PlaceRow

PLACES = "/places"
ONE = f"{PLACES}/<place_id>"
HOMES = {
    UnitKind.CONTAINER: "/containers",
    UnitKind.COLLECTION: "/collections",
    UnitKind.PART: "/parts",
    UnitKind.SAMPLE: "/samples",
}


def done(row: PlaceRow, message: str) -> Done:
    return Done(f"{PLACES}/{row.id}", message, {"id": row.id, "code": row.code})


@act(
    "place.open",
    f"{PLACES}/new",
    permission="place:open",
    title=N_("Open a place"),
    schema=PlaceSchema,
    signs=1,
    meaning=N_("This place is fit for what it is for, at the temperature given."),
)
def open_it(work: Work, **fields: Any) -> Done:
    return done(open_place(work, **fields), N_("The place is open. Put its code on the door."))


@act(
    "place.close",
    f"{ONE}/close",
    permission="place:open",
    title=N_("Close the place"),
    content=place_content,
    signs=1,
    meaning=N_("This place is empty and is not used any more."),
    danger=True,
)
def close_it(work: Work, place_id: str) -> Done:
    return done(close_place(work, place_id), N_("Closed."))


def now_here(_session: Session, viewer: Viewer, place_id: str) -> dict[str, Any]:
    return {"initial": {"moved_at": viewer.at}} if place_id else {}


@act(
    "custody.move",
    f"{ONE}/move",
    station=True,
    permission="custody:move",
    title=N_("Move units here"),
    schema=MoveSchema,
    content=place_content,
    prepare=now_here,
    signs=2,
    second_permission="custody:move",
    meaning=N_("I handed these units over; I received them in this place, at this temperature."),
)
def move(work: Work, place_id: str, **fields: Any) -> Done:
    rows = move_units(work, place_id, **fields)
    code = get_place(work.session, place_id).code
    open_ones = [row.unit for row in rows if row.gap or row.excursion]
    said = N_("Moved; QA has to assess what was out of order.") if open_ones else N_("Moved.")
    body = {"place": code, "moved": [row.unit for row in rows], "to_assess": open_ones}
    return Done(f"{PLACES}/{place_id}", said, body)


@act(
    "custody.assess",
    "/custody/<event_id>/assess",
    permission="custody:assess",
    title=N_("Assess the event"),
    schema=CustodyAssessSchema,
    content=event_content,
    signs=1,
    meaning=N_("I assessed what this gap or temperature means for the product."),
)
def assess(work: Work, event_id: str, **fields: Any) -> Done:
    row: CustodyRow = assess_event(work, event_id, **fields)
    kind, unit_id = unit_key(row)
    return Done(f"{HOMES[kind]}/{unit_id}", N_("Assessed."), {"id": row.id, "unit": row.unit})
