"""The trial's figures from the histories of its patients; decided with integers (process.md 7; TR-F1, TR-F2).

Stages: T transplanted, I included, D donor cleared, L leukapheresis done, M manufactured, R released, F infused with a
product that met all release criteria. Each contains the next, D apart: donor markers may be assessed after collection.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import partial

from release.domain.histories import PatientHistory
from release.domain.intervals import Interval, clopper_pearson, one_sided_lower, wilson
from release.domain.patient_figures import (
    ELIGIBLE,
    ELIGIBLE_INCLUDED,
    FATE,
    FATES,
    FELL,
    LOST,
    PARTIAL,
    SUPPLIED,
    WAITING,
    WITH_SUPPLIED,
    Drop,
    StageKey,
    Sums,
    figures_of,
)
from release.domain.safety import CONFIRMED, PENDING, SAFETY_LISTS, SafetyFigure, SafetyRules


class Denominator(StrEnum):
    """Whom the inclusion is a part of: all transplanted of the indication, or those of the accepted age and donor."""

    ALL = "all_transplanted"
    ACCEPTED = "accepted_transplanted"


class InfusionReading(StrEnum):
    PERCENT = "more_than_percent"
    MORE = "more_than_two_thirds"
    AT_LEAST = "at_least_two_thirds"


@dataclass(frozen=True, slots=True)
class Bar:
    """``whole * k`` beside ``share * n``; equality passes unless ``strict``. Whole numbers only."""

    share: int
    whole: int
    strict: bool

    def met(self, k: int, n: int) -> bool:
        return self.whole * k > self.share * n or (not self.strict and self.whole * k == self.share * n)

    def rule(self, k: int, n: int) -> str:
        return f"{self.whole} × {k} {'>' if self.strict else '≥'} {self.share} × {n}"


TWO_THIRDS = {InfusionReading.MORE: Bar(2, 3, strict=True), InfusionReading.AT_LEAST: Bar(2, 3, strict=False)}


@dataclass(frozen=True, slots=True)
class TrialRules:
    """Signed settings (decision 19): as preset, strictly more than each percentage, of whole numbers of patients."""

    target: int = 12
    inclusion_percent: int = 50
    infusion_percent: int = 66
    safety: SafetyRules = field(default_factory=SafetyRules)
    denominator: Denominator = Denominator.ALL
    reading: InfusionReading = InfusionReading.PERCENT

    @property
    def inclusion_bar(self) -> Bar:
        return Bar(self.inclusion_percent, 100, strict=True)

    @property
    def infusion_bar(self) -> Bar:
        return TWO_THIRDS.get(self.reading) or Bar(self.infusion_percent, 100, strict=True)


@dataclass(frozen=True, slots=True)
class Proportion:
    """``met`` is decided by the bar in force; the intervals are for reading only. ``percent``: as the registry has it.

    ``reachable``: can the criterion still be met with the target number; None where no target applies.
    """

    k: int
    n: int
    percent: int
    bar: Bar
    met: bool
    reachable: bool | None
    exact95: Interval
    wilson95: Interval
    lower95: Decimal

    @property
    def rule(self) -> str:
        return self.bar.rule(self.k, self.n)


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


def feasibility(
    patients: tuple[PatientHistory, ...],
    rules: TrialRules,
    *,
    closed: bool = False,
) -> Feasibility:
    """Funnel, criteria and safety; every figure with the codes it is made of. ``closed``: nothing more can come."""
    return summed(sums_of(patients, rules), rules, closed=closed)


def sums_of(patients: Iterable[PatientHistory], rules: TrialRules) -> Sums:
    return Sums.of(figures_of(patient, rules.safety) for patient in patients)


def summed(sums: Sums, rules: TrialRules, *, closed: bool = False) -> Feasibility:
    """``feasibility`` of patients who were counted before, by the same rules."""
    listed = {key: sums.codes(key) for key in StageKey}
    transplanted, included = len(listed[StageKey.T]), len(listed[StageKey.I])
    lost, f, final = sums.number(LOST), len(listed[StageKey.F]), len(listed[StageKey.F_FINAL])
    infused = partial(_proportion, rules.infusion_percent, rules.infusion_bar)
    taken = partial(_proportion, rules.inclusion_percent, rules.inclusion_bar)
    in_reach = None if closed else infusion_reachable(included, lost, rules)
    waiting = sums.number(WAITING)
    of_eligible = sums.number(ELIGIBLE_INCLUDED), sums.number(ELIGIBLE)
    counted = of_eligible if rules.denominator is Denominator.ACCEPTED else (included, transplanted)
    inclusion_in_reach = None if closed else inclusion_reachable(*counted, waiting, rules)
    return Feasibility(
        stages=listed,
        drops=tuple(one.drop for one in sums.everyone if one.drop is not None),
        inclusion=taken(*counted, inclusion_in_reach),
        inclusion_of_eligible=taken(*of_eligible),
        infusion=infused(f, included, in_reach),
        infusion_of_concluded=infused(f, f + lost),
        infusion_final=infused(final, included, in_reach),
        infusion_final_of_concluded=infused(final, final + lost),
        fell=sums.codes(FELL),
        partial=sums.codes(PARTIAL),
        supplied=sums.codes(SUPPLIED),
        infusion_with_supplied=infused(sums.number(WITH_SUPPLIED), included),
        safety=_safety(sums, rules.safety),
    )


def _safety(sums: Sums, rules: SafetyRules) -> SafetyFigure:
    return SafetyFigure(
        **{name: sums.codes(name) for name in SAFETY_LISTS},
        limit=rules.at_most_patients,
        confirmed_units=sums.number(f"{rules.counted} {CONFIRMED}"),
        pending_units=sums.number(f"{rules.counted} {PENDING}"),
    )


def inclusion_reachable(included: int, transplanted: int, waiting: int, rules: TrialRules) -> bool:
    """7.4: the best case fills the target from the transplanted who wait, then one new transplant per inclusion.

    ``waiting``: those who may still be included; whoever is too old or has another donor never is.
    """
    target = max(rules.target, included)
    transplants = transplanted + max(0, target - included - waiting)
    return rules.inclusion_bar.met(target, transplants)


def infusion_reachable(included: int, lost: int, rules: TrialRules) -> bool:
    """7.4: the best case infuses everyone of the target who is not lost."""
    target = max(rules.target, included)
    return rules.infusion_bar.met(target - lost, target)


def _proportion(percent: int, bar: Bar, k: int, n: int, reachable: bool | None = None) -> Proportion:  # noqa: FBT001
    intervals = clopper_pearson(k, n), wilson(k, n), one_sided_lower(k, n)
    return Proportion(k, n, percent, bar, bar.met(k, n), reachable, *intervals)


def batch_counts(sums: Sums) -> dict[str, int]:
    """7.2: started = rejected + released + in progress + terminated; released = infused + partially + not + pending."""
    counts = {name: sums.number(FATE + name) for name in FATES}
    counts["released"] = sum(counts[name] for name in FATES[:4])
    counts["started"] = sum(counts[name] for name in FATES)
    return counts
