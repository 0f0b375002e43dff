"""The specification in words: the versions, one version criterion by criterion, and a batch beside today's version."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.documents.queries import get_document, name_of
from kernel.documents.services import amending_refusals
from kernel.refusals import N_
from kernel.web.registry import NAVIGATION, Nav, panel, view
from kernel.web.site import Viewer
from manufacturing.queries.batch_content import frozen_version
from manufacturing.queries.batches import get_batch
from release.api.specifications import SPECIFICATIONS
from release.domain.specification_documents import SPECIFICATION
from release.pages.testing import batch_about
from release.queries.specifications import specification_versions, specification_view
from release.queries.todays import todays_view

NAVIGATION.append(Nav(N_("Specifications"), SPECIFICATIONS, "document:read", 58, aside=True))


@view(
    "specification.list",
    SPECIFICATIONS,
    permission="document:read",
    template="release/specifications.html",
    summary="The version of the specification in force, criterion by criterion, and every other version.",
)
def show_specifications(session: Session, _viewer: Viewer) -> dict[str, Any]:
    rows = specification_versions(session)
    effective = next((one for one in rows if one.status == "effective"), None)
    return {
        "in_force": specification_view(session, effective) if effective else None,
        "versions": [name_of(one) for one in rows],
    }


@view(
    "specification.today",
    "/batches/<batch_id>/specification-today",
    permission="result:read",
    template="release/specification_today.html",
    summary="Would this batch pass the version of the specification in force today? Nothing is changed by looking.",
)
def show_today(session: Session, _viewer: Viewer, batch_id: str) -> dict[str, Any]:
    batch = get_batch(session, batch_id)
    frozen = frozen_version(session, batch.specification_document_id)
    about = {"id": batch.specification_document_id, **frozen}
    return {"batch": batch_about(session, batch_id), "frozen": about, **todays_view(session, batch_id)}


def specification_panel(session: Session, viewer: Viewer, document_id: str, **_ids: str) -> dict[str, Any] | None:
    """On the page of the document: its criteria in words, with what its author can still write."""
    row = get_document(session, document_id)
    if row.kind != SPECIFICATION:
        return None
    writes = viewer.may("document:draft") and not amending_refusals(row, viewer.actor, names(session))
    found = specification_view(session, row)
    return {"template": "release/specification_panel.html", "specification": found, "writes": writes}


panel("document", specification_panel)
