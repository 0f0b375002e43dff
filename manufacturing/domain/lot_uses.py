"""What a lot may be used for at one moment: approved, in date, of the right kind, enough of it (ATMP-7-LOT, ATMP-7-OPEN)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kernel.quantities import exact, expanded
from kernel.refusals import FUTURE_TIME, MISSING_FIELD, N_, Refusal, kind
from kernel.words import Words
from manufacturing.domain.expiry import hours, is_expired, local_text
from manufacturing.domain.material_kinds import MaterialKind
from manufacturing.domain.materials import (
    LOT_BALANCE,
    LOT_EXPIRED,
    LOT_NOT_APPROVED,
    STOPPED,
    LotStatus,
    quantity_refusals,
)
from manufacturing.domain.numbering import check_of, with_check
from manufacturing.domain.plan import PlannedMaterial

NEW_PIECE = "new"
MOST_PIECES = 99
_PIECE = re.compile(r"(M[0-9]{2}-[0-9]{4}-P[0-9]{2})-([0-9A-Z*])", re.ASCII)

LOT_KIND = kind(
    "LOT_KIND",
    409,
    N_("Lot %(lot)s is %(material)s; the step asks for %(wanted)s here."),
    resolver=N_("you"),
    next_step=N_("Look at what is in your hand; scan the lot of the material asked for."),
)
LOT_IN_USE_EXPIRED = kind(
    "LOT_IN_USE_EXPIRED",
    409,
    N_("%(piece)s of lot %(lot)s (%(material)s) could be used until %(until)s after it was opened."),
    resolver=N_("nobody: what was open too long is not used"),
    next_step=N_("Discard it and open another one."),
)
PIECE_UNKNOWN = kind(
    "PIECE_UNKNOWN",
    409,
    N_("“%(typed)s” is no opened piece of lot %(lot)s."),
    resolver=N_("you"),
    next_step=N_("Scan the code on the opened bottle or vial, or say that it was opened for this use."),
)
PIECE_COUNT = kind(
    "PIECE_COUNT",
    409,
    N_("Of lot %(lot)s %(most)s pieces were opened already; there is no further number."),
    resolver=N_("QA"),
    next_step=N_("Ask QA."),
)
NO_IN_USE_TIME = kind(
    "NO_IN_USE_TIME",
    409,
    N_("%(material)s (lot %(lot)s) has no in-use time; nobody records when it is opened."),
    resolver=N_("QA and the QP, by the list of materials"),
    next_step=N_("Use it; its expiry is all that counts."),
)
LOT_WITNESS = kind(
    "LOT_WITNESS",
    409,
    N_("Lot %(lot)s is “%(state)s”; it is destroyed before a second person."),
    resolver=N_("you and a colleague"),
    next_step=N_("Record the destruction with both signatures."),
)
MATERIAL_MISSING = kind(
    "MATERIAL_MISSING",
    409,
    N_("Step %(position)s (%(step)s) has no lot of what it requires: %(materials)s."),
    resolver=N_("the technicians of the batch"),
    next_step=N_("Scan the lots on the page of the step."),
)


@dataclass(frozen=True, slots=True)
class LotFacts:
    """One lot at the moment of use. ``state``: by the decisions made until then.

    ``until``: the end of the in-use time of the piece that was used; None where no piece is named.
    """

    code: str
    kind: MaterialKind
    state: str
    expires_at: datetime
    left: Decimal
    piece: str = ""
    until: datetime | None = None

    @property
    def material(self) -> Words:
        return self.kind.title


@dataclass(frozen=True, slots=True)
class UseFacts:
    """``wanted``: key of the kind that was asked for, empty for what the plan does not name, and how people call it.

    ``prefix``: of the form's fields.
    """

    lot: LotFacts
    quantity: Decimal
    used_at: datetime
    wanted: str = ""
    wanted_title: Words | None = None
    prefix: str = ""


def use_refusals(facts: UseFacts) -> tuple[Refusal, ...]:
    """Every reason why this lot was not used so, then (LOT_NOT_APPROVED, LOT_EXPIRED, LOT_BALANCE and the others)."""
    lot, field = facts.lot, f"{facts.prefix}lot"
    refusals: list[Refusal] = []
    if facts.wanted and facts.wanted != lot.kind.key:
        wanted = facts.wanted_title or facts.wanted
        refusals.append(LOT_KIND(lot=lot.code, material=lot.material, wanted=wanted, field=field))
    if lot.state != LotStatus.APPROVED:
        refusals.append(LOT_NOT_APPROVED(lot=lot.code, material=lot.material, state=lot.state, field=field))
    refusals.extend(date_refusals(lot, facts.used_at, prefix=facts.prefix))
    if lot.kind.in_use is not None and not lot.piece:
        refusals.append(MISSING_FIELD(name=N_("Which opened piece it was"), field=f"{facts.prefix}piece"))
    wrong = quantity_refusals(lot.kind, facts.quantity)
    refusals.extend(one.kind(**{**dict(one.facts), "field": f"{facts.prefix}quantity"}) for one in wrong)
    if not wrong:
        refusals.extend(balance_refusals(lot, facts.quantity, field=f"{facts.prefix}quantity"))
    return tuple(refusals)


def date_refusals(lot: LotFacts, at: datetime, *, prefix: str = "") -> tuple[Refusal, ...]:
    """The date on the label, and how long the piece may be used after it was opened; each by itself."""
    refusals: list[Refusal] = []
    if is_expired(lot.expires_at, at):
        expires = local_text(lot.expires_at)
        refusals.append(LOT_EXPIRED(lot=lot.code, material=lot.material, expires=expires, field=f"{prefix}lot"))
    if lot.until is not None and is_expired(lot.until, at):
        until, field = local_text(lot.until), f"{prefix}piece"
        refusals.append(
            LOT_IN_USE_EXPIRED(piece=lot.piece, lot=lot.code, material=lot.material, until=until, field=field)
        )
    return tuple(refusals)


def balance_refusals(lot: LotFacts, quantity: Decimal, *, field: str) -> tuple[Refusal, ...]:
    """A balance never goes below 0 (ATMP-7-BAL)."""
    if exact(quantity) <= exact(lot.left):
        return ()
    left, asked = expanded(lot.left), expanded(quantity)
    return (
        LOT_BALANCE(lot=lot.code, material=lot.material, left=left, unit=lot.kind.unit, quantity=asked, field=field),
    )


def opening_refusals(lot: LotFacts, at: datetime, now: datetime) -> tuple[Refusal, ...]:
    """Why no piece of this lot was opened then."""
    refusals: list[Refusal] = []
    if lot.kind.in_use is None:
        refusals.append(NO_IN_USE_TIME(lot=lot.code, material=lot.material))
    if at > now:
        refusals.append(FUTURE_TIME(name=N_("The opening"), field="opened_at"))
    if lot.state != LotStatus.APPROVED:
        refusals.append(LOT_NOT_APPROVED(lot=lot.code, material=lot.material, state=lot.state))
    if not lot.left:
        refusals.extend(balance_refusals(lot, Decimal(1), field="opened_at"))
    return (*refusals, *date_refusals(lot, at))


def discard_refusals(lot: LotFacts, quantity: Decimal, *, witnessed: bool) -> tuple[Refusal, ...]:
    """No more than there is; what was stopped is destroyed before a second person."""
    wrong = quantity_refusals(lot.kind, quantity)
    refusals = [*wrong] if wrong else [*balance_refusals(lot, quantity, field="quantity")]
    if lot.state in STOPPED and not witnessed:
        refusals.append(LOT_WITNESS(lot=lot.code, state=lot.state))
    return tuple(refusals)


def usable_until(kind_of_lot: MaterialKind, started_at: datetime, expires_at: datetime) -> datetime:
    """The end of the in-use time, never later than the lot itself."""
    if kind_of_lot.in_use is None:
        return expires_at
    return min(expires_at, started_at + hours(kind_of_lot.in_use.hours))


def missing_materials(planned: tuple[PlannedMaterial, ...], used: Iterable[tuple[str, Decimal]]) -> tuple[str, ...]:
    """Kinds that a step requires and of which nothing is on record; ``used``: kind and quantity."""
    known = {key for key, quantity in used if quantity > 0}
    return tuple(one.kind for one in planned if one.required and one.kind not in known)


def piece_code(lot: str, number: int) -> str:
    """``M26-0001-P02-8``: the second piece of a lot that was opened."""
    if not 1 <= number <= MOST_PIECES:
        raise ValueError("opened pieces of a lot run from 1 to 99")
    return with_check(f"{lot[:8]}-P{number:02}")


def read_piece_code(text: str) -> str | None:
    """The code as printed, or None."""
    typed = text.strip(" \t\r\n")
    match = _PIECE.fullmatch(typed)
    return typed if match is not None and check_of(match[1]) == match[2] else None
