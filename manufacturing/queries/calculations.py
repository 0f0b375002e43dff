"""What the server computes of each step, from the values as they are now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kernel.quantities import exact, significant, to_decimal
from manufacturing.domain.calculations import Calculated, calculated, shown
from manufacturing.domain.plan import Process
from manufacturing.domain.steps import limits_text
from manufacturing.queries.steps import StepValue
from manufacturing.queries.yields import yields_of


def calculations_of(process: Process, values: dict[str, StepValue]) -> dict[int, tuple[Calculated, ...]]:
    """By the position of the step; nothing for a step whose stage is not counted yet."""
    if not any(step.calculations for step in process.steps):
        return {}
    rows = yields_of(process, values).rows
    places = {row.name: place for place, row in enumerate(rows, start=1)}
    return {
        position: calculated(step, rows[: places[step.stage]])
        for position, step in enumerate(process.steps, start=1)
        if step.calculations and step.stage in places
    }


def calculation_views(found: Iterable[Calculated]) -> list[dict[str, Any]]:
    return [
        {
            "figure": one.calculation.figure,
            "label": one.label,
            "value": None if one.value is None else to_decimal(exact(one.value)),
            "shown": shown(one),
            "alert": limits_text(one.calculation.alert),
            "action": limits_text(one.calculation.action),
            "verdict": one.verdict.value,
            "formula_version": one.formula_version,
            "inputs": [{"label": name, "value": to_decimal(amount)} for name, amount in one.inputs],
        }
        for one in found
    ]


def calculation_facts(found: Iterable[Calculated]) -> list[dict[str, Any]]:
    """What a signature on the step covers: value, verdict, formula and what went into it."""
    return [
        {
            "field": one.label,
            "value": shown(one) or None,
            "verdict": one.verdict.value,
            "formulae version": one.formula_version,
            **{name: significant(amount, 6) for name, amount in one.inputs},
        }
        for one in found
    ]
