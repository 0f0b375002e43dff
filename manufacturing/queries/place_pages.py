"""Places as their pages show them, and the events that wait for QA."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from manufacturing.domain.places import limits_text
from manufacturing.queries.places import event_view, get_place, limits_of, places_by_id, unit_key
from manufacturing.queries.trial import paged
from manufacturing.tables.places import CustodyRow, PlaceRow

SORTS = {"code": PlaceRow.code, "title": PlaceRow.title, "class": PlaceRow.status_class}
MOVES = {"moved": CustodyRow.moved_at, "unit": CustodyRow.unit}


def list_places(session: Session, args: dict[str, str]) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """One page of places with how many units lie in each."""
    query = sa.select(PlaceRow)
    if args.get("class"):
        query = query.where(PlaceRow.status_class == args["class"])
    if wanted := args.get("code", "").strip():
        query = query.where(PlaceRow.code.contains(wanted, autoescape=True))
    rows, page = paged(session, query, args, SORTS, "code")
    counted = (
        sa.select(CustodyRow.place_id, sa.func.count())
        .where(CustodyRow.place_id.in_([row.id for row in rows]), CustodyRow.current.is_(sa.true()))
        .group_by(CustodyRow.place_id)
    )
    counts = {place_id: number for place_id, number in session.execute(counted)}  # noqa: C416  (rows, not pairs)
    return [{**place_view(row), "units": counts.get(row.id, 0)} for row in rows], page


def place_view(row: PlaceRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "code": row.code,
        "title": row.title,
        "status_class": row.status_class,
        "limits": limits_text(limits_of(row)),
        "closed_at": row.closed_at,
    }


def place_page(session: Session, place_id: str, args: dict[str, str]) -> dict[str, Any]:
    """What lies there now, or every move into it (``show=moves``), 25 at a time."""
    query = sa.select(CustodyRow).where(CustodyRow.place_id == place_id)
    if args.get("show") != "moves":
        query = query.where(CustodyRow.current.is_(sa.true()))
    rows, page = paged(session, query, args, MOVES, "-moved")
    places, people = places_by_id(session), names(session)
    lines = [
        {**event_view(one, places, people), "kind": unit_key(one)[0].value, "unit_id": unit_key(one)[1]} for one in rows
    ]
    return {"place": place_view(get_place(session, place_id)), "lines": lines, "page": page}


def open_events(session: Session) -> list[CustodyRow]:
    """A gap or an excursion that nobody has assessed."""
    query = sa.select(CustodyRow).where(
        sa.or_(CustodyRow.gap.is_(sa.true()), CustodyRow.excursion.is_(sa.true())), CustodyRow.assessed_at.is_(None)
    )
    return list(session.execute(query.order_by(CustodyRow.moved_at)).scalars())
