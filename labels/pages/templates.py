"""A version of the label template as it would print: each slot at true size, with records as wide as they come."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.documents.queries import document_body, get_document
from kernel.errors import NotFound, refuse_any
from kernel.web.registry import download, panel
from kernel.web.site import Viewer
from labels.api.labels import slot_view
from labels.domain.slots import PRODUCT, SLOTS, SlotName
from labels.pages.labels import SVG
from labels.pages.preview import PREVIEW, label_svg
from labels.queries.templates import LABEL_TEMPLATE, check_label_template, sample_facts

PATH = "/administration/documents/<document_id>/label-<slot>.svg"


@download("document.label", PATH, permission="document:read", summary="One slot of a label template, as SVG.")
def preview_template(session: Session, _viewer: Viewer, document_id: str, slot: str) -> tuple[bytes, str, str]:
    row = get_document(session, document_id)
    if row.kind != LABEL_TEMPLATE or slot not in PRODUCT:
        raise NotFound(f"slot {slot} of document {document_id}")
    body = document_body(row)
    refuse_any(check_label_template(body))
    return label_svg(sample_facts(body, SlotName(slot)), mark=PREVIEW), SVG, f"{slot}.svg"


def template_panel(session: Session, viewer: Viewer, document_id: str, **_ids: str) -> dict[str, Any] | None:
    """Every slot beside the text that is approved, and which container carries which."""
    row = get_document(session, document_id)
    if row.kind != LABEL_TEMPLATE:
        return None
    body = document_body(row)
    refusals = check_label_template(body)
    return {
        "template": "labels/template_panel.html",
        "refusals": [viewer.speech.refusal(one) for one in refusals],
        "previews": [
            {**slot_view(name), "path": PATH.replace("<document_id>", document_id).replace("<slot>", name)}
            for name in PRODUCT
        ],
        "containers": body.get("containers", ()),
        "sample": SLOTS[SlotName.SAMPLE].size_text,
    }


panel("document", template_panel)
