"""Freezing and thawing a container: acts the process version may allow, each with a clock of its own.

Frozen, the clocks of the fresh product stop and the frozen shelf life runs; thawed, the post-thaw hours run, and the
frozen shelf life still ends when it would have ended. Hours come from the frozen process version.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kernel.refusals import FUTURE_TIME, N_, Refusal, kind
from manufacturing.domain.expiry import Expiry, ShelfLife, expiry, is_expired, local_text
from manufacturing.domain.plan import Cryopreservation
from manufacturing.domain.trial import TIME_ORDER

CRYO_NOT_PLANNED = kind(
    "CRYO_NOT_PLANNED",
    409,
    N_("The process version of this batch does not freeze its product."),
    resolver=N_("nobody: it would be another process"),
    next_step=N_("Do not freeze it. Another process version can allow it for later batches."),
)
CRYO_STATE = kind(
    "CRYO_STATE",
    409,
    N_("%(container)s is %(state)s; a container is frozen once, thawed once, and never frozen again."),
    resolver=N_("nobody"),
    next_step=N_("Compare the container with this page; call QA when they differ."),
)
CRYO_EXPIRED = kind(
    "CRYO_EXPIRED",
    409,
    N_("%(container)s expired on %(expires)s; it was expired at the time given."),
    resolver=N_("QA"),
    next_step=N_("Do not use it. Tell QA; it is rejected or destroyed."),
)


@dataclass(frozen=True, slots=True)
class CryoFacts:
    """A container as freezing or thawing is judged. ``expires_at``: before the act."""

    container: str
    filled_at: datetime
    frozen_at: datetime | None
    thawed_at: datetime | None
    expires_at: datetime
    at: datetime
    now: datetime


def state_of(frozen_at: datetime | None, thawed_at: datetime | None) -> str:
    return "thawed" if thawed_at else "frozen" if frozen_at else "fresh"


def freeze_refusals(facts: CryoFacts, plan: Cryopreservation | None) -> tuple[Refusal, ...]:
    return (
        *((CRYO_NOT_PLANNED(),) if plan is None else ()),
        *_common(facts, "fresh", N_("The freezing"), N_("The fill"), facts.filled_at),
    )


def thaw_refusals(facts: CryoFacts) -> tuple[Refusal, ...]:
    return _common(facts, "frozen", N_("The thaw"), N_("The freezing"), facts.frozen_at or facts.filled_at)


def _common(facts: CryoFacts, wanted: str, name: str, earlier: str, not_before: datetime) -> tuple[Refusal, ...]:
    """State, times and expiry; what had expired is neither frozen nor thawed into life."""
    refusals = []
    state = state_of(facts.frozen_at, facts.thawed_at)
    if state != wanted:
        refusals.append(CRYO_STATE(container=facts.container, state=state))
    if facts.at > facts.now:
        refusals.append(FUTURE_TIME(name=name, field="at"))
    if facts.at < not_before:
        refusals.append(TIME_ORDER(name=name, earlier=earlier, field="at"))
    if is_expired(facts.expires_at, facts.at):
        refusals.append(CRYO_EXPIRED(container=facts.container, expires=local_text(facts.expires_at)))
    return tuple(refusals)


def cryo_expiry(plan: Cryopreservation | None, frozen_at: datetime | None, thawed_at: datetime | None) -> Expiry | None:
    """The clocks of a container that was frozen; None where it never was, and the clocks of the batch hold."""
    if plan is None or frozen_at is None:
        return None
    clocks = [ShelfLife("freezing", frozen_at, plan.frozen_hours)]
    if thawed_at is not None:
        clocks.append(ShelfLife("thaw", thawed_at, plan.post_thaw_hours))
    return expiry(tuple(clocks))
