"""What is looked at when somebody reacts badly to a product: is there a cause in it, or in the donation (TR-S4).

Every severe or serious reaction opens a check of container and batch. The records fill it; QA answers each item and
concludes with a signature. It stops nothing by itself: what stops a product is a result, a hold or a recall.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from kernel.lifecycle import Lifecycle, Transition, states
from kernel.refusals import MISSING_FIELD, N_, Refusal, kind
from release.domain.defects import FollowUp
from release.domain.results import Outcome

WITHIN_SERIOUS, WITHIN = timedelta(hours=24), timedelta(days=7)


class CheckStatus(StrEnum):
    OPEN = "open"
    CONCLUDED = "concluded"


class Item(StrEnum):
    """In the order of the checklist."""

    STERILITY = "sterility"
    ENDOTOXIN = "endotoxin"
    RESULTS = "other_results"
    MARKERS = "donor_markers"
    BATCH_UNITS = "units_of_batch"
    DONOR_UNITS = "units_of_donor"


class Shown(StrEnum):
    """What the records say of an item. ``LISTED``: units have no verdict; they are there to be looked at."""

    IN_ORDER = "shown_in_order"
    CONCERN = "shown_concern"
    WAITING = "shown_waiting"
    LISTED = "shown_listed"


class Answer(StrEnum):
    IN_ORDER = "in_order"
    CONCERN = "concern"
    NOT_KNOWN = "not_known"


class CheckOutcome(StrEnum):
    NO_CAUSE = "no_quality_cause"
    UNDETERMINED = "cause_undetermined"
    PRODUCT = "cause_in_product"
    DONATION = "cause_in_donation"


FOUND = frozenset({CheckOutcome.PRODUCT, CheckOutcome.DONATION})
ITEM_NAMES = {
    Item.STERILITY: N_("Sterility"),
    Item.ENDOTOXIN: N_("Endotoxin"),
    Item.RESULTS: N_("Other results of the batch"),
    Item.MARKERS: N_("Markers of the donor"),
    Item.BATCH_UNITS: N_("Other units of the batch"),
    Item.DONOR_UNITS: N_("Other batches of the donor"),
}

SOD_CHECK = kind(
    "SOD_CHECK",
    403,
    N_("Who recorded the reaction may not conclude its quality check."),
    resolver=N_("another QA officer"),
    next_step=N_("Ask a colleague to look and conclude."),
)
CHECK_NOT_SHOWN = kind(
    "CHECK_NOT_SHOWN",
    422,
    N_("The records do not show “%(item)s” in order."),
    resolver=N_("you"),
    next_step=N_("Answer with concern, or that it is not known; or wait for the result."),
)
CHECK_OUTCOME = kind(
    "CHECK_OUTCOME",
    422,
    N_("The conclusion contradicts the answers: no cause needs every item in order, a cause needs one of concern."),
    resolver=N_("you"),
    next_step=N_("Answer the items and conclude so that they agree."),
)


@dataclass(frozen=True, slots=True)
class Concluding:
    signer: str
    recorder: str


def somebody_else_concludes(facts: Concluding) -> Refusal | None:
    return SOD_CHECK() if facts.signer == facts.recorder else None


REACTION_CHECK = Lifecycle(
    record="quality check",
    states=CheckStatus,
    transitions=(
        Transition(
            "conclude",
            states(CheckStatus.OPEN),
            CheckStatus.CONCLUDED,
            "check:conclude",
            meaning=("quality check concluded",),
            guards=(somebody_else_concludes,),
        ),
    ),
)


def is_checked(grade: int, *, serious: bool, severe_from: int) -> bool:
    """``severe_from``: the grade of the protocol's stopping rule; the relation is what the check helps to judge."""
    return serious or grade >= severe_from


def due(opened_at: datetime, *, serious: bool) -> datetime:
    return opened_at + (WITHIN_SERIOUS if serious else WITHIN)


def shown(outcomes: tuple[Outcome, ...]) -> Shown:
    """Of results; what is missing altogether is of concern."""
    if not outcomes or {Outcome.OOS, Outcome.UNDECIDABLE} & set(outcomes):
        return Shown.CONCERN
    return Shown.WAITING if Outcome.PENDING in outcomes else Shown.IN_ORDER


def concluding_refusals(
    seen: Mapping[Item, Shown], answers: Mapping[Item, Answer], outcome: CheckOutcome, follow_up: FollowUp
) -> tuple[Refusal, ...]:
    """``seen``: what the records say now."""
    found = [
        CHECK_NOT_SHOWN(item=ITEM_NAMES[item], field=item.value)
        for item, answer in answers.items()
        if answer is Answer.IN_ORDER and seen[item] in {Shown.CONCERN, Shown.WAITING}
    ]
    concern = Answer.CONCERN in answers.values()
    in_order = all(answer is Answer.IN_ORDER for answer in answers.values())
    if (outcome is CheckOutcome.NO_CAUSE and not in_order) or (outcome in FOUND and not concern):
        found.append(CHECK_OUTCOME(field="outcome"))
    if outcome in FOUND and follow_up is FollowUp.NOTHING:
        found.append(MISSING_FIELD(name=N_("What follows"), field="follow_up"))
    return tuple(found)
