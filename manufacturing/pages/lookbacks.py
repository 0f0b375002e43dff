"""Donors, look-backs and donor events as pages, and what of them waits for somebody."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.refusals import N_
from kernel.web.registry import FINDERS, NAVIGATION, TASKS, Nav, Task, panel, view
from kernel.web.site import Viewer
from manufacturing.domain.lookbacks import REPORT_WITHIN, LookbackStatus
from manufacturing.queries.bench import signatures_of
from manufacturing.queries.collections import get_donor
from manufacturing.queries.donors import donor_view, event_view, events_of_collection, unreported_events
from manufacturing.queries.lookbacks import (
    get_lookback,
    list_lookbacks,
    lookback_by_number,
    lookback_view,
    notices_of,
    open_lookbacks,
)
from manufacturing.tables.lookbacks import LookbackRow

NAVIGATION.append(Nav(N_("Look-backs"), "/lookbacks", "lookback:read", 38, aside=True))


@view(
    "lookback.list",
    "/lookbacks",
    permission="lookback:read",
    template="manufacturing/lookbacks.html",
    summary="Look-backs on donors; ?status=, code=.",
)
def show_lookbacks(session: Session, viewer: Viewer) -> dict[str, Any]:
    rows, page = list_lookbacks(session, viewer.args)
    return {"lookbacks": rows, "page": page, "statuses": [one.value for one in LookbackStatus]}


@view(
    "lookback.show",
    "/lookbacks/<lookback_id>",
    permission="lookback:read",
    template="manufacturing/lookback.html",
    summary="One look-back: the finding, who knows of it, every unit and the recipient.",
)
def show_lookback(session: Session, _viewer: Viewer, lookback_id: str) -> dict[str, Any]:
    row = get_lookback(session, lookback_id)
    return {
        "lookback": lookback_view(session, row),
        "units": donor_view(session, row.donor_id),
        "signatures": signatures_of(session, row.id),
    }


@view(
    "donor.show",
    "/donors/<donor_id>",
    permission="donor:read",
    template="manufacturing/donor.html",
    summary="Everything of one donor: material and its parts, batches, containers, samples, events (ATMPR-15.3).",
)
def show_donor(session: Session, _viewer: Viewer, donor_id: str) -> dict[str, Any]:
    return {"units": donor_view(session, donor_id)}


def event_panel(session: Session, viewer: Viewer, collection_id: str, **_ids: str) -> dict[str, Any] | None:
    if not viewer.may("donor:read"):
        return None
    people = names(session)
    events = [event_view(one, people) for one in events_of_collection(session, collection_id)]
    return {"template": "manufacturing/event_panel.html", "events": events}


def find_lookback(session: Session, code: str) -> str | None:
    row = lookback_by_number(session, code.strip())
    return f"/lookbacks/{row.id}" if row else None


def lookback_tasks(session: Session, viewer: Viewer) -> list[Task]:
    if not viewer.may("lookback:read"):
        return []
    return [task for row in open_lookbacks(session) for task in tasks_of(session, row, viewer)]


def tasks_of(session: Session, row: LookbackRow, viewer: Viewer) -> list[Task]:
    """One for each role that has not acknowledged; then one for whoever concludes."""
    place, facts = f"/lookbacks/{row.id}", {"donor": get_donor(session, row.donor_id).code}
    waiting = [one.audience for one in notices_of(session, row.id) if one.acknowledged_at is None]
    reason = N_("on donor %(donor)s: the units are on hold, and you have to know")
    found = [
        Task(
            f"lookback:acknowledge_{audience}",
            row.number,
            reason,
            f"{place}/acknowledge/{audience}",
            N_("Acknowledge"),
            facts,
            urgent=True,
        )
        for audience in waiting
    ]
    if not waiting and viewer.actor.id != row.opened_by:
        reason = N_("on donor %(donor)s: everybody knows; it can be concluded")
        found.append(Task("lookback:conclude", row.number, reason, f"{place}/conclude", N_("Conclude"), facts))
    return found


def event_tasks(session: Session, viewer: Viewer) -> list[Task]:
    """Serious events that the tissue establishment has to hear of, with the clock."""
    if not viewer.may("donor_event:report"):
        return []
    reason = N_("serious event of the donor: the tissue establishment has to know")
    return [
        Task(
            "donor_event:report",
            number,
            reason,
            f"/donor-events/{row.id}/report",
            N_("Report"),
            deadline=row.recorded_at + REPORT_WITHIN,
            urgent=True,
        )
        for row, number in unreported_events(session)
    ]


FINDERS.append(find_lookback)
TASKS.extend([lookback_tasks, event_tasks])
panel("collection", event_panel)
