"""Trial and subjects: codes only; who may be included and why not."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kernel.lifecycle import Lifecycle, Transition, states
from kernel.refusals import DUPLICATE_ID, FUTURE_TIME, ID_FORMAT, N_, Refusal, kind
from manufacturing.domain.protocol import Protocol


class TrialStatus(StrEnum):
    """ON_HOLD says that a hold on the trial is open; the hold records say why, and they stack (decision 26)."""

    OPEN = "open"
    ON_HOLD = "on_hold"
    CLOSED = "closed"


class Diagnosis(StrEnum):
    ALL = "ALL"
    AML = "AML"


class DonorType(StrEnum):
    MISMATCHED_FAMILY = "mismatched_family"
    VOLUNTEER_UNRELATED = "volunteer_unrelated"
    MATCHED_SIBLING = "matched_sibling"
    CORD_BLOOD = "cord_blood"


class SubjectStatus(StrEnum):
    REGISTERED = "registered"
    INCLUDED = "included"
    CONCLUDED = "concluded"
    COMPLETED = "completed"


class ConclusionReason(StrEnum):
    """The one primary reason why a subject goes no further (TR-F3); none of these was infused as planned."""

    NOT_ELIGIBLE = "not_eligible"
    NO_CONSENT = "no_consent"
    DONOR = "donor"
    MANUFACTURE_FAILURE = "manufacture_failure"
    OUT_OF_SPECIFICATION = "out_of_specification"
    PROGRESSIVE_DISEASE = "progressive_disease"
    NO_ENGRAFTMENT = "no_engraftment"
    GVHD = "gvhd"
    STEROIDS = "steroids"
    OTHER_CONDITION = "other_condition"
    DEATH = "death"
    WITHDRAWAL = "withdrawal"
    EXPIRED = "expired"


TRIAL = Lifecycle(
    record="trial",
    states=TrialStatus,
    transitions=(
        Transition(
            "hold",
            states(TrialStatus.OPEN, TrialStatus.ON_HOLD),
            TrialStatus.ON_HOLD,
            "trial:hold",
            meaning=("put on hold",),
        ),
        Transition(
            "lift one of several holds",
            states(TrialStatus.ON_HOLD),
            TrialStatus.ON_HOLD,
            "trial:lift",
            meaning=("hold lifted",),
        ),
        Transition(
            "lift the last hold", states(TrialStatus.ON_HOLD), TrialStatus.OPEN, "trial:lift", meaning=("hold lifted",)
        ),
        Transition("close", states(TrialStatus.OPEN), TrialStatus.CLOSED, "trial:close", meaning=("trial closed",)),
    ),
)
"""The third qualifying reaction holds the trial by the system, unsigned (decision 33). Nothing reopens a closed trial."""

SUBJECT = Lifecycle(
    record="subject",
    states=SubjectStatus,
    transitions=(
        Transition(
            "include",
            states(SubjectStatus.REGISTERED),
            SubjectStatus.INCLUDED,
            "subject:include",
            meaning=("included",),
        ),
        Transition(
            "conclude",
            states(SubjectStatus.REGISTERED, SubjectStatus.INCLUDED),
            SubjectStatus.CONCLUDED,
            "subject:include",
            meaning=("concluded",),
        ),
        Transition(
            "complete",
            states(SubjectStatus.INCLUDED),
            SubjectStatus.COMPLETED,
            "subject:include",
            meaning=("observation completed",),
        ),
    ),
)
ENDED = states(SubjectStatus.CONCLUDED, SubjectStatus.COMPLETED)
"""Nothing more is observed of them, and nothing more can come of them for the trial's figures."""

NO_TRIAL = kind(
    "NO_TRIAL",
    409,
    N_("No trial is open in this installation."),
    resolver=N_("the sponsor delegate"),
    next_step=N_("Open the trial under its registered number first."),
)
TRIAL_ALREADY_OPEN = kind(
    "TRIAL_ALREADY_OPEN",
    409,
    N_("Trial %(code)s is open; one installation serves one open trial at a time."),
    resolver=N_("the sponsor delegate"),
    next_step=N_("Close the open trial first."),
)
TRIAL_ON_HOLD = kind(
    "TRIAL_ON_HOLD",
    409,
    N_("The trial is on hold: %(reason)s"),
    resolver=N_("the sponsor delegate"),
    next_step=N_("Wait until the hold on the trial is lifted."),
)
TRIAL_CLOSED = kind(
    "TRIAL_CLOSED",
    409,
    N_("The trial is closed: nobody is included, and nothing is collected, made, released or dispensed for it."),
    resolver=N_("nobody: a closed trial stays closed"),
    next_step=N_("Read its records. Another trial is opened by the sponsor delegate under its own number."),
)
INCLUSION_AGE = kind(
    "INCLUSION_AGE",
    409,
    N_("The age at transplantation is %(age)s; the protocol includes %(lowest)s to %(highest)s."),
    resolver=N_("nobody: the protocol sets the ages"),
    next_step=N_("Keep the subject registered with the reason “not eligible”."),
)
CORD_BLOOD = kind(
    "CORD_BLOOD",
    409,
    N_("The transplant was cord blood: there is no donor who could give a leukapheresis."),
    resolver=N_("nobody: the protocol excludes cord blood"),
    next_step=N_("Keep the subject registered with the reason “not eligible”."),
)
DONOR_TYPE = kind(
    "DONOR_TYPE",
    409,
    N_("The donor is “%(donor_type)s”; the protocol accepts %(accepted)s."),
    resolver=N_("nobody: the protocol sets the donor types"),
    next_step=N_("Keep the subject registered with the reason “not eligible”."),
)
CONSENT_MISSING = kind(
    "CONSENT_MISSING",
    409,
    N_("%(consent)s is not on record, or not in time."),
    resolver=N_("the trial team"),
    next_step=N_("Enter reference and day of the signed consent."),
)
TARGET_REACHED = kind(
    "TARGET_REACHED",
    409,
    N_("%(included)s subjects are included; the protocol's target is %(target)s."),
    resolver=N_("the sponsor, by an amendment of the protocol"),
    next_step=N_("Keep the subject registered; nobody is included beyond the target."),
)
SUBJECT_UNKNOWN = kind(
    "SUBJECT_UNKNOWN",
    422,
    N_("There is no subject with code %(code)s."),
    resolver=N_("you"),
    next_step=N_("Scan or type the code again from the paper of this subject."),
)
SUBJECT_NOT_INCLUDED = kind(
    "SUBJECT_NOT_INCLUDED",
    409,
    N_("Subject %(code)s is %(status)s, not included."),
    resolver=N_("the trial team"),
    next_step=N_("Include the subject first."),
)
SUBJECT_MISMATCH = kind(
    "SUBJECT_MISMATCH",
    409,
    N_("This record belongs to another subject than %(typed)s."),
    resolver=N_("nobody: a product is never given to another subject"),
    next_step=N_("Stop. Compare the paper, the material and this page before you go on, and call QA."),
)
WEIGHT_SECOND_ENTRY = kind(
    "WEIGHT_SECOND_ENTRY",
    422,
    N_("The two people entered different weights."),
    resolver=N_("both people"),
    next_step=N_("Each reads the scale or the ward's record again; then both enter the weight."),
)
TIME_ORDER = kind(
    "TIME_ORDER",
    422,
    N_("%(name)s lies before %(earlier)s."),
    resolver=N_("you"),
    next_step=N_("Compare the times with the paper and enter them in their order."),
)


def age_text(months: int) -> str:
    return f"{months // 12} y {months % 12} m"


@dataclass(frozen=True, slots=True)
class InclusionFacts:
    """``age_months``: completed months at transplantation. ``trial_holds``: reasons of the open holds on the trial."""

    age_months: int
    eighteenth_birthday: bool
    donor_type: str
    consent_reference: str | None
    consented_on: date | None
    included: int
    trial_status: str
    trial_holds: tuple[str, ...]


def inclusion_refusals(facts: InclusionFacts, protocol: Protocol, today: date) -> tuple[Refusal, ...]:
    """Every reason why this subject may not be included (decision 34); none means it may."""
    return (
        *age_refusals(facts.age_months, eighteenth_birthday=facts.eighteenth_birthday, protocol=protocol),
        *donor_type_refusals(facts.donor_type, protocol.donor_types),
        *consent_refusals(facts.consent_reference, facts.consented_on, today, N_("The consent to the trial")),
        *target_refusals(facts.included, protocol.target),
        *trial_refusals(facts.trial_status, facts.trial_holds),
    )


def trial_refusals(status: str, holds: Iterable[str]) -> tuple[Refusal, ...]:
    """Why nothing is begun for the trial now: it is closed, or each reason of an open hold on it (TR-S1)."""
    if status == TrialStatus.CLOSED:
        return (TRIAL_CLOSED(),)
    return tuple(TRIAL_ON_HOLD(reason=reason) for reason in holds)


def age_refusals(months: int, *, eighteenth_birthday: bool, protocol: Protocol) -> tuple[Refusal, ...]:
    """18 y 0 m only where the setting allows it and somebody vouches for “on the 18th birthday” (decision 19)."""
    if protocol.age_lowest_months <= months <= protocol.age_highest_months:
        return ()
    birthday = protocol.age_highest_months + 1
    if months == birthday and eighteenth_birthday and protocol.eighteenth_birthday_allowed:
        return ()
    lowest, highest = age_text(protocol.age_lowest_months), age_text(protocol.age_highest_months)
    return (INCLUSION_AGE(age=age_text(months), lowest=lowest, highest=highest),)


def donor_type_refusals(donor_type: str, accepted: Iterable[str]) -> tuple[Refusal, ...]:
    if donor_type == DonorType.CORD_BLOOD:
        return (CORD_BLOOD(),)
    allowed = tuple(accepted)
    return () if donor_type in allowed else (DONOR_TYPE(donor_type=donor_type, accepted=", ".join(allowed)),)


def consent_refusals(reference: str | None, day: date | None, today: date, consent: str) -> tuple[Refusal, ...]:
    """``consent``: which one, as the sentence names it."""
    if not (reference or "").strip() or day is None:
        return (CONSENT_MISSING(consent=consent, field="consent_reference"),)
    return (FUTURE_TIME(name=N_("The day of consent"), field="consented_on"),) if day > today else ()


def target_refusals(included: int, target: int) -> tuple[Refusal, ...]:
    return (TARGET_REACHED(included=included, target=target),) if included >= target else ()


def registration_refusals(
    code: str, transplanted_on: date, today: date, *, protocol: Protocol, taken: bool
) -> tuple[Refusal, ...]:
    """Everybody transplanted for the indication is registered, whatever the age or donor (TR-LOG)."""
    refusals: list[Refusal] = []
    if not re.fullmatch(protocol.subject_code_pattern, code, re.ASCII):
        expected = protocol.subject_code_example
        refusals.append(ID_FORMAT(name=N_("Subject code"), expected=expected, field="code"))
    if taken:
        refusals.append(DUPLICATE_ID(name=N_("Subject code"), value=code, field="code"))
    if transplanted_on > today:
        refusals.append(FUTURE_TIME(name=N_("The day of transplantation"), field="transplanted_on"))
    return tuple(refusals)


def plain_code(typed: str) -> str:
    """A subject's code without what a hand adds to it: space around it, and small letters for capitals.

    Only letters without accents have a capital here: no other sign becomes one of a code.
    """
    code = typed.strip()
    return code.upper() if code.isascii() else code


def subject_match_refusals(typed: str, code: str) -> tuple[Refusal, ...]:
    """The subject as scanned or typed from the paper must be the record's own (F-COI-1, F-COI-3)."""
    return (
        () if plain_code(typed) == plain_code(code) else (SUBJECT_MISMATCH(typed=typed.strip(), field="subject_code"),)
    )
