"""Places as pages, and the line of custody on the page of every unit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.registry import FINDERS, NAVIGATION, TASKS, Nav, Task, panel, view
from kernel.web.site import Viewer
from manufacturing.domain.places import PlaceClass, UnitKind
from manufacturing.queries.place_pages import list_places, open_events, place_page
from manufacturing.queries.places import custody_view, place_by_code

NAVIGATION.append(Nav(N_("Places"), "/places", "place:read", 34, aside=True))


@view(
    "place.list",
    "/places",
    permission="place:read",
    template="manufacturing/places.html",
    summary="Storage places with status class, temperature range and how many units lie there.",
)
def show_places(session: Session, viewer: Viewer) -> dict[str, Any]:
    rows, page = list_places(session, viewer.args)
    return {"places": rows, "page": page, "classes": [one.value for one in PlaceClass]}


@view(
    "place.show",
    "/places/<place_id>",
    permission="place:read",
    template="manufacturing/place.html",
    summary="One place: what lies there now; with ?show=moves every move into it.",
)
def show_place(session: Session, viewer: Viewer, place_id: str) -> dict[str, Any]:
    return place_page(session, place_id, viewer.args)


def custody_panel(kind: UnitKind) -> Callable[..., dict[str, Any] | None]:
    """The panel of one kind of unit."""

    def load(session: Session, viewer: Viewer, **ids: str) -> dict[str, Any] | None:
        if not viewer.may("place:read"):
            return None
        found = custody_view(session, kind, ids[f"{kind.value}_id"])
        return {"template": "manufacturing/custody_panel.html", **found}

    return load


def find_place(session: Session, code: str) -> str | None:
    row = place_by_code(session, code.strip())
    return f"/places/{row.id}" if row else None


def custody_tasks(session: Session, viewer: Viewer) -> list[Task]:
    """Gaps and excursions that wait for QA."""
    if not viewer.may("custody:assess"):
        return []
    reason, action = N_("was moved with a gap or out of its temperature, and nobody has assessed it"), N_("Assess")
    rows = open_events(session)
    return [Task("custody:assess", row.unit, reason, f"/custody/{row.id}/assess", action, urgent=True) for row in rows]


FINDERS.append(find_place)
TASKS.append(custody_tasks)
for unit_kind in UnitKind:
    panel(unit_kind.value, custody_panel(unit_kind))
