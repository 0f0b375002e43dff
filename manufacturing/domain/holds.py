"""Holds are records that stack (decision 26): stopping is easy, restarting is hard (ATMP-HOLD)."""

from __future__ import annotations

from enum import StrEnum

from kernel.refusals import N_, Refusal, kind


class HoldScope(StrEnum):
    TRIAL = "trial"
    SUBJECT = "subject"
    COLLECTION = "collection"
    BATCH = "batch"
    CONTAINER = "container"


class HoldCause(StrEnum):
    PERSON = "person"
    OOS = "oos"
    SAFETY = "safety"
    TEMPERATURE = "temperature"
    DONOR = "donor"
    LOT = "lot"
    LOOKBACK = "lookback"
    EQUIPMENT = "equipment"
    ENVIRONMENT = "environment"
    RECALL = "recall"
    DEFECT = "defect"


HOLD_LIFTED = kind(
    "HOLD_LIFTED",
    409,
    N_("This hold is already lifted."),
    resolver=N_("nobody"),
    next_step=N_("Open the record; other holds may still be open."),
)
HOLD_CAUSE_STANDS = kind(
    "HOLD_CAUSE_STANDS",
    409,
    N_("A hold of cause “%(cause)s” is not lifted this way."),
    resolver=N_("the QP by a decision on the batch, or the sponsor for a hold on the trial"),
    next_step=N_("Decide about the cause; the hold follows the decision."),
)
BATCH_ON_HOLD = kind(
    "BATCH_ON_HOLD",
    409,
    N_("The batch is on hold (%(scope)s): %(reason)s"),
    resolver=N_("the QP"),
    next_step=N_("Ask the QP to decide about the hold."),
)

BATCH_RECALLED = kind(
    "BATCH_RECALLED",
    409,
    N_("This is recalled (%(reason)s). Nothing of it is given."),
    resolver=N_("QA and the QP"),
    next_step=N_("Keep it apart, give it to nobody, and tell QA where it is."),
)

BY_THE_QP = frozenset(
    {
        HoldCause.PERSON,
        HoldCause.TEMPERATURE,
        HoldCause.DONOR,
        HoldCause.LOT,
        HoldCause.EQUIPMENT,
        HoldCause.ENVIRONMENT,
        HoldCause.DEFECT,
    }
)
BY_THE_SPONSOR = frozenset({HoldCause.SAFETY, HoldCause.PERSON})
"""Of a hold on the trial, whoever set it; of anything else the sponsor lifts none."""


def held_refusal(scope: str, cause: str, reason: str) -> Refusal:
    """What an open hold below the trial says to whoever meets it; a recall has a code of its own."""
    if cause == HoldCause.RECALL:
        return BATCH_RECALLED(reason=reason)
    return BATCH_ON_HOLD(scope=scope, reason=reason)


def lift_refusals(cause: str, *, lifted: bool, liftable: frozenset[HoldCause]) -> tuple[Refusal, ...]:
    """A failed result ends in a decision on the batch, never in a lifted hold (ATMP-DEV-2)."""
    if lifted:
        return (HOLD_LIFTED(),)
    return () if cause in liftable else (HOLD_CAUSE_STANDS(cause=cause),)
