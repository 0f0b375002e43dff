"""Who to call: the list of contacts by duty."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import CATALOGUE
from kernel.web.registry import panel, view
from kernel.web.site import Viewer
from manufacturing.domain.expiry import local_day
from release.domain.duties import Duty, duties_named
from release.queries.contacts import channels_on, contact_views


@view(
    "contact.list",
    "/contacts",
    permission="contact:read",
    template="release/contacts.html",
    summary="How each duty is reached, now and before; staff only.",
)
def show_contacts(session: Session, viewer: Viewer) -> dict[str, Any]:
    found = contact_views(session, local_day(viewer.at))
    reached = {one["duty"] for one in found if one["valid"]}
    return {"contacts": found, "unreachable": [one.value for one in Duty if one not in reached]}


def calls_panel(session: Session, viewer: Viewer, codes: str) -> dict[str, Any] | None:
    """Beside refusals (their codes, with commas): how the duties that can resolve them are reached now."""
    if not viewer.may("contact:read"):
        return None
    duties = duties_named(CATALOGUE[one].resolver for one in codes.split(",") if one in CATALOGUE)
    channels = channels_on(session, local_day(viewer.at)) if duties else {}
    found = [{"duty": one.value, "channels": channels[one]} for one in duties if channels[one]]
    return {"template": "release/calls_panel.html", "calls": found} if found else None


panel("calls", calls_panel)
