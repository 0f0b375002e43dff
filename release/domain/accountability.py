"""What of a trial is where: every container received, given, come back and destroyed, until it adds up (DSP-ACC).

Received = in stock + with the pharmacy + with the ward + waiting to be destroyed + accounted for, in containers; filled =
drawn as samples + given + destroyed + lost + left, in exact mL. What does not add up is said of the container it concerns.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from kernel.quantities import expanded
from kernel.refusals import N_
from manufacturing.domain.materials import total
from release.domain.reconciling import Idle, Unit


class Scope(StrEnum):
    """What a log is kept of."""

    TRIAL = "trial"
    SUBJECT = "subject"
    BATCH = "batch"


class Stage(StrEnum):
    """Where a container counts now; each counts once."""

    IN_STOCK = "in_stock"
    DISPENSED = "dispensed"
    WITH_THE_WARD = "with_the_ward"
    TO_DESTROY = "to_be_destroyed"
    TOO_MUCH = "too_much"
    ACCOUNTED = "accounted_for"


NOT_HANDED_OVER = N_("dispensed, and not handed over yet")
NOT_RECORDED = N_("with the ward, and what was given is not on record")
REST = N_("%(left)s mL were not given, are with the ward or back, and wait to be destroyed by two people")
MORE_THAN_FILLED = N_("%(left)s mL more are on record as drawn, given or destroyed than were filled")
KEPT: dict[Idle | None, str] = {
    Idle.REJECTED: N_("rejected; %(left)s mL wait to be destroyed by two people"),
    Idle.EXPIRED: N_("expired; %(left)s mL wait to be destroyed by two people"),
    Idle.RETURNED: REST,
    Idle.UNUSED: N_("%(left)s mL in stock were not dispensed in 30 days; ask whether they are still wanted"),
}
ENDED = {Idle.RETURNED, Idle.REJECTED, Idle.EXPIRED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One container: what is on record of its content, how far it came, and why what is left of it lies idle."""

    unit: Unit
    handed_over: bool
    idle: Idle | None

    @property
    def stage(self) -> Stage:
        """What is out counts as out, whatever its volumes say; then what does not add up is told before what does. What
        nobody may get any more is no stock, wherever it lies."""
        if self.unit.out:
            return Stage.WITH_THE_WARD if self.handed_over else Stage.DISPENSED
        if self.unit.left < 0:
            return Stage.TOO_MUCH
        if self.unit.left == 0:
            return Stage.ACCOUNTED
        return Stage.TO_DESTROY if self.idle in ENDED else Stage.IN_STOCK


@dataclass(frozen=True, slots=True)
class Balance:
    """Sums in mL, and containers by stage."""

    received: int
    stages: tuple[tuple[Stage, int], ...]
    filled: Decimal
    sampled: Decimal
    given: Decimal
    destroyed: Decimal
    lost: Decimal
    left: Decimal


def open_point(account: Account) -> str | None:
    """What somebody still has to do about this container; a bag in stock that may yet be given is nothing open."""
    said = {Stage.DISPENSED: NOT_HANDED_OVER, Stage.WITH_THE_WARD: NOT_RECORDED, Stage.TOO_MUCH: MORE_THAN_FILLED}
    if account.stage in said:
        return said[account.stage]
    return None if account.stage is Stage.ACCOUNTED else KEPT.get(account.idle)


def left_shown(account: Account) -> str:
    """In mL, without its sign: the sentence says whether it is missing or too much."""
    return expanded(abs(account.unit.left))


def balance(accounts: Iterable[Account]) -> Balance:
    """Each container stands in exactly one stage; volumes are summed exactly."""
    found = list(accounts)
    units = [one.unit for one in found]
    return Balance(
        len(found),
        tuple((stage, sum(one.stage is stage for one in found)) for stage in Stage),
        *(
            total([getattr(one, name) for one in units])
            for name in ("filled", "sampled", "given", "destroyed", "lost", "left")
        ),
    )
