"""Counting the cells of a sample; the means go to the step the sample was drawn in (Ph. Eur. 2.7.29, ATMP-CALC)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from kernel.errors import Refused, refuse_any
from kernel.refusals import STATE_NOT_ALLOWED
from kernel.work import Work
from manufacturing.domain.batches import BatchStatus, StepStatus
from manufacturing.domain.cell_counts import (
    CountFacts,
    Means,
    count_refusals,
    counted_fields,
    means_of,
    minutes_from_sampling,
    readings_of,
)
from manufacturing.domain.entries import EntryTime, whole_fields
from manufacturing.domain.samples import SampleStatus
from manufacturing.domain.steps import UNIT
from manufacturing.queries.counts import count_content, counts_of_sample
from manufacturing.queries.entries import saved_entries
from manufacturing.queries.record import read_record
from manufacturing.queries.samples import get_sample
from manufacturing.services.entries import follow
from manufacturing.services.hands import refuse_deciders
from manufacturing.tables.batches import BatchRow, StepRow
from manufacturing.tables.counts import CellCountRow, CellReadingRow
from manufacturing.tables.samples import SampleRow

UNITS = {"wbc": "10^6/mL", "viability": "%"}


def count_sample(
    work: Work,
    sample_id: str,
    *,
    method: str,
    dye: str,
    dilution: Decimal,
    instrument: str,
    counted_at: datetime,
    **boxes: Decimal | None,
) -> CellCountRow:
    """``boxes``: ``wbc_1``, ``viability_1`` and so on, as read; the means are computed and kept with each reading."""
    work.require("sample:count")
    if batch_id := get_sample(work.session, sample_id).batch_id:
        work.lock(BatchRow, batch_id)
    sample = work.lock(SampleRow, sample_id)
    work.confirm(count_content(work.session, sample_id))
    if sample.status == SampleStatus.DISCARDED:
        raise Refused(STATE_NOT_ALLOWED(action="count", record="sample", state=sample.status))
    if sample.batch_id:
        refuse_deciders(work, sample.batch_id)
    readings, incomplete = readings_of(boxes)
    facts = CountFacts(readings, incomplete, dye, dilution, counted_at, sample.drawn_at, work.at)
    refuse_any(count_refusals(facts))
    means = means_of(readings, dilution)
    row = work.add(
        CellCountRow(
            sample_id=sample.id,
            number=len(counts_of_sample(work.session, sample_id)) + 1,
            method=method,
            dye=dye.strip(),
            dilution=dilution,
            instrument=instrument.strip(),
            counted_at=counted_at,
            minutes=minutes_from_sampling(sample.drawn_at, counted_at),
            wbc=means.wbc,
            viability=means.viability,
            recorded_at=work.at,
            counted_by=work.signer().id,
        )
    )
    for number, one in enumerate(readings, start=1):
        work.add(CellReadingRow(count_id=row.id, number=number, wbc=one.wbc, viability=one.viability))
    work.sign(row, "cells counted")
    if sample.step_id:
        fill_in(work, sample.step_id, means)
    return row


def fill_in(work: Work, step_id: str, means: Means) -> None:
    """The means as entries of a step that is still being done, over what stood there; the step's signature takes them."""
    row = work.lock(StepRow, step_id)
    record = read_record(work.session, row.batch_id)
    if row.status != StepStatus.PENDING or record.batch.status != BatchStatus.IN_PROCESS:
        return
    plan = record.plan(row)
    newest = saved_entries(work.session, row, plan)
    given: dict[str, object] = {}
    for figure, key in counted_fields(plan).items():
        given |= {key: getattr(means, figure), key + UNIT: UNITS[figure]}
    given = whole_fields(plan, given)
    seen = {name: newest[name].number for name in given if name in newest}
    time = EntryTime(work.at, work.at, record.process.late_entry_minutes)
    follow(work, row, plan, newest, given, seen, time=time, late_reason=None)
