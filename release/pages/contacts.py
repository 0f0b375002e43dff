"""Who to call: the list of contacts by duty."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.web.registry import view
from kernel.web.site import Viewer
from manufacturing.domain.expiry import local_day
from release.domain.duties import Duty
from release.queries.contacts import contact_views


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
