"""The leukapheresis as starting material: accepted, used at risk, rejected, taken into batches, destroyed."""

from __future__ import annotations

from decimal import Decimal

from kernel.errors import refuse_any
from kernel.quantities import expanded
from kernel.work import Work
from manufacturing.domain.batches import BatchStatus
from manufacturing.domain.collections import COLLECTION, CollectionStatus, acceptance_refusals
from manufacturing.domain.holds import HoldCause
from manufacturing.domain.material import PART_LEFT, UseKind, at_risk_refusals, pending_results, taking_refusals
from manufacturing.queries.collections import (
    acceptance_facts,
    batches_made_of,
    collection_content,
    collections_of_batch,
    get_collection,
    volume_left,
)
from manufacturing.services.collections import ready
from manufacturing.services.holds import set_hold
from manufacturing.tables.batches import BatchRow
from manufacturing.tables.collections import CollectionRow, CollectionUseRow
from manufacturing.tables.trial import SubjectRow

BEING_MADE = (BatchStatus.PLANNED, BatchStatus.IN_PROCESS, BatchStatus.PAUSED)
AT_RISK = (CollectionStatus.ACCEPTED_AT_RISK, CollectionStatus.IN_USE, CollectionStatus.CONSUMED)


def accept_collection(work: Work, collection_id: str, *, assessment: str | None = None) -> CollectionRow:
    """QA approves donor and material; every reason against it is named at once. Also of what was used at risk."""
    row = deciding(work, collection_id, "collection:accept")
    awaited = AT_RISK if row.at_risk_at is not None and row.accepted_at is None else ()
    ready(row, "accept", CollectionStatus.RECEIVED_QUARANTINE, *awaited)
    facts = acceptance_facts(work.session, row, signer=work.signer().id, assessment=assessment)
    refuse_any(acceptance_refusals(facts))
    work.move(row, COLLECTION, "accept")
    row.accepted_by, row.accepted_at = work.signer().id, work.at
    row.assessment = assessment or row.assessment
    return row


def accept_at_risk(work: Work, collection_id: str, *, assessment: str) -> CollectionRow:
    """QA and QP let processing begin while donor results are awaited; nothing of it is certified until they are in
    (ATMP-7-ATRISK, P1271-QUAR)."""
    work.require("collection:agree_at_risk", work.signer(1))
    row = deciding(work, collection_id, "collection:accept")
    ready(row, "accept at risk", CollectionStatus.RECEIVED_QUARANTINE)
    facts = acceptance_facts(work.session, row, signer=work.signer().id, assessment=assessment)
    refuse_any(at_risk_refusals(facts, assessment))
    work.move(row, COLLECTION, "accept_at_risk")
    row.at_risk_assessment, row.at_risk_pending = assessment.strip(), ", ".join(pending_results(facts))
    row.at_risk_by, row.at_risk_agreed_by, row.at_risk_at = work.signer(0).id, work.signer(1).id, work.at
    return row


def deciding(work: Work, collection_id: str, permission: str) -> CollectionRow:
    """The collection under the lock of its subject, as it was shown."""
    work.require(permission)
    work.lock(SubjectRow, get_collection(work.session, collection_id).subject_id)
    row = work.lock(CollectionRow, collection_id)
    work.confirm(collection_content(work.session, collection_id))
    return row


def reject_collection(work: Work, collection_id: str) -> CollectionRow:
    """For good, with a reason; the number stays used. What was made of it is held for the QP."""
    row = deciding(work, collection_id, "collection:reject")
    work.move(row, COLLECTION, "reject")
    row.end_reason = (work.reason or "").strip()
    for batch in batches_made_of(work.session, row.id):
        reason = f"The leukapheresis {row.number} was rejected: {row.end_reason}"
        set_hold(work, "batch", batch.id, cause=HoldCause.DONOR, reason=reason)
    return row


def use_in_batch(work: Work, row: CollectionRow, batch_id: str, volume_ml: Decimal) -> None:
    """Millilitres of the leukapheresis that go into a batch."""
    work.move(row, COLLECTION, "use")
    taken = {"volume_ml": volume_ml, "done_by": work.actor.id, "done_at": work.at}
    work.add(CollectionUseRow(collection_id=row.id, batch_id=batch_id, kind=UseKind.BATCH, **taken))


def dispose_of_collection(work: Work, collection_id: str, *, volume_ml: Decimal, method: str) -> CollectionRow:
    """Two people destroy what was rejected, or what a batch left over; the volumes must come out at nothing."""
    work.require("collection:witness", work.signer(1))
    row = deciding(work, collection_id, "collection:dispose")
    ready(row, "dispose", CollectionStatus.REJECTED, CollectionStatus.IN_USE)
    left = volume_left(work.session, row) or Decimal(0)
    wanted = left if row.status == CollectionStatus.REJECTED else volume_ml
    refuse_any([*taking_refusals(left, volume_ml), *(() if volume_ml == wanted else (PART_LEFT(left=expanded(left)),))])
    work.move(row, COLLECTION, "dispose")
    work.add(
        CollectionUseRow(
            collection_id=row.id,
            kind=UseKind.DESTROYED,
            volume_ml=volume_ml,
            words=method.strip(),
            done_by=work.signer(0).id,
            witnessed_by=work.signer(1).id,
            done_at=work.at,
        )
    )
    settle(work, row)
    return row


def lock_material(work: Work, batch: BatchRow) -> list[CollectionRow]:
    """Every leukapheresis of the batch, locked in one order; before the batch itself (decision 39)."""
    ids = sorted(one.id for one in collections_of_batch(work.session, batch))
    return [work.lock(CollectionRow, one) for one in ids]


def settle(work: Work, row: CollectionRow) -> None:
    """Consumed when every millilitre is accounted for and no batch is still being made of it."""
    made = batches_made_of(work.session, row.id)
    busy = any(batch.status in BEING_MADE for batch in made)
    if row.status == CollectionStatus.IN_USE and not busy and not volume_left(work.session, row):
        work.system_move(row, CollectionStatus.CONSUMED)
