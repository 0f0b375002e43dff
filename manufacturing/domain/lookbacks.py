"""What becomes known of a donor after the donation (TC-LOOKBACK), and what happened to the donor at it (TR-S5).

A look-back holds every unit of the donor until somebody else than its opener concludes it, after the physician, the QP
and the sponsor have acknowledged.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from kernel.lifecycle import Lifecycle, Transition, states
from kernel.refusals import FUTURE_TIME, N_, Refusal, kind
from manufacturing.domain.trial import TIME_ORDER

# Serious events reach the tissue establishment without undue delay (2006/86 art. 5-6); this is the clock on the Work page.
REPORT_WITHIN = timedelta(hours=24)

SOD_LOOKBACK = kind(
    "SOD_LOOKBACK",
    403,
    N_("Who opened a look-back may not conclude it."),
    resolver=N_("another QA officer or the QP"),
    next_step=N_("Ask a colleague to read and conclude it."),
)
NOTICE_OPEN = kind(
    "NOTICE_OPEN",
    409,
    N_("Not acknowledged yet by: %(audience)s."),
    resolver=N_("the people named"),
    next_step=N_("Ask them to acknowledge on the page of the look-back; then conclude it."),
)
NOTICE_ANSWERED = kind(
    "NOTICE_ANSWERED",
    409,
    N_("This is acknowledged already."),
    resolver=N_("nobody"),
    next_step=N_("Open the look-back: it shows who acknowledged and when."),
)
DONOR_LOOKBACK = kind(
    "DONOR_LOOKBACK",
    409,
    N_("Look-back %(number)s of this donor is open; nothing more of the donor is planned."),
    resolver=N_("QA and the QP"),
    next_step=N_("Have the look-back concluded first."),
)
EVENT_NOT_SERIOUS = kind(
    "EVENT_NOT_SERIOUS",
    409,
    N_("This event is not serious; it is not reported to the tissue establishment."),
    resolver=N_("nobody"),
    next_step=N_("Record a new event if it turned out to be serious."),
)
EVENT_REPORTED = kind(
    "EVENT_REPORTED",
    409,
    N_("This event is reported already (%(reference)s)."),
    resolver=N_("nobody"),
    next_step=N_("Open the collection: it shows when and with which reference."),
)


class LookbackKind(StrEnum):
    SEROCONVERSION = "seroconversion"
    MALIGNANCY = "malignancy"
    OTHER = "other_finding"


class Audience(StrEnum):
    PHYSICIAN = "physician"
    QP = "qp"
    SPONSOR = "sponsor"


class LookbackStatus(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class EventKind(StrEnum):
    """What happens to donors at an apheresis."""

    CITRATE = "citrate_reaction"
    VASOVAGAL = "vasovagal_reaction"
    ACCESS = "vascular_access"
    ALLERGIC = "allergic_reaction"
    HYPOTENSION = "hypotension"
    BLEEDING = "bleeding"
    OTHER = "other_finding"


@dataclass(frozen=True, slots=True)
class ConclusionFacts:
    """``waiting``: audiences that have not acknowledged."""

    signer: str
    opener: str
    waiting: tuple[str, ...]


def somebody_else_concludes(facts: ConclusionFacts) -> Refusal | None:
    return SOD_LOOKBACK() if facts.signer == facts.opener else None


def everybody_knows(facts: ConclusionFacts) -> Refusal | None:
    return NOTICE_OPEN(audience=", ".join(facts.waiting)) if facts.waiting else None


LOOKBACK = Lifecycle(
    record="look-back",
    states=LookbackStatus,
    transitions=(
        Transition(
            "conclude",
            states(LookbackStatus.OPEN),
            LookbackStatus.CLOSED,
            "lookback:conclude",
            meaning=("look-back concluded",),
            guards=(somebody_else_concludes, everybody_knows),
        ),
    ),
)


def planning_refusals(open_numbers: Iterable[str]) -> tuple[Refusal, ...]:
    """Nothing new of a donor while a look-back is open."""
    return tuple(DONOR_LOOKBACK(number=number, field="donor_code") for number in open_numbers)


def happened_refusals(happened_at: datetime, now: datetime) -> tuple[Refusal, ...]:
    name = N_("The time of the event")
    return (FUTURE_TIME(name=name, field="happened_at"),) if happened_at > now else ()


def reporting_refusals(
    *, serious: bool, reference: str | None, happened_at: datetime, reported_at: datetime, now: datetime
) -> tuple[Refusal, ...]:
    """``reference``: of a report that was made before. A report follows its event and is no plan."""
    if not serious:
        return (EVENT_NOT_SERIOUS(),)
    if reference is not None:
        return (EVENT_REPORTED(reference=reference),)
    name = N_("The report to the tissue establishment")
    if reported_at > now:
        return (FUTURE_TIME(name=name, field="reported_at"),)
    if reported_at < happened_at:
        return (TIME_ORDER(name=name, earlier=N_("The time of the event"), field="reported_at"),)
    return ()
