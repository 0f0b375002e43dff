"""Plates exposed while a batch is made, and read days later; above the action limit a deviation is raised (ATMP-4-EM)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from kernel.errors import Refused, refuse_any
from kernel.refusals import ID_FORMAT, MISSING_REASON, N_
from kernel.work import Work
from manufacturing.domain.batches import BatchStatus
from manufacturing.domain.deviations import DeviationClass
from manufacturing.domain.environment import ABOVE_ACTION, ENVIRONMENT_READ, Reading, exposure_refusals, result_refusals
from manufacturing.domain.holds import HoldCause
from manufacturing.queries.batch_content import step_content
from manufacturing.queries.environment import document_at, get_sample, sample_content, sample_of, step_samples
from manufacturing.queries.steps import get_step
from manufacturing.services.batches import in_state
from manufacturing.services.deviations import raise_deviation
from manufacturing.services.equipment import is_given
from manufacturing.services.hands import refuse_deciders
from manufacturing.services.holds import set_hold
from manufacturing.tables.batches import BatchRow, StepRow
from manufacturing.tables.environment import EnvironmentSampleRow

MADE = (BatchStatus.IN_PROCESS, BatchStatus.PAUSED, BatchStatus.PRODUCTION_COMPLETE)
SHORTEST_REASON = 5


def take_sample(
    work: Work, batch_id: str, position: str, *, key: str, place: str, exposed_from: datetime, exposed_until: datetime
) -> EnvironmentSampleRow:
    """A plate, print or particle count belongs to a step of a batch; its result is entered later."""
    work.require("environment:take")
    batch = work.lock(BatchRow, batch_id)
    step = work.lock(StepRow, get_step(work.session, batch_id, position).id)
    work.confirm(step_content(work.session, batch_id, position))
    in_state(batch, "take a sample of the environment", *MADE)
    refuse_deciders(work, batch_id)
    refuse_any(exposure_refusals(exposed_from, exposed_until, batch.started_at, work.at))
    _step, known = step_samples(work.session, batch_id, position)
    document = document_at(work.session, batch.started_at or work.at)
    if document is None or key not in {one.key for one in known}:
        expected = N_("one of those that the list in force names for this step")
        raise Refused(ID_FORMAT(name=N_("The kind of sample"), expected=expected, field="key"))
    row = EnvironmentSampleRow(batch_id=batch.id, step_id=step.id, document_id=document.id, key=key)
    row.place, row.exposed_from, row.exposed_until = place.strip(), exposed_from, exposed_until
    row.taken_by = work.signer().id
    work.add(row)
    work.sign(row, "sample of the environment taken")
    return row


def read_sample(
    work: Work, sample_id: str, *, count: Decimal, read_at: datetime, reference: str
) -> EnvironmentSampleRow:
    """The result, once. Above the action limit a deviation is raised, and what can still be given is held."""
    work.require("environment:read")
    row = locked(work, sample_id)
    refuse_any([ENVIRONMENT_READ()] if row.count is not None else [])
    refuse_any(result_refusals(count, read_at, row.exposed_until, work.at))
    return entered(work, row, count, read_at, reference, "sample of the environment read")


def correct_sample(
    work: Work, sample_id: str, *, count: Decimal, read_at: datetime, reference: str
) -> EnvironmentSampleRow:
    """Another result with its reason; the trail keeps the first. A deviation that was raised stays."""
    work.require("environment:correct")
    row = locked(work, sample_id)
    reason = (work.reason or "").strip()
    if len(reason) < SHORTEST_REASON:
        raise Refused(MISSING_REASON(field="reason"))
    refuse_any(result_refusals(count, read_at, row.exposed_until, work.at))
    row.corrected_because = reason
    return entered(work, row, count, read_at, reference, "result of the environment corrected")


def locked(work: Work, sample_id: str) -> EnvironmentSampleRow:
    work.lock(BatchRow, get_sample(work.session, sample_id).batch_id)
    row = work.lock(EnvironmentSampleRow, sample_id)
    work.confirm(sample_content(work.session, sample_id))
    refuse_deciders(work, row.batch_id)
    return row


def entered(
    work: Work, row: EnvironmentSampleRow, count: Decimal, read_at: datetime, reference: str, meaning: str
) -> EnvironmentSampleRow:
    row.count, row.read_at, row.read_by, row.reference = count, read_at, work.signer().id, reference.strip()
    told = {"count": count, "read at": read_at, "reference": row.reference}
    work.content = {**work.content, "entered": told}
    work.sign(row, meaning)
    sample = sample_of(work.session, row)
    if sample.reading(count) is Reading.ACTION and row.deviation_id is None:
        batch = work.session.get_one(BatchRow, row.batch_id)
        where = {"sample": sample.title, "place": row.place, "grade": sample.grade}
        said = ABOVE_ACTION % {**where, "count": count, "unit": sample.unit, "limit": sample.action}
        found = raise_deviation(
            work, batch.id, classification=DeviationClass.MAJOR, description=said, step_id=row.step_id
        )
        row.deviation_id = found.id
        if batch.completed_at is not None and not is_given(work, batch):
            set_hold(work, "batch", batch.id, cause=HoldCause.ENVIRONMENT, reason=said)
    return row
