"""Printed records: the executed batch record, the blank one to write on, certificates, and the dossier.

Each is read whole first; drawing it takes seconds for a long record and happens when the database is free again.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from kernel.web.i18n import Speech
from kernel.web.registry import download, panel
from kernel.web.site import Viewer, this_site
from kernel.words import LANGUAGES
from manufacturing.queries.batches import get_batch
from release.drawing.paper import draw_paper
from release.queries.accompanying import accompanying_documents
from release.queries.analysis_certificate import analysis_certificate
from release.queries.batch_record import executed_record
from release.queries.blank_record import blank_of_batch, blank_of_document
from release.queries.decision_certificate import decision_certificate
from release.queries.dossier import dossier
from release.queries.testing import get_record
from release.tables.decisions import DecisionRow

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
def batch_record(session: Session, viewer: Viewer, batch_id: str) -> tuple[Callable[[], bytes], str, str]:
    """Every change, late entry and signature, with the trail; watermarked until the batch is finally certified."""
    speech = asked_speech(viewer)
    printed = executed_record(session, batch_id, speech, **printed_by(viewer))
    return partial(draw_paper, printed), PDF, file_name("record", get_batch(session, batch_id).number, speech.language)


@download(
    "batch.blank_record",
    "/batches/<batch_id>/blank-record.pdf",
    permission="batch:read",
    summary="The blank batch record of a batch, with the field numbers of the screen; ?language=nl or en.",
)
def blank_record(session: Session, viewer: Viewer, batch_id: str) -> tuple[Callable[[], bytes], str, str]:
    speech = asked_speech(viewer)
    printed = blank_of_batch(session, batch_id, speech, **printed_by(viewer))
    return partial(draw_paper, printed), PDF, file_name("blank", get_batch(session, batch_id).number, speech.language)


@download(
    "document.blank_record",
    "/documents/<document_id>/blank-record.pdf",
    permission="document:read",
    summary="The blank batch record of a process version; ?language=nl or en.",
)
def blank_document(session: Session, viewer: Viewer, document_id: str) -> tuple[Callable[[], bytes], str, str]:
    speech = asked_speech(viewer)
    printed = blank_of_document(session, document_id, speech, **printed_by(viewer))
    return partial(draw_paper, printed), PDF, file_name("blank", printed.code, speech.language)


@download(
    "batch.analysis",
    "/batches/<batch_id>/analysis.pdf",
    permission="release:read",
    summary="The certificate of analysis of a batch, generated from its records; ?language=nl or en.",
)
def batch_analysis(session: Session, viewer: Viewer, batch_id: str) -> tuple[Callable[[], bytes], str, str]:
    """Every result with its status, pending and repeated ones too; watermarked until the batch is finally certified."""
    speech = asked_speech(viewer)
    printed = analysis_certificate(session, batch_id, speech, **printed_by(viewer))
    return (
        partial(draw_paper, printed),
        PDF,
        file_name("analysis", get_batch(session, batch_id).number, speech.language),
    )


@download(
    "decision.certificate",
    "/decisions/<decision_id>/certificate.pdf",
    permission="release:read",
    summary="One decision as a printed certificate with its signature; ?language=nl or en.",
)
def certificate(session: Session, viewer: Viewer, decision_id: str) -> tuple[Callable[[], bytes], str, str]:
    speech = asked_speech(viewer)
    printed = decision_certificate(session, decision_id, speech, **printed_by(viewer))
    row = get_record(session, DecisionRow, decision_id)
    number = get_batch(session, row.batch_id).number
    return partial(draw_paper, printed), PDF, file_name("certificate", number, row.kind, speech.language)


@download(
    "batch.dossier",
    "/batches/<batch_id>/dossier.pdf",
    permission="batch:read",
    summary="Certificates, analysis, executed record and all attached files of a batch in one PDF; ?language=nl or en.",
)
def batch_dossier(session: Session, viewer: Viewer, batch_id: str) -> tuple[Callable[[], bytes], str, str]:
    speech = asked_speech(viewer)
    printed = dossier(session, batch_id, speech, **printed_by(viewer))
    return partial(draw_paper, printed), PDF, file_name("dossier", get_batch(session, batch_id).number, speech.language)


@download(
    "container.documents",
    "/containers/<container_id>/documents.pdf",
    permission="order:read",
    summary="What goes with a container: certificate, analysis, instruction, copy of the label; ?language=nl or en.",
)
def container_documents(session: Session, viewer: Viewer, container_id: str) -> tuple[Callable[[], bytes], str, str]:
    speech = asked_speech(viewer)
    printed = accompanying_documents(session, container_id, speech, **printed_by(viewer))
    return partial(draw_paper, printed), PDF, file_name("documents", printed.code, speech.language)


def printed_by(viewer: Viewer) -> dict[str, Any]:
    return {"by": viewer.actor.name, "at": viewer.at, "demo": bool(this_site().badge)}


def record_panel(_session: Session, viewer: Viewer, batch_id: str, **_ids: str) -> dict[str, Any] | None:
    if not viewer.may("batch:read"):
        return None
    return {"template": "release/printed_panel.html", "batch_id": batch_id}


panel("batch", record_panel)
