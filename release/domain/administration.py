"""What was really given, and what was seen afterwards. An infusion that happened is always recordable (decision 32).

Source: requirements DSP-ADMIN, TR-S1, TR-S2; decisions 19, 32, 33.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from kernel.refusals import FUTURE_TIME, MISSING_FIELD, N_, Refusal, kind
from manufacturing.domain.trial import TIME_ORDER
from release.domain.decisions import Verdict
from release.domain.histories import Reaction, Relatedness
from release.domain.reporting import FATAL_IS_SERIOUS
from release.domain.safety import SafetyRules, is_severe

VOLUME_GIVEN = kind(
    "VOLUME_GIVEN",
    422,
    N_("The volume given (%(given)s mL) must be more than 0 and at most what the container held (%(held)s mL)."),
    resolver=N_("you"),
    next_step=N_("Read the volume again; a rest in the bag makes the infusion partial."),
)
NOT_GIVEN_BUT = kind(
    "NOT_GIVEN_BUT",
    422,
    N_("Nothing was given, so %(name)s must stay empty."),
    resolver=N_("you"),
    next_step=N_("Empty the field, or choose complete or partial."),
)
NOTHING_GIVEN = kind(
    "NOTHING_GIVEN",
    409,
    N_("Nothing was given of this container, so there is nothing to observe after it."),
    resolver=N_("you"),
    next_step=N_("Open the administration the observation belongs to."),
)
REACTIONS_RECORDED = kind(
    "REACTIONS_RECORDED",
    409,
    N_("%(count)s reactions are recorded; “no reaction” cannot be confirmed beside them."),
    resolver=N_("you"),
    next_step=N_("Read the reactions first; nothing is deleted."),
)
ADJUDICATION_NOT_OPEN = kind(
    "ADJUDICATION_NOT_OPEN",
    409,
    N_("This reaction does not wait for the sponsor's decision (%(state)s)."),
    resolver=N_("nobody: it was decided, or never had to be"),
    next_step=N_("Open the list of reactions."),
)
GRADE = kind(
    "GRADE",
    422,
    N_("The grade is a whole number from 1 to 5 (CTCAE)."),
    resolver=N_("you"),
    next_step=N_("Choose the grade."),
)


class Outcome(StrEnum):
    COMPLETE = "complete"
    PARTIAL = "partial"
    NOT_ADMINISTERED = "not_administered"


class Adjudication(StrEnum):
    """The sponsor's word on a reaction that qualifies as recorded; the others are settled when they are recorded."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    NOT_QUALIFYING = "not_qualifying"


NAMES = {
    "started_at": N_("Start of the infusion"),
    "stopped_at": N_("End of the infusion"),
    "volume_given_ml": N_("Volume given"),
    "premedication": N_("Premedication given"),
    "identity_checked": N_("Identity checked at the bedside, by two identifiers, outside this system"),
    "explanation": N_("Why not complete"),
    "grade": N_("Grade (CTCAE)"),
    "description": N_("In words"),
    "onset_at": N_("Began at"),
    "known_at": N_("Known since"),
    "life_threatening": N_("Fatal or life-threatening"),
}
TERMS = ("fever", "nausea", "chills", "rash", "erythema", "other")
RELATEDNESS = ("unrelated", "unlikely", "possible", "probable", "definite", "pending")
UNDECIDED = "pending"
SCAN_BEFORE_START = timedelta(minutes=15)
SCAN_AFTER_START = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdministrationFacts:
    """``held_ml``: what the container held. ``handed_over_at``: earliest possible start."""

    outcome: Outcome
    started_at: datetime | None
    stopped_at: datetime | None
    volume_given_ml: Decimal | None
    identity_checked: bool | None
    premedication: bool | None
    reason: str
    held_ml: Decimal
    handed_over_at: datetime
    expires_at: datetime
    bedside: Verdict | None = None

    @property
    def given(self) -> bool:
        return self.outcome is not Outcome.NOT_ADMINISTERED


def administration_refusals(facts: AdministrationFacts, now: datetime) -> tuple[Refusal, ...]:
    """Only what cannot have been: gaps, impossible times, more than there was. Never that it should not have been."""
    if not facts.given:
        return _nothing_was_given(facts)
    answers = {
        "started_at": facts.started_at,
        "stopped_at": facts.stopped_at,
        "volume_given_ml": facts.volume_given_ml,
        "premedication": facts.premedication,
        "identity_checked": facts.identity_checked,
    }
    missing = [MISSING_FIELD(field=name, name=NAMES[name]) for name, answer in answers.items() if answer is None]
    if facts.outcome is Outcome.PARTIAL and not facts.reason.strip():
        missing.append(MISSING_FIELD(field="explanation", name=NAMES["explanation"]))
    return (*missing, *_times(facts, now), *_volume(facts))


def _nothing_was_given(facts: AdministrationFacts) -> tuple[Refusal, ...]:
    empty = ("started_at", "stopped_at", "volume_given_ml")
    wrong = [NOT_GIVEN_BUT(field=name, name=NAMES[name]) for name in empty if getattr(facts, name) is not None]
    if not facts.reason.strip():
        wrong.append(MISSING_FIELD(field="explanation", name=NAMES["explanation"]))
    return tuple(wrong)


def _times(facts: AdministrationFacts, now: datetime) -> tuple[Refusal, ...]:
    start, stop = facts.started_at, facts.stopped_at
    found = [
        FUTURE_TIME(field=name, name=NAMES[name])
        for name, at in (("started_at", start), ("stopped_at", stop))
        if at is not None and at > now
    ]
    if start is not None and start < facts.handed_over_at:
        found.append(TIME_ORDER(field="started_at", name=NAMES["started_at"], earlier=N_("the hand-over")))
    if start is not None and stop is not None and stop < start:
        found.append(TIME_ORDER(field="stopped_at", name=NAMES["stopped_at"], earlier=NAMES["started_at"]))
    return tuple(found)


def _volume(facts: AdministrationFacts) -> tuple[Refusal, ...]:
    given, held = facts.volume_given_ml, facts.held_ml
    if given is None:
        return ()
    fits = 0 < given <= held
    left = facts.outcome is Outcome.PARTIAL and given == held
    if fits and not left:
        return ()
    return (VOLUME_GIVEN(field="volume_given_ml", given=given, held=held),)


def bedside_verdict(
    scans: tuple[tuple[datetime, Verdict], ...], started_at: datetime | None
) -> tuple[datetime, Verdict] | None:
    """The scan that speaks for this start: the last one up to it. A “no” stays; a “yes” grows old in 15 minutes."""
    if started_at is None:
        return None
    earlier = [scan for scan in scans if scan[0] <= started_at + SCAN_AFTER_START]
    if not earlier:
        return None
    last = max(earlier)
    fresh = last[0] >= started_at - SCAN_BEFORE_START
    return last if fresh or last[1] is Verdict.DENY else None


def findings(facts: AdministrationFacts) -> tuple[tuple[str, str], ...]:
    """What makes the infusion a deviation: class and sentence, worst first."""
    if not facts.given:
        return ()
    late = facts.started_at is not None and facts.started_at >= facts.expires_at
    rules = (
        (
            facts.bedside is Verdict.DENY,
            "critical",
            N_("Infused although the scan at the bedside said: do not infuse."),
        ),
        (late, "critical", N_("Infused at or after the expiry of the product.")),
        (facts.bedside is None, "major", N_("Infused without a scan at the bedside at the start of the infusion.")),
        (facts.identity_checked is False, "major", N_("Infused without the bedside check of the identity.")),
    )
    return tuple((level, words) for found, level, words in rules if found)


def against_verdict(bedside: str | None, started_at: datetime | None, expires_at: datetime) -> bool:
    """Never in F: the bedside had said no, or the product had expired when it started."""
    return bedside == Verdict.DENY or (started_at is not None and started_at >= expires_at)


def first_adjudication(grade: int, relatedness: str, rules: SafetyRules, *, serious: bool) -> Adjudication:
    """A reaction that qualifies, or may once its relation is decided, waits for the sponsor (decision 33)."""
    related = relatedness == UNDECIDED or relatedness in rules.related
    severe = is_severe(grade, rules, serious=serious)
    return Adjudication.PENDING if severe and related else Adjudication.NOT_QUALIFYING


def counted_reaction(grade: int, relatedness: str, adjudicated: str, recorded_at: datetime | None = None) -> Reaction:
    """The reaction as the safety figure counts it: the adjudicator's word replaces the recorded relation."""
    recorded = None if relatedness == UNDECIDED else Relatedness(relatedness)
    if adjudicated == Adjudication.PENDING:
        return Reaction(grade, recorded, pending_adjudication=True, recorded_at=recorded_at)
    if adjudicated == Adjudication.CONFIRMED:
        likely = recorded in {Relatedness.PROBABLE, Relatedness.DEFINITE}
        return Reaction(grade, recorded if likely else Relatedness.PROBABLE, recorded_at=recorded_at)
    return Reaction(grade, Relatedness.UNLIKELY, recorded_at=recorded_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One reaction as it is entered. ``life_threatening`` (fatal or that) and ``known_at`` are wanted of a serious one,
    because its clocks run from them (TR-S3)."""

    term: str
    description: str | None
    onset_at: datetime
    grade: Decimal
    serious: bool
    relatedness: str
    life_threatening: bool | None = None
    known_at: datetime | None = None


def observation_refusals(seen: Observation, *, started_at: datetime | None, now: datetime) -> tuple[Refusal, ...]:
    """Of a reaction with its seriousness (TR-S3). ``started_at``: of the infusion, None where it is not known."""
    found = reaction_refusals(
        grade=seen.grade,
        term=seen.term,
        description=seen.description or "",
        onset_at=seen.onset_at,
        started_at=started_at,
        now=now,
    )
    return (*found, *seriousness_refusals(seen, now))


def seriousness_refusals(seen: Observation, now: datetime) -> tuple[Refusal, ...]:
    """Death is serious whatever else is answered; a serious reaction says since when it is known."""
    fatal = seen.grade == 5
    if not seen.serious:
        return (FATAL_IS_SERIOUS(field="serious"),) if fatal or seen.life_threatening else ()
    found: list[Refusal] = []
    if seen.life_threatening is None:
        found.append(MISSING_FIELD(field="life_threatening", name=NAMES["life_threatening"]))
    elif fatal and not seen.life_threatening:
        found.append(FATAL_IS_SERIOUS(field="life_threatening"))
    if seen.known_at is None:
        found.append(MISSING_FIELD(field="known_at", name=NAMES["known_at"]))
    elif seen.known_at > now:
        found.append(FUTURE_TIME(field="known_at", name=NAMES["known_at"]))
    elif seen.known_at < seen.onset_at:
        found.append(TIME_ORDER(field="known_at", name=NAMES["known_at"], earlier=NAMES["onset_at"]))
    return tuple(found)


def reaction_refusals(
    *, grade: Decimal, term: str, description: str, onset_at: datetime, started_at: datetime | None, now: datetime
) -> tuple[Refusal, ...]:
    """``grade``: CTCAE, a whole number from 1 to 5; ``term`` “other” is described."""
    found: list[Refusal] = []
    if not 1 <= grade <= 5 or grade != int(grade):
        found.append(GRADE(field="grade"))
    if term == "other" and not description.strip():
        found.append(MISSING_FIELD(field="description", name=NAMES["description"]))
    if onset_at > now:
        found.append(FUTURE_TIME(field="onset_at", name=NAMES["onset_at"]))
    if started_at is not None and onset_at < started_at:
        found.append(TIME_ORDER(field="onset_at", name=NAMES["onset_at"], earlier=NAMES["started_at"]))
    return tuple(found)
