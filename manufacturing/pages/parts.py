"""One part of a leukapheresis as a page: where it comes from, where it lies, where it went."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.web.registry import FINDERS, panel, view
from kernel.web.site import Viewer
from manufacturing.queries.bench import signatures_of
from manufacturing.queries.collections import get_collection
from manufacturing.queries.parts import part_by_code, part_lines, part_view, use_by


@view(
    "part.show",
    "/parts/<part_id>",
    permission="collection:read",
    template="manufacturing/part.html",
    summary="One part of a leukapheresis: its parent, its volume and cells, its clock, its place and its batch.",
)
def show_part(session: Session, viewer: Viewer, part_id: str) -> dict[str, Any]:
    found = part_view(session, part_id)
    late = found["use_by"] is not None and viewer.at >= found["use_by"]
    return {"part": {**found, "late": late}, "signatures": signatures_of(session, part_id)}


def parts_panel(session: Session, viewer: Viewer, collection_id: str, **_ids: str) -> dict[str, Any] | None:
    """On the page of the leukapheresis: until when its material may be used, and its parts."""
    row = get_collection(session, collection_id)
    until = use_by(session, row)
    if row.received_at is None:
        return None
    return {
        "template": "manufacturing/parts_panel.html",
        "collection_id": row.id,
        "collection_status": row.status,
        "parts": part_lines(session, row),
        "use_by": until,
        "late": until is not None and viewer.at >= until,
    }


def find_part(session: Session, code: str) -> str | None:
    row = part_by_code(session, code)
    return f"/parts/{row.id}" if row else None


FINDERS.append(find_part)
panel("collection", parts_panel)
