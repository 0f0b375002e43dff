"""The leukapheresis as starting material (requirements 14.1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from kernel.lifecycle import Lifecycle, Transition, states
from kernel.refusals import FUTURE_TIME, N_, Refusal, kind
from manufacturing.domain.donation_numbers import (
    DonationNumber,
    donation_number_refusals,
    facility_number_refusals,
    parse_scanned_donation_number,
)
from manufacturing.domain.donor_window import DonorFacts, donor_refusals
from manufacturing.domain.receipt import deviation_refusals
from manufacturing.domain.trial import CONSENT_MISSING, SUBJECT_NOT_INCLUDED, TIME_ORDER, SubjectStatus

LEUKAPHERESIS_REJECTED = N_("The leukapheresis %(number)s was rejected: %(why)s")


class CollectionStatus(StrEnum):
    PLANNED = "planned"
    RECEIVED_QUARANTINE = "received_quarantine"
    ACCEPTED_AT_RISK = "accepted_at_risk"
    ACCEPTED = "accepted"
    IN_USE = "in_use"
    CONSUMED = "consumed"
    REJECTED = "rejected"
    DISPOSED = "disposed"


class NumberKind(StrEnum):
    FACILITY = "facility"
    DIN = "din"


APPROVED = ("donor eligible, starting material approved",)
DESTROYED = ("destroyed", "witnessed")
USABLE = states(CollectionStatus.ACCEPTED, CollectionStatus.ACCEPTED_AT_RISK, CollectionStatus.IN_USE)

COLLECTION = Lifecycle(
    record="collection",
    states=CollectionStatus,
    transitions=(
        Transition(
            "receive",
            states(CollectionStatus.PLANNED),
            CollectionStatus.RECEIVED_QUARANTINE,
            "collection:receive",
            meaning=("received", "identity verified"),
        ),
        Transition(
            "accept",
            states(CollectionStatus.RECEIVED_QUARANTINE, CollectionStatus.ACCEPTED_AT_RISK),
            CollectionStatus.ACCEPTED,
            "collection:accept",
            meaning=APPROVED,
        ),
        # What was taken into use at risk is accepted where it stands; a batch was made of it meanwhile.
        *(
            Transition("accept", states(state), state, "collection:accept", meaning=APPROVED)
            for state in (CollectionStatus.IN_USE, CollectionStatus.CONSUMED)
        ),
        Transition(
            "accept_at_risk",
            states(CollectionStatus.RECEIVED_QUARANTINE),
            CollectionStatus.ACCEPTED_AT_RISK,
            "collection:accept",
            meaning=("authorised for processing at risk", "processing at risk agreed"),
        ),
        Transition(
            "reject",
            frozenset(CollectionStatus) - states(CollectionStatus.REJECTED, CollectionStatus.DISPOSED),
            CollectionStatus.REJECTED,
            "collection:reject",
            meaning=("rejected",),
        ),
        Transition("use", USABLE, CollectionStatus.IN_USE, "batch:open"),
        Transition("split", USABLE, CollectionStatus.IN_USE, "collection:split", meaning=("split", "split verified")),
        Transition("consume", states(CollectionStatus.IN_USE), CollectionStatus.CONSUMED, "batch:complete"),
        Transition(
            "dispose",
            states(CollectionStatus.REJECTED),
            CollectionStatus.DISPOSED,
            "collection:dispose",
            meaning=DESTROYED,
        ),
        Transition(
            "dispose",
            states(CollectionStatus.IN_USE),
            CollectionStatus.IN_USE,
            "collection:dispose",
            meaning=DESTROYED,
        ),
    ),
)

MOBILISED = kind(
    "MOBILISED",
    409,
    N_("The donor was mobilised; the trial uses leukaphereses without G-CSF or plerixafor only."),
    resolver=N_("nobody: there is no deviation route"),
    next_step=N_("Do not use this material; reject the collection if it was planned."),
)
DONATION_MISMATCH = kind(
    "DONATION_MISMATCH",
    409,
    N_("The scanned donation number %(typed)s is not the one of this record."),
    resolver=N_("nobody: material and record must be the same donation"),
    next_step=N_("Stop. Compare the bag, the paper and this page, and call QA."),
)
RECEIPT_FAILED = kind(
    "RECEIPT_FAILED",
    409,
    N_("The check at receipt failed: %(check)s."),
    resolver=N_("nobody: this material is not accepted"),
    next_step=N_("Reject the collection; a new leukapheresis is a new record."),
)
COLLECTION_ON_HOLD = kind(
    "COLLECTION_ON_HOLD",
    409,
    N_("The collection is on hold (%(scope)s): %(reason)s"),
    resolver=N_("the QP"),
    next_step=N_("Ask the QP to decide about the hold."),
)
SOD_RECEIPT = kind(
    "SOD_RECEIPT",
    403,
    N_(
        "Who received or verified the material or entered the donor's record may not accept it; receiver and verifier are two people."
    ),
    resolver=N_("another QA officer"),
    next_step=N_("Ask a colleague who did not take part in the receipt."),
)


@dataclass(frozen=True, slots=True)
class ReceiptFacts:
    """Times are instants; the last one is when the receipt is recorded."""

    started_at: datetime
    ended_at: datetime
    shipped_at: datetime
    received_at: datetime
    now: datetime
    mobilised: bool


def donation_number(number_kind: str, number: str, check: str) -> DonationNumber | str | tuple[Refusal, ...]:
    """The number as it is stored: a DIN (typed with its check character, or scanned), or the facility's own."""
    typed = number.strip(" \t\r\n")
    if number_kind == NumberKind.FACILITY:
        return facility_number_refusals(typed) or typed
    if typed.startswith("="):
        scanned = parse_scanned_donation_number(typed)
        return (scanned,) if isinstance(scanned, Refusal) else scanned
    din = typed.replace(" ", "")
    return donation_number_refusals(din, check.strip()) or DonationNumber(din)


def donation_match_refusals(typed: str, number: str, *, field: str = "number") -> tuple[Refusal, ...]:
    """The number as scanned or typed from the bag must be the record's own (F-COI-3); of a part, its code."""
    bare = typed.strip()
    scanned = parse_scanned_donation_number(bare)
    bare = bare if isinstance(scanned, Refusal) else scanned.din
    found = bare if bare == number else bare.replace(" ", "")
    return () if found == number else (DONATION_MISMATCH(typed=bare, field=field),)


def subject_status_refusals(code: str, status: str) -> tuple[Refusal, ...]:
    return () if status == SubjectStatus.INCLUDED else (SUBJECT_NOT_INCLUDED(code=code, status=status),)


def mobilised_refusals(*, mobilised: bool) -> tuple[Refusal, ...]:
    return (MOBILISED(field="mobilised"),) if mobilised else ()


def receipt_refusals(facts: ReceiptFacts) -> tuple[Refusal, ...]:
    """Times in their order and none in the future; times are typed to the minute."""
    named = (
        ("started_at", N_("The start of the leukapheresis"), facts.started_at),
        ("ended_at", N_("The end of the leukapheresis"), facts.ended_at),
        ("shipped_at", N_("The departure from the apheresis unit"), facts.shipped_at),
        ("received_at", N_("The receipt"), facts.received_at),
    )
    refusals = [FUTURE_TIME(name=name, field=field) for field, name, moment in named if moment > facts.now]
    refusals.extend(
        TIME_ORDER(name=later[1], earlier=earlier[1], field=later[0])
        for earlier, later in pairwise(named)
        if later[2] < earlier[2]
    )
    return (*refusals, *mobilised_refusals(mobilised=facts.mobilised))


@dataclass(frozen=True, slots=True)
class AcceptanceFacts:
    """``holds``: scope and reason of every open hold over the collection. ``signer``: who wants to accept.
    ``unsettled``: number and state of each deviation about it that is not closed."""

    donor: DonorFacts
    container_intact: bool | None
    label_matches: bool | None
    consented_on: date
    donated_on: date | None
    signer: str
    people_at_receipt: frozenset[str]
    holds: tuple[tuple[str, str], ...]
    unsettled: tuple[tuple[str, str], ...] = ()


def acceptance_refusals(facts: AcceptanceFacts) -> tuple[Refusal, ...]:
    """Every reason why QA may not accept this starting material now."""
    checks = (
        (facts.container_intact, N_("container intact")),
        (facts.label_matches, N_("label and paper agree")),
    )
    return (
        *donor_refusals(facts.donor),
        *(RECEIPT_FAILED(check=name) for answer, name in checks if not answer),
        *_consent(facts.consented_on, facts.donated_on),
        *hold_refusals(facts.holds),
        *deviation_refusals(facts.unsettled),
        *((SOD_RECEIPT(),) if facts.signer in facts.people_at_receipt else ()),
    )


def _consent(consented_on: date, donated_on: date | None) -> tuple[Refusal, ...]:
    """The donor's consent to this leukapheresis comes before it (TC-17-IV)."""
    if donated_on is not None and consented_on <= donated_on:
        return ()
    return (CONSENT_MISSING(consent=N_("The donor's consent to this leukapheresis")),)


def hold_refusals(holds: Iterable[tuple[str, str]]) -> tuple[Refusal, ...]:
    return tuple(COLLECTION_ON_HOLD(scope=scope, reason=reason) for scope, reason in holds)


def minute(moment: datetime) -> datetime:
    """Cut to the minute, as people type times."""
    return moment - timedelta(seconds=moment.second, microseconds=moment.microsecond)
