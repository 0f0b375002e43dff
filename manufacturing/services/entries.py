"""Each field of a step is saved for good when it is left; the signature on the step takes what was saved (DI-6.12)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from kernel.errors import refuse_any
from kernel.training.services import untrained
from kernel.work import Work
from manufacturing.domain.batches import BatchStatus
from manufacturing.domain.computed import read_step
from manufacturing.domain.entries import (
    LATE_REASON,
    PERFORMED_AT,
    SEEN,
    Entry,
    EntryTime,
    box_name,
    boxes_of,
    changes,
    entry_time_refusals,
    is_blank,
    saved_value,
    touched,
    unseen_refusals,
    whole_fields,
)
from manufacturing.domain.plan import PlannedStep
from manufacturing.domain.procedures import MANUFACTURING
from manufacturing.domain.step_times import sequence_refusals
from manufacturing.domain.steps import EntryTimes, moment_refusals
from manufacturing.queries.entries import correcting, saved_entries
from manufacturing.queries.record import Record, read_record
from manufacturing.queries.steps import get_step
from manufacturing.services.batches import in_state, in_step
from manufacturing.services.hands import refuse_deciders
from manufacturing.tables.batches import BatchRow, StepRow
from manufacturing.tables.entries import StepEntryRow

CORRECTABLE = (BatchStatus.IN_PROCESS, BatchStatus.RETURNED_FOR_CORRECTION)


def split_seen(typed: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, int]]:
    """The boxes, and which entry of each was seen (``<box>_seen``, a number; none is 0)."""
    given = {name: value for name, value in typed.items() if not name.endswith(SEEN)}
    seen = {name.removesuffix(SEEN): int(value or 0) for name, value in typed.items() if name.endswith(SEEN)}
    return given, seen


def save_fields(
    work: Work, batch_id: str, position: str, *, done_at: datetime | None = None, **typed: Any
) -> list[StepEntryRow]:
    """Keep boxes of a step that is being done, or corrected in a record that QA returned.

    ``typed``: as of a step; only what is given is looked at. ``done_at``: when they were read or done, where that is earlier than now. What was saved before and not seen is not
    overwritten; the same value again is no change.
    """
    batch = work.lock(BatchRow, batch_id)
    row = work.lock(StepRow, get_step(work.session, batch_id, position).id)
    work.confirmed = True  # What was seen is compared box by box, by the number of its entry.
    in_state(batch, "perform", *CORRECTABLE)
    refuse_deciders(work, batch_id)
    returned = batch.status == BatchStatus.RETURNED_FOR_CORRECTION
    in_step(row, "correct" if returned else "perform")
    moment = done_at or work.at
    since = batch.started_at or work.at
    refuse_any(untrained(work, MANUFACTURING, work.actor, document=batch.process_document_id, at=max(moment, since)))
    record = read_record(work.session, batch_id)
    given, seen = split_seen(typed)
    newest, after = saved_entries(work.session, row, record.plan(row)), 0
    if returned:
        found = correcting(work.session, row, record.plan(row), record.values_of(row))
        newest, seen, after = dict(found.entries), found.seen(seen), found.after
    given = whole_fields(record.plan(row), given)
    time = EntryTime(moment, work.at, record.process.late_entry_minutes)
    late_reason = given.get(LATE_REASON) or saved_value(newest, LATE_REASON)
    first = next(iter(given), "")
    refuse_any([*entry_time_refusals(time, late_reason, first), *_value_refusals(record, row, newest, given, work.at)])
    return follow(work, row, record.plan(row), newest, given, seen, time=time, late_reason=late_reason, after=after)


def _value_refusals(
    record: Record, row: StepRow, newest: Mapping[str, Entry], given: Mapping[str, Any], now: datetime
) -> list[Any]:
    """What the rules of the step say about the fields that were left; what is emptied is asked for at the signature."""
    plan, started_at = record.plan(row), record.batch.started_at
    whole = {name: one.value for name, one in newest.items()} | dict(given)
    times = EntryTimes(given.get(PERFORMED_AT) or now, now, started_at, record.process.late_entry_minutes, None)
    refusals = list(moment_refusals(times, record.before(row))) if given.get(PERFORMED_AT) else []
    keys = touched(plan, given)
    for key in keys:
        planned = plan.field(key)
        filled = {name: whole.get(name) for name in boxes_of(key)}
        if planned is not None and not all(is_blank(value) for value in filled.values()):
            refusals.extend(read_step((planned,), filled, times)[1])
    return [*refusals, *sequence_refusals(plan.fields, moments_of(plan, whole), keys)]


def moments_of(plan: PlannedStep, whole: Mapping[str, Any]) -> dict[str, datetime | None]:
    """The times of a step as they stand, saved or just typed."""
    found = {one.key: whole.get(one.key) for one in plan.fields}
    return {key: value if isinstance(value, datetime) else None for key, value in found.items()}


def follow(
    work: Work,
    row: StepRow,
    plan: PlannedStep,
    newest: Mapping[str, Entry],
    given: Mapping[str, Any],
    seen: Mapping[str, int],
    *,
    time: EntryTime,
    late_reason: str | None,
    entered_by: str | None = None,
    cells: Mapping[str, str] | None = None,
    after: int = 0,
) -> list[StepEntryRow]:
    """A new entry for every box that is not as it is saved, after the one that was seen.

    ``entered_by``: whoever entered it, where that is not whoever acts. ``cells``: the imported value of a box.
    ``after``: the round of the entries.
    """
    changed = changes(newest, given)
    words = {name: box_name(name, row.position, plan) for name in changed}
    refuse_any(unseen_refusals(newest, words, seen))
    return [
        work.add(
            StepEntryRow(
                step_id=row.id,
                field=name,
                number=newest[name].number + 1 if name in newest else 1,
                performed_at=time.performed_at,
                recorded_at=time.recorded_at,
                late_reason=late_reason if time.late else None,
                entered_by=entered_by or work.actor.id,
                after_signatures=after,
                imported_value_id=(cells or {}).get(name),
                **columns(value),
            )
        )
        for name, value in changed.items()
    ]


def columns(value: Any) -> dict[str, Any]:
    """The one column a value goes to; nothing where the box was emptied."""
    if is_blank(value):
        return {}
    if isinstance(value, bool):
        return {"text": "yes" if value else "no"}
    if isinstance(value, Decimal):
        return {"value": value}
    return {"moment": value} if isinstance(value, datetime) else {"text": str(value).strip()}
