"""The stopping rule: patients with a severe reaction likely due to the infusion (TR-S1, TR-S2; decisions 19 and 33)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from release.domain.histories import PatientHistory, Reaction, Relatedness


@dataclass(frozen=True, slots=True)
class SafetyRules:
    """Signed settings: “severe” is CTCAE grade 3 or more, “likely” probable or definite; more than the limit holds."""

    grade_at_least: int = 3
    related: frozenset[Relatedness] = frozenset({Relatedness.PROBABLE, Relatedness.DEFINITE})
    at_most_patients: int = 2


@dataclass(frozen=True, slots=True)
class SafetyFigure:
    """Codes of patients; ``pending`` are those without a confirmed qualifying reaction."""

    infused: tuple[str, ...]
    confirmed: tuple[str, ...]
    pending: tuple[str, ...]
    unrecorded: tuple[str, ...]
    limit: int

    @property
    def hold(self) -> bool:
        """The third patient, confirmed or pending, holds the trial."""
        return len(self.confirmed) + len(self.pending) > self.limit

    @property
    def warn(self) -> bool:
        return len(self.confirmed) + len(self.pending) == self.limit

    @property
    def confirmed_count(self) -> int | None:
        """None instead of a zero that nobody recorded."""
        return None if self.unrecorded and not self.confirmed else len(self.confirmed)


def qualifies(reaction: Reaction, rules: SafetyRules) -> bool:
    """Adjudicated, severe and likely."""
    if reaction.pending_adjudication or reaction.grade is None:
        return False
    return reaction.grade >= rules.grade_at_least and reaction.relatedness in rules.related


def may_qualify(reaction: Reaction, rules: SafetyRules) -> bool:
    """Could still be severe and likely: undecided grade, undecided relation, or waiting for the adjudicator."""
    if reaction.grade is not None and reaction.grade < rules.grade_at_least:
        return False
    undecided = reaction.pending_adjudication or reaction.relatedness is None
    return undecided or (reaction.grade is None and reaction.relatedness in rules.related)


def safety_figure(patients: tuple[PatientHistory, ...], rules: SafetyRules) -> SafetyFigure:
    """Patients, not events; every infused patient counts, also out of specification and in part."""
    infused = [patient for patient in patients if patient.infused]
    confirmed = [patient for patient in infused if any(qualifies(item, rules) for item in patient.reactions)]
    pending = [
        patient
        for patient in infused
        if patient not in confirmed and any(may_qualify(item, rules) for item in patient.reactions)
    ]
    unrecorded = [patient for patient in infused if not patient.reactions_recorded and not patient.reactions]
    return SafetyFigure(
        infused=_codes(infused),
        confirmed=_codes(confirmed),
        pending=_codes(pending),
        unrecorded=_codes(unrecorded),
        limit=rules.at_most_patients,
    )


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
        [reaction for reaction in patient.reactions if counts(reaction, rules)]
        for patient in patients
        if patient.infused
    ]
    return any(reactions and not any(_known(one, held_at) for one in reactions) for reactions in counted)


def _known(reaction: Reaction, at: datetime | None) -> bool:
    return at is not None and reaction.recorded_at is not None and reaction.recorded_at <= at


def _codes(patients: list[PatientHistory]) -> tuple[str, ...]:
    return tuple(patient.code for patient in patients)
