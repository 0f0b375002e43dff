"""When the donor was sampled, what was infused before, and whether the donor is fit as a source at all.

Source: Dir. 2006/17 Annex II 2, Annex IV; requirements 3. A non-mobilised leukapheresis is not a stem-cell collection:
the sample is taken at the donation or within seven days after it (TC-17-II.2.5); the thirty days before it, as for
stem cells, only with the justification that the QP signed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from kernel.refusals import N_, Refusal, kind
from manufacturing.domain.donors import (
    DONOR_NOT_ELIGIBLE,
    ImportFacts,
    import_refusals,
    missing_refusals,
    reactive_refusals,
)

WINDOW_DAYS = 7
JUSTIFIED_DAYS = 30
AT_DONATION = timedelta(hours=12)
CRYSTALLOIDS = timedelta(hours=1)

DONOR_TEST_WINDOW = kind(
    "DONOR_TEST_WINDOW",
    409,
    N_("The donor's sample was taken on day %(day)s; it must be of day %(first)s to day +%(last)s of the donation."),
    resolver=N_("QA; for a sample of the 30 days before, the QP"),
    next_step=N_("Have a sample of the donation itself tested, or ask the QP to justify the 30-day window."),
)
HAEMODILUTION = kind(
    "HAEMODILUTION",
    409,
    N_("Infusions before the donor's sample were not excluded (%(infusion)s) and their dilution is not assessed."),
    resolver=N_("QA"),
    next_step=N_("Write the haemodilution assessment, or have a sample from before the infusions tested."),
)


@dataclass(frozen=True, slots=True)
class DonorFacts:
    """What acceptance is judged by. ``results``: marker to result; days are calendar days in Amsterdam.

    None is unanswered, and unanswered is never “no”. ``required``: extra tests of the protocol. ``in_procedure``: the
    sample was drawn while saline and citrate ran. ``justified``: the QP signed for the 30-day window.
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
    required: tuple[str, ...] = ()
    in_procedure: bool = False
    justified: bool = False
    imported: ImportFacts = field(default_factory=ImportFacts)

    @property
    def assessed(self) -> bool:
        return bool((self.assessment or "").strip())


def donor_refusals(facts: DonorFacts) -> tuple[Refusal, ...]:
    """Every reason why this donation may not be accepted."""
    return (
        *missing_refusals(facts.results, htlv_risk=facts.htlv_risk, required=facts.required),
        *window_refusals(facts.donated_on, facts.sampled_on, justified=facts.justified),
        *reactive_refusals(facts.results, assessed=facts.assessed),
        *_diluted(facts),
        *_suitable(facts),
        *import_refusals(facts.imported),
    )


def at_the_donation(started_at: datetime | None, sampled_at: datetime | None) -> bool:
    """Whether the sample was drawn for this donation: up to twelve hours before its start, also across midnight.

    The sample is taken before the procedure (haemodilution); a start soon after midnight does not make it too old.
    """
    if started_at is None or sampled_at is None:
        return False
    return timedelta(0) <= started_at - sampled_at <= AT_DONATION


def in_the_procedure(started_at: datetime | None, ended_at: datetime | None, sampled_at: datetime | None) -> bool:
    """Drawn after the start and up to an hour after the end: saline and citrate ran within that hour (Annex II 2.3)."""
    if started_at is None or ended_at is None or sampled_at is None:
        return False
    return started_at < sampled_at < ended_at + CRYSTALLOIDS


def window_day(donated_on: date | None, sampled_on: date | None) -> int | None:
    """Days from donation to sample: 0 is the day of the donation, +3 three days later."""
    return None if donated_on is None or sampled_on is None else (sampled_on - donated_on).days


def window_refusals(
    donated_on: date | None, sampled_on: date | None, *, justified: bool = False
) -> tuple[Refusal, ...]:
    day = window_day(donated_on, sampled_on)
    first = -JUSTIFIED_DAYS if justified else 0
    if day is not None and first <= day <= WINDOW_DAYS:
        return ()
    return (DONOR_TEST_WINDOW(day="?" if day is None else f"{day:+d}", first=first, last=WINDOW_DAYS),)


def _diluted(facts: DonorFacts) -> tuple[Refusal, ...]:
    infusions = (
        (facts.blood_or_colloids_48h, N_("blood or colloids within 48 h")),
        (facts.crystalloids_1h, N_("crystalloids within 1 h")),
        (facts.in_procedure, N_("saline and citrate of the apheresis: the sample is not from before the procedure")),
    )
    return tuple(
        HAEMODILUTION(infusion=name) for answer, name in infusions if answer is None or (answer and not facts.assessed)
    )


def _suitable(facts: DonorFacts) -> tuple[Refusal, ...]:
    answers = (
        (facts.interview_suitable, N_("the interview")),
        (facts.examination_suitable, N_("the examination")),
    )
    return tuple(DONOR_NOT_ELIGIBLE(finding=name) for answer, name in answers if not answer)
