"""Corrective and preventive actions of a deviation: who does what until when, and whether it helped (ATMP-DEV-1).

An action may outlive its deviation; whether it was effective is checked by somebody who neither owned nor did it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kernel.lifecycle import Lifecycle, Transition, states
from kernel.refusals import N_, Refusal, kind

SOD_CAPA = kind(
    "SOD_CAPA",
    403,
    N_("Who owned an action or reported it done may not check whether it was effective."),
    resolver=N_("another QA officer"),
    next_step=N_("Ask a colleague in QA to check it."),
)
DUE_DAY_PAST = kind(
    "DUE_DAY_PAST",
    422,
    N_("The day it is due (%(day)s) lies in the past."),
    resolver=N_("you"),
    next_step=N_("Give a day from today on."),
)
OWNER_UNKNOWN = kind(
    "OWNER_UNKNOWN",
    422,
    N_("An action belongs to a person with an active account who works with these records."),
    resolver=N_("you"),
    next_step=N_("Choose the owner from the list."),
)


class CapaStatus(StrEnum):
    OPEN = "open"
    DONE = "done"
    EFFECTIVE = "found_effective"
    CANCELLED = "cancelled"


class CapaKind(StrEnum):
    CORRECTIVE = "corrective"
    PREVENTIVE = "preventive"


@dataclass(frozen=True, slots=True)
class CheckFacts:
    """``involved``: the owners it ever had and whoever reported it done."""

    signer: str
    involved: frozenset[str]


def somebody_else_checks(facts: CheckFacts) -> Refusal | None:
    return SOD_CAPA() if facts.signer in facts.involved else None


CAPA = Lifecycle(
    record="action",
    states=CapaStatus,
    transitions=(
        Transition("postpone", states(CapaStatus.OPEN), CapaStatus.OPEN, "capa:plan", meaning=("due day changed",)),
        Transition("report_done", states(CapaStatus.OPEN), CapaStatus.DONE, "capa:do", meaning=("action done",)),
        Transition(
            "confirm",
            states(CapaStatus.DONE),
            CapaStatus.EFFECTIVE,
            "capa:check",
            meaning=("action effective",),
            guards=(somebody_else_checks,),
        ),
        Transition(
            "send_back",
            states(CapaStatus.DONE),
            CapaStatus.OPEN,
            "capa:check",
            meaning=("action not effective",),
            guards=(somebody_else_checks,),
        ),
        Transition("cancel", states(CapaStatus.OPEN), CapaStatus.CANCELLED, "capa:plan", meaning=("action cancelled",)),
    ),
)


def due_refusals(due_on: date, today: date) -> tuple[Refusal, ...]:
    """Calendar days in Amsterdam; today is still good."""
    return (DUE_DAY_PAST(day=due_on.isoformat(), field="due_on"),) if due_on < today else ()


def owner_refusals(*, known: bool) -> tuple[Refusal, ...]:
    return () if known else (OWNER_UNKNOWN(field="owner"),)


def overdue(status: str, due_on: date, today: date) -> bool:
    """Not done on the day it was due; what is done waits for its check, not for its owner."""
    return status == CapaStatus.OPEN and due_on < today
