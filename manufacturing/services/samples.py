"""Drawing, receiving and ending samples (QC-ALLSAMPLES, ATMP-RECON, LBL-SAMPLE)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from kernel.errors import Refused, refuse_any
from kernel.quantities import exact, to_decimal
from kernel.refusals import FUTURE_TIME, N_, STATE_NOT_ALLOWED, Refusal
from kernel.work import Work
from manufacturing.domain.batches import BatchStatus
from manufacturing.domain.collections import CollectionStatus
from manufacturing.domain.expiry import local_day
from manufacturing.domain.samples import (
    MOST_SAMPLES,
    SAMPLE,
    SAMPLE_COUNT,
    SAMPLE_MISMATCH,
    SAMPLE_SOURCE,
    DrawFacts,
    draw_refusals,
    retaining_refusals,
    retention_refusals,
    sample_code,
)
from manufacturing.domain.trial import TIME_ORDER
from manufacturing.queries.batches import container_by_code
from manufacturing.queries.collections import volume_left
from manufacturing.queries.samples import (
    batch_draw_content,
    collection_draw_content,
    get_sample,
    sample_content,
    sampled_ml,
    samples_of_batch,
    samples_of_collection,
    trial_ended_on,
)
from manufacturing.queries.steps import batch_steps, process_of
from manufacturing.services.hands import refuse_deciders
from manufacturing.tables.batches import BatchRow, ContainerRow, StepRow
from manufacturing.tables.collections import CollectionRow
from manufacturing.tables.samples import SampleRow

FROM_COLLECTION = {CollectionStatus.RECEIVED_QUARANTINE, CollectionStatus.ACCEPTED, CollectionStatus.IN_USE}
FROM_BATCH = {BatchStatus.IN_PROCESS, BatchStatus.PRODUCTION_COMPLETE, BatchStatus.QA_REVIEWED}


def draw_from_collection(work: Work, collection_id: str, **typed: Any) -> SampleRow:
    """A sample of the leukapheresis, such as the one of its inspection."""
    work.require("sample:draw")
    row = work.lock(CollectionRow, collection_id)
    work.confirm(collection_draw_content(work.session, collection_id))
    _in_state(row.status, FROM_COLLECTION, "collection")
    known = samples_of_collection(work.session, collection_id)
    left = volume_left(work.session, row)
    facts = draw_facts(work, typed, row.number, left, (N_("The start of the leukapheresis"), row.started_at))
    refuse_any([*draw_refusals(facts), *_room_for(known, row.number)])
    return enter(work, row.number, known, facts, collection_id=row.id)


def draw_from_batch(
    work: Work, batch_id: str, *, step: str | None = None, container: str | None = None, **typed: Any
) -> SampleRow:
    """A sample drawn in a step, or from a filled container, of which no more is drawn than is in it."""
    work.require("sample:draw")
    batch = work.lock(BatchRow, batch_id)
    work.confirm(batch_draw_content(work.session, batch_id))
    _in_state(batch.status, FROM_BATCH, "batch")
    refuse_deciders(work, batch_id)
    known = samples_of_batch(work.session, batch_id)
    late = process_of(work.session, batch).late_entry_minutes
    found = _source(work, batch, step, container)
    if isinstance(found, Refusal):
        raise Refused(found)
    if isinstance(found, ContainerRow):
        before = [one for one in known if one.container_id == found.id]
        left: Decimal | None = to_decimal(exact(found.volume_ml) - exact(sampled_ml(before)))
        facts = draw_facts(work, typed, found.code, left, (N_("The fill"), found.filled_at), late)
        origin = {"container_id": found.id}
    else:
        facts = draw_facts(work, typed, found.title, None, (N_("The line clearance"), batch.started_at), late)
        origin = {"step_id": found.id}
    refuse_any([*draw_refusals(facts), *_room_for(known, batch.number)])
    return enter(work, batch.number, known, facts, batch_id=batch.id, **origin)


def _source(work: Work, batch: BatchRow, step: str | None, container: str | None) -> StepRow | ContainerRow | Refusal:
    """Exactly one of the two, and it belongs to this batch."""
    typed = (container or step or "").strip()
    if bool(step) == bool(container):
        return SAMPLE_SOURCE(typed=typed, field="step")
    if container:
        found = container_by_code(work.session, typed)
        mine = found is not None and found.batch_id == batch.id
        return found if mine and found else SAMPLE_SOURCE(typed=typed, field="container")
    steps = {str(one.position): one for one in batch_steps(work.session, batch.id)}
    return steps.get(typed, SAMPLE_SOURCE(typed=typed, field="step"))


def draw_facts(
    work: Work,
    typed: dict[str, Any],
    source: str,
    left: Decimal | None,
    not_before: tuple[str, datetime | None],
    late_minutes: int | None = None,
) -> DrawFacts:
    return DrawFacts(
        now=work.at, source=source, available_ml=left, not_before=not_before, late_minutes=late_minutes, **typed
    )


def enter(work: Work, owner: str, known: list[SampleRow], facts: DrawFacts, **origin: str) -> SampleRow:
    """The record with the next number of its owner; the number was never used before, whatever became of it."""
    number = len(known) + 1
    row = work.add(
        SampleRow(
            code=sample_code(owner, number),
            number=number,
            kind=facts.kind,
            volume_ml=facts.volume_ml,
            supernatant_only=facts.supernatant_only,
            remark=facts.remark,
            drawn_at=facts.drawn_at,
            recorded_at=work.at,
            late_reason=facts.late_reason,
            drawn_by=work.signer().id,
            **origin,
        )
    )
    work.sign(row, "sample drawn")
    return row


def receive_sample(work: Work, sample_id: str, *, code: str, received_at: datetime, laboratory: str) -> SampleRow:
    """The laboratory takes it over; the code is read from the tube, so that no neighbour is received in its place."""
    row = _taken(work, sample_id, "receive")
    refusals = [*_same_code(code, row)]
    if received_at > work.at:
        refusals.append(FUTURE_TIME(name=N_("The receipt"), field="received_at"))
    if received_at < row.drawn_at:
        refusals.append(TIME_ORDER(name=N_("The receipt"), earlier=N_("The sample"), field="received_at"))
    refuse_any(refusals)
    row.received_at, row.received_by, row.laboratory = received_at, work.signer().id, laboratory.strip()
    work.move(row, SAMPLE, "receive")
    return row


def conclude_test(work: Work, sample_id: str, *, result_reference: str) -> SampleRow:
    """Its end is a result; the reference says which."""
    row = _taken(work, sample_id, "test")
    row.result_reference = result_reference.strip()
    return _ended(work, row, "test")


def retain_sample(work: Work, sample_id: str, *, kept_in: str, kept_until: date) -> SampleRow:
    """Its end is the stock of retained samples, with its place and the first day on which it may go (QC-RETAIN)."""
    row = _taken(work, sample_id, "retain")
    refuse_any(retaining_refusals(kept_until, local_day(work.at)))
    row.kept_in, row.kept_until = kept_in.strip(), kept_until
    return _ended(work, row, "retain")


def discard_sample(work: Work, sample_id: str, *, exemption: str | None = None) -> SampleRow:
    """Its end is the waste, seen by two people, with the reason."""
    row = _taken(work, sample_id, "discard")
    work.require("sample:conclude", work.signer(1))
    ended_on = trial_ended_on(work.session, row)
    refuse_any(retention_refusals(row.status, row.kept_until, local_day(work.at), exemption, ended_on))
    row.end_reason = "; ".join(part.strip() for part in (work.reason, exemption) if part)
    row.witnessed_by = work.signer(1).id
    return _ended(work, row, "discard")


def _taken(work: Work, sample_id: str, action: str) -> SampleRow:
    """The sample under the lock, its batch before it; a state without this move comes before a stale page."""
    if batch_id := get_sample(work.session, sample_id).batch_id:
        work.lock(BatchRow, batch_id)
    row = work.lock(SampleRow, sample_id)
    transition = SAMPLE.transition(action, row.status)
    if isinstance(transition, Refusal):
        raise Refused(transition)
    work.confirm(sample_content(work.session, sample_id))
    return row


def _ended(work: Work, row: SampleRow, action: str) -> SampleRow:
    row.ended_at, row.ended_by = work.at, work.signer().id
    work.move(row, SAMPLE, action)
    return row


def _same_code(typed: str, row: SampleRow) -> list[Refusal]:
    return [] if typed.strip() == row.code else [SAMPLE_MISMATCH(typed=typed.strip(), field="code")]


def _in_state(status: str, allowed: set[Any], record: str) -> None:
    if status not in allowed:
        raise Refused(STATE_NOT_ALLOWED(action="draw a sample", record=record, state=status))


def _room_for(known: list[SampleRow], source: str) -> list[Refusal]:
    return [SAMPLE_COUNT(source=source, most=MOST_SAMPLES)] if len(known) >= MOST_SAMPLES else []
