"""A defect or complaint about a container: reported by whoever holds it, assessed by QA, closed by another (ATMP-14-DEFECT)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from kernel.lifecycle import Lifecycle, Transition, states
from kernel.refusals import FUTURE_TIME, MISSING_FIELD, N_, Refusal, kind

# The clock of the Work page: by when QA has said how serious it is.
ASSESS_WITHIN = timedelta(hours=24)


class DefectKind(StrEnum):
    LABEL = "label_defect"
    CONTAINER = "container_damage"
    APPEARANCE = "appearance_defect"
    TEMPERATURE = "temperature_doubt"
    DOCUMENTS = "documents_defect"
    EFFECT = "unexpected_effect"
    OTHER = "other_finding"


class DefectStatus(StrEnum):
    REPORTED = "reported"
    ASSESSED = "assessed"
    CLOSED = "closed"


class FollowUp(StrEnum):
    """What QA makes of it; everything but nothing has a record of its own."""

    NOTHING = "nothing_follows"
    DEVIATION = "deviation"
    OOS = "out_of_specification"
    RECALL = "recall"


SOD_DEFECT = kind(
    "SOD_DEFECT",
    403,
    N_("Who reported or assessed a defect may not close it."),
    resolver=N_("another QA officer or the QP"),
    next_step=N_("Ask a colleague to read and close it."),
)
DEFECT_FOLLOW_UP = kind(
    "DEFECT_FOLLOW_UP",
    422,
    N_("No %(follow_up)s “%(number)s” about this batch is on record."),
    resolver=N_("you"),
    next_step=N_("Open it first, then enter its number; or say that nothing follows."),
)


@dataclass(frozen=True, slots=True)
class ClosingDefect:
    signer: str
    reporter: str
    assessor: str


def somebody_else_closes(facts: ClosingDefect) -> Refusal | None:
    return SOD_DEFECT() if facts.signer in {facts.reporter, facts.assessor} else None


DEFECT = Lifecycle(
    record="defect",
    states=DefectStatus,
    transitions=(
        Transition(
            "assess",
            states(DefectStatus.REPORTED, DefectStatus.ASSESSED),
            DefectStatus.ASSESSED,
            "defect:assess",
            meaning=("defect assessed",),
        ),
        Transition(
            "close",
            states(DefectStatus.ASSESSED),
            DefectStatus.CLOSED,
            "defect:close",
            meaning=("defect closed",),
            guards=(somebody_else_closes,),
        ),
    ),
)


def reporting_refusals(seen_at: datetime, now: datetime) -> tuple[Refusal, ...]:
    return (FUTURE_TIME(name=N_("The time it was seen"), field="seen_at"),) if seen_at > now else ()


def follow_up_refusals(follow_up: FollowUp, number: str, known: frozenset[str]) -> tuple[Refusal, ...]:
    """``known``: numbers of records of that kind about the batch."""
    if follow_up is FollowUp.NOTHING:
        return ()
    if not number:
        return (MISSING_FIELD(name=N_("The number of what follows"), field="follow_number"),)
    if number not in known:
        return (DEFECT_FOLLOW_UP(follow_up=follow_up.value, number=number, field="follow_number"),)
    return ()
