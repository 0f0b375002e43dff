"""Leukaphereses as pages and documents."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.registry import NAVIGATION, Nav, view
from kernel.web.site import Viewer
from manufacturing.domain.collections import CollectionStatus
from manufacturing.queries.bars import window_bar
from manufacturing.queries.collection_page import collection_view, list_collections

NAVIGATION.append(Nav(N_("Collections"), "/collections", "collection:read", 20))


@view(
    "collection.list",
    "/collections",
    permission="collection:read",
    template="manufacturing/collections.html",
    summary="Leukaphereses, planned to consumed.",
)
def show_collections(session: Session, viewer: Viewer) -> dict[str, Any]:
    rows, page = list_collections(session, viewer.args)
    return {"collections": rows, "page": page, "statuses": [one.value for one in CollectionStatus]}


@view(
    "collection.show",
    "/collections/<collection_id>",
    permission="collection:read",
    template="manufacturing/collection.html",
    summary="One leukapheresis: receipt checks, donor markers with their window, batch.",
)
def show_collection(session: Session, _viewer: Viewer, collection_id: str) -> dict[str, Any]:
    found = collection_view(session, collection_id)
    return {
        "collection": found,
        "window": window_bar(found["window_day"], justified=bool(found["donor_record"]["window_justification"])),
    }
