"""Lots of materials: received, approved by QA, used, discarded, stopped (ATMP-7-LOT, ATMP-9-REJ, requirements 14.7).

A lot is one receipt. Its expiry is an instant and is asked at the time of use; “expired” is computed, never stored.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from kernel.lifecycle import Lifecycle, Transition, states
from kernel.quantities import exact, expanded, to_decimal
from kernel.refusals import FUTURE_TIME, MISSING_FIELD, N_, Refusal, kind
from kernel.segregation import another_person
from manufacturing.domain.expiry import end_of_day, is_expired, local_text
from manufacturing.domain.material_kinds import MaterialKind
from manufacturing.domain.numbering import check_of, with_check

LOT_CODE = re.compile(r"(M[0-9]{2}-[0-9]{4})-([0-9A-Z*])", re.ASCII)
LARGEST_NUMBER = 9999

LOT_UNKNOWN = kind(
    "LOT_UNKNOWN",
    409,
    N_("“%(typed)s” is no lot that was received here."),
    resolver=N_("you"),
    next_step=N_("Scan the code on the label of the lot; what has none is received first."),
)
LOT_NOT_APPROVED = kind(
    "LOT_NOT_APPROVED",
    409,
    N_("Lot %(lot)s (%(material)s) is “%(state)s”; only an approved lot is used."),
    resolver=N_("QA"),
    next_step=N_("Take another lot, or ask QA to decide about this one."),
)
LOT_EXPIRED = kind(
    "LOT_EXPIRED",
    409,
    N_("Lot %(lot)s (%(material)s) expired on %(expires)s."),
    resolver=N_("nobody: an expired lot is not used"),
    next_step=N_("Take another lot and discard this one."),
)
LOT_EXPIRY = kind(
    "LOT_EXPIRY",
    422,
    N_("The expiry is a day or a time, one of the two."),
    resolver=N_("you"),
    next_step=N_("Copy it from the label; a day counts to its end, a month to its last day."),
)
LOT_QUANTITY = kind(
    "LOT_QUANTITY",
    422,
    N_("%(quantity)s %(unit)s is no quantity of this material."),
    resolver=N_("you"),
    next_step=N_("Enter a number above 0; what is counted in pieces has no fraction."),
)
LOT_BALANCE = kind(
    "LOT_BALANCE",
    409,
    N_("Of lot %(lot)s (%(material)s) %(left)s %(unit)s are left, not %(quantity)s."),
    resolver=N_("the technicians"),
    next_step=N_("Read the quantity again, or take the rest from another lot."),
)
LOT_CERTIFICATE_MISSING = kind(
    "LOT_CERTIFICATE_MISSING",
    409,
    N_("No certificate is attached to lot %(lot)s (%(material)s); this material is approved by its certificate."),
    resolver=N_("whoever received it, or QA"),
    next_step=N_("Attach the file of the certificate to the lot."),
)
LOT_CERTIFICATE_UNSEEN = kind(
    "LOT_CERTIFICATE_UNSEEN",
    409,
    N_("You have not opened the certificate %(filename)s (SHA-256 %(sha256)s)."),
    resolver=N_("you"),
    next_step=N_("Open the file, compare it with the lot and the list of materials, then approve."),
)
SOD_LOT = kind(
    "SOD_LOT",
    403,
    N_("Who received a lot may not approve it."),
    resolver=N_("another person in QA"),
    next_step=N_("Ask a colleague in QA to compare lot and certificate and approve it."),
)


class LotStatus(StrEnum):
    QUARANTINE = "quarantine"
    APPROVED = "approved"
    REJECTED = "rejected"
    RECALLED = "recalled"
    EMPTY = "empty"


EXPIRED = "expired"
STOPPED = frozenset({LotStatus.REJECTED, LotStatus.RECALLED})
LOT_STOPPED = N_("%(code)s (%(material)s, %(lot)s) %(status)s: %(why)s")


@dataclass(frozen=True, slots=True)
class ApprovalFacts:
    """What an approval is judged by; ``signer``: who approves. ``certificates``: name and SHA-256 of each standing file;
    ``unseen``: those of them that the signer never opened."""

    code: str
    material: str
    received_by: str
    signer: str
    expires_at: datetime
    now: datetime
    needs_certificate: bool = False
    certificates: tuple[tuple[str, str], ...] = ()
    unseen: tuple[tuple[str, str], ...] = ()


def it_has_not_expired(facts: ApprovalFacts) -> Refusal | None:
    if is_expired(facts.expires_at, facts.now):
        return LOT_EXPIRED(lot=facts.code, material=facts.material, expires=local_text(facts.expires_at))
    return None


def somebody_else_received_it(facts: ApprovalFacts) -> Refusal | None:
    return next(iter(another_person(facts.signer, [facts.received_by], SOD_LOT)), None)


def its_certificate_is_here(facts: ApprovalFacts) -> Refusal | None:
    if facts.needs_certificate and not facts.certificates:
        return LOT_CERTIFICATE_MISSING(lot=facts.code, material=facts.material)
    return None


def the_certificate_was_opened(facts: ApprovalFacts) -> Refusal | None:
    """Every one that stands, by the person who approves; the downloads on the trail say so."""
    for filename, sha256 in facts.unseen:
        return LOT_CERTIFICATE_UNSEEN(filename=filename, sha256=sha256[:12])
    return None


APPROVAL = (it_has_not_expired, somebody_else_received_it, its_certificate_is_here, the_certificate_was_opened)

LOT = Lifecycle(
    record="lot",
    states=LotStatus,
    transitions=(
        Transition(
            "approve",
            states(LotStatus.QUARANTINE),
            LotStatus.APPROVED,
            "lot:approve",
            meaning=("lot approved",),
            guards=APPROVAL,
        ),
        Transition(
            "reject",
            states(LotStatus.QUARANTINE, LotStatus.APPROVED, LotStatus.EMPTY),
            LotStatus.REJECTED,
            "lot:approve",
            meaning=("lot rejected",),
        ),
        Transition(
            "recall",
            states(LotStatus.QUARANTINE, LotStatus.APPROVED, LotStatus.EMPTY),
            LotStatus.RECALLED,
            "lot:recall",
            meaning=("lot recalled",),
        ),
        # Never a way back: a new decision of QA, with its reason, beside the one that stopped the lot (ATMP-9-REJ).
        Transition(
            "decide anew",
            states(LotStatus.REJECTED, LotStatus.RECALLED),
            LotStatus.APPROVED,
            "lot:approve",
            meaning=("lot approved by a new decision",),
            guards=APPROVAL,
        ),
        Transition("use up", states(LotStatus.APPROVED), LotStatus.EMPTY, "lot:use"),
        Transition("give back", states(LotStatus.EMPTY), LotStatus.APPROVED, "lot:use"),
    ),
)


@dataclass(frozen=True, slots=True)
class Balance:
    """In the unit of the lot."""

    received: Decimal
    used: Decimal
    discarded: Decimal

    @property
    def left(self) -> Decimal:
        return to_decimal(exact(self.received) - exact(self.used) - exact(self.discarded))


def total(quantities: list[Decimal]) -> Decimal:
    return to_decimal(sum((exact(one) for one in quantities), Fraction(0)))


def lot_code(year: int, number: int) -> str:
    """``M26-0001-7``: year of receipt in two digits, running number, check character over all."""
    if not 1 <= number <= LARGEST_NUMBER:
        raise ValueError("lots of a year run from 1 to 9999")
    return with_check(f"M{year % 100:02}-{number:04}")


def read_lot_code(text: str) -> str | None:
    """The code as printed, or None: a mistyped character opens nothing. Only the ends are stripped."""
    typed = text.strip(" \t\r\n")
    match = LOT_CODE.fullmatch(typed)
    return typed if match is not None and check_of(match[1]) == match[2] else None


@dataclass(frozen=True, slots=True)
class ReceiptFacts:
    """One delivery. ``expires_on``: a day counts to its end in Amsterdam; a time is the instant itself."""

    quantity: Decimal
    received_at: datetime
    now: datetime
    expires_on: date | None
    expires_at: datetime | None


def expiry_instant(facts: ReceiptFacts) -> datetime | None:
    """When the lot is no longer good; None where neither or both were given."""
    if (facts.expires_on is None) == (facts.expires_at is None):
        return None
    return end_of_day(facts.expires_on) if facts.expires_on is not None else facts.expires_at


def receipt_refusals(material: MaterialKind | None, facts: ReceiptFacts) -> tuple[Refusal, ...]:
    """Every reason why a delivery was not entered so. An expired one is entered: it is there, and stays unusable."""
    refusals: list[Refusal] = []
    if material is None:
        refusals.append(MISSING_FIELD(name=N_("The material"), field="material"))
    else:
        refusals.extend(quantity_refusals(material, facts.quantity))
    if facts.received_at > facts.now:
        refusals.append(FUTURE_TIME(name=N_("The receipt"), field="received_at"))
    if expiry_instant(facts) is None:
        refusals.append(LOT_EXPIRY(field="expires_on"))
    return tuple(refusals)


def quantity_refusals(material: MaterialKind, quantity: Decimal) -> tuple[Refusal, ...]:
    """Above 0; what is counted in pieces is whole."""
    number = exact(quantity)
    if number > 0 and (number.denominator == 1 or not material.whole):
        return ()
    return (LOT_QUANTITY(quantity=expanded(quantity), unit=material.unit, field="quantity"),)


def shown_state(status: str, expires_at: datetime, now: datetime) -> str:
    """As a person sees it: what is approved and out of date is expired."""
    usable = status in {LotStatus.QUARANTINE, LotStatus.APPROVED}
    return EXPIRED if usable and is_expired(expires_at, now) else status
