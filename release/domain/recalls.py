"""A recall: everything that came from one source is frozen, everybody is told, every unit is accounted for.

Source: requirements ATMP-14-RECALL, ATMP-14-MOCK, 14.4; decision 26: recalled is a record over a unit, not a state of it.
A drill goes the same way and moves nothing but its own records.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from kernel.lifecycle import Lifecycle, Transition, states
from kernel.refusals import MISSING_FIELD, N_, Refusal, kind
from release.domain.reconciling import SHORTEST_EXPLANATION, Unit


class RecallScope(StrEnum):
    BATCH = "batch"
    LOT = "lot"
    DONOR = "donor"
    COLLECTION = "collection"
    EQUIPMENT = "equipment"


class RecallClass(StrEnum):
    """1: may endanger life or do serious harm; 2: may do harm; 3: unlikely to do harm."""

    ONE = "class_1"
    TWO = "class_2"
    THREE = "class_3"


class RecallStatus(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class Whereabouts(StrEnum):
    """``INFUSED`` and ``DESTROYED`` are read off the records; the others a person has seen to."""

    IN_STOCK = "in_stock"
    RETURNED = "returned"
    LOST = "lost"
    INFUSED = "infused"
    DESTROYED = "destroyed"


SAYABLE = (Whereabouts.IN_STOCK, Whereabouts.RETURNED, Whereabouts.LOST)

# Preset clocks of the Work page: by when everybody has confirmed, counted from the opening.
CONFIRM_WITHIN = {
    RecallClass.ONE: timedelta(hours=1),
    RecallClass.TWO: timedelta(hours=24),
    RecallClass.THREE: timedelta(hours=72),
}

SOD_RECALL = kind(
    "SOD_RECALL",
    403,
    N_("Who opened a recall or a drill may not close it."),
    resolver=N_("another QA officer or the QP"),
    next_step=N_("Ask a colleague to read and close it."),
)
RECALL_EMPTY = kind(
    "RECALL_EMPTY",
    409,
    N_("Nothing was made of or with %(record)s; there is nothing to recall."),
    resolver=N_("you"),
    next_step=N_("Check the code; stop the lot or the equipment on its own page."),
)
RECALL_OPEN = kind(
    "RECALL_OPEN",
    409,
    N_("Recall %(number)s of %(record)s is open already."),
    resolver=N_("QA and the QP"),
    next_step=N_("Open that recall and go on with it."),
)
RECALL_UNTOLD = kind(
    "RECALL_UNTOLD",
    409,
    N_("Not confirmed yet by: %(duties)s."),
    resolver=N_("the people named"),
    next_step=N_("Call them with the contact shown; each confirms on the page of the recall."),
)
RECALL_UNITS_OPEN = kind(
    "RECALL_UNITS_OPEN",
    409,
    N_("Not accounted for: %(containers)s."),
    resolver=N_("the pharmacy, the ward and QA"),
    next_step=N_("Find each container and say where it is; record what was infused or destroyed."),
)
RECALL_ANSWERED = kind(
    "RECALL_ANSWERED",
    409,
    N_("This is confirmed already."),
    resolver=N_("nobody"),
    next_step=N_("Open the recall: it shows who confirmed and when."),
)
RECALL_SIMULATED = kind(
    "RECALL_SIMULATED",
    409,
    N_("%(number)s is a drill: whoever leads it records the simulated answers."),
    resolver=N_("QA or the QP who leads the drill"),
    next_step=N_("Do nothing; in a drill nobody is really recalled."),
)
RECALL_CONTRADICTED = kind(
    "RECALL_CONTRADICTED",
    409,
    N_("“%(said)s” does not fit the records of container %(container)s: %(fact)s."),
    resolver=N_("whoever holds the container"),
    next_step=N_("Look at the container and its record; record first what really happened to it."),
)


@dataclass(frozen=True, slots=True)
class ClosingRecall:
    """``untold``: duties that did not confirm; ``unaccounted``: codes of containers nobody answers for."""

    signer: str
    opener: str
    untold: tuple[str, ...]
    unaccounted: tuple[str, ...]


def somebody_else_closes(facts: ClosingRecall) -> Refusal | None:
    return SOD_RECALL() if facts.signer == facts.opener else None


def everybody_confirmed(facts: ClosingRecall) -> Refusal | None:
    return RECALL_UNTOLD(duties=", ".join(facts.untold)) if facts.untold else None


def every_unit_is_accounted_for(facts: ClosingRecall) -> Refusal | None:
    return RECALL_UNITS_OPEN(containers=", ".join(facts.unaccounted)) if facts.unaccounted else None


RECALL = Lifecycle(
    record="recall",
    states=RecallStatus,
    transitions=(
        Transition(
            "close",
            states(RecallStatus.OPEN),
            RecallStatus.CLOSED,
            "recall:close",
            meaning=("recall closed",),
            guards=(somebody_else_closes, everybody_confirmed, every_unit_is_accounted_for),
        ),
    ),
)


def hold_reason(number: str, record: str, reason: str) -> str:
    """What every hold of a recall says; its number makes it the recall's own."""
    return f"{number}, {record}: {reason}"


def on_record(unit: Unit) -> Whereabouts | None:
    """What the records alone answer: nothing is left of it."""
    if unit.out or unit.left > 0:
        return None
    return Whereabouts.INFUSED if unit.given > 0 else Whereabouts.DESTROYED


def contradiction(unit: Unit, said: Whereabouts) -> str | None:
    """The fact that speaks against what somebody says of a container, if there is one."""
    facts = (
        (on_record(unit) is not None, N_("nothing is left of it")),
        (said not in SAYABLE, N_("that is read off the records")),
        (said is Whereabouts.IN_STOCK and unit.left_pharmacy, N_("it was dispensed")),
        (said is Whereabouts.RETURNED and not unit.left_pharmacy, N_("it was not dispensed")),
        (said is Whereabouts.RETURNED and unit.out, N_("the ward did not record yet what became of it")),
    )
    return next((fact for wrong, fact in facts if wrong), None)


def accounting_refusals(unit: Unit, said: Whereabouts, explanation: str | None) -> tuple[Refusal, ...]:
    """Why this cannot be said of the container; a lost one wants its explanation."""
    if fact := contradiction(unit, said):
        return (RECALL_CONTRADICTED(said=said.value, container=unit.code, fact=fact, field="whereabouts"),)
    if said is Whereabouts.LOST and len((explanation or "").strip()) < SHORTEST_EXPLANATION:
        return (MISSING_FIELD(name=N_("How it was lost, and what was done to find it"), field="explanation"),)
    return ()


def accounted(unit: Unit, said: Whereabouts | None) -> Whereabouts | None:
    """Where it is: by the records, or as somebody said unless a later record contradicts; None is unaccounted."""
    recorded = on_record(unit)
    if recorded is not None or said is None:
        return recorded
    return None if contradiction(unit, said) else said


@dataclass(frozen=True, slots=True)
class Effectiveness:
    """How far a recall reached: ``confirmed`` of ``told``; ``last_after``: from the opening to the last confirmation."""

    confirmed: int
    told: int
    last_after: timedelta | None


def effectiveness(opened_at: datetime, confirmations: Sequence[datetime | None]) -> Effectiveness:
    times = [at for at in confirmations if at is not None]
    return Effectiveness(len(times), len(confirmations), max(times) - opened_at if times else None)
