"""Is the donor of this leukapheresis fit as a source? Markers, sampling window, haemodilution, assessment.

Source: Dir. 2006/17 Annex II 1 and 2, Annex IV; requirements 3. A non-mobilised leukapheresis is not a stem-cell
collection: the sample is taken at the donation or within seven days after it (TC-17-II.2.5).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from kernel.refusals import ID_FORMAT, N_, Refusal, kind


class Marker(StrEnum):
    ANTI_HIV = "anti_hiv"
    HBSAG = "hbsag"
    ANTI_HBC = "anti_hbc"
    ANTI_HCV = "anti_hcv"
    SYPHILIS = "syphilis"
    ANTI_HTLV = "anti_htlv"


class MarkerResult(StrEnum):
    NON_REACTIVE = "non_reactive"
    REACTIVE = "reactive"


MARKER_NAMES = {
    Marker.ANTI_HIV: "anti-HIV-1/2",
    Marker.HBSAG: "HBsAg",
    Marker.ANTI_HBC: "anti-HBc",
    Marker.ANTI_HCV: "anti-HCV",
    Marker.SYPHILIS: "syphilis (T. pallidum)",
    Marker.ANTI_HTLV: "anti-HTLV-I",
}
ALWAYS = (Marker.ANTI_HIV, Marker.HBSAG, Marker.ANTI_HBC, Marker.ANTI_HCV, Marker.SYPHILIS)
ASSESSABLE = frozenset({Marker.ANTI_HBC, Marker.SYPHILIS})
WINDOW_DAYS = 7
AT_DONATION = timedelta(hours=12)
DONOR_CODE = re.compile(r"[A-Z][A-Z0-9-]{2,19}", re.ASCII)

DONOR_TEST_MISSING = kind(
    "DONOR_TEST_MISSING",
    409,
    N_("The donor's %(marker)s is not on record."),
    resolver=N_("the technician or QA"),
    next_step=N_("Enter the laboratory's result with laboratory, kit and report."),
)
DONOR_TEST_WINDOW = kind(
    "DONOR_TEST_WINDOW",
    409,
    N_("The donor's sample was taken on day %(day)s; it must be of day 0 to day +%(last)s of the donation."),
    resolver=N_("QA"),
    next_step=N_("Have a sample of the donation itself tested; the 30-day window is for stem-cell donations."),
)
DONOR_NOT_ELIGIBLE = kind(
    "DONOR_NOT_ELIGIBLE",
    409,
    N_("The donor is not eligible: %(finding)s."),
    resolver=N_("nobody: this finding excludes the donation"),
    next_step=N_("Reject the collection."),
)
DONOR_RISK_ASSESSMENT = kind(
    "DONOR_RISK_ASSESSMENT",
    409,
    N_("%(marker)s is reactive and its risk assessment is missing."),
    resolver=N_("QA"),
    next_step=N_("Write the assessment with its evidence, then accept; or reject the collection."),
)
HAEMODILUTION = kind(
    "HAEMODILUTION",
    409,
    N_("Infusions before the donor's sample were not excluded (%(infusion)s) and their dilution is not assessed."),
    resolver=N_("QA"),
    next_step=N_("Write the haemodilution assessment, or have a sample from before the infusions tested."),
)
DONOR_MISMATCH = kind(
    "DONOR_MISMATCH",
    409,
    N_("Donor %(donor)s and subject %(subject)s do not belong together: each subject has one stem-cell donor."),
    resolver=N_("nobody: donor and subject stay together for ever"),
    next_step=N_("Compare both codes with the paper of the transplant."),
)


@dataclass(frozen=True, slots=True)
class DonorFacts:
    """What acceptance is judged by. ``results``: marker to result; days are calendar days in Amsterdam.

    None is unanswered, and unanswered is never “no”.
    """

    results: Mapping[str, str]
    donated_on: date | None
    sampled_on: date | None
    htlv_risk: bool | None
    blood_or_colloids_48h: bool | None
    crystalloids_1h: bool | None
    interview_suitable: bool | None
    examination_suitable: bool | None
    assessment: str | None


def donor_refusals(facts: DonorFacts) -> tuple[Refusal, ...]:
    """Every reason why this donation may not be accepted."""
    return (
        *missing_refusals(facts.results, htlv_risk=facts.htlv_risk),
        *window_refusals(facts.donated_on, facts.sampled_on),
        *_reactive(facts.results, assessed=bool((facts.assessment or "").strip())),
        *_diluted(facts),
        *_suitable(facts),
    )


def missing_refusals(results: Mapping[str, str], *, htlv_risk: bool | None) -> tuple[Refusal, ...]:
    """One refusal for each marker without a result; the HTLV question must be answered, and “yes” asks its marker."""
    wanted = (*ALWAYS, Marker.ANTI_HTLV) if htlv_risk else ALWAYS
    missing = [DONOR_TEST_MISSING(marker=MARKER_NAMES[marker]) for marker in wanted if marker not in results]
    if htlv_risk is None:
        missing.append(DONOR_TEST_MISSING(marker=N_("answer to the HTLV question")))
    return tuple(missing)


def at_the_donation(started_at: datetime | None, sampled_at: datetime | None) -> bool:
    """Whether the sample was drawn for this donation: up to twelve hours before its start, also across midnight.

    The sample is taken before the procedure (haemodilution); a start soon after midnight does not make it too old.
    """
    if started_at is None or sampled_at is None:
        return False
    return timedelta(0) <= started_at - sampled_at <= AT_DONATION


def window_day(donated_on: date | None, sampled_on: date | None) -> int | None:
    """Days from donation to sample: 0 is the day of the donation, +3 three days later."""
    return None if donated_on is None or sampled_on is None else (sampled_on - donated_on).days


def window_refusals(donated_on: date | None, sampled_on: date | None) -> tuple[Refusal, ...]:
    day = window_day(donated_on, sampled_on)
    if day is not None and 0 <= day <= WINDOW_DAYS:
        return ()
    return (DONOR_TEST_WINDOW(day="?" if day is None else f"{day:+d}", last=WINDOW_DAYS),)


def _reactive(results: Mapping[str, str], *, assessed: bool) -> tuple[Refusal, ...]:
    """anti-HBc and syphilis may be assessed (Annex II 1.3, 1.4); any other reactive marker excludes."""
    refusals = []
    for marker in Marker:
        if results.get(marker) != MarkerResult.REACTIVE:
            continue
        if marker not in ASSESSABLE:
            refusals.append(DONOR_NOT_ELIGIBLE(finding=f"{MARKER_NAMES[marker]} reactive"))
        elif not assessed:
            refusals.append(DONOR_RISK_ASSESSMENT(marker=MARKER_NAMES[marker]))
    return tuple(refusals)


def _diluted(facts: DonorFacts) -> tuple[Refusal, ...]:
    assessed = bool((facts.assessment or "").strip())
    infusions = (
        (facts.blood_or_colloids_48h, N_("blood or colloids within 48 h")),
        (facts.crystalloids_1h, N_("crystalloids within 1 h")),
    )
    return tuple(
        HAEMODILUTION(infusion=name) for answer, name in infusions if answer is None or (answer and not assessed)
    )


def _suitable(facts: DonorFacts) -> tuple[Refusal, ...]:
    answers = (
        (facts.interview_suitable, N_("the interview")),
        (facts.examination_suitable, N_("the examination")),
    )
    return tuple(DONOR_NOT_ELIGIBLE(finding=name) for answer, name in answers if not answer)


def donor_code_refusals(code: str) -> tuple[Refusal, ...]:
    """A local code that begins with a letter, so that no number of a person fits."""
    if DONOR_CODE.fullmatch(code):
        return ()
    expected = N_("3 to 20 capital letters, digits and hyphens, first a letter")
    return (ID_FORMAT(name=N_("Donor code"), expected=expected, field="donor_code"),)


def donor_pair_refusals(
    donor: str, subject: str, *, subject_of_donor: str | None, donors_of_subject: Iterable[str]
) -> tuple[Refusal, ...]:
    """One donor for one subject, one subject for one donor (F-COI-1, TR-DONORTYPE)."""
    taken = subject_of_donor is not None and subject_of_donor != subject
    other = any(known != donor for known in donors_of_subject)
    return (DONOR_MISMATCH(donor=donor, subject=subject, field="donor_code"),) if taken or other else ()
