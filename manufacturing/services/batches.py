"""A batch from opening to production complete or termination (requirements 14.2)."""

from __future__ import annotations

from decimal import Decimal

import sqlalchemy as sa

from kernel.documents.queries import get_effective
from kernel.errors import Refused, refuse_any
from kernel.refusals import N_, STATE_NOT_ALLOWED, Refusal
from kernel.training.services import untrained
from kernel.work import Work
from manufacturing.domain.batches import BATCH, LINE_CLEARANCE, STEP, BatchStatus, line_refusals
from manufacturing.domain.collections import (
    CollectionStatus,
    donation_match_refusals,
    hold_refusals,
    subject_status_refusals,
)
from manufacturing.domain.environment import room_refusals
from manufacturing.domain.expiry import local_day
from manufacturing.domain.holds import HoldScope, held_refusal
from manufacturing.domain.procedures import MANUFACTURING
from manufacturing.domain.process import PROCESS
from manufacturing.domain.trial import TRIAL_ON_HOLD, subject_match_refusals, trial_refusals
from manufacturing.events import BatchOpened
from manufacturing.queries.batch_content import batch_content
from manufacturing.queries.batches import busy_in_room, get_batch, holds_over_batch, pauses_of
from manufacturing.queries.collections import collection_content, get_collection, holds_over, volume_left
from manufacturing.queries.completion import completion_facts
from manufacturing.queries.environment import around_at
from manufacturing.queries.holds import open_holds
from manufacturing.queries.parts import number_on_bag, part_content
from manufacturing.queries.steps import process_version
from manufacturing.queries.trial import get_subject
from manufacturing.services.collections import ready
from manufacturing.services.deviations import attach_to_batch
from manufacturing.services.hands import refuse_deciders
from manufacturing.services.material import lock_material, settle, use_in_batch
from manufacturing.services.parts import taking
from manufacturing.tables.batches import BatchRow, PauseRow, StepRow
from manufacturing.tables.collections import CollectionRow
from manufacturing.tables.trial import SubjectRow, TrialRow

SPECIFICATION = "specification"


def open_batch(
    work: Work, collection_id: str, *, volume_ml: Decimal | None = None, part_id: str | None = None
) -> BatchRow:
    """One donor, one subject, one collection; the effective process and specification are frozen (ATMP-6.2-MBR).

    ``volume_ml``: what of the leukapheresis is taken; all that is left unless it is said. ``part_id``: or this part.
    """
    work.require("batch:open")
    found = get_collection(work.session, collection_id)
    subject = get_subject(work.session, found.subject_id)
    trial = work.lock(TrialRow, subject.trial_id)
    subject = work.lock(SubjectRow, subject.id)
    collection = work.lock(CollectionRow, collection_id)
    work.confirm(part_content(work.session, part_id) if part_id else collection_content(work.session, collection_id))
    remainder = (CollectionStatus.IN_USE,) if part_id or volume_left(work.session, collection) else ()
    ready(collection, "use", CollectionStatus.ACCEPTED, CollectionStatus.ACCEPTED_AT_RISK, *remainder)
    holds, taken = holds_over(work.session, collection), taking(work, collection, part_id, volume_ml)
    refuse_any(
        [
            *subject_status_refusals(subject.code, subject.status),
            *trial_refusals(trial.status, (hold.reason for hold in open_holds(work.session, trial=trial.id))),
            *hold_refusals((hold.scope, hold.reason) for hold in holds),
            *taken.refusals,
        ]
    )
    process = get_effective(work.session, PROCESS)
    specification = get_effective(work.session, SPECIFICATION)
    batch = work.add(
        BatchRow(
            number=next_number(work),
            collection_id=collection.id,
            subject_id=subject.id,
            donor_id=collection.donor_id,
            process_document_id=process.id,
            specification_document_id=specification.id,
            opened_by=work.actor.id,
            opened_at=work.at,
        )
    )
    use_in_batch(work, collection, batch.id, taken)
    for position, step in enumerate(process_version(work.session, process.id).steps, start=1):
        work.add(StepRow(batch_id=batch.id, position=position, key=step.key, title=step.title))
    attach_to_batch(work, [("collection", collection.id)], batch.id)
    work.announce(BatchOpened(batch.id))
    return batch


def next_number(work: Work) -> str:
    """``NK26-0001``: year in Amsterdam and a count; the trial is locked, so that two openings never meet."""
    prefix = f"NK{local_day(work.at):%y}-"
    query = sa.select(sa.func.max(BatchRow.number)).where(BatchRow.number.startswith(prefix))
    newest = work.session.execute(query).scalar()
    return f"{prefix}{int(newest.removeprefix(prefix)) + 1 if newest else 1:04}"


def start_batch(work: Work, batch_id: str, *, room: str, number: str, subject_code: str, cleared: bool) -> BatchRow:
    """Line clearance by two people, with both identifiers read from the material; one open product in a room."""
    work.require("batch:perform")
    work.require("batch:verify", work.signer(1))
    found = get_batch(work.session, batch_id)
    subject = get_subject(work.session, found.subject_id)
    work.lock(TrialRow, subject.trial_id)
    batch = work.lock(BatchRow, batch_id)
    work.confirm(batch_content(work.session, batch_id))
    in_state(batch, "start", BatchStatus.PLANNED)
    place = " ".join(room.split()).upper()
    refuse_any(
        [
            *subject_match_refusals(subject_code, subject.code),
            *donation_match_refusals(number, number_on_bag(work.session, batch)),
            *room_refusals(place, around_at(work.session, work.at)),
            *line_refusals(cleared=cleared, others=busy_in_room(work.session, place, batch.id)),
            *batch_hold_refusals(work, batch),
            *untrained(work, MANUFACTURING, *work.signers, document=batch.process_document_id),
        ]
    )
    batch.room, batch.started_at = place, work.at
    work.move(batch, BATCH, "start")
    return batch


def batch_hold_refusals(work: Work, batch: BatchRow) -> list[Refusal]:
    """Holds stop the start of manufacture; what is being done at the bench is recorded all the same."""
    return [
        TRIAL_ON_HOLD(reason=hold.reason)
        if hold.scope == HoldScope.TRIAL
        else held_refusal(hold.scope, hold.cause, hold.reason)
        for hold in holds_over_batch(work.session, batch)
    ]


def in_state(batch: BatchRow, action: str, *allowed: BatchStatus) -> None:
    """The state comes before every other reason."""
    if batch.status not in set(allowed):
        raise Refused(STATE_NOT_ALLOWED(action=action, record="batch", state=batch.status))


def in_step(row: StepRow, action: str) -> None:
    transition = STEP.transition(action, row.status)
    if isinstance(transition, Refusal):
        raise Refused(transition)


def pause_batch(work: Work, batch_id: str, *, sealed: bool = False) -> BatchRow:
    """Work stops with a reason; the room stays taken and no clock stops (requirements 14.2).

    ``sealed``: closed and taken out of the room; the line is cleared again before the work goes on.
    """
    batch = work.lock(BatchRow, batch_id)
    work.confirm(batch_content(work.session, batch_id))
    work.move(batch, BATCH, "pause")
    reason = (work.reason or "").strip()
    work.add(PauseRow(batch_id=batch.id, paused_at=work.at, paused_by=work.actor.id, reason=reason, sealed=sealed))
    return batch


def resume_batch(work: Work, batch_id: str) -> BatchRow:
    """Work goes on; what was looked at before is the reason."""
    batch = work.lock(BatchRow, batch_id)
    work.confirm(batch_content(work.session, batch_id))
    if any(one.sealed and one.resumed_at is None for one in pauses_of(work.session, batch_id)):
        raise Refused(LINE_CLEARANCE(finding=N_("the product was sealed and taken out; clear the line again")))
    work.move(batch, BATCH, "resume")
    _go_on(work, batch_id)
    return batch


def clear_line_again(work: Work, batch_id: str, *, room: str, subject_code: str, cleared: bool) -> BatchRow:
    """Work goes on with a product that was sealed and taken out: the line is cleared by two, in a free room."""
    work.require("batch:perform")
    work.require("batch:verify", work.signer(1))
    subject = get_subject(work.session, get_batch(work.session, batch_id).subject_id)
    work.lock(TrialRow, subject.trial_id)
    batch = work.lock(BatchRow, batch_id)
    work.confirm(batch_content(work.session, batch_id))
    in_state(batch, "clear the line again", BatchStatus.PAUSED)
    place = " ".join(room.split()).upper()
    refuse_any(
        [
            *subject_match_refusals(subject_code, subject.code),
            *room_refusals(place, around_at(work.session, work.at)),
            *line_refusals(cleared=cleared, others=busy_in_room(work.session, place, batch.id)),
            *untrained(work, MANUFACTURING, *work.signers, document=batch.process_document_id),
        ]
    )
    batch.room = place
    work.move(batch, BATCH, "clear_again")
    _go_on(work, batch_id)
    return batch


def _go_on(work: Work, batch_id: str) -> None:
    for found in pauses_of(work.session, batch_id):
        if found.resumed_at is None:
            pause = work.lock(PauseRow, found.id)
            pause.resumed_at, pause.resumed_by = work.at, work.actor.id
            pause.resume_reason = (work.reason or "").strip()


def complete_batch(work: Work, batch_id: str) -> BatchRow:
    """Declare production complete, or a corrected record; nothing more may be performed on the batch.

    Production was complete when it was first declared: a correction does not move that moment.
    """
    material = lock_material(work, get_batch(work.session, batch_id))
    batch = work.lock(BatchRow, batch_id)
    work.confirm(batch_content(work.session, batch_id))
    in_state(batch, "complete", BatchStatus.IN_PROCESS, BatchStatus.RETURNED_FOR_CORRECTION)
    refuse_deciders(work, batch_id)
    work.move(batch, BATCH, "complete", completion_facts(work.session, batch))
    batch.completed_at = batch.completed_at or work.at
    for collection in material:
        settle(work, collection)
    return batch


def terminate_batch(work: Work, batch_id: str) -> BatchRow:
    """QA ends a failed manufacture; it counts in the figures of the trial."""
    material = lock_material(work, get_batch(work.session, batch_id))
    batch = work.lock(BatchRow, batch_id)
    work.confirm(batch_content(work.session, batch_id))
    work.move(batch, BATCH, "terminate")
    batch.end_reason = (work.reason or "").strip()
    for collection in material:
        settle(work, collection)
    return batch
