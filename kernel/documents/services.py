"""Draft, approve, retire. A version becomes effective with its last approval and retires the one before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from kernel.accounts.queries import names
from kernel.canonical import canonical
from kernel.documents.domain import (
    ALREADY_APPROVED,
    DOCUMENT,
    DOCUMENT_INVALID,
    DRAFT_OF_ANOTHER,
    KINDS,
    DocumentStatus,
)
from kernel.documents.queries import approval_content, approvals_of, document_body, find_effective
from kernel.documents.tables import ApprovalRow, DocumentRow
from kernel.errors import Refused, refuse_any
from kernel.refusals import MISSING_REASON, N_, ROLE_NOT_ALLOWED, Refusal
from kernel.segregation import SOD_MASTER, another_person
from kernel.work import Actor, Work

SHORTEST_REASON = 5


def draft_document(
    work: Work, *, kind: str, code: str, title: str, body: dict[str, Any], retraining: bool = True
) -> DocumentRow:
    """A new version as a draft. Limits in it mean nothing until two people have approved it (decision 20).

    ``retraining``: whether people trained by the version before need to be trained again.
    """
    work.require(KINDS[kind].drafts)
    refuse_any(KINDS[kind].check(body))
    text = canonical(body)
    newest = sa.select(sa.func.max(DocumentRow.number)).where(DocumentRow.kind == kind, DocumentRow.code == code)
    return work.add(
        DocumentRow(
            kind=kind,
            code=code,
            number=(work.session.execute(newest).scalar() or 0) + 1,
            title=title,
            body=text,
            sha256=hashlib.sha256(text.encode()).hexdigest(),
            author_id=work.actor.id,
            retraining=retraining,
        )
    )


def approval_refusals(row: DocumentRow, role: str, signer: Actor, given: list[ApprovalRow]) -> list[Refusal]:
    refusals: list[Refusal] = []
    if role not in KINDS[row.kind].approvals or role not in signer.roles:
        refusals.append(ROLE_NOT_ALLOWED(permission=f"document:approve {role}"))
    if any(one.role == role for one in given):
        refusals.append(ALREADY_APPROVED(role=role))
    refusals.extend(another_person(signer.id, [row.author_id, *(one.person_id for one in given)], SOD_MASTER))
    return refusals


def approve_document(work: Work, document_id: str, *, role: str) -> DocumentRow:
    """Approve as one of the roles the kind asks for; the last approval makes the version effective."""
    work.require("document:approve")
    row = work.lock(DocumentRow, document_id)
    work.confirm(approval_content(work.session, document_id))
    given = approvals_of(work.session, document_id)
    transition = DOCUMENT.transition("approve", row.status)
    if isinstance(transition, Refusal):
        raise Refused(transition)
    refuse_any(approval_refusals(row, role, work.signer(), given))
    approval = work.add(ApprovalRow(document_id=row.id, role=role, person_id=work.signer().id, at=work.at))
    if {one.role for one in given} | {role} == set(KINDS[row.kind].approvals):
        supersede(work, row)
        work.move(row, DOCUMENT, "approve")
        row.effective_at = work.at
    else:
        work.move(row, DOCUMENT, "review")
        work.sign(approval, "approved")
    return row


def revise_document(work: Work, document_id: str, *, title: str, text: str, **more: Any) -> DocumentRow:
    """The next version of a document, written as its whole text; the one it was made of stays as it is."""
    row = work.lock(DocumentRow, document_id)
    work.confirm(approval_content(work.session, document_id))
    try:
        body = json.loads(text)
    except ValueError as fault:
        raise Refused(DOCUMENT_INVALID(problem=str(fault), field="text")) from None
    if not isinstance(body, dict):
        raise Refused(DOCUMENT_INVALID(problem=N_("an object with named parts is expected"), field="text"))
    if canonical(body) == row.body:
        raise Refused(DOCUMENT_INVALID(problem=N_("nothing differs from the version it was made of"), field="text"))
    return draft_document(work, kind=row.kind, code=row.code, title=title, body=body, **more)


def amend_draft(work: Work, document_id: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> DocumentRow:
    """The author writes on at a draft that nobody has approved; the trail keeps what stood there before (S8).

    ``change`` is given the body under the lock and answers the new one, or refuses.
    """
    row = work.lock(DocumentRow, document_id)
    refuse_any(amending_refusals(row, work.actor, names(work.session)))
    work.confirm(approval_content(work.session, document_id))
    body = change(document_body(row))
    refuse_any(KINDS[row.kind].check(body))
    row.body = canonical(body)
    row.sha256 = hashlib.sha256(row.body.encode()).hexdigest()
    work.move(row, DOCUMENT, "amend")
    return row


def amending_refusals(row: DocumentRow, person: Actor, people: Mapping[str, str]) -> list[Refusal]:
    """What speaks against this person writing on at this version."""
    transition = DOCUMENT.transition("amend", row.status)
    if isinstance(transition, Refusal):
        return [transition]
    return [] if person.id == row.author_id else [DRAFT_OF_ANOTHER(author=people.get(row.author_id, row.author_id))]


def retire_document(work: Work, document_id: str) -> DocumentRow:
    """Take a draft back, or a version out of force: nothing is made or judged by it from now on."""
    row = work.lock(DocumentRow, document_id)
    work.confirm(approval_content(work.session, document_id))
    if len((work.reason or "").strip()) < SHORTEST_REASON:
        raise Refused(MISSING_REASON(field="reason"))
    work.move(row, DOCUMENT, "retire")
    row.retired_at = work.at
    return row


def supersede(work: Work, row: DocumentRow) -> None:
    earlier = find_effective(work.session, row.kind, row.code if KINDS[row.kind].by_code else None)
    if earlier is not None:
        work.system_move(earlier, DocumentStatus.RETIRED)
        earlier.retired_at = work.at
        work.session.flush()
