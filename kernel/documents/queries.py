"""Documents as they are read: the effective one of a kind, a version, the list."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.database import asked_once
from kernel.documents.differences import differences
from kernel.documents.domain import KINDS, NO_EFFECTIVE_DOCUMENT, DocumentStatus
from kernel.documents.ports import consequences
from kernel.documents.tables import ApprovalRow, DocumentRow
from kernel.errors import NotFound, Refused

KEPT = "documents"


def get_document(session: Session, document_id: str) -> DocumentRow:
    """Read once in a session, which keeps it: many records of one page rest on the same few versions."""
    row = session.get(DocumentRow, document_id)
    if row is None:
        raise NotFound(f"document {document_id}")
    return keep_document(session, row)


def keep_document(session: Session, row: DocumentRow) -> DocumentRow:
    """Hold on to a version that was read with something else: ``get_document`` finds it then."""
    session.info.setdefault(KEPT, {})[row.id] = row
    return row


@asked_once
def find_effective(session: Session, kind: str, code: str | None = None) -> DocumentRow | None:
    query = sa.select(DocumentRow).where(DocumentRow.kind == kind, DocumentRow.status == DocumentStatus.EFFECTIVE)
    if code is not None:
        query = query.where(DocumentRow.code == code)
    return session.execute(query).scalar_one_or_none()


@asked_once
def list_effective(session: Session, kind: str) -> list[DocumentRow]:
    """Of a kind whose codes are in force beside each other."""
    query = sa.select(DocumentRow).where(DocumentRow.kind == kind, DocumentRow.status == DocumentStatus.EFFECTIVE)
    return list(session.execute(query.order_by(DocumentRow.code)).scalars())


def get_effective(session: Session, kind: str, code: str | None = None) -> DocumentRow:
    """The version in force, or ``NO_EFFECTIVE_DOCUMENT``: nothing is made or judged by a draft."""
    row = find_effective(session, kind, code)
    if row is None:
        raise Refused(NO_EFFECTIVE_DOCUMENT(kind=KINDS[kind].title))
    return row


def effective_at(session: Session, kind: str, at: datetime) -> DocumentRow:
    """The version that was in force at that time, whatever came after it; of a kind with one in force at a time."""
    query = sa.select(DocumentRow).where(DocumentRow.kind == kind, DocumentRow.effective_at <= at)
    row = session.execute(
        query.order_by(DocumentRow.effective_at.desc(), DocumentRow.number.desc()).limit(1)
    ).scalar_one_or_none()
    if row is None or (row.retired_at is not None and row.retired_at <= at):
        raise Refused(NO_EFFECTIVE_DOCUMENT(kind=KINDS[kind].title))
    return row


def document_body(row: DocumentRow) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(row.body)
    return body


def approvals_of(session: Session, document_id: str) -> list[ApprovalRow]:
    query = sa.select(ApprovalRow).where(ApprovalRow.document_id == document_id).order_by(ApprovalRow.at)
    return list(session.execute(query).scalars())


def document_view(session: Session, row: DocumentRow) -> dict[str, Any]:
    people = names(session)
    given = {one.role: one for one in approvals_of(session, row.id)}
    return {
        "id": row.id,
        "version": row.version,
        "kind": row.kind,
        "kind_title": KINDS[row.kind].title,
        "code": row.code,
        "number": row.number,
        "title": row.title,
        "status": row.status,
        "sha256": row.sha256,
        "author": people.get(row.author_id, row.author_id),
        "effective_at": row.effective_at,
        "retraining": row.retraining,
        "approvals": [
            {
                "role": role,
                "by": people.get(given[role].person_id) if role in given else None,
                "at": given[role].at if role in given else None,
            }
            for role in KINDS[row.kind].approvals
        ],
        "body": document_body(row),
    }


def list_of_kind(session: Session, kind: str) -> list[DocumentRow]:
    """All versions of one kind: by code, the newest first."""
    query = sa.select(DocumentRow).where(DocumentRow.kind == kind)
    return list(session.execute(query.order_by(DocumentRow.code, DocumentRow.number.desc())).scalars())


def list_documents(session: Session) -> list[dict[str, Any]]:
    rows = session.execute(sa.select(DocumentRow).order_by(DocumentRow.kind, DocumentRow.number.desc())).scalars()
    return [document_view(session, row) for row in rows.all()]


def name_of(row: DocumentRow) -> dict[str, Any]:
    name = f"{row.code} v{row.number}"
    return {"id": row.id, "name": name, "title": row.title, "status": row.status, "effective_at": row.effective_at}


def other_versions(session: Session, row: DocumentRow) -> list[dict[str, Any]]:
    """Every other version of the same kind, that in force first: what this one can be compared with."""
    rows = [one for one in list_of_kind(session, row.kind) if one.id != row.id]
    return [name_of(one) for one in sorted(rows, key=lambda one: one.status != DocumentStatus.EFFECTIVE)]


def comparison(new: DocumentRow, old: DocumentRow) -> dict[str, Any]:
    """What differs, entry by entry, with the words the document itself uses."""
    if new.kind != old.kind:
        raise NotFound(f"{old.id} is no version of the same kind")
    found = differences(document_body(old), document_body(new))
    return {
        "old": name_of(old),
        "new": name_of(new),
        "differences": [
            {
                "kind": one.kind.value,
                "path": list(one.path),
                "old": one.old,
                "new": one.new,
            }
            for one in found
        ],
    }


def approval_content(session: Session, document_id: str) -> dict[str, Any]:
    """What an approver is shown and signs: the whole body, its digest, the approvals so far, and what it would change."""
    row = get_document(session, document_id)
    view = document_view(session, row)
    names_shown = ("kind", "code", "number", "sha256", "status", "author", "retraining", "approvals")
    would_change: dict[str, Any] = consequences(session, document_id)
    about = {"title": f"{row.code} v{row.number}"} | {name: view[name] for name in names_shown}
    return about | would_change | {"body": view["body"]}
