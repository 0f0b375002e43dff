"""Yields of a batch, computed from what was recorded and never typed (ATMP-CALC)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from kernel.quantities import to_decimal
from kernel.words import Words
from manufacturing.domain.containers import FinalCounts
from manufacturing.domain.plan import FIGURES, FINAL, FORMULATED_AT, OPTIONAL_FIGURES, Process
from manufacturing.domain.units import Finding
from manufacturing.domain.yields import Parent, StepFigures, Yield, YieldTable, dose_per_kg, yield_table
from manufacturing.queries.steps import StepValue, process_of, step_values
from manufacturing.queries.trial import latest_weight
from manufacturing.tables.batches import BatchRow

ZERO = Decimal(0)


def figures(values: dict[str, StepValue], stage: str) -> StepFigures | None:
    """The counts of one stage, or None while one of its five figures is missing."""
    found = {name: values[f"{stage}.{name}"].number for name in FIGURES if f"{stage}.{name}" in values}
    if set(found) != set(FIGURES) or None in found.values():
        return None
    numbers = {name: number for name, number in found.items() if number is not None}
    extra = dict.fromkeys(OPTIONAL_FIGURES, ZERO)
    for name in OPTIONAL_FIGURES:
        if f"{stage}.{name}" in values:
            extra[name] = values[f"{stage}.{name}"].number or ZERO
    return StepFigures(
        name=stage,
        volume_ml=numbers["volume_ml"],
        wbc_e6_per_ml=numbers["wbc"],
        viability_percent=numbers["viability"],
        nk_percent=numbers["nk_percent"],
        cd3_percent=numbers["cd3_percent"],
        b_percent=extra["b_percent"],
        monocyte_percent=extra["monocyte_percent"],
        sampled_ml=extra["sampled_ml"],
        parent=Parent(values[f"{stage}.nk_percent"].parent),
    )


def table_of(session: Session, batch: BatchRow, values: dict[str, StepValue]) -> YieldTable:
    return yields_of(process_of(session, batch), values)


def yields_of(process: Process, values: dict[str, StepValue]) -> YieldTable:
    """The stages that were made, in their order: one that was left out is not paired with anything."""
    found = [one for key, _ in process.stages if (one := figures(values, key)) is not None]
    return yield_table(tuple(found))


def batch_yields(session: Session, batch_id: str) -> dict[str, Any]:
    """TNC, viable NK, recovery, log depletion, purity and doses per kg of the newest weight, stage by stage.

    A row says whether all its figures are verified. Numbers are exact decimals; percentages 0-100.
    """
    batch = session.get(BatchRow, batch_id)
    if batch is None:
        return {"rows": [], "findings": [], "formula_version": "", "weight": None}
    values = step_values(session, batch_id)
    table = table_of(session, batch, values)
    weight = latest_weight(session, batch.subject_id)
    titles = dict(process_of(session, batch).stages)
    return {
        "formula_version": table.formula_version,
        "weight": None if weight is None else {"kg": weight.kg, "measured_at": weight.measured_at},
        "rows": [row_view(row, titles[row.name], values, weight.kg if weight else None) for row in table.rows],
        "findings": [
            {"code": one.code, "level": one.level.value, "sentence": one.sentence, "facts": told_of(one, titles)}
            for one in table.findings
        ],
    }


def told_of(found: Finding, titles: Mapping[str, Words]) -> dict[str, Any]:
    """The facts of a finding, its stage as the process version calls it."""
    facts = dict(found.facts)
    return {**facts, "step": titles.get(facts["step"], facts["step"])}


def row_view(row: Yield, title: Words, values: dict[str, StepValue], kg: Decimal | None) -> dict[str, Any]:
    verified = all(values[f"{row.name}.{figure}"].verified for figure in FIGURES)
    return {
        "stage": row.name,
        "title": title,
        "verified": verified,
        "tnc": to_decimal(row.tnc),
        "viable_nk": to_decimal(row.viable_nk),
        "viable_cd3": to_decimal(row.viable_cd3),
        "purity_percent": to_decimal(row.purity_percent),
        "parent": row.parent.value,
        "viability_percent": values[f"{row.name}.viability"].number,
        "step_recovery_percent": decimal_or_none(row.step_recovery_percent),
        "total_recovery_percent": decimal_or_none(row.total_recovery_percent),
        "step_log_depletion": row.step_log_depletion,
        "total_log_depletion": row.total_log_depletion,
        "nk_per_kg": None if kg is None else to_decimal(dose_per_kg(row.viable_nk, kg)),
        "cd3_per_kg": None if kg is None else to_decimal(dose_per_kg(row.viable_cd3, kg)),
    }


def decimal_or_none(value: Fraction | None) -> Decimal | None:
    return None if value is None else to_decimal(value)


def final_counts(session: Session, batch: BatchRow) -> FinalCounts | None:
    """The verified counts of the formulated product, or None while any of them is not verified."""
    values = step_values(session, batch.id)
    wanted = [*(f"{FINAL}.{figure}" for figure in FIGURES), FORMULATED_AT]
    if any(name not in values or not values[name].verified for name in wanted):
        return None
    figure = figures(values, FINAL)
    moment = values[FORMULATED_AT].moment
    if figure is None or moment is None:
        return None
    return FinalCounts(
        volume_ml=figure.volume_ml,
        wbc=figure.wbc_e6_per_ml,
        viability=figure.viability_percent,
        nk_percent=figure.nk_percent,
        parent=figure.parent,
        formulated_at=moment,
    )
