"""The stopping rule: patients with a severe reaction likely due to the infusion (TR-S1, TR-S2; decisions 19 and 33)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from kernel.refusals import N_
from release.domain.histories import PatientHistory, Reaction, Relatedness

INFUSED, CONFIRMED, PENDING, UNRECORDED = SAFETY_LISTS = ("infused", "confirmed", "pending", "unrecorded")
POSSIBLE = frozenset({Relatedness.POSSIBLE, Relatedness.PROBABLE, Relatedness.DEFINITE})


class SafetyCount(StrEnum):
    """What is counted: patients with a severe and likely reaction, or what another reading of the text would count."""

    PATIENTS = "patients_severe"
    EVENTS = "events_severe"
    POSSIBLE = "patients_possible"
    SERIOUS = "patients_serious"


TOO_MANY = {
    SafetyCount.PATIENTS: N_("%(count)s patients with a severe reaction; %(limit)s are acceptable"),
    SafetyCount.EVENTS: N_("%(count)s severe reactions; %(limit)s are acceptable"),
    SafetyCount.SERIOUS: N_("%(count)s patients with a serious reaction; %(limit)s are acceptable"),
}
"""Why the trial is held, by what is counted."""


@dataclass(frozen=True, slots=True)
class SafetyRules:
    """Signed settings: “severe” is CTCAE grade 3 or more, “likely” probable or definite; more than the limit holds."""

    grade_at_least: int = 3
    related: frozenset[Relatedness] = frozenset({Relatedness.PROBABLE, Relatedness.DEFINITE})
    at_most_patients: int = 2
    counted: SafetyCount = SafetyCount.PATIENTS


@dataclass(frozen=True, slots=True)
class SafetyFigure:
    """Codes of patients; ``pending`` are those without a confirmed qualifying reaction. ``confirmed_units`` and
    ``pending_units``: what is counted of them, the patients or their events."""

    infused: tuple[str, ...]
    confirmed: tuple[str, ...]
    pending: tuple[str, ...]
    unrecorded: tuple[str, ...]
    limit: int
    confirmed_units: int
    pending_units: int

    @property
    def units(self) -> int:
        return self.confirmed_units + self.pending_units

    @property
    def hold(self) -> bool:
        """The third, confirmed or pending, holds the trial."""
        return self.units > self.limit

    @property
    def warn(self) -> bool:
        return self.units == self.limit

    @property
    def confirmed_count(self) -> int | None:
        """None instead of a zero that nobody recorded."""
        return None if self.unrecorded and not self.confirmed else self.confirmed_units


def qualifies(reaction: Reaction, rules: SafetyRules) -> bool:
    """Adjudicated, severe (or serious, where that is counted) and likely."""
    if reaction.pending_adjudication or reaction.grade is None:
        return False
    return is_severe(reaction.grade, rules, serious=reaction.serious) and reaction.relatedness in rules.related


def is_severe(grade: int, rules: SafetyRules, *, serious: bool) -> bool:
    """By its grade; where serious reactions are counted, by that alone."""
    return serious if rules.counted is SafetyCount.SERIOUS else grade >= rules.grade_at_least


def may_qualify(reaction: Reaction, rules: SafetyRules) -> bool:
    """Could still be severe and likely: undecided grade, undecided relation, or waiting for the adjudicator."""
    if reaction.grade is not None and not is_severe(reaction.grade, rules, serious=reaction.serious):
        return False
    if rules.counted is SafetyCount.SERIOUS and not reaction.serious:
        return False
    undecided = reaction.pending_adjudication or reaction.relatedness is None
    return undecided or (reaction.grade is None and reaction.relatedness in rules.related)


def safety_figure(patients: tuple[PatientHistory, ...], rules: SafetyRules) -> SafetyFigure:
    """Lists of patients, units of what is counted; every infused patient counts, also out of specification and in part."""
    lists = [(patient.code, safety_lists(patient, rules)) for patient in patients]
    named = {name: tuple(code for code, own in lists if name in own) for name in SAFETY_LISTS}
    added = Counter(name for patient in patients for name in readings_of(patient, rules))
    confirmed, pending = (added[f"{rules.counted} {name}"] for name in (CONFIRMED, PENDING))
    return SafetyFigure(**named, limit=rules.at_most_patients, confirmed_units=confirmed, pending_units=pending)


def safety_lists(patient: PatientHistory, rules: SafetyRules) -> tuple[str, ...]:
    """In which lists of the safety figure this patient stands."""
    if not patient.infused:
        return ()
    confirmed, pending = (any(found) for found in _judged([patient.reactions], rules))
    silent = not patient.reactions_recorded and not patient.reactions
    said = {CONFIRMED: confirmed, PENDING: pending, UNRECORDED: silent}
    return (INFUSED, *(name for name, stands in said.items() if stands))


def readings_of(patient: PatientHistory, rules: SafetyRules) -> Iterator[str]:
    """What this patient adds to each way of counting, named as often as it grows by one."""
    if not patient.infused or not patient.reactions:
        return
    for way in SafetyCount:
        read_by = replace(rules, counted=way, related=POSSIBLE if way is SafetyCount.POSSIBLE else rules.related)
        confirmed, pending = _judged(units_of(patient, way), read_by)
        yield from (f"{way} {CONFIRMED}" for stands in confirmed if stands)
        yield from (f"{way} {PENDING}" for stands in pending if stands)


def units_of(patient: PatientHistory, counted: SafetyCount) -> Sequence[Sequence[Reaction]]:
    """What is counted: each patient with all reactions, or each reaction."""
    return [(one,) for one in patient.reactions] if counted is SafetyCount.EVENTS else [patient.reactions]


def _judged(units: Sequence[Sequence[Reaction]], rules: SafetyRules) -> tuple[list[bool], list[bool]]:
    """Of each patient or event: whether it counts, and whether it does not yet and still may."""
    sure = [any(qualifies(one, rules) for one in unit) for unit in units]
    maybe = [any(may_qualify(one, rules) for one in unit) for unit in units]
    return sure, [may and not counts for counts, may in zip(sure, maybe, strict=True)]


def counts(reaction: Reaction, rules: SafetyRules) -> bool:
    """For the stopping rule, confirmed or pending."""
    return qualifies(reaction, rules) or may_qualify(reaction, rules)


def holds_now(patients: tuple[PatientHistory, ...], rules: SafetyRules, held_at: datetime | None) -> bool:
    """Whether the trial is to be held for safety. ``held_at``: when it was last, whatever became of that hold.

    A hold, and the decision that lifts it, is about the patients who counted then. Each patient more holds again, also
    while the trial is held; another reaction of one of them does not.
    """
    if not safety_figure(patients, rules).hold:
        return False
    counted = [
        [reaction for reaction in unit if counts(reaction, rules)]
        for patient in patients
        if patient.infused
        for unit in units_of(patient, rules.counted)
    ]
    return any(reactions and not any(_known(one, held_at) for one in reactions) for reactions in counted)


def _known(reaction: Reaction, at: datetime | None) -> bool:
    return at is not None and reaction.recorded_at is not None and reaction.recorded_at <= at
