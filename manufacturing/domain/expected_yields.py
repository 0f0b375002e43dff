"""The yields a process version expects at its stages; outside of them is unexplained until a deviation says why.

Source: requirement ATMP-YIELD (Part IV 6.3; 21 CFR 211.192): also when the product meets its specification.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kernel.quantities import exact, significant
from kernel.refusals import N_, Refusal, kind
from kernel.words import Words
from manufacturing.domain.deviations import SETTLED
from manufacturing.domain.plan import ExpectedYield
from manufacturing.domain.reading import Reader
from manufacturing.domain.steps import limits_text
from manufacturing.domain.yields import Number

FIGURES = {
    "purity_percent": N_("purity"),
    "viability_percent": N_("viability"),
    "step_recovery_percent": N_("recovery of the step"),
    "total_recovery_percent": N_("total recovery"),
    "step_log_depletion": N_("T-cell depletion of the step (log10)"),
    "total_log_depletion": N_("total T-cell depletion (log10)"),
}
YIELD_UNEXPLAINED = kind(
    "YIELD_UNEXPLAINED",
    409,
    N_("%(figure)s at %(stage)s is %(value)s; the process expects %(limits)s, and no deviation is assessed for it."),
    resolver=N_("anybody in the team, then QA"),
    next_step=N_("Raise a deviation for step %(position)s and have it assessed; the batch can be completed then."),
)


@dataclass(frozen=True, slots=True)
class Breach:
    """One figure outside its range. ``position``: the step in which the stage is counted."""

    expected: ExpectedYield
    value: Number
    position: int
    title: Words

    def refusal(self) -> Refusal:
        return YIELD_UNEXPLAINED(
            figure=FIGURES[self.expected.figure],
            stage=self.title,
            value=significant(exact(self.value), 4),
            limits=limits_text(self.expected.limits),
            position=self.position,
        )


def read_expected(entries: Any, stages: Iterable[str], read: Reader) -> tuple[ExpectedYield, ...]:
    """``[{"stage": ..., "figure": ..., "limits": {"low": ..., "high": ...}}]``; a process may expect nothing."""
    known, found = set(stages), []
    for one in read.optional(entries, "expected_yields"):
        stage, figure = str(one.get("stage", "")), str(one.get("figure", ""))
        limits = read.limits(one.get("limits"), f"expected_yields.{stage}.{figure}")
        if stage not in known:
            read.fault("expected_yields", f"{stage} is no stage")
        if figure not in FIGURES:
            read.fault("expected_yields", f"figure is one of {', '.join(FIGURES)}")
        if not limits.given:
            read.fault(f"expected_yields.{stage}.{figure}", "limits have low, high or both")
        found.append(ExpectedYield(stage, figure, limits))
    read.unique([f"{one.stage}.{one.figure}" for one in found], "expected_yields")
    return tuple(found)


def outside(one: ExpectedYield, value: Number | None) -> bool:
    """Compared unrounded; what is not known yet is not outside, and at a limit is inside."""
    if value is None:
        return False
    low, high, number = one.limits.low, one.limits.high, exact(value)
    return (low is not None and number < exact(low)) or (high is not None and number > exact(high))


def unexplained(breaches: Iterable[Breach], deviations: Mapping[int, Iterable[str]]) -> tuple[Refusal, ...]:
    """``deviations``: states of those raised for a step, by its position."""
    return tuple(
        one.refusal() for one in breaches if all(state not in SETTLED for state in deviations.get(one.position, ()))
    )
