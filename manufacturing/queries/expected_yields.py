"""Yields beside the ranges the frozen process expects, and which of them nobody has explained."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import Refusal
from manufacturing.domain.deviations import SETTLED
from manufacturing.domain.expected_yields import FIGURES, Breach, outside, unexplained
from manufacturing.domain.plan import ExpectedYield
from manufacturing.domain.steps import limits_text
from manufacturing.queries.batches import deviations_of
from manufacturing.queries.record import Record
from manufacturing.queries.steps import batch_steps, made_stages, process_of
from manufacturing.queries.yields import batch_yields
from manufacturing.tables.batches import BatchRow


def values_beside(session: Session, batch: BatchRow) -> list[tuple[ExpectedYield, dict[str, str], Any]]:
    """Every expectation of a stage that is made, with the stage's title and the figure, None while it is not known."""
    process = process_of(session, batch)
    if not process.expected_yields:
        return []
    rows = {one["stage"]: one for one in batch_yields(session, batch.id)["rows"]}
    titles = dict(made_stages(process, batch_steps(session, batch.id)))
    return [
        (one, titles[one.stage], rows[one.stage][one.figure] if one.stage in rows else None)
        for one in process.expected_yields
        if one.stage in titles
    ]


def breaches(session: Session, batch: BatchRow) -> list[Breach]:
    process = process_of(session, batch)
    return [
        Breach(one, value, process.position_of(f"{one.stage}.wbc") or 0, title)
        for one, title, value in values_beside(session, batch)
        if outside(one, value)
    ]


def unexplained_yields(session: Session, record: Record) -> tuple[Refusal, ...]:
    """Each breach whose step has no assessed deviation (ATMP-YIELD)."""
    states = {
        step.position: [one.status for one in record.deviations if one.step_id == step.id] for step in record.steps
    }
    return unexplained(breaches(session, record.batch), states)


def expected_view(session: Session, batch: BatchRow) -> list[dict[str, Any]]:
    """For the page: expectation, value, and whether it lies outside and is explained."""
    steps = {one.position: one.id for one in batch_steps(session, batch.id)}
    process = process_of(session, batch)
    assessed = {one.step_id for one in deviations_of(session, batch.id) if one.status in SETTLED}
    found = []
    for one, title, value in values_beside(session, batch):
        position = process.position_of(f"{one.stage}.wbc") or 0
        found.append(
            {
                "stage": title,
                "figure": FIGURES[one.figure],
                "value": value,
                "limits": limits_text(one.limits),
                "outside": outside(one, value),
                "explained": steps.get(position) in assessed,
                "position": position,
            }
        )
    return found
