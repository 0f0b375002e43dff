"""Steps at the bench: performed, verified by another person, corrected with the old values kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kernel.errors import Refused, refuse_any
from kernel.refusals import MISSING_REASON, Refusal
from kernel.training.services import untrained
from kernel.work import Work
from manufacturing.domain.batches import STEP, BatchStatus, StepStatus
from manufacturing.domain.cell_counts import step_refusals
from manufacturing.domain.collections import minute
from manufacturing.domain.computed import read_step
from manufacturing.domain.conditions import performing_refusals
from manufacturing.domain.containers import viable_nk
from manufacturing.domain.cryo import cryo_expiry
from manufacturing.domain.entries import (
    LATE_REASON,
    OF_THE_STEP,
    PERFORMED_AT,
    EntryTime,
    late_fields,
    whole_fields,
)
from manufacturing.domain.hold_times import exceeded_refusals
from manufacturing.domain.plan import FORMULATED_AT
from manufacturing.domain.procedures import MANUFACTURING
from manufacturing.domain.steps import (
    EntryTimes,
    Value,
    is_late,
    order_refusals,
    role_refusals,
    time_refusals,
    verifier_refusals,
)
from manufacturing.events import StepCorrected
from manufacturing.queries.batch_content import step_content
from manufacturing.queries.batches import containers_of, expiry_clocks
from manufacturing.queries.counts import counted_in_step
from manufacturing.queries.entries import correcting, saved_entries
from manufacturing.queries.equipment import equipment_refusals
from manufacturing.queries.hands import performers_of
from manufacturing.queries.lot_uses import material_refusals
from manufacturing.queries.measurements import measurements_of_batch
from manufacturing.queries.record import Record, read_record
from manufacturing.queries.steps import get_step, process_of, values_of_batch
from manufacturing.queries.yields import final_counts
from manufacturing.services.batches import in_state, in_step
from manufacturing.services.conditions import settle_conditions
from manufacturing.services.corrections import (
    foresee,
    keep_correction,
    unseen_refusals,
)
from manufacturing.services.entries import follow, split_seen
from manufacturing.services.hands import refuse_deciders
from manufacturing.tables.batches import BatchRow, ContainerRow, StepRow, StepValueRow
from manufacturing.tables.measurements import MeasurementRow

SHORTEST_REASON = 5
CORRECTABLE = (BatchStatus.IN_PROCESS, BatchStatus.RETURNED_FOR_CORRECTION)


def perform_step(work: Work, batch_id: str, position: str, *, action: str = "perform", **typed: Any) -> StepRow:
    """Record what was done. ``typed``: the boxes of the step by name; one that is not given is as it was saved.

    Without ``performed_at`` the step was performed at the moment of its signature.
    """
    record, row = at_the_bench(work, batch_id, position)
    in_step(row, action)
    plan, earlier = record.plan(row), record.before(row)
    newest = saved_entries(work.session, row, plan)
    given, seen = split_seen(typed)
    given = whole_fields(plan, given)
    whole = {name: one.value for name, one in newest.items()} | given
    late_reason = whole.get(LATE_REASON)
    performed_at = whole.get(PERFORMED_AT) or work.at
    times = EntryTimes(performed_at, work.at, record.batch.started_at, record.process.late_entry_minutes, late_reason)
    version, since = record.batch.process_document_id, record.batch.started_at or work.at
    refuse_any(
        [
            *untrained(work, MANUFACTURING, work.signer(), document=version, at=max(performed_at, since)),
            *role_refusals(plan.performs, work.signer().roles),
            *order_refusals(earlier),
            *performing_refusals(record.condition(row)),
        ]
    )
    values, refusals = read_step(plan.fields, whole, times)
    held = exceeded_refusals(record.clocks, row.position, performed_at)
    made_with = made_with_refusals(work, record, row, performed_at)
    counted = step_refusals(plan, counted_in_step(work.session, row.id), values, {})
    refuse_any([*time_refusals(times, earlier), *held, *made_with, *counted, *refusals])
    over = {name: value for name, value in given.items() if name in newest and name not in OF_THE_STEP}
    now = EntryTime(work.at, work.at, record.process.late_entry_minutes)
    follow(work, row, plan, newest, over, seen, time=now, late_reason=None)
    enter_values(work, row, values)
    row.performed_at, row.recorded_at, row.performed_by = performed_at, work.at, work.signer().id
    row.late_reason = late_reason if is_late(times) else late_fields(newest)
    work.move(row, STEP, action)
    settle_conditions(work, batch_id)
    return row


def verified(work: Work, record: Record, row: StepRow) -> None:
    """Set what the verification of the step would set."""
    row.status = StepStatus.VERIFIED
    follow_counts(work, record.batch)


def made_with_refusals(work: Work, record: Record, row: StepRow, at: datetime) -> list[Refusal]:
    """Why the step could not have been performed then with the lots and devices on record (ATMP-7-LOT, ATMP-5-CAL)."""
    plan, deviated = record.plan(row), record.deviated(row)
    return [
        *material_refusals(work.session, plan, row, at, deviated=deviated),
        *equipment_refusals(work.session, record, plan, row, at, deviated=deviated),
    ]


def at_the_bench(
    work: Work, batch_id: str, position: str, *, allowed: tuple[BatchStatus, ...] = (BatchStatus.IN_PROCESS,)
) -> tuple[Record, StepRow]:
    """The record as it is under the lock of batch and step. ``allowed``: the states of the batch in which it may be
    written."""
    batch = work.lock(BatchRow, batch_id)
    row = work.lock(StepRow, get_step(work.session, batch_id, position).id)
    work.confirm(step_content(work.session, batch_id, position))
    in_state(batch, "perform", *allowed)
    refuse_deciders(work, batch_id)
    return read_record(work.session, batch_id), row


def enter_values(work: Work, row: StepRow, values: tuple[Value, ...]) -> None:
    """New rows, or the old ones changed; the trail keeps the old value beside the new one (ATMP-6.1-CORR)."""
    known = {one.field: one for one in values_of_batch(work.session, row.batch_id).get(row.id, [])}
    for value in values:
        stored = known.get(value.field) or StepValueRow(step_id=row.id, field=value.field)
        set_value(stored, value)
        if stored.measurement is not None:
            correct_measurement(work, row, stored)
        if stored.id is None:
            work.add(stored)


def set_value(stored: StepValueRow, value: Value) -> None:
    stored.number, stored.text, stored.moment = value.number, value.text, value.moment
    stored.unit, stored.shown, stored.verdict = value.unit, value.shown, value.verdict.value
    stored.not_applicable = value.not_applicable


def correct_measurement(work: Work, row: StepRow, stored: StepValueRow) -> None:
    """The measurement in use is what was corrected; a field that is N/A now uses none."""
    if stored.number is None:
        stored.measurement = stored.chosen_by = stored.chosen_because = None
        return
    known = measurements_of_batch(work.session, row.batch_id).get((row.id, stored.field), [])
    for one in known:
        if one.number == stored.measurement:
            used = work.lock(MeasurementRow, one.id)
            used.value, used.unit, used.shown, used.verdict = stored.number, stored.unit, stored.shown, stored.verdict


def correct_step(work: Work, batch_id: str, position: str, *, effect_seen: str | None = None, **typed: Any) -> StepRow:
    """Other values with a reason; whoever corrects may not verify, and the step is verified anew.

    ``effect_seen``: the digest of what was shown to follow from it; a finished record is not corrected without.
    """
    record, row = at_the_bench(work, batch_id, position, allowed=CORRECTABLE)
    given, seen = split_seen(typed)
    times, values = correction_of(work, record, row, given)
    refuse_any(untrained(work, MANUFACTURING, work.signer(), document=record.batch.process_document_id))
    effect = foresee(work, batch_id, lambda: suppose(work, record.batch, row, times, values))
    refuse_any(unseen_refusals(record.batch, effect, effect_seen))
    keep_over(work, record, row, given, seen)
    enter_values(work, row, values)
    row.performed_at, row.verified_by, row.verified_at = times.performed_at, None, None
    row.late_reason = times.late_reason if is_late(times) else None
    work.move(row, STEP, "correct")
    settle_conditions(work, batch_id)
    keep_correction(work, row, effect)
    work.announce(StepCorrected(row.batch_id, row.id))
    return row


def keep_over(work: Work, record: Record, row: StepRow, given: dict[str, Any], seen: dict[str, int]) -> None:
    """What is signed otherwise than it was saved for this correction follows what was saved, if that was seen."""
    plan = record.plan(row)
    found = correcting(work.session, row, plan, record.values_of(row))
    over = {name: value for name, value in given.items() if name in found.saved and name not in OF_THE_STEP}
    now = EntryTime(work.at, work.at, record.process.late_entry_minutes)
    follow(work, row, plan, dict(found.entries), over, seen, time=now, late_reason=None, after=found.after)


def correction_of(
    work: Work, record: Record, row: StepRow, typed: dict[str, Any]
) -> tuple[EntryTimes, tuple[Value, ...]]:
    """The values a correction would enter; raises every reason why it cannot.

    A box that is not given is as it was saved for this correction, else as it is recorded.
    """
    in_step(row, "correct")
    if len((work.reason or "").strip()) < SHORTEST_REASON:
        raise Refused(MISSING_REASON(field="reason"))
    plan = record.plan(row)
    known = correcting(work.session, row, plan, record.values_of(row)).entries
    whole = {name: one.value for name, one in known.items()} | whole_fields(plan, typed)
    recorded, performed_at = row.recorded_at or work.at, whole.get(PERFORMED_AT) or row.performed_at or work.at
    limit, late_reason = record.process.late_entry_minutes, whole.get(LATE_REASON) or row.late_reason
    times = EntryTimes(performed_at, recorded, record.batch.started_at, limit, late_reason)
    values, refusals = read_step(plan.fields, whole, times)
    held = exceeded_refusals(record.clocks, row.position, performed_at)
    before = row.performed_at
    kept = before is not None and minute(performed_at) == minute(before)  # people write minutes
    moved = [] if kept else made_with_refusals(work, record, row, performed_at)
    standing = {name: one.number for name, one in record.values_of(row).items()}
    counted = step_refusals(plan, counted_in_step(work.session, row.id), values, standing)
    refuse_any([*time_refusals(times, record.before(row)), *held, *moved, *counted, *refusals])
    return times, values


def foresee_correction(work: Work, batch_id: str, position: str, **typed: Any) -> list[dict[str, Any]]:
    """Every derived value that a correction would change, before and after; nothing is changed."""
    record, row = at_the_bench(work, batch_id, position, allowed=CORRECTABLE)
    times, values = correction_of(work, record, row, split_seen(typed)[0])
    return foresee(work, batch_id, lambda: suppose(work, record.batch, row, times, values))


def suppose(work: Work, batch: BatchRow, row: StepRow, times: EntryTimes, values: tuple[Value, ...]) -> None:
    """Set what a correction and its verification would set, on records that are already there."""
    known = {one.field: one for one in values_of_batch(work.session, row.batch_id).get(row.id, [])}
    for value in values:
        if value.field in known:
            set_value(known[value.field], value)
    row.performed_at, row.status = times.performed_at, StepStatus.VERIFIED
    follow_counts(work, batch)


def verify_step(work: Work, batch_id: str, position: str) -> StepRow:
    """Another person vouches for the step, signed in as himself."""
    return _verified(work, batch_id, position, action="verify", place=0)


def check_step(work: Work, batch_id: str, position: str) -> StepRow:
    """The same on the performer's screen: the second person gives id and password there."""
    return _verified(work, batch_id, position, action="check", place=1)


def _verified(work: Work, batch_id: str, position: str, *, action: str, place: int) -> StepRow:
    record, row = at_the_bench(work, batch_id, position, allowed=CORRECTABLE)
    batch, plan = record.batch, record.plan(row)
    in_step(row, action)
    verifier = work.signer(place)
    work.require("batch:verify", verifier)
    performers = performers_of(work.session, row.id)
    lacking = untrained(work, MANUFACTURING, verifier, document=batch.process_document_id)
    roles = [
        work.role_refusal(str(one.fact("permission")), verifier) for one in role_refusals(plan.verifies, verifier.roles)
    ]
    refuse_any([*roles, *verifier_refusals(verifier.id, performers), *lacking])
    work.move(row, STEP, action)
    row.verified_by, row.verified_at = verifier.id, work.at
    work.session.flush()
    if any(field.measure == FORMULATED_AT for field in plan.fields) or containers_of(work.session, batch.id):
        formulated(work, batch)
    return row


def formulated(work: Work, batch: BatchRow) -> None:
    """Verified counts set the clock of the product; what is already filled follows a corrected count."""
    for found in containers_of(work.session, batch.id):
        work.lock(ContainerRow, found.id)
    follow_counts(work, batch)


def follow_counts(work: Work, batch: BatchRow) -> None:
    """Expiry of the batch, contents and expiry of its containers, from the verified counts; nothing without them."""
    counts = final_counts(work.session, batch)
    if counts is None:
        return
    expiry = expiry_clocks(work.session, batch, counts.formulated_at)
    batch.formulated_at = counts.formulated_at
    batch.expires_at = expiry.expires_at if expiry else None
    process = process_of(work.session, batch)
    for container in containers_of(work.session, batch.id):
        container.viable_nk = viable_nk(counts, container.volume_ml)
        frozen = cryo_expiry(process.cryopreservation, container.frozen_at, container.thawed_at)
        decided = frozen or expiry
        container.expires_at = decided.expires_at if decided else container.expires_at
