"""Writing a version of the specification: begun from another one or from nothing, then entry by entry (ATMP-6.2-SPEC)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from kernel.documents.queries import document_body
from kernel.documents.services import amend_draft, draft_document
from kernel.documents.tables import DocumentRow
from kernel.errors import NotFound, Refused
from kernel.refusals import Refusal
from kernel.work import Work
from release.domain.specification_documents import SPECIFICATION
from release.domain.specification_writing import (
    first_body,
    has_criterion,
    with_criterion,
    with_settings,
    without_criterion,
)
from release.queries.specifications import get_specification


def begin_specification(
    work: Work, *, made_of: str, code: str, title: str, settings: dict[str, Decimal | str | None], **more: Any
) -> DocumentRow:
    """A draft: the text of the version it is made of, or what the records of every batch answer with ``settings``."""
    work.confirm({})
    body = document_body(get_specification(work.session, made_of)) if made_of else first_body(settings)
    return draft_document(work, kind=SPECIFICATION, code=code, title=title, body=body, **more)


def add_criterion(work: Work, document_id: str, **boxes: Any) -> DocumentRow:
    return write(work, document_id, lambda body: with_criterion(body, boxes))


def change_criterion(work: Work, document_id: str, criterion: str, **boxes: Any) -> DocumentRow:
    return write(work, document_id, lambda body: with_criterion(known(body, criterion), boxes, instead_of=criterion))


def leave_out_criterion(work: Work, document_id: str, criterion: str) -> DocumentRow:
    return write(
        work, document_id, lambda body: without_criterion(known(body, criterion), criterion, work.reason or "")
    )


def change_settings(work: Work, document_id: str, **settings: Decimal | str | None) -> DocumentRow:
    return write(work, document_id, lambda body: with_settings(body, settings))


def known(body: dict[str, Any], key: str) -> dict[str, Any]:
    if not has_criterion(body, key):
        raise NotFound(f"criterion {key}")
    return body


def write(work: Work, document_id: str, change: Any) -> DocumentRow:
    get_specification(work.session, document_id)

    def changed(body: dict[str, Any]) -> dict[str, Any]:
        found = change(body)
        if isinstance(found, Refusal):
            raise Refused(found)
        return dict(found)

    return amend_draft(work, document_id, changed)
