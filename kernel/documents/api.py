"""Controlled documents: read by everybody who works by them, approved by two who did not write them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from marshmallow import Schema, fields, validate
from sqlalchemy.orm import Session

from kernel.documents.domain import KINDS, PRESETS, DocumentStatus
from kernel.documents.queries import (
    approval_content,
    approvals_of,
    document_view,
    get_document,
    list_documents,
    other_versions,
)
from kernel.documents.services import approve_document, draft_document
from kernel.documents.tables import DocumentRow
from kernel.errors import NotFound
from kernel.refusals import N_
from kernel.segregation import SOD_MASTER, another_person
from kernel.web.fields import YesNo
from kernel.web.registry import NAVIGATION, TASKS, Done, Nav, Task, act, view
from kernel.web.site import Viewer
from kernel.work import Work

DOCUMENTS = "/administration/documents"
NAVIGATION.append(Nav(N_("Documents"), DOCUMENTS, "document:read", 85, aside=True))


class ApproveDocumentSchema(Schema):
    role = fields.String(
        required=True,
        validate=validate.Length(1, 8),
        metadata={"label": N_("Approve as"), "widget": "choice"},
    )


class DraftSchema(Schema):
    preset = fields.String(
        required=True,
        validate=validate.Length(1, 40),
        metadata={
            "label": N_("Preset"),
            "widget": "choice",
            "help": N_("It enters as a draft; two people approve it."),
        },
    )
    retraining = YesNo(
        load_default=True,
        metadata={
            "label": N_("Is retraining needed?"),
            "help": N_("With yes, training for the version before is not good for this one."),
        },
    )


def preset_choices(_session: Session, viewer: Viewer) -> dict[str, Any]:
    word = viewer.speech.word
    choices = {
        "preset": [(name, f"{word(KINDS[one.kind].title)} · {word(one.title)}") for name, one in PRESETS.items()]
    }
    return {"choices": choices, "initial": {"retraining": True}}


@act(
    "document.draft",
    DOCUMENTS + "/new",
    permission="document:draft",
    title=N_("Draft a version from a preset"),
    schema=DraftSchema,
    prepare=preset_choices,
)
def draft(work: Work, *, preset: str, retraining: bool) -> Done:
    work.confirm({})
    if preset not in PRESETS:
        raise NotFound(f"preset {preset}")
    found = PRESETS[preset]
    row = draft_document(
        work, kind=found.kind, code=found.code, title=found.title, body=found.body, retraining=retraining
    )
    return Done(f"{DOCUMENTS}/{row.id}", N_("Drafted. It works only after its approvals."), {"id": row.id})


@view("document.list", DOCUMENTS, permission="document:read", template="kernel/documents.html", summary="All versions.")
def show_documents(session: Session, _viewer: Viewer) -> dict[str, Any]:
    return {"documents": list_documents(session)}


@view(
    "document.show",
    DOCUMENTS + "/<document_id>",
    permission="document:read",
    template="kernel/document.html",
    summary="One version of a controlled document.",
)
def show_document(session: Session, _viewer: Viewer, document_id: str) -> dict[str, Any]:
    row = get_document(session, document_id)
    return {"document": document_view(session, row), "others": other_versions(session, row)}


def missing_roles(session: Session, row: DocumentRow, viewer: Viewer) -> list[str]:
    """The approvals this person can still give."""
    given = approvals_of(session, row.id)
    if another_person(viewer.actor.id, [row.author_id, *(one.person_id for one in given)], SOD_MASTER):
        return []
    wanted = set(KINDS[row.kind].approvals) - {one.role for one in given}
    return [role for role in KINDS[row.kind].approvals if role in wanted and role in viewer.actor.roles]


def approve_choices(session: Session, viewer: Viewer, document_id: str) -> dict[str, Any]:
    row = get_document(session, document_id)
    roles = missing_roles(session, row, viewer)
    return {
        "choices": {"role": [(role, role) for role in KINDS[row.kind].approvals]},
        "initial": {"role": roles[0] if roles else ""},
    }


@act(
    "document.approve",
    DOCUMENTS + "/<document_id>/approve",
    permission="document:approve",
    title=N_("Approve this version"),
    schema=ApproveDocumentSchema,
    content=approval_content,
    prepare=approve_choices,
    signs=1,
    meaning=N_("I have read this version, I did not write it, and I approve it for use."),
)
def approve(work: Work, document_id: str, **fields: Any) -> Done:
    row = approve_document(work, document_id, **fields)
    said = (
        N_("Approved and effective.") if row.status == DocumentStatus.EFFECTIVE else N_("Approved; one approval more.")
    )
    return Done(f"{DOCUMENTS}/{row.id}", said, {"id": row.id, "status": row.status})


def waiting_approvals(session: Session, viewer: Viewer) -> list[Task]:
    if not viewer.may("document:approve"):
        return []
    open_ones = sa.select(DocumentRow).where(DocumentRow.status.in_([DocumentStatus.DRAFT, DocumentStatus.REVIEWED]))
    drafts = session.execute(open_ones).scalars().all()
    return [
        Task(
            "document:approve",
            f"{row.code} v{row.number}",
            N_("waits for your approval as %(role)s"),
            f"{DOCUMENTS}/{row.id}/approve",
            N_("Read and approve"),
            {"role": roles[0]},
        )
        for row in drafts
        if (roles := missing_roles(session, row, viewer))
    ]


TASKS.append(waiting_approvals)
