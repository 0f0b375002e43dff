"""Printed records: the executed batch record, and the blank one to write on."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.web.i18n import LANGUAGES, Speech
from kernel.web.registry import download, panel
from kernel.web.site import Viewer, this_site
from manufacturing.queries.batches import get_batch
from release.drawing.paper import draw_paper
from release.queries.batch_record import executed_record
from release.queries.blank_record import blank_of_batch, blank_of_document

PDF = "application/pdf"


def asked_speech(viewer: Viewer) -> Speech:
    """``?language=nl`` or ``en``; otherwise the reader's own."""
    asked = viewer.args.get("language", "")
    return Speech(asked) if asked in LANGUAGES else viewer.speech


def file_name(*parts: str) -> str:
    """Letters, digits and hyphens only: it stands in a header."""
    text = "-".join(parts)
    return "".join(one if one.isascii() and (one.isalnum() or one in "-_.") else "_" for one in text) + ".pdf"


@download(
    "batch.record",
    "/batches/<batch_id>/record.pdf",
    permission="batch:read",
    summary="The executed batch record as one PDF; ?language=nl or en.",
)
def batch_record(session: Session, viewer: Viewer, batch_id: str) -> tuple[bytes, str, str]:
    """Every change, late entry and signature, with the trail; watermarked until the batch is finally certified."""
    speech = asked_speech(viewer)
    printed = executed_record(session, batch_id, speech, **printed_by(viewer))
    return draw_paper(printed), PDF, file_name("record", get_batch(session, batch_id).number, speech.language)


@download(
    "batch.blank_record",
    "/batches/<batch_id>/blank-record.pdf",
    permission="batch:read",
    summary="The blank batch record of a batch, with the field numbers of the screen; ?language=nl or en.",
)
def blank_record(session: Session, viewer: Viewer, batch_id: str) -> tuple[bytes, str, str]:
    speech = asked_speech(viewer)
    printed = blank_of_batch(session, batch_id, speech, **printed_by(viewer))
    return draw_paper(printed), PDF, file_name("blank", get_batch(session, batch_id).number, speech.language)


@download(
    "document.blank_record",
    "/documents/<document_id>/blank-record.pdf",
    permission="document:read",
    summary="The blank batch record of a process version; ?language=nl or en.",
)
def blank_document(session: Session, viewer: Viewer, document_id: str) -> tuple[bytes, str, str]:
    speech = asked_speech(viewer)
    printed = blank_of_document(session, document_id, speech, **printed_by(viewer))
    return draw_paper(printed), PDF, file_name("blank", printed.code, speech.language)


def printed_by(viewer: Viewer) -> dict[str, Any]:
    return {"by": viewer.actor.name, "at": viewer.at, "demo": bool(this_site().badge)}


def record_panel(_session: Session, viewer: Viewer, batch_id: str, **_ids: str) -> dict[str, Any] | None:
    if not viewer.may("batch:read"):
        return None
    return {"template": "release/printed_panel.html", "batch_id": batch_id}


panel("batch", record_panel)
