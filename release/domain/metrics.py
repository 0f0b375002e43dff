"""The trial's figures from the histories of its patients; decided with integers (process.md 7; TR-F1, TR-F2).

Stages: T transplanted, I included, D donor cleared, L leukapheresis done, M manufactured, R released, F infused with a
product that met all release criteria. Each contains the next, D apart: donor markers may be assessed after collection.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from release.domain.histories import (
    BatchHistory,
    DropReason,
    Given,
    InfusionHistory,
    PatientHistory,
    Reaction,
    Relatedness,
)
from release.domain.intervals import Interval, clopper_pearson, one_sided_lower, wilson
from release.domain.safety import SafetyFigure, SafetyRules, safety_figure

__all__ = [
    "BatchHistory",
    "DropReason",
    "Given",
    "InfusionHistory",
    "PatientHistory",
    "Reaction",
    "Relatedness",
    "SafetyFigure",
    "SafetyRules",
    "batch_counts",
    "feasibility",
    "safety_figure",
    "stages",
]


class StageKey(StrEnum):
    T = "T"
    I = "I"  # noqa: E741  (the letters of the trial)
    D = "D"
    L = "L"
    M = "M"
    R = "R"
    R_FINAL = "R_final"
    F = "F"
    F_FINAL = "F_final"


PATH = (StageKey.T, StageKey.I, StageKey.L, StageKey.M, StageKey.R, StageKey.F)


@dataclass(frozen=True, slots=True)
class TrialRules:
    """Signed settings (decision 19): strictly more than each percentage, of whole numbers of patients."""

    target: int = 12
    inclusion_percent: int = 50
    infusion_percent: int = 66
    safety: SafetyRules = field(default_factory=SafetyRules)


@dataclass(frozen=True, slots=True)
class Proportion:
    """``met`` is decided by ``100 * k > percent * n``; the intervals are for reading only.

    ``reachable``: can the criterion still be met with the target number; None where no target applies.
    """

    k: int
    n: int
    percent: int
    met: bool
    reachable: bool | None
    exact95: Interval
    wilson95: Interval
    lower95: Decimal

    @property
    def rule(self) -> str:
        return f"100 × {self.k} > {self.percent} × {self.n}"


@dataclass(frozen=True, slots=True)
class Drop:
    """A patient who went no further than ``after``. ``reason`` None on a concluded patient is a gap in the records."""

    code: str
    after: StageKey
    concluded: bool
    reason: DropReason | None


@dataclass(frozen=True, slots=True)
class Feasibility:
    """``supplied``: infused out of specification at the physician's request; ``infusion_with_supplied`` counts those
    beside F, to be read and never to decide (TR-OOSFLAG). ``infusion`` counts sterility pending in favour; ``infusion_final`` only final certificates; each of concluded and
    of all included patients. ``fell``: counted once, lost by a late failure. ``partial``: in F with part of a dose."""

    stages: dict[StageKey, tuple[str, ...]]
    drops: tuple[Drop, ...]
    inclusion: Proportion
    inclusion_of_eligible: Proportion
    infusion: Proportion
    infusion_of_concluded: Proportion
    infusion_final: Proportion
    infusion_final_of_concluded: Proportion
    fell: tuple[str, ...]
    partial: tuple[str, ...]
    supplied: tuple[str, ...]
    infusion_with_supplied: Proportion
    safety: SafetyFigure


def stages(patient: PatientHistory) -> frozenset[StageKey]:
    """Where one patient counts, once in each."""
    reached: set[StageKey] = set()
    if not patient.transplanted:
        return frozenset()
    reached.add(StageKey.T)
    if patient.included_at is None:
        return frozenset(reached)
    reached.add(StageKey.I)
    if patient.donor_cleared:
        reached.add(StageKey.D)
    if patient.collections > 0:
        reached |= {StageKey.L, *_product_stages(patient.batches)}
    return frozenset(reached)


def last_stage(patient: PatientHistory) -> StageKey:
    """The furthest along the path, F being the end of it."""
    reached = stages(patient)
    return next(key for key in reversed(PATH) if key in reached)


def _product_stages(batches: tuple[BatchHistory, ...]) -> set[StageKey]:
    tests: tuple[tuple[StageKey, Callable[[BatchHistory], bool]], ...] = (
        (StageKey.M, lambda batch: batch.manufactured),
        (StageKey.R, lambda batch: batch.released),
        (StageKey.R_FINAL, lambda batch: batch.released_finally),
        (StageKey.F, lambda batch: batch.released and not batch.late_oos and batch.counted_infusion),
        (StageKey.F_FINAL, lambda batch: batch.released_finally and batch.counted_infusion),
    )
    return {key for key, test in tests if any(test(batch) for batch in batches)}


def feasibility(
    patients: tuple[PatientHistory, ...],
    rules: TrialRules,
    *,
    closed: bool = False,
) -> Feasibility:
    """Funnel, criteria and safety; every figure with the codes it is made of. ``closed``: nothing more can come."""
    reached = {patient.code: stages(patient) for patient in patients}
    listed = {key: tuple(code for code, keys in reached.items() if key in keys) for key in StageKey}
    transplanted, included = len(listed[StageKey.T]), len(listed[StageKey.I])
    accepted = [reached[patient.code] for patient in patients if patient.eligible]
    both = [sum(key in keys for keys in accepted) for key in (StageKey.I, StageKey.T)]
    drops = tuple(drop for patient in patients if (drop := _drop(patient, reached[patient.code])) is not None)
    lost = sum(1 for drop in drops if drop.concluded and drop.after is not StageKey.T)
    not_yet = {drop.code for drop in drops if not drop.concluded and drop.after is StageKey.T}
    waiting = sum(patient.eligible for patient in patients if patient.code in not_yet)
    f, final = len(listed[StageKey.F]), len(listed[StageKey.F_FINAL])
    percent = rules.infusion_percent
    in_reach = None if closed else infusion_reachable(included, lost, rules)
    inclusion_in_reach = None if closed else inclusion_reachable(included, transplanted, waiting, rules)
    return Feasibility(
        stages=listed,
        drops=drops,
        inclusion=_proportion(included, transplanted, rules.inclusion_percent, inclusion_in_reach),
        inclusion_of_eligible=_proportion(both[0], both[1], rules.inclusion_percent, None),
        infusion=_proportion(f, included, percent, in_reach),
        infusion_of_concluded=_proportion(f, f + lost, percent, None),
        infusion_final=_proportion(final, included, percent, in_reach),
        infusion_final_of_concluded=_proportion(final, final + lost, percent, None),
        fell=tuple(patient.code for patient in patients if lost_by_late_failure(patient, reached[patient.code])),
        partial=tuple(patient.code for patient in patients if _partial(patient, reached[patient.code])),
        supplied=tuple(patient.code for patient in patients if patient.supplied),
        infusion_with_supplied=_proportion(with_supplied(patients, reached), included, percent, None),
        safety=safety_figure(patients, rules.safety),
    )


def with_supplied(patients: tuple[PatientHistory, ...], reached: dict[str, frozenset[StageKey]]) -> int:
    """Included patients in F or with a dose out of specification that reached the minimum; each once."""
    return sum(
        StageKey.F in reached[one.code] or (StageKey.I in reached[one.code] and one.supplied_at_minimum)
        for one in patients
    )


def inclusion_reachable(included: int, transplanted: int, waiting: int, rules: TrialRules) -> bool:
    """7.4: the best case fills the target from the transplanted who wait, then one new transplant per inclusion.

    ``waiting``: those who may still be included; whoever is too old or has another donor never is.
    """
    target = max(rules.target, included)
    transplants = transplanted + max(0, target - included - waiting)
    return 100 * target > rules.inclusion_percent * transplants


def infusion_reachable(included: int, lost: int, rules: TrialRules) -> bool:
    """7.4: the best case infuses everyone of the target who is not lost."""
    target = max(rules.target, included)
    return 100 * (target - lost) > rules.infusion_percent * target


def _proportion(k: int, n: int, percent: int, reachable: bool | None) -> Proportion:  # noqa: FBT001
    met = 100 * k > percent * n
    return Proportion(k, n, percent, met, reachable, clopper_pearson(k, n), wilson(k, n), one_sided_lower(k, n))


def _drop(patient: PatientHistory, reached: frozenset[StageKey]) -> Drop | None:
    """Where a patient stands who is not in F; an open patient has no reason yet."""
    if StageKey.T not in reached or StageKey.F in reached:
        return None
    after = next(key for key in reversed(PATH) if key in reached)
    reason = patient.drop_reason if patient.concluded else None
    return Drop(patient.code, after, patient.concluded, reason)


def lost_by_late_failure(patient: PatientHistory, reached: frozenset[StageKey]) -> bool:
    """Counted in F once, in none of it since a result failed late."""
    counted = any(batch.released and batch.late_oos and batch.counted_infusion for batch in patient.batches)
    return StageKey.L in reached and StageKey.F not in reached and counted


def _partial(patient: PatientHistory, reached: frozenset[StageKey]) -> bool:
    infusions = [given for batch in patient.batches if batch.released for given in batch.infusions]
    return StageKey.F in reached and all(given.given is Given.PARTIAL for given in infusions)


def batch_counts(patients: tuple[PatientHistory, ...]) -> dict[str, int]:
    """7.2: started = rejected + released + in progress + terminated; released = infused + partially + not + pending."""
    names = ("infused", "partially_infused", "not_infused", "pending", "rejected", "terminated", "in_progress")
    fates = [_fate(batch) for patient in patients for batch in patient.batches]
    counts = {name: fates.count(name) for name in names}
    counts["released"] = sum(counts[name] for name in names[:4])
    counts["started"] = len(fates)
    return counts


def _fate(batch: BatchHistory) -> str:
    if batch.terminated:
        return "terminated"
    if batch.rejected or (batch.oos_supplied and not batch.released):
        return "rejected"
    if not batch.released:
        return "in_progress"
    if batch.infusions:
        return "infused" if any(given.given is Given.FULL for given in batch.infusions) else "partially_infused"
    return "not_infused" if batch.not_infused_reason else "pending"
