"""A new version made of an old one, versions taken back, and what differs between two of them."""

from __future__ import annotations

import json
from typing import Any

from marshmallow import Schema, fields, validate
from sqlalchemy.orm import Session

from kernel.documents.api import DOCUMENTS
from kernel.documents.queries import approval_content, comparison, document_body, get_document
from kernel.documents.services import retire_document, revise_document
from kernel.refusals import N_
from kernel.web.fields import YesNo
from kernel.web.registry import Done, act, view
from kernel.web.site import Viewer
from kernel.work import Work


class ReviseSchema(Schema):
    title = fields.String(required=True, validate=validate.Length(5, 200), metadata={"label": N_("Title")})
    text = fields.String(
        required=True,
        validate=validate.Length(2, 400_000),
        metadata={
            "label": N_("Text of the version (JSON)"),
            "widget": "textarea",
            "document": True,
            "help": N_("Numbers are written as text, such as “2.5”. What differs is shown before anybody approves it."),
        },
    )
    retraining = YesNo(
        required=True,
        metadata={
            "label": N_("Is retraining needed?"),
            "help": N_("With yes, training for the version before is not good for this one."),
        },
    )


def before_revising(session: Session, _viewer: Viewer, document_id: str) -> dict[str, Any]:
    row = get_document(session, document_id)
    text = json.dumps(document_body(row), ensure_ascii=False, indent=1)
    return {"initial": {"title": row.title, "text": text, "retraining": True}}


@act(
    "document.revise",
    DOCUMENTS + "/<document_id>/revise",
    permission="document:draft",
    title=N_("Draft a change of this version"),
    schema=ReviseSchema,
    content=approval_content,
    prepare=before_revising,
    needs_reason=True,
)
def revise(work: Work, document_id: str, **given: Any) -> Done:
    row = revise_document(work, document_id, **given)
    said = N_("Drafted. It works only after its approvals.")
    return Done(f"{DOCUMENTS}/{row.id}/compare/{document_id}", said, {"id": row.id})


@act(
    "document.retire",
    DOCUMENTS + "/<document_id>/retire",
    permission="document:approve",
    title=N_("Take this version back"),
    content=approval_content,
    signs=1,
    needs_reason=True,
    danger=True,
    meaning=N_("This version is not to be used; if it is in force, nothing is made or judged by it from now on."),
)
def retire(work: Work, document_id: str) -> Done:
    row = retire_document(work, document_id)
    return Done(f"{DOCUMENTS}/{row.id}", N_("Retired."), {"id": row.id, "status": row.status})


@view(
    "document.compare",
    DOCUMENTS + "/<document_id>/compare/<other_id>",
    permission="document:read",
    template="kernel/compare.html",
    summary="What differs between two versions of a controlled document.",
)
def compare(session: Session, _viewer: Viewer, document_id: str, other_id: str) -> dict[str, Any]:
    return comparison(get_document(session, document_id), get_document(session, other_id))
