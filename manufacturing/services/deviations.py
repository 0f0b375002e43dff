"""Deviations: raised by anybody at the bench or the pharmacy, assessed in words, closed by somebody else (S4)."""

from __future__ import annotations

from kernel.errors import Refused, refuse_any
from kernel.refusals import Refusal
from kernel.work import Work
from manufacturing.domain.batches import DEVIATION
from manufacturing.domain.deviations import closing_refusals, impact_refusals
from manufacturing.queries.batch_content import deviation_content
from manufacturing.queries.batches import deviations_of, get_deviation
from manufacturing.queries.steps import get_step
from manufacturing.tables.batches import BatchRow, DeviationRow


def raise_deviation(
    work: Work,
    batch_id: str,
    *,
    classification: str,
    description: str,
    step_id: str | None = None,
    hold_time: str | None = None,
) -> DeviationRow:
    """A deviation, also as the consequence of another act; the batch is locked for its number. Nobody can delete it."""
    batch = work.lock(BatchRow, batch_id)
    return work.add(
        DeviationRow(
            number=f"{batch.number}-D{len(deviations_of(work.session, batch_id)) + 1}",
            batch_id=batch.id,
            step_id=step_id,
            hold_time=hold_time,
            classification=classification,
            description=description,
            raised_by=work.actor.id,
            raised_at=work.at,
        )
    )


def report_deviation(
    work: Work, batch_id: str, *, classification: str, description: str, step: str | None = None
) -> DeviationRow:
    """Anybody of T, QA, QP and Ph reports what did not go as written. ``step``: position of the step it is about."""
    work.require("deviation:raise")
    work.confirm({})
    step_id = get_step(work.session, batch_id, step).id if step else None
    return raise_deviation(work, batch_id, classification=classification, description=description, step_id=step_id)


def locked_deviation(work: Work, deviation_id: str, action: str) -> DeviationRow:
    work.lock(BatchRow, get_deviation(work.session, deviation_id).batch_id)
    row = work.lock(DeviationRow, deviation_id)
    work.confirm(deviation_content(work.session, deviation_id))
    transition = DEVIATION.transition(action, row.status)
    if isinstance(transition, Refusal):
        raise Refused(transition)
    return row


def assess_deviation(work: Work, deviation_id: str, *, impact: str) -> DeviationRow:
    """QA or the QP writes the impact on quality and safety (ATMP-DEV-2)."""
    row = locked_deviation(work, deviation_id, "assess")
    refuse_any(impact_refusals(impact))
    work.move(row, DEVIATION, "assess")
    row.impact, row.assessed_by = impact.strip(), work.signer().id
    return row


def close_deviation(work: Work, deviation_id: str) -> DeviationRow:
    """QA, and nobody who raised or assessed it (S4)."""
    row = locked_deviation(work, deviation_id, "close")
    refuse_any(closing_refusals(work.signer().id, [row.raised_by, row.assessed_by]))
    work.move(row, DEVIATION, "close")
    row.closed_by = work.signer().id
    return row
