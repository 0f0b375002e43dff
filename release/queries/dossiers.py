"""What the product dossiers in force say about a batch."""

from __future__ import annotations

from sqlalchemy.orm import Session

from kernel.documents.queries import document_body, get_document, list_effective
from kernel.refusals import Refusal
from manufacturing.tables.batches import BatchRow
from release.domain.dossier import DOSSIER, Dossier, Version, authorised_refusals, read_dossier


def dossiers_in_force(session: Session) -> list[Dossier]:
    rows = list_effective(session, DOSSIER)
    return [read_dossier(document_body(one), f"{one.code} v{one.number}") for one in rows]


def versions_of(session: Session, batch: BatchRow) -> tuple[Version, ...]:
    """The process and the specification frozen into the batch."""
    rows = (get_document(session, one) for one in (batch.process_document_id, batch.specification_document_id))
    return tuple(Version(one.kind, one.code, one.number) for one in rows)


def dossier_against(session: Session, batch: BatchRow) -> tuple[Refusal, ...] | None:
    """What the dossiers speak against; None where none is in force, so that it is checked on paper."""
    found = dossiers_in_force(session)
    return authorised_refusals(versions_of(session, batch), found) if found else None


def dossier_of(session: Session, batch: BatchRow) -> Dossier | None:
    """The one that authorises the versions of this batch."""
    used = set(versions_of(session, batch))
    return next((one for one in dossiers_in_force(session) if used <= one.authorised), None)


def reviewer_may_certify(session: Session, batch: BatchRow) -> bool:
    """Only where QP and sponsor signed it (S11)."""
    found = dossier_of(session, batch)
    return found is not None and found.reviewer_may_certify
