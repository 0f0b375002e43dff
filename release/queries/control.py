"""Control charts of the figures across batches: individuals and moving ranges, with their signals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from kernel.plots import Mark, plot
from kernel.quantities import to_decimal
from kernel.refusals import N_
from release.domain.control import FEWEST, Limits, Signal, known_values, limits_of, moving_ranges, signals_of
from release.queries.trends import FIGURES, Ends

DIGITS = 6


def control_chart(figure: str, rows: Sequence[Mapping[str, Any]], in_force: Mapping[str, Ends]) -> dict[str, Any]:
    """``rows``: of ``trend_rows``, oldest first. Without two neighbours there are no limits, and nothing signals."""
    values = [row[figure] for row in rows]
    known = known_values(values)
    limits = limits_of(known)
    signals = signals_of(known, limits) if limits else []
    name, unit, _ = FIGURES[figure]
    return {
        "figure": figure,
        "name": name,
        "unit": unit,
        "count": sum(value is not None for value in values),
        "provisional": sum(value is not None for value in values) < FEWEST,
        "limits": told(limits) if limits else None,
        "signals": [signal_line(one, rows) for one in signals],
        "individuals": individuals(figure, rows, values, limits, in_force),
        "ranges": range_chart(figure, rows, moving_ranges(known), limits),
    }


def told(limits: Limits) -> dict[str, Decimal]:
    names = ("centre", "sigma", "low", "high", "mean_range", "highest_range")
    return {name: short(getattr(limits, name)) for name in names}


def short(value: Any) -> Decimal:
    """For reading; the signals were reached from the exact value."""
    number = to_decimal(value)
    return round(number, max(0, DIGITS - 1 - number.adjusted())) if number else number


def signal_line(one: Signal, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    row = rows[one.place]
    return {"rule": one.rule.value, "batch": row["batch"], "batch_id": row["id"], "at": row["formulated_at"]}


def individuals(
    figure: str,
    rows: Sequence[Mapping[str, Any]],
    values: Sequence[Decimal | None],
    limits: Limits | None,
    in_force: Mapping[str, Ends],
) -> dict[str, Any]:
    """Points beyond three sigma are squares; the band is what the versions in force allow."""
    name, unit, _ = FIGURES[figure]
    low, high = (short(limits.low), short(limits.high)) if limits else (None, None)
    marks = [
        Mark(row["batch"], value, low, high, f"/batches/{row['id']}") for row, value in zip(rows, values, strict=True)
    ]
    band = in_force.get(figure) or {}
    guides = [(N_("centre"), short(limits.centre))] if limits else []
    return plot(f"{figure}-individuals", name, unit, [("", marks)], (band.get("low"), band.get("high")), guides)


def range_chart(
    figure: str, rows: Sequence[Mapping[str, Any]], ranges: Sequence[Any], limits: Limits | None
) -> dict[str, Any]:
    high = short(limits.highest_range) if limits else None
    marks = [
        Mark(row["batch"], None if one is None else short(one), None, high, f"/batches/{row['id']}")
        for row, one in zip(rows, ranges, strict=True)
    ]
    guides = [(N_("mean range"), short(limits.mean_range))] if limits else []
    return plot(f"{figure}-ranges", N_("Moving range"), FIGURES[figure][1], [("", marks)], guides=guides)
