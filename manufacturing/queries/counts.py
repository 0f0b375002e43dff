"""Counts of cells, of one sample and of one step."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from manufacturing.domain.cell_counts import Counted, Means
from manufacturing.queries.samples import sample_content
from manufacturing.tables.counts import CellCountRow, CellReadingRow
from manufacturing.tables.samples import SampleRow


def counts_of_sample(session: Session, sample_id: str) -> list[CellCountRow]:
    query = sa.select(CellCountRow).where(CellCountRow.sample_id == sample_id).order_by(CellCountRow.number)
    return list(session.execute(query).scalars())


def counts_of_step(session: Session, step_id: str) -> list[tuple[CellCountRow, SampleRow]]:
    """Of every sample that was drawn in the step, in the order in which they were recorded."""
    query = (
        sa.select(CellCountRow, SampleRow)
        .join(SampleRow, SampleRow.id == CellCountRow.sample_id)
        .where(SampleRow.step_id == step_id)
        .order_by(CellCountRow.recorded_at, CellCountRow.id)
    )
    return [(count, sample) for count, sample in session.execute(query)]


def readings_of_count(session: Session, count_id: str) -> list[CellReadingRow]:
    query = sa.select(CellReadingRow).where(CellReadingRow.count_id == count_id).order_by(CellReadingRow.number)
    return list(session.execute(query).scalars())


def counted_in_step(session: Session, step_id: str) -> list[Counted]:
    """As the rules of the step see them, the newest last."""
    return [
        Counted(len(readings_of_count(session, one.id)), Means(one.wbc, one.viability), one.recorded_at)
        for one, _ in counts_of_step(session, step_id)
    ]


def count_view(session: Session, row: CellCountRow, people: dict[str, str]) -> dict[str, Any]:
    facts = ("number", "method", "dye", "dilution", "instrument", "counted_at", "minutes", "wbc", "viability")
    return {
        **{name: getattr(row, name) for name in facts},
        "by": people.get(row.counted_by, row.counted_by),
        "readings": [{"wbc": one.wbc, "viability": one.viability} for one in readings_of_count(session, row.id)],
    }


def sample_counts(session: Session, sample_id: str) -> list[dict[str, Any]]:
    people = names(session)
    return [count_view(session, one, people) for one in counts_of_sample(session, sample_id)]


def step_counts(session: Session, step_id: str) -> list[dict[str, Any]]:
    people = names(session)
    return [
        {"sample": {"id": sample.id, "code": sample.code}, **count_view(session, count, people)}
        for count, sample in counts_of_step(session, step_id)
    ]


def count_content(session: Session, sample_id: str) -> dict[str, Any]:
    """The sample and what was counted in it before."""
    counts = [
        {"count": one.number, "white cells (10^6/mL)": one.wbc, "viability (%)": one.viability}
        for one in counts_of_sample(session, sample_id)
    ]
    return {**sample_content(session, sample_id), "counts": counts}
