"""What the criteria would say if the registry's text were read otherwise; nothing is judged by it (requirements 15)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kernel.refusals import N_
from release.domain.intervals import Interval, clopper_pearson
from release.domain.metrics import TWO_THIRDS, Bar, Denominator, Feasibility, TrialRules
from release.domain.patient_figures import WHOLE as COUNTED_WHOLE
from release.domain.patient_figures import StageKey, Sums
from release.domain.safety import CONFIRMED, PENDING, SafetyCount, SafetyRules

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
DECIDES = {Denominator.ALL: ALL_IN_WINDOW, Denominator.ACCEPTED: ELIGIBLE}
SAFETY = {
    SafetyCount.PATIENTS: PATIENTS,
    SafetyCount.EVENTS: EVENTS,
    SafetyCount.POSSIBLE: POSSIBLE_TOO,
    SafetyCount.SERIOUS: SERIOUS,
}


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


def other_readings(sums: Sums, found: Feasibility, rules: TrialRules) -> OtherReadings:
    """``found``: the figures in force, of the same patients by the same rules."""
    return OtherReadings(
        inclusion=_table(_inclusions(found), inclusion_bars(rules), rows_in_force=(DECIDES[rules.denominator],)),
        infusion=_table(_infusions(sums, found), infusion_bars(rules), rows_in_force=(PROVISIONAL, FINAL)),
        safety=tuple(_safety(sums, rules.safety)),
    )


def inclusion_bars(rules: TrialRules) -> tuple[Bar, ...]:
    """The one in force first: strictly more than the percentage, or equal to it too."""
    return (rules.inclusion_bar, Bar(rules.inclusion_percent, 100, strict=False))


def infusion_bars(rules: TrialRules) -> tuple[Bar, ...]:
    """The one in force first."""
    every = (Bar(rules.infusion_percent, 100, strict=True), *TWO_THIRDS.values())
    return (rules.infusion_bar, *(one for one in every if one != rules.infusion_bar))


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
        ALL_IN_WINDOW: (len(found.stages[StageKey.I]), len(found.stages[StageKey.T])),
        ELIGIBLE: (found.inclusion_of_eligible.k, found.inclusion_of_eligible.n),
    }


def _infusions(sums: Sums, found: Feasibility) -> dict[str, tuple[int, int]]:
    named = {
        PROVISIONAL: found.infusion,
        FINAL: found.infusion_final,
        SUPPLIED: found.infusion_with_supplied,
        CONCLUDED: found.infusion_of_concluded,
        FINAL_CONCLUDED: found.infusion_final_of_concluded,
    }
    return {
        **{name: (one.k, one.n) for name, one in named.items()},
        WHOLE: (sums.number(COUNTED_WHOLE), found.infusion.n),
    }


def _safety(sums: Sums, rules: SafetyRules) -> Iterator[SafetyReading]:
    for reading, counted in SAFETY.items():
        confirmed, pending = (sums.number(f"{reading} {which}") for which in (CONFIRMED, PENDING))
        yield SafetyReading(counted, confirmed, pending, rules.at_most_patients, reading is rules.counted)
