"""Yields of one batch drawn by stage, with the ranges its process version expects (ATMP-YIELD)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kernel.plots import Mark, plot
from kernel.refusals import N_
from manufacturing.domain.plan import ExpectedYield, Limits

OF_THE_STEP, TOTAL = N_("of the step"), N_("in total")
# Name and unit of a drawing, and its lines with the figure of the yield table each one shows.
PLOTS: dict[str, tuple[str, str, tuple[tuple[str, str], ...]]] = {
    "recovery": (
        N_("Recovery of viable NK cells"),
        "%",
        ((OF_THE_STEP, "step_recovery_percent"), (TOTAL, "total_recovery_percent")),
    ),
    "purity": (N_("Purity (CD56+CD3−)"), "%", (("", "purity_percent"),)),
    "viability": (N_("Viability"), "%", (("", "viability_percent"),)),
    "log_depletion": (
        N_("T-cell depletion"),
        "log10",
        ((OF_THE_STEP, "step_log_depletion"), (TOTAL, "total_log_depletion")),
    ),
}


def yield_plots(rows: Sequence[Mapping[str, Any]], expected: Iterable[ExpectedYield]) -> list[dict[str, Any]]:
    """``rows``: of the yield table, in the order of the stages; nothing to draw is left out."""
    limits = {(one.stage, one.figure): one.limits for one in expected}
    drawn = [
        plot(key, name, unit, [(title, marks(rows, figure, limits)) for title, figure in series])
        for key, (name, unit, series) in PLOTS.items()
    ]
    return [one for one in drawn if one["series"]]


def marks(rows: Sequence[Mapping[str, Any]], figure: str, limits: Mapping[tuple[str, str], Limits]) -> list[Mark]:
    nothing = Limits()
    return [
        Mark(row["title"], row[figure], found.low, found.high)
        for row in rows
        for found in (limits.get((row["stage"], figure), nothing),)
    ]
