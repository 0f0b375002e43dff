"""What one patient adds to the trial's figures, worked out from nobody else's records; the figures are sums of these."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from release.domain.histories import BatchHistory, DropReason, Given, PatientHistory
from release.domain.safety import SafetyRules, readings_of, safety_lists

FELL, PARTIAL, SUPPLIED = "fell", "partial", "supplied"
LOST, WAITING, ELIGIBLE, ELIGIBLE_INCLUDED = "lost", "waiting", "eligible", "eligible and included"
WITH_SUPPLIED, WHOLE = "with supplied", "whole"
FATE = "fate "
FATES = ("infused", "partially_infused", "not_infused", "pending", "rejected", "terminated", "in_progress")


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
class Drop:
    """A patient who went no further than ``after``. ``reason`` None on a concluded patient is a gap in the records."""

    code: str
    after: StageKey
    concluded: bool
    reason: DropReason | None


@dataclass(frozen=True, slots=True)
class PatientFigures:
    """``lists``: stages and other lists of codes this patient stands in. ``adds``: numbers, each named as often as it
    grows by one."""

    code: str
    lists: frozenset[str]
    adds: tuple[str, ...]
    drop: Drop | None


@dataclass(slots=True)
class Sums:
    """Of any number of patients. Codes are in order, so it does not matter who was counted first."""

    everyone: list[PatientFigures] = field(default_factory=list)
    lists: dict[str, list[str]] = field(default_factory=dict)
    numbers: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, ones: Iterable[PatientFigures]) -> Sums:
        found = cls(sorted(ones, key=_code))
        for one in found.everyone:
            for name in one.lists:
                found.lists.setdefault(name, []).append(one.code)
            found.numbers.update(one.adds)
        return found

    def changed(self, gone: Iterable[PatientFigures], come: Iterable[PatientFigures]) -> Sums:
        """The same without some and with others: what ``of`` would find, without counting everybody anew."""
        found = Sums([*self.everyone], {name: [*codes] for name, codes in self.lists.items()}, Counter(self.numbers))
        for one in gone:
            del found.everyone[bisect_left(found.everyone, one.code, key=_code)]
            for name in one.lists:
                del found.lists[name][bisect_left(found.lists[name], one.code)]
            found.numbers.subtract(one.adds)
        for one in come:
            insort(found.everyone, one, key=_code)
            for name in one.lists:
                insort(found.lists.setdefault(name, []), one.code)
            found.numbers.update(one.adds)
        return found

    def codes(self, name: str) -> tuple[str, ...]:
        return tuple(self.lists.get(name, ()))

    def number(self, name: str) -> int:
        return self.numbers[name]


def _code(one: PatientFigures) -> str:
    return one.code


def figures_of(patient: PatientHistory, rules: SafetyRules) -> PatientFigures:
    """Of one patient alone, so that only who changed is counted anew."""
    reached = stages(patient)
    drop = _drop(patient, reached)
    return PatientFigures(
        code=patient.code,
        lists=frozenset((*reached, *_lists(patient, reached), *safety_lists(patient, rules))),
        adds=tuple(_adds(patient, reached, drop, rules)),
        drop=drop,
    )


def _lists(patient: PatientHistory, reached: frozenset[StageKey]) -> Iterator[str]:
    if lost_by_late_failure(patient, reached):
        yield FELL
    if _partial(patient, reached):
        yield PARTIAL
    if patient.supplied:
        yield SUPPLIED


def _adds(
    patient: PatientHistory, reached: frozenset[StageKey], drop: Drop | None, rules: SafetyRules
) -> Iterator[str]:
    """``WITH_SUPPLIED``: included, and in F or with a dose out of specification that reached the minimum.

    ``WAITING``: may still be included; whoever is too old or has another donor never is.
    """
    if patient.eligible and StageKey.T in reached:
        yield ELIGIBLE
    if patient.eligible and StageKey.I in reached:
        yield ELIGIBLE_INCLUDED
    if drop and drop.concluded and drop.after is not StageKey.T:
        yield LOST
    if drop and not drop.concluded and drop.after is StageKey.T and patient.eligible:
        yield WAITING
    if StageKey.F in reached or (StageKey.I in reached and patient.supplied_at_minimum):
        yield WITH_SUPPLIED
    if StageKey.F in reached and _whole(patient):
        yield WHOLE
    yield from (FATE + _fate(batch) for batch in patient.batches)
    yield from readings_of(patient, rules)


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


def _whole(patient: PatientHistory) -> bool:
    """At least one infusion that counts went in whole."""
    return any(
        batch.released
        and not batch.late_oos
        and given.given is Given.FULL
        and given.reaches_minimum
        and not given.against_verdict
        and not given.out_of_specification
        for batch in patient.batches
        for given in batch.infusions
    )


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
