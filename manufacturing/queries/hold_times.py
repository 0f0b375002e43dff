"""The clocks of a batch as its record says now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from kernel.errors import NotFound
from manufacturing.domain.batches import StepStatus
from manufacturing.domain.hold_times import HoldClock
from manufacturing.domain.plan import COLLECTION_END, FORMULATED_AT, FORMULATION, LINE_CLEARANCE, Process
from manufacturing.queries.chain import Chain
from manufacturing.tables.batches import StepRow, StepValueRow
from manufacturing.tables.deviations import DeviationRow


def hold_clocks(
    chain: Chain,
    process: Process,
    steps: Sequence[StepRow],
    values: dict[str, list[StepValueRow]],
    deviations: Sequence[DeviationRow],
) -> tuple[HoldClock, ...]:
    """Every hold time of the frozen process with its beginning and end, without those of steps that are not needed;
    what the caller has read is not read again."""
    if not process.hold_times:
        return ()
    begun = beginnings(chain, process, steps, values)
    performed = {step.key: step.performed_at for step in steps if step.status != StepStatus.NOT_NEEDED}
    return tuple(
        HoldClock(
            hold=hold,
            position=process.place_of(hold.to) or 0,
            started_at=begun.get(hold.start),
            ended_at=performed.get(hold.to),
            deviations=tuple(one.number for one in deviations if one.hold_time == hold.key),
        )
        for hold in process.hold_times
        if hold.to in performed
    )


def beginnings(
    chain: Chain,
    process: Process,
    steps: Sequence[StepRow],
    values: dict[str, list[StepValueRow]],
) -> dict[str, datetime | None]:
    """When each event happened, each step was performed, and each time was recorded (``step.field``)."""
    found: dict[str, datetime | None] = {LINE_CLEARANCE: chain.batch.started_at}
    if any(hold.start == COLLECTION_END for hold in process.hold_times):
        found[COLLECTION_END] = chain.collected_at
    for step in steps:
        found[step.key] = step.performed_at
        for row in values.get(step.id, ()):
            found[f"{step.key}.{row.field}"] = row.moment
            planned = process.step(step.position).field(row.field)
            if planned is not None and planned.measure == FORMULATED_AT:
                found[FORMULATION] = row.moment
    return found


def get_clock(clocks: Sequence[HoldClock], position: int, key: str) -> HoldClock:
    """The hold time of this key that ends with this step."""
    found = next((one for one in clocks if one.hold.key == key and one.position == position), None)
    if found is None:
        raise NotFound(f"hold time {key} of step {position}")
    return found


def clock_view(clock: HoldClock, now: datetime) -> dict[str, Any]:
    """One clock as page and API show it."""
    return {
        "key": clock.hold.key,
        "title": clock.hold.title,
        "position": clock.position,
        "started_at": clock.started_at,
        "ended_at": clock.ended_at,
        "warns_at": clock.warns_at,
        "limit_at": clock.limit_at,
        "state": clock.state(now),
        "minutes": clock.minutes(clock.ended_at or now),
        "limit_minutes": clock.hold.limit_minutes,
        "deviations": list(clock.deviations),
    }


def clock_facts(clock: HoldClock) -> dict[str, Any]:
    """What a signature on a step covers of the clock."""
    return {
        "hold time": clock.hold.title,
        "since": clock.started_at,
        "limit": clock.limit_at,
        "deviations": list(clock.deviations),
    }
