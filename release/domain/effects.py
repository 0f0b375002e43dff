"""What another version of the protocol would say of what was decided already; nothing is decided anew by it.

Requirements 15: where the registry text leaves a choice, the choice is signed, never silent. Whoever signs a version is
shown each decision of the past that it would have taken otherwise, and each figure it would move.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import fields as fields_of
from datetime import date, datetime
from re import ASCII, fullmatch

from kernel.refusals import ID_FORMAT, N_, Refusal
from manufacturing.domain.protocol import Protocol
from manufacturing.domain.trial import age_refusals, donor_type_refusals, target_refusals
from release.domain.administration import Adjudication, first_adjudication
from release.domain.closing import OBSERVATION_RUNS, due_dates
from release.domain.eligibility import EligibilityForm, EligibilitySettings, eligibility_refusals
from release.domain.figure_words import CRITERIA, LISTS, STAGES
from release.domain.metrics import Feasibility, Proportion
from release.domain.safety import SafetyRules

REFUSED_CODE = N_("Registered; this version would refuse the code.")
REFUSED_INCLUSION = N_("Included; this version would refuse it.")
ALLOWED_INCLUSION = N_("Ended as not eligible; this version would allow the inclusion.")
REFUSED_CHECK = N_("Fit for the infusion that day; this version would have excluded it.")
ALLOWED_CHECK = N_("Excluded that day; this version would have allowed the infusion.")
ASKED_SPONSOR = N_("Did not count when it was recorded; this version would have waited for the sponsor.")
NOT_ASKED_SPONSOR = N_("Went to the sponsor; this version would not have counted it.")
SHORTER_OBSERVATION = N_("Observation ended as complete; this version would observe longer.")
ENTERS = N_("Not in this list; by this version it would be.")
LEAVES = N_("In this list; by this version it would not be.")
VERDICT = N_("This criterion would read otherwise.")
HOLDS = N_("The figure of safety would hold the trial.")
HOLDS_NO_MORE = N_("The figure of safety would hold the trial no more.")
MET, NOT_MET = N_("met"), N_("not met")

LOOKED_AT = frozenset(
    {
        *(
            "subject_code_pattern",
            "age_lowest_months",
            "age_highest_months",
            "eighteenth_birthday_allowed",
            "donor_types",
        ),
        *("target", "inclusion_percent", "infusion_percent", "infusion_minimum_nk_per_kg", "follow_up_days"),
        *(one.name for one in fields_of(EligibilitySettings)),
        *("safety_grade_at_least", "safety_related", "safety_at_most_patients", "safety_counted"),
        *("inclusion_denominator", "infusion_reading"),
    }
)
"""Settings whose past is compared here; of every other one that changes it is said that nobody looked."""
PAST_FREE = frozenset({"subject_code_example"})


@dataclass(frozen=True, slots=True)
class Enrolled:
    """``place``: of the included in their order, from 0. ``last_given_on``, ``completed_on``: of a completed observation."""

    subject: str
    age_months: int
    eighteenth_birthday: bool
    donor_type: str
    included: bool
    not_eligible: bool
    place: int = 0
    last_given_on: date | None = None
    completed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """A day-of-infusion check as it was signed. ``failed``: what it said then."""

    subject: str
    order: str
    form: EligibilityForm
    at: datetime
    failed: bool


@dataclass(frozen=True, slots=True)
class Observed:
    """A reaction with what was settled about it when it was recorded."""

    subject: str
    term: str
    grade: int
    relatedness: str
    waited: bool
    serious: bool = False


@dataclass(frozen=True, slots=True)
class Past:
    """``then`` and ``now``: the figures of the same records by the version in force and by the one that is looked at."""

    enrolled: tuple[Enrolled, ...]
    checks: tuple[Checked, ...]
    reactions: tuple[Observed, ...]
    then: Feasibility
    now: Feasibility


@dataclass(frozen=True, slots=True)
class Effect:
    """A ``sentence`` about a ``subject`` (empty: the whole trial), a ``record`` of it and what ``list`` it is about.

    ``then`` and ``now``: a rule with its verdict, in words. ``refusals``: what the version that is looked at would have said, or what was said and it would not.
    """

    subject: str
    record: str
    sentence: str
    refusals: tuple[Refusal, ...] = ()
    list: str = ""
    then: tuple[str, str] | None = None
    now: tuple[str, str] | None = None


def changed_settings(old: Protocol, new: Protocol) -> tuple[str, ...]:
    """Names of the settings that differ, in their order."""
    return tuple(one.name for one in fields_of(Protocol) if getattr(old, one.name) != getattr(new, one.name))


def not_looked_at(changed: tuple[str, ...]) -> tuple[str, ...]:
    """Of these nobody can say here what the past would be; that is no “nothing”."""
    return tuple(name for name in changed if name not in LOOKED_AT | PAST_FREE)


@dataclass(frozen=True, slots=True)
class Version:
    """The settings of one version, and the parts of them that other rules read."""

    protocol: Protocol
    eligibility: EligibilitySettings
    safety: SafetyRules


def effects(past: Past, old: Version, new: Version) -> tuple[Effect, ...]:
    """Every decision of the past that the new version would have taken otherwise, then every figure it would move.

    Each is held against what was decided, whatever version was in force that day. What the version in force (``old``)
    would say as well was shown when that one was signed, and is no effect of this one.
    """
    known = tuple(_decided_otherwise(past, old))
    return (
        *(effect for effect in _decided_otherwise(past, new) if effect not in known),
        *_of_lists(past.then, past.now),
        *_of_verdicts(past.then, past.now),
    )


def _decided_otherwise(past: Past, version: Version) -> Iterator[Effect]:
    for one in past.enrolled:
        yield from _of_enrolment(one, version.protocol)
    for check in past.checks:
        yield from _of_check(check, version.eligibility)
    for reaction in past.reactions:
        yield from _of_reaction(reaction, version.safety)


def _of_enrolment(one: Enrolled, new: Protocol) -> Iterator[Effect]:
    if not fullmatch(new.subject_code_pattern, one.subject, ASCII):
        refused = ID_FORMAT(name=N_("Subject code"), expected=new.subject_code_example, field="code")
        yield Effect(one.subject, "", REFUSED_CODE, (refused,))
    refusals = (
        *age_refusals(one.age_months, eighteenth_birthday=one.eighteenth_birthday, protocol=new),
        *donor_type_refusals(one.donor_type, new.donor_types),
    )
    if one.included:
        found = (*refusals, *target_refusals(one.place, new.target))
        if found:
            yield Effect(one.subject, "", REFUSED_INCLUSION, found)
    elif one.not_eligible and not refusals:
        yield Effect(one.subject, "", ALLOWED_INCLUSION)
    yield from _of_observation(one, new)


def _of_observation(one: Enrolled, new: Protocol) -> Iterator[Effect]:
    due = due_dates(one.last_given_on, new.follow_up_days) if one.last_given_on else ()
    if one.completed_on and due and one.completed_on < max(due):
        runs = OBSERVATION_RUNS(code=one.subject, until=max(due))
        yield Effect(one.subject, "", SHORTER_OBSERVATION, (runs,))


def _of_check(one: Checked, settings: EligibilitySettings) -> Iterator[Effect]:
    """The same answers on the same day."""
    refusals = eligibility_refusals(one.form, settings, one.at)
    if refusals and not one.failed:
        yield Effect(one.subject, one.order, REFUSED_CHECK, refusals)
    elif one.failed and not refusals:
        yield Effect(one.subject, one.order, ALLOWED_CHECK)


def _of_reaction(one: Observed, safety: SafetyRules) -> Iterator[Effect]:
    """What the sponsor decided stays decided; what never reached the sponsor would have, or the other way round."""
    waits = first_adjudication(one.grade, one.relatedness, safety, serious=one.serious) is Adjudication.PENDING
    if waits != one.waited:
        yield Effect(one.subject, one.term, ASKED_SPONSOR if waits else NOT_ASKED_SPONSOR)


def _of_lists(then: Feasibility, now: Feasibility) -> Iterator[Effect]:
    """Subjects who enter or leave a stage of the funnel, or a list of the safety figure."""
    names = {**STAGES, **LISTS}
    before, after = _lists(then), _lists(now)
    for key, codes in after.items():
        for sentence, moved in ((ENTERS, codes - before[key]), (LEAVES, before[key] - codes)):
            for code in sorted(moved):
                yield Effect(code, "", sentence, list=names[key])


def _lists(found: Feasibility) -> dict[str, frozenset[str]]:
    stages = {key.value: frozenset(codes) for key, codes in found.stages.items()}
    safety = found.safety
    return stages | {"confirmed": frozenset(safety.confirmed), "pending": frozenset(safety.pending)}


def _of_verdicts(then: Feasibility, now: Feasibility) -> Iterator[Effect]:
    for key, name in CRITERIA.items():
        old, new = getattr(then, key), getattr(now, key)
        if (old.rule, old.met) != (new.rule, new.met):
            yield Effect("", "", VERDICT, list=name, then=_told(old), now=_told(new))
    if then.safety.hold != now.safety.hold:
        yield Effect("", "", HOLDS if now.safety.hold else HOLDS_NO_MORE)


def _told(one: Proportion) -> tuple[str, str]:
    return one.rule, MET if one.met else NOT_MET
