"""What the criteria would say if the registry's text were read otherwise; nothing is judged by it (requirements 15)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kernel.refusals import N_
from release.domain.histories import Given, PatientHistory, Reaction, Relatedness
from release.domain.intervals import Interval, clopper_pearson
from release.domain.metrics import Feasibility, StageKey, TrialRules
from release.domain.safety import SafetyRules, may_qualify, qualifies

POSSIBLE = frozenset({Relatedness.POSSIBLE, Relatedness.PROBABLE, Relatedness.DEFINITE})
ALL_IN_WINDOW = N_("of all transplanted patients of the indication")
ELIGIBLE = N_("of the transplanted of the accepted age and donor type")
PROVISIONAL = N_("sterility may still be pending, of all included")
FINAL = N_("final certificates only, of all included")
SUPPLIED = N_("out of specification counted too, of all included")
WHOLE = N_("whole doses only, of all included")
CONCLUDED = N_("sterility may still be pending, of the concluded")
FINAL_CONCLUDED = N_("final certificates only, of the concluded")
PATIENTS = N_("patients, severe and likely")
EVENTS = N_("events instead of patients")
POSSIBLE_TOO = N_("patients, “possible” counted as likely")
SERIOUS = N_("patients, serious instead of severe")


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


@dataclass(frozen=True, slots=True)
class Verdict:
    rule: str
    met: bool
    in_force: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to count, with what each way to compare says of it, in the order of the bars."""

    counted: str
    k: int
    n: int
    exact95: Interval
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class SafetyReading:
    """``confirmed`` and ``pending`` of patients or events; more than ``limit`` of both together would hold the trial."""

    counted: str
    confirmed: int
    pending: int
    limit: int
    in_force: bool

    @property
    def hold(self) -> bool:
        return self.confirmed + self.pending > self.limit

    @property
    def rule(self) -> str:
        return f"{self.confirmed} + {self.pending} > {self.limit}"


@dataclass(frozen=True, slots=True)
class OtherReadings:
    inclusion: tuple[Reading, ...]
    infusion: tuple[Reading, ...]
    safety: tuple[SafetyReading, ...]


def other_readings(patients: tuple[PatientHistory, ...], found: Feasibility, rules: TrialRules) -> OtherReadings:
    """``found``: the figures in force, of the same patients by the same rules."""
    return OtherReadings(
        inclusion=_table(_inclusions(found), inclusion_bars(rules), rows_in_force=(ALL_IN_WINDOW,)),
        infusion=_table(_infusions(patients, found), infusion_bars(rules), rows_in_force=(PROVISIONAL, FINAL)),
        safety=tuple(_safety(patients, rules.safety)),
    )


def inclusion_bars(rules: TrialRules) -> tuple[Bar, ...]:
    """The one in force first: strictly more than the percentage, or equal to it too."""
    return (Bar(rules.inclusion_percent, 100, strict=True), Bar(rules.inclusion_percent, 100, strict=False))


def infusion_bars(rules: TrialRules) -> tuple[Bar, ...]:
    return (Bar(rules.infusion_percent, 100, strict=True), Bar(2, 3, strict=True), Bar(2, 3, strict=False))


def _table(
    counts: dict[str, tuple[int, int]], bars: tuple[Bar, ...], *, rows_in_force: tuple[str, ...]
) -> tuple[Reading, ...]:
    return tuple(
        Reading(
            counted,
            k,
            n,
            clopper_pearson(k, n),
            tuple(
                Verdict(bar.rule(k, n), bar.met(k, n), in_force=counted in rows_in_force and place == 0)
                for place, bar in enumerate(bars)
            ),
        )
        for counted, (k, n) in counts.items()
    )


def _inclusions(found: Feasibility) -> dict[str, tuple[int, int]]:
    return {
        ALL_IN_WINDOW: (found.inclusion.k, found.inclusion.n),
        ELIGIBLE: (found.inclusion_of_eligible.k, found.inclusion_of_eligible.n),
    }


def _infusions(patients: tuple[PatientHistory, ...], found: Feasibility) -> dict[str, tuple[int, int]]:
    counted = set(found.stages[StageKey.F])
    whole = sum(one.code in counted and _whole(one) for one in patients)
    named = {
        PROVISIONAL: found.infusion,
        FINAL: found.infusion_final,
        SUPPLIED: found.infusion_with_supplied,
        CONCLUDED: found.infusion_of_concluded,
        FINAL_CONCLUDED: found.infusion_final_of_concluded,
    }
    return {**{name: (one.k, one.n) for name, one in named.items()}, WHOLE: (whole, found.infusion.n)}


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


def _safety(patients: tuple[PatientHistory, ...], rules: SafetyRules) -> Iterator[SafetyReading]:
    infused = [one for one in patients if one.infused]
    wider = SafetyRules(rules.grade_at_least, POSSIBLE, rules.at_most_patients)
    yield _of_patients(PATIENTS, [list(one.reactions) for one in infused], rules, in_force=True)
    events = [[reaction] for one in infused for reaction in one.reactions]
    yield _of_patients(EVENTS, events, rules)
    yield _of_patients(POSSIBLE_TOO, [list(one.reactions) for one in infused], wider)
    any_grade = SafetyRules(0, rules.related, rules.at_most_patients)
    serious = [[reaction for reaction in one.reactions if reaction.serious] for one in infused]
    yield _of_patients(SERIOUS, serious, any_grade)


def _of_patients(
    counted: str, reactions: list[list[Reaction]], rules: SafetyRules, *, in_force: bool = False
) -> SafetyReading:
    """``reactions``: those of each patient, or each event by itself."""
    confirmed = [any(qualifies(one, rules) for one in each) for each in reactions]
    pending = [any(may_qualify(one, rules) for one in each) for each in reactions]
    waiting = sum(may and not sure for sure, may in zip(confirmed, pending, strict=True))
    return SafetyReading(counted, sum(confirmed), waiting, rules.at_most_patients, in_force)
