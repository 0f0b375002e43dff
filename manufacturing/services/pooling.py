"""A second leukapheresis joins a batch whose process allows it, checked by two people at the bag (ATMP-9-MIX)."""

from __future__ import annotations

from decimal import Decimal

from kernel.errors import Refused, refuse_any
from kernel.work import Work
from manufacturing.domain.batches import BatchStatus, StepStatus
from manufacturing.domain.collections import DONATION_MISMATCH, CollectionStatus, hold_refusals
from manufacturing.domain.donation_numbers import parse_scanned_donation_number
from manufacturing.domain.pooling import JoiningFacts, joining_refusals
from manufacturing.domain.trial import subject_match_refusals
from manufacturing.queries.batch_content import batch_content
from manufacturing.queries.batches import get_batch
from manufacturing.queries.collections import collection_by_number, collections_of_batch, get_collection, holds_over
from manufacturing.queries.parts import part_by_code
from manufacturing.queries.steps import batch_steps, process_of
from manufacturing.services.batches import in_state
from manufacturing.services.deviations import attach_to_batch
from manufacturing.services.material import use_in_batch
from manufacturing.services.parts import taking
from manufacturing.tables.batches import BatchRow
from manufacturing.tables.collections import CollectionPartRow, CollectionRow
from manufacturing.tables.trial import SubjectRow


def join_collection(
    work: Work, batch_id: str, *, number: str, subject_code: str, volume_ml: Decimal | None = None
) -> BatchRow:
    """Number and subject code are read from the bag. ``volume_ml``: what is taken; all that is left unless it is said."""
    work.require("batch:perform")
    work.require("batch:verify", work.signer(1))
    found = get_batch(work.session, batch_id)
    subject = work.lock(SubjectRow, found.subject_id)
    wanted, part = scanned_material(work, number)
    for collection in sorted({wanted.id, *(one.id for one in collections_of_batch(work.session, found))}):
        work.lock(CollectionRow, collection)
    batch = work.lock(BatchRow, batch_id)
    work.confirm(batch_content(work.session, batch_id))
    in_state(batch, "add a leukapheresis", BatchStatus.PLANNED, BatchStatus.IN_PROCESS)
    taken = taking(work, wanted, part.id if part else None, volume_ml)
    refuse_any(
        [
            *subject_match_refusals(subject_code, subject.code),
            *joining_refusals(joining_facts(work, batch, wanted)),
            *hold_refusals((hold.scope, hold.reason) for hold in holds_over(work.session, wanted)),
            *taken.refusals,
        ]
    )
    use_in_batch(work, wanted, batch.id, taken)
    attach_to_batch(work, [("collection", wanted.id)], batch.id)
    work.sign(batch, "leukapheresis added")
    work.sign(batch, "identity verified", 1)
    return batch


def scanned_material(work: Work, number: str) -> tuple[CollectionRow, CollectionPartRow | None]:
    """The leukapheresis whose number, or whose part's code, was scanned or typed from the bag."""
    typed = number.strip()
    if part := part_by_code(work.session, typed):
        return get_collection(work.session, part.collection_id), part
    scanned = parse_scanned_donation_number(typed)
    bare = getattr(scanned, "din", typed)
    row = collection_by_number(work.session, bare) or collection_by_number(work.session, bare.replace(" ", ""))
    if row is None:
        raise Refused(DONATION_MISMATCH(typed=bare, field="number"))
    return row, None


def joining_facts(work: Work, batch: BatchRow, wanted: CollectionRow) -> JoiningFacts:
    pooling = process_of(work.session, batch).pooling
    together = collections_of_batch(work.session, batch)
    step = next((one for one in batch_steps(work.session, batch.id) if pooling and one.key == pooling.before), None)
    return JoiningFacts(
        number=wanted.number,
        pooling=pooling,
        together=len(together),
        step=step.title if step else None,
        performed=step is not None and step.status != StepStatus.PENDING,
        same_people=(wanted.donor_id, wanted.subject_id) == (batch.donor_id, batch.subject_id),
        usable=wanted.accepted_at is not None and wanted.status in {CollectionStatus.ACCEPTED, CollectionStatus.IN_USE},
        state=wanted.status,
        known=wanted.id in {one.id for one in together},
    )
