"""Who has to hear of what goes wrong, by duty and never by name, and how each duty is reached (ATMP-14-RECALL).

A duty is a role on call. Several people may hold the role; one of them answers with a signature.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from kernel.refusals import N_, Refusal, kind
from manufacturing.domain.trial import TIME_ORDER


class Duty(StrEnum):
    """In the order in which they are called."""

    PHYSICIAN = "physician"
    PHARMACY = "pharmacy"
    QP = "qp"
    QP_DEPUTY = "qp_deputy"
    QA = "quality_assurance"
    SPONSOR = "sponsor"
    AUTHORITY = "authority"


ROLE_OF = {Duty.QP: "QP", Duty.PHYSICIAN: "Dr", Duty.SPONSOR: "Sp", Duty.PHARMACY: "Ph"}
"""Duties whose people answer for themselves with a signature; QA and QP record that an authority was told."""

NAMED_BY = (
    ("physician", Duty.PHYSICIAN),
    ("pharmac", Duty.PHARMACY),
    ("QP", Duty.QP),
    ("QP", Duty.QP_DEPUTY),
    ("QA", Duty.QA),
    ("sponsor", Duty.SPONSOR),
)


def duties_named(resolvers: Iterable[str]) -> tuple[Duty, ...]:
    """Whose contact helps with a refusal: the duties its resolver speaks of, in the order in which they are called."""
    said = tuple(resolvers)
    return tuple(duty for word, duty in NAMED_BY if any(word in one for one in said))


CONTACT_ENDED = kind(
    "CONTACT_ENDED",
    409,
    N_("This contact ended on %(on)s already."),
    resolver=N_("nobody"),
    next_step=N_("Open the list of contacts: it shows who is reached how now."),
)


def contact_refusals(valid_from: date, valid_until: date | None) -> tuple[Refusal, ...]:
    if valid_until is None or valid_until >= valid_from:
        return ()
    return (TIME_ORDER(name=N_("The last day"), earlier=N_("The first day"), field="valid_until"),)


def ending_refusals(valid_until: date | None, today: date) -> tuple[Refusal, ...]:
    """An entry ends once; it is never changed or deleted."""
    if valid_until is not None and valid_until < today:
        return (CONTACT_ENDED(on=valid_until),)
    return ()
