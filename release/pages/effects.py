"""What a version of the protocol would change of the past: as a page, as JSON, and beside the version itself."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.documents.api import DOCUMENTS
from kernel.documents.queries import get_document, name_of
from kernel.web.registry import panel, view
from kernel.web.site import Viewer
from manufacturing.domain.protocol import PROTOCOL
from release.domain.effects import Effect
from release.queries.effects import get_protocol_version, protocol_effects


@view(
    "protocol.effects",
    DOCUMENTS + "/<document_id>/effects",
    permission="trial:figures",
    template="release/effects.html",
    summary="Which decisions and figures of the open trial a version of the protocol would change; nothing is changed.",
)
def show_effects(session: Session, viewer: Viewer, document_id: str) -> dict[str, Any]:
    row = get_protocol_version(session, document_id)
    return {"document": name_of(row), **effects_view(session, viewer, document_id)}


def effects_view(session: Session, viewer: Viewer, document_id: str) -> dict[str, Any]:
    found = protocol_effects(session, get_protocol_version(session, document_id))
    return {**found, "effects": [effect_view(one, viewer) for one in found["effects"]]}


def effect_view(one: Effect, viewer: Viewer) -> dict[str, Any]:
    return {
        "subject": one.subject or None,
        "record": one.record or None,
        "effect": one.sentence,
        "list": one.list or None,
        "then": {"rule": one.then[0], "verdict": one.then[1]} if one.then else None,
        "now": {"rule": one.now[0], "verdict": one.now[1]} if one.now else None,
        "refusals": [viewer.speech.refusal(refusal) for refusal in one.refusals],
    }


def effects_panel(session: Session, viewer: Viewer, document_id: str, **_ids: str) -> dict[str, Any] | None:
    """On the page of a protocol version, for those who see the trial's figures."""
    if not viewer.may("trial:figures") or get_document(session, document_id).kind != PROTOCOL:
        return None
    found = effects_view(session, viewer, document_id)
    return {"template": "release/effects_panel.html", "found": found} if found["against"] else None


panel("document", effects_panel)
