"""The leukapheresis as starting material: accepted, used at risk, rejected, taken into batches, destroyed."""

from __future__ import annotations

from decimal import Decimal

from kernel.errors import refuse_any
from kernel.quantities import expanded
from kernel.work import Work
from manufacturing.domain.batches import BatchStatus
from manufacturing.domain.collections import (
    COLLECTION,
    DESTROYED,
    LEUKAPHERESIS_REJECTED,
    CollectionStatus,
    acceptance_refusals,
    donation_match_refusals,
)
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
from manufacturing.queries.parts import get_part, kept_parts, part_content
from manufacturing.services.collections import ready
from manufacturing.services.holds import set_hold
from manufacturing.services.parts import Taking, ended, whole_refusals
from manufacturing.tables.batches import BatchRow
from manufacturing.tables.collections import CollectionPartRow, CollectionRow, CollectionUseRow
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
        reason = LEUKAPHERESIS_REJECTED % {"number": row.number, "why": row.end_reason}
        set_hold(work, "batch", batch.id, cause=HoldCause.DONOR, reason=reason)
    return row


def use_in_batch(work: Work, row: CollectionRow, batch_id: str, taken: Taking) -> None:
    """A part, or millilitres of the leukapheresis itself, that go into a batch."""
    work.move(row, COLLECTION, "use")
    what = {"volume_ml": taken.volume_ml, "part_id": taken.part_id}
    who = {"done_by": work.actor.id, "done_at": work.at}
    work.add(CollectionUseRow(collection_id=row.id, batch_id=batch_id, kind=UseKind.BATCH, **what, **who))


def dispose_of_collection(work: Work, collection_id: str, *, volume_ml: Decimal, method: str) -> CollectionRow:
    """Two people destroy what was rejected, or what a batch left over; the volumes must come out at nothing."""
    work.require("collection:witness", work.signer(1))
    row = deciding(work, collection_id, "collection:dispose")
    ready(row, "dispose", CollectionStatus.REJECTED, CollectionStatus.IN_USE)
    left = volume_left(work.session, row) or Decimal(0)
    parts = kept_parts(work.session, row.id) if row.status == CollectionStatus.REJECTED else []
    left += sum((one.volume_ml for one in parts), Decimal(0))
    wanted = left if row.status == CollectionStatus.REJECTED else volume_ml
    refuse_any([*taking_refusals(left, volume_ml), *(() if volume_ml == wanted else (PART_LEFT(left=expanded(left)),))])
    work.move(row, COLLECTION, "dispose")
    for one in parts:
        ended(work, row, UseKind.DESTROYED, one.volume_ml, method.strip(), one.id)
        volume_ml -= one.volume_ml
    if volume_ml:
        ended(work, row, UseKind.DESTROYED, volume_ml, method.strip())
    settle(work, row)
    return row


def destroy_part(work: Work, part_id: str, *, code: str, method: str) -> CollectionPartRow:
    """Two people destroy a part that no batch took; its code is read from the bag."""
    work.require("collection:dispose")
    work.require("collection:witness", work.signer(1))
    found = get_part(work.session, part_id)
    work.lock(SubjectRow, get_collection(work.session, found.collection_id).subject_id)
    row = work.lock(CollectionRow, found.collection_id)
    part = work.lock(CollectionPartRow, part_id)
    work.confirm(part_content(work.session, part_id))
    ready(row, "destroy a part of", CollectionStatus.IN_USE, CollectionStatus.REJECTED)
    refuse_any([*donation_match_refusals(code, part.code, field="code"), *whole_refusals(work, part, None)])
    for place, meaning in enumerate(DESTROYED):
        work.sign(part, meaning, place)
    ended(work, row, UseKind.DESTROYED, part.volume_ml, method.strip(), part.id)
    settle(work, row)
    return part


def lock_material(work: Work, batch: BatchRow) -> list[CollectionRow]:
    """Every leukapheresis of the batch, locked in one order; before the batch itself (decision 39)."""
    ids = sorted(one.id for one in collections_of_batch(work.session, batch))
    return [work.lock(CollectionRow, one) for one in ids]


def settle(work: Work, row: CollectionRow) -> None:
    """Consumed when every millilitre is accounted for and no batch is still being made of it."""
    made = batches_made_of(work.session, row.id)
    busy = any(batch.status in BEING_MADE for batch in made)
    left = volume_left(work.session, row) or kept_parts(work.session, row.id)
    if row.status == CollectionStatus.IN_USE and not busy and not left:
        work.system_move(row, CollectionStatus.CONSUMED)
