"""What became of every container, and when a batch may be closed (ATMP-RECON, DSP-REM; requirements 14.2).

Filled = drawn as samples + given + destroyed + lost with its explanation, in exact mL. Nothing goes back to stock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from kernel.quantities import exact, expanded, to_decimal
from kernel.refusals import MISSING_FIELD, N_, Refusal, kind
from manufacturing.domain.batches import SAMPLES_OPEN
from manufacturing.domain.expiry import is_expired
from manufacturing.domain.holds import held_refusal
from manufacturing.domain.trial import TRIAL_ON_HOLD
from release.domain.decisions import Disposition
from release.domain.refusals import DEVIATION_OPEN
from release.domain.scan_facts import HoldFacts

SHORTEST_EXPLANATION = 10
UNUSED_AFTER = timedelta(days=30)
UNDECIDED = frozenset({None, Disposition.QUARANTINE, Disposition.CERTIFIED_PENDING})

UNITS_OPEN = kind(
    "UNITS_OPEN",
    409,
    N_("Container %(container)s is not accounted for: %(left)s mL were neither given nor destroyed."),
    resolver=N_("the pharmacy and the technicians"),
    next_step=N_("Record what was given; have two people destroy what is left, and say what was lost."),
)
NOT_FINAL = kind(
    "NOT_FINAL",
    409,
    N_("The decision about container %(container)s is not final (%(state)s)."),
    resolver=N_("the QP"),
    next_step=N_("Certify the second stage, or reject; then close the batch."),
)
UNIT_OUT = kind(
    "UNIT_OUT",
    409,
    N_("Container %(container)s was dispensed, and what was given is not on record."),
    resolver=N_("the ward"),
    next_step=N_("Record the infusion, or that it did not take place; then destroy what is left."),
)
NOTHING_LEFT = kind(
    "NOTHING_LEFT",
    409,
    N_("Nothing is left of container %(container)s."),
    resolver=N_("nobody: all of it is accounted for"),
    next_step=N_("Compare the code on the bag in your hand with the record."),
)
DESTROYED_TOO_MUCH = kind(
    "DESTROYED_TOO_MUCH",
    422,
    N_("%(volume)s mL cannot be destroyed: %(left)s mL are left of container %(container)s."),
    resolver=N_("you"),
    next_step=N_("Enter a volume above 0 and at most what is left."),
)

OVERLAYS_OPEN = kind(
    "OVERLAYS_OPEN",
    409,
    N_("Overlays are printed, and neither on their container nor destroyed: %(overlays)s."),
    resolver=N_("the pharmacy and the technicians"),
    next_step=N_("Find each of them; two people destroy it."),
)


@dataclass(frozen=True, slots=True)
class Unit:
    """One container, in mL. ``left_pharmacy``: a dispensing stands; ``out``: nobody recorded yet what became of it."""

    code: str
    filled: Decimal
    sampled: Decimal = Decimal(0)
    given: Decimal = Decimal(0)
    destroyed: Decimal = Decimal(0)
    lost: Decimal = Decimal(0)
    left_pharmacy: bool = False
    out: bool = False
    disposition: Disposition | None = None

    @property
    def left(self) -> Decimal:
        """What is neither given nor destroyed; below 0 where more was given than was there."""
        gone = sum(map(exact, (self.sampled, self.given, self.destroyed, self.lost)), exact(Decimal(0)))
        return to_decimal(exact(self.filled) - gone)


@dataclass(frozen=True, slots=True)
class ClosingFacts:
    """``samples``: codes of those nobody answers for; ``deviations``: number, class and state of those not closed.

    ``holds``: those that are open; ``void``: why the certification no longer stands. ``labels``: what speaks against the
    count of its labels; ``overlays``: numbers of those that are printed and lie about.
    """

    units: tuple[Unit, ...]
    samples: tuple[str, ...] = ()
    deviations: tuple[tuple[str, str, str], ...] = ()
    holds: tuple[HoldFacts, ...] = ()
    void: tuple[Refusal, ...] = ()
    labels: tuple[Refusal, ...] = ()
    overlays: tuple[str, ...] = ()


def may_still_be_given(unit: Unit, expires_at: datetime, now: datetime) -> bool:
    """Whether a destruction would waste what somebody may wait for; it is said before anybody signs."""
    lost = unit.left_pharmacy or unit.disposition in {Disposition.REJECTED, Disposition.LATE_OOS}
    return not lost and unit.left > 0 and not is_expired(expires_at, now)


class Idle(StrEnum):
    """Why what is left of a container waits to be destroyed."""

    RETURNED = "returned"
    REJECTED = "rejected"
    EXPIRED = "expired"
    UNUSED = "unused"


def idle(unit: Unit, expires_at: datetime, waits_since: datetime | None, now: datetime) -> Idle | None:
    """``waits_since``: when it was filled; None for one that is kept frozen, which may wait for years (DSP-REM)."""
    if unit.left <= 0 or unit.out:
        return None
    if unit.left_pharmacy:
        return Idle.RETURNED
    if unit.disposition is Disposition.REJECTED:
        return Idle.REJECTED
    if is_expired(expires_at, now):
        return Idle.EXPIRED
    return Idle.UNUSED if waits_since is not None and now - waits_since >= UNUSED_AFTER else None


def destroying_refusals(unit: Unit, volume_ml: Decimal, explanation: str | None) -> tuple[Refusal, ...]:
    """Why this much may not be destroyed now; what stays missing then is lost and wants its explanation."""
    if unit.out:
        return (UNIT_OUT(container=unit.code),)
    if unit.left <= 0:
        return (NOTHING_LEFT(container=unit.code),)
    if not 0 < volume_ml <= unit.left:
        amounts = {"volume": expanded(volume_ml), "left": expanded(unit.left)}
        return (DESTROYED_TOO_MUCH(container=unit.code, field="volume_ml", **amounts),)
    if volume_ml < unit.left and len((explanation or "").strip()) < SHORTEST_EXPLANATION:
        return (MISSING_FIELD(name=N_("What became of the rest"), field="explanation"),)
    return ()


def closing_refusals(facts: ClosingFacts) -> tuple[Refusal, ...]:
    """Everything that is still open of a batch that is to be closed."""
    undecided = [one for one in facts.units if one.disposition in UNDECIDED]
    return (
        *(NOT_FINAL(container=one.code, state=one.disposition or "–") for one in undecided),
        *(UNITS_OPEN(container=one.code, left=expanded(one.left)) for one in facts.units if one.out or one.left != 0),
        *((SAMPLES_OPEN(samples=", ".join(facts.samples)),) if facts.samples else ()),
        *(DEVIATION_OPEN(number=one, classification=size, state=state) for one, size, state in facts.deviations),
        *(hold_refusal(one) for one in facts.holds),
        *facts.labels,
        *((OVERLAYS_OPEN(overlays=", ".join(facts.overlays)),) if facts.overlays else ()),
        *facts.void,
    )


def hold_refusal(hold: HoldFacts) -> Refusal:
    """Whatever the hold waits for may still concern the batch; closed, nobody would look at it again."""
    if hold.scope == "trial":
        return TRIAL_ON_HOLD(reason=hold.reason)
    return held_refusal(hold.scope, hold.cause, hold.reason)
