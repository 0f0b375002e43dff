"""Who signed which decision on a batch, over its whole history (S3, S11, S12)."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from manufacturing.tables.batches import ContainerRow
from release.domain.decisions import CERTIFICATES, DecisionKind
from release.queries.records import decisions_of
from release.queries.supplies import agreed_supplies, supplies_of
from release.tables.dispensing import DispensingRow

# Stopping needs no separation: a rejection is not among them.
OF_RELEASE = (DecisionKind.REVIEW, *CERTIFICATES, DecisionKind.WEIGHT)


def signers_of(session: Session, batch_id: str, *kinds: DecisionKind) -> set[str]:
    return {row.decided_by for row in decisions_of(session, batch_id) if row.kind in kinds}


def reviewers(session: Session, batch_id: str) -> set[str]:
    return signers_of(session, batch_id, DecisionKind.REVIEW)


def certifiers_of(session: Session, batch_id: str) -> set[str]:
    """Everyone who ever signed a certification of the batch, or agreed to its supply out of specification (S12)."""
    return signers_of(session, batch_id, *CERTIFICATES) | agreed_supplies(session, batch_id)


def deciders(session: Session, batch_id: str) -> set[str]:
    """Whoever reviewed, certified or judged the batch, or stood for its supply out of specification: no work on its
    record or its tests is theirs any more (S3)."""
    supplies = supplies_of(session, batch_id)
    stood = {one for row in supplies for one in (row.evaluated_by, row.agreed_by, row.authorised_by) if one}
    return signers_of(session, batch_id, *OF_RELEASE) | stood


def dispensed_by_two(session: Session, batch_id: str) -> list[frozenset[str]]:
    """The two people at each dispensing of the batch that stands."""
    query = (
        sa.select(DispensingRow.dispensed_by, DispensingRow.checked_by)
        .join(ContainerRow, ContainerRow.id == DispensingRow.container_id)
        .where(ContainerRow.batch_id == batch_id, DispensingRow.cancelled_at.is_(None))
    )
    return [frozenset(two) for two in session.execute(query)]
