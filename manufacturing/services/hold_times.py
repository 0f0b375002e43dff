"""The deviation that an exceeded hold time asks for: two clicks, with what happened already written."""

from __future__ import annotations

from kernel.work import Work
from manufacturing.queries.batch_content import hold_content
from manufacturing.queries.hold_times import get_clock
from manufacturing.queries.record import read_record
from manufacturing.queries.steps import get_step
from manufacturing.services.deviations import raise_deviation
from manufacturing.tables.batches import BatchRow
from manufacturing.tables.deviations import DeviationRow


def report_hold_time(
    work: Work, batch_id: str, position: str, hold_key: str, *, classification: str, description: str
) -> DeviationRow:
    """A deviation tied to this hold time and its step; another deviation of the step does not answer for it."""
    work.require("deviation:raise")
    work.lock(BatchRow, batch_id)
    work.confirm(hold_content(work.session, batch_id, position, hold_key))
    step = get_step(work.session, batch_id, position)
    clock = get_clock(read_record(work.session, batch_id).clocks, step.position, hold_key)
    return raise_deviation(
        work,
        batch_id,
        classification=classification,
        description=description,
        step_id=step.id,
        hold_time=clock.hold.key,
    )
