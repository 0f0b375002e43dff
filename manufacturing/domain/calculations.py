"""What the server computes of a step and judges by limits, as an in-process control (ATMP-CALC, ATMP-IPC)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from kernel.quantities import exact, significant
from kernel.refusals import N_
from manufacturing.domain.expected_yields import FIGURES
from manufacturing.domain.plan import Calculation, PlannedStep
from manufacturing.domain.reading import Reader
from manufacturing.domain.steps import StepVerdict, verdict_of
from manufacturing.domain.yields import FORMULA_VERSION, Number, Yield

# The ratios of two stages: the population they are about, and whether they look back to the first stage.
RATIOS = {
    "step_recovery_percent": ("viable_nk", False),
    "total_recovery_percent": ("viable_nk", True),
    "step_log_depletion": ("viable_cd3", False),
    "total_log_depletion": ("viable_cd3", True),
}
INPUTS = {
    "viable_nk": (N_("viable NK cells before"), N_("viable NK cells after")),
    "viable_cd3": (N_("viable T cells before"), N_("viable T cells after")),
}


@dataclass(frozen=True, slots=True)
class Calculated:
    """One calculation of one step. ``value`` None: it cannot be said, see ``verdict``; ``inputs``: cells."""

    calculation: Calculation
    stage: str
    value: Number | None
    verdict: StepVerdict
    inputs: tuple[tuple[str, Fraction], ...]
    formula_version: str = FORMULA_VERSION

    @property
    def label(self) -> str:
        return FIGURES[self.calculation.figure]


def read_calculations(entries: Any, step: str, read: Reader) -> tuple[Calculation, ...]:
    """``[{"figure": "step_log_depletion", "action": {"low": "3"}}]``; a step may compute nothing."""
    found = []
    for one in read.optional(entries, f"{step}.calculations"):
        figure = str(one.get("figure", ""))
        where = f"{step}.{figure}"
        alert, action = (
            read.limits(one.get("alert"), f"{where}.alert"),
            read.limits(one.get("action"), f"{where}.action"),
        )
        if figure not in RATIOS:
            read.fault(f"{step}.calculations", f"figure is one of {', '.join(RATIOS)}")
        elif not (alert.given or action.given):
            read.fault(where, "limits have low, high or both")
        found.append(Calculation(figure, alert, action))
    read.unique([one.figure for one in found], f"{step}.calculations")
    return tuple(found)


def check_calculations(steps: Sequence[PlannedStep], first_stage: str, read: Reader) -> None:
    """A step that computes counts one stage, and not the first one: there is nothing before it."""
    for step in steps:
        if step.calculations and (step.stage is None or step.stage == first_stage):
            read.fault(f"{step.key}.calculations", "the step counts no stage after the first one")


def calculated(step: PlannedStep, rows: Sequence[Yield]) -> tuple[Calculated, ...]:
    """``rows``: the stages made, up to the one this step counts; nothing while it is not counted."""
    if not rows or rows[-1].name != step.stage or len(rows) < 2:
        return ()
    return tuple(_calculated(one, rows) for one in step.calculations)


def _calculated(one: Calculation, rows: Sequence[Yield]) -> Calculated:
    population, whole = RATIOS[one.figure]
    before, after = (rows[0] if whole else rows[-2]), rows[-1]
    amounts = tuple(getattr(row, population) for row in (before, after))
    value = getattr(after, one.figure)
    inputs = tuple(zip(INPUTS[population], amounts, strict=True))
    return Calculated(one, after.name, value, judged(one, value, *amounts), inputs)


def judged(one: Calculation, value: Number | None, before: Fraction, after: Fraction) -> StepVerdict:
    """Compared unrounded. No cell left of many is below no limit; nothing to begin with cannot be judged: action."""
    if value is not None:
        return verdict_of(one, value)
    return StepVerdict.PASS if before > 0 and after == 0 and one.action.high is None else StepVerdict.ACTION


def shown(one: Calculated) -> str:
    """Four digits, or as many as it takes to lie on the same side of its limits as the value itself (decision 11)."""
    if one.value is None:
        return ""
    limits, number = (one.calculation.action, one.calculation.alert), exact(one.value)
    for digits in range(4, 31):
        text = significant(number, digits)
        if all(each.holds(Fraction(text)) == each.holds(number) for each in limits):
            return text
    return significant(number, 30)


def breaches(found: Iterable[Calculated]) -> tuple[str, ...]:
    return tuple(one.label for one in found if one.verdict is StepVerdict.ACTION)


def by_figure(found: Iterable[Calculated]) -> Mapping[str, Calculated]:
    return {one.calculation.figure: one for one in found}
