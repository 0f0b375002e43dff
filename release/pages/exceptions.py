"""What deviated in a batch, all of it, for whoever reviews it or looks at what blocks its release."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.web.registry import view
from kernel.web.site import Viewer
from manufacturing.queries.batches import get_batch
from release.pages.testing import batch_about
from release.queries.exceptions import exceptions_page, list_exceptions


@view(
    "batch.exceptions",
    "/batches/<batch_id>/exceptions",
    permission="release:read",
    template="release/exceptions.html",
    summary="What deviated in a batch, its corrected values and failed signatures, page by page.",
)
def show_exceptions(session: Session, viewer: Viewer, batch_id: str) -> dict[str, Any]:
    found = exceptions_page(list_exceptions(session, get_batch(session, batch_id)), viewer.args)
    return {"batch": batch_about(session, batch_id), **found}
