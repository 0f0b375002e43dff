"""The leukapheresis from plan to acceptance (requirements 14.1)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from kernel.documents.queries import get_effective
from kernel.errors import Refused, refuse_any
from kernel.refusals import DUPLICATE_ID, N_, STATE_NOT_ALLOWED, Refusal
from kernel.work import Work
from manufacturing.domain.coding import grid_refusals, plain_grid, sec_refusals
from manufacturing.domain.collections import (
    COLLECTION,
    CollectionStatus,
    ReceiptFacts,
    donation_match_refusals,
    donation_number,
    mobilised_refusals,
    receipt_refusals,
    subject_status_refusals,
)
from manufacturing.domain.deviations import DeviationClass
from manufacturing.domain.donation_numbers import DonationNumber
from manufacturing.domain.donors import donor_code_refusals, donor_pair_refusals
from manufacturing.domain.expiry import local_day
from manufacturing.domain.holds import HoldCause
from manufacturing.domain.lookbacks import planning_refusals
from manufacturing.domain.plan import Limits
from manufacturing.domain.process import PROCESS
from manufacturing.domain.receipt import Arrival, arrival_findings, logger_refusals, temperature_reason
from manufacturing.domain.trial import (
    SUBJECT_UNKNOWN,
    consent_refusals,
    donor_type_refusals,
    subject_match_refusals,
    trial_refusals,
)
from manufacturing.domain.units import converted
from manufacturing.queries.collections import (
    collection_by_number,
    collection_content,
    donor_by_code,
    donors_of_subject,
    get_collection,
)
from manufacturing.queries.lookbacks import open_numbers
from manufacturing.queries.steps import process_version
from manufacturing.queries.trial import get_protocol, get_subject, subject_by_code, trial_of
from manufacturing.services.deviations import raise_about
from manufacturing.services.holds import set_hold
from manufacturing.tables.collections import CollectionRow, DonorRow
from manufacturing.tables.trial import SubjectRow, TrialRow

TIMES = ("started_at", "ended_at", "shipped_at", "received_at")
CHECKS = ("container_intact", "label_matches", "free_of_clots")
DONOR_CONSENT = N_("The donor's consent to this leukapheresis")


def plan_collection(
    work: Work,
    *,
    subject_code: str,
    donor_code: str,
    grid: str | None = None,
    number_kind: str,
    number: str,
    check_character: str = "",
    planned_on: date,
    mobilised: bool,
    consent_reference: str | None = None,
    consented_on: date | None = None,
) -> CollectionRow:
    """Assign a coming leukapheresis to one subject and its donor; the number is never used again (TC-86-9.1).

    The trial is locked, so that two people never take one number or donor at the same moment.
    """
    work.require("collection:plan")
    subject = locked_subject(work, subject_code.strip())
    work.confirm({})
    parsed = donation_number(number_kind, number, check_character)
    refusals = [
        *trial_refusals(trial_of(work.session, subject).status, ()),
        *subject_status_refusals(subject.code, subject.status),
        *donor_type_refusals(subject.donor_type, get_protocol(work.session).donor_types),
        *mobilised_refusals(mobilised=mobilised),
        *consent_refusals(consent_reference, consented_on, local_day(work.at), DONOR_CONSENT),
        *donor_refusals(work, donor_code, subject),
        *planning_refusals(open_numbers(work.session, donor_code)),
        *grid_refusals(grid),
        *(parsed if isinstance(parsed, tuple) else taken_refusals(work, number_text(parsed))),
    ]
    refuse_any(refusals)
    assert not isinstance(parsed, tuple)  # noqa: S101  (its refusals were raised)
    assert consent_reference is not None and consented_on is not None  # noqa: S101, PT018
    return work.add(
        CollectionRow(
            number=number_text(parsed),
            is_din=isinstance(parsed, DonationNumber),
            check_character=parsed.check if isinstance(parsed, DonationNumber) else None,
            subject_id=subject.id,
            donor_id=known_donor(work, donor_code, subject, grid).id,
            planned_on=planned_on,
            consent_reference=consent_reference,
            consented_on=consented_on,
            mobilised=mobilised,
        )
    )


def locked_subject(work: Work, code: str) -> SubjectRow:
    known = subject_by_code(work.session, code)
    if known is None:
        raise Refused(SUBJECT_UNKNOWN(code=code, field="subject_code"))
    work.lock(TrialRow, known.trial_id)
    return work.lock(SubjectRow, known.id)


def number_text(parsed: DonationNumber | str) -> str:
    return parsed.din if isinstance(parsed, DonationNumber) else parsed


def taken_refusals(work: Work, number: str) -> tuple[Refusal, ...]:
    if collection_by_number(work.session, number) is None:
        return ()
    return (DUPLICATE_ID(name=N_("Donation number"), value=number, field="number"),)


def donor_refusals(work: Work, code: str, subject: SubjectRow) -> tuple[Refusal, ...]:
    refusals = donor_code_refusals(code)
    if refusals:
        return refusals
    known = donor_by_code(work.session, code)
    of_donor = None if known is None else get_subject(work.session, known.subject_id).code
    of_subject = [one.code for one in donors_of_subject(work.session, subject.id)]
    return donor_pair_refusals(code, subject.code, subject_of_donor=of_donor, donors_of_subject=of_subject)


def known_donor(work: Work, code: str, subject: SubjectRow, grid: str | None) -> DonorRow:
    """The donor of this subject, entered with the first leukapheresis; a GRID is kept once it is known (TC-GRID)."""
    known = donor_by_code(work.session, code)
    row = known or work.add(DonorRow(code=code, subject_id=subject.id, donor_type=subject.donor_type))
    if grid and grid.strip():
        row.grid = plain_grid(grid)
    return row


def receive_collection(
    work: Work,
    collection_id: str,
    *,
    number: str,
    subject_code: str,
    mobilised: bool,
    temperature_c: Decimal,
    volume_ml: Decimal,
    wbc: Decimal,
    viability: Decimal,
    wbc_unit: str = "10^6/mL",
    logger_low_c: Decimal | None = None,
    logger_high_c: Decimal | None = None,
    **seen: Any,
) -> CollectionRow:
    """Receipt by two people; both identifiers are read from the material. A temperature outside holds by itself.

    ``seen``: ``started_at``, ``ended_at``, ``shipped_at``, ``received_at``; ``container_intact``, ``label_matches``,
    ``free_of_clots``; ``delay`` and ``sec`` where there is one. What is not as it should be opens a deviation in the same transaction (TC-86-RECEIPT).
    """
    work.require("collection:receive")
    work.require("collection:verify", work.signer(1))
    subject = work.lock(SubjectRow, get_collection(work.session, collection_id).subject_id)
    row = work.lock(CollectionRow, collection_id)
    work.confirm(collection_content(work.session, collection_id))
    ready(row, "receive", CollectionStatus.PLANNED)
    limits = process_version(work.session, get_effective(work.session, PROCESS).id).receipt_temperature
    measured, unit_refusals = in_canonical_units(temperature_c, volume_ml, wbc, wbc_unit, viability)
    times, checks = ({name: seen[name] for name in names} for names in (TIMES, CHECKS))
    refuse_any(
        [
            *subject_match_refusals(subject_code, subject.code),
            *donation_match_refusals(number, row.number),
            *receipt_refusals(ReceiptFacts(**times, now=work.at, mobilised=mobilised)),
            *unit_refusals,
            *logger_refusals(logger_low_c, logger_high_c),
            *sec_refusals(seen.get("sec"), row.number, is_din=row.is_din),
        ]
    )
    arrival = Arrival(**checks, temperature_c=temperature_c, logger_low_c=logger_low_c, logger_high_c=logger_high_c)
    for name, value in {**times, **checks}.items():
        setattr(row, name, value)
    row.logger_low_c, row.logger_high_c = logger_low_c, logger_high_c
    row.delay, row.sec = ((seen.get(name) or "").strip() or None for name in ("delay", "sec"))
    row.temperature_c, row.volume_ml, row.wbc, row.viability = measured
    row.received_by, row.verified_by = work.signer(0).id, work.signer(1).id
    work.move(row, COLLECTION, "receive")
    quarantine(work, row, arrival, limits)
    return row


def quarantine(work: Work, row: CollectionRow, arrival: Arrival, limits: Limits) -> None:
    """A deviation for whatever is not as it should be, and a hold for a wrong temperature (DSP-TEMP)."""
    found = arrival_findings(arrival, limits)
    if found:
        words = " ".join(found)
        raise_about(work, "collection", row.id, classification=DeviationClass.MAJOR, description=words)
    if reason := temperature_reason(arrival.temperature_c, limits):
        set_hold(work, "collection", row.id, cause=HoldCause.TEMPERATURE, reason=reason)


def ready(row: CollectionRow, action: str, *allowed: CollectionStatus) -> None:
    """The state comes before every other reason: nothing else can help."""
    if row.status not in set(allowed):
        raise Refused(STATE_NOT_ALLOWED(action=action, record="collection", state=row.status))


def in_canonical_units(
    temperature_c: Decimal, volume_ml: Decimal, wbc: Decimal, wbc_unit: str, viability: Decimal
) -> tuple[tuple[Decimal, ...], list[Refusal]]:
    """°C, mL, 10^6 cells per mL and percent; every number that is not possible is named with its field."""
    typed = (
        ("temperature_c", "temperature", temperature_c, "°C"),
        ("volume_ml", "volume", volume_ml, "mL"),
        ("wbc", "wbc", wbc, wbc_unit),
        ("viability", "viability", viability, "%"),
    )
    numbers: list[Decimal] = []
    refusals: list[Refusal] = []
    for field, analyte, value, unit in typed:
        result = converted(analyte, value, unit)
        if isinstance(result, Refusal):
            refusals.append(result.kind(**{**dict(result.facts), "field": field}))
        else:
            numbers.append(result.value)
    return tuple(numbers), refusals
