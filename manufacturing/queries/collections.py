"""Leukaphereses, their donors and markers, as rules and pages need them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.errors import NotFound
from kernel.tables import SignatureRow
from manufacturing.domain.collections import AcceptanceFacts
from manufacturing.domain.donors import MARKER_NAMES, DonorFacts, Marker, at_the_donation, window_day
from manufacturing.domain.expiry import local_day
from manufacturing.queries.holds import open_holds
from manufacturing.queries.trial import get_subject, paged
from manufacturing.tables.batches import BatchRow
from manufacturing.tables.collections import CollectionRow, DonorRow, MarkerRow
from manufacturing.tables.trial import SubjectRow

SORTS = {"number": CollectionRow.number, "status": CollectionRow.status, "planned": CollectionRow.planned_on}


def get_collection(session: Session, collection_id: str) -> CollectionRow:
    row = session.get(CollectionRow, collection_id)
    if row is None:
        raise NotFound(f"collection {collection_id}")
    return row


def collection_by_number(session: Session, number: str) -> CollectionRow | None:
    return session.execute(sa.select(CollectionRow).where(CollectionRow.number == number)).scalar_one_or_none()


def get_donor(session: Session, donor_id: str) -> DonorRow:
    row = session.get(DonorRow, donor_id)
    if row is None:
        raise NotFound(f"donor {donor_id}")
    return row


def donor_by_code(session: Session, code: str) -> DonorRow | None:
    return session.execute(sa.select(DonorRow).where(DonorRow.code == code)).scalar_one_or_none()


def donors_of_subject(session: Session, subject_id: str) -> list[DonorRow]:
    return list(session.execute(sa.select(DonorRow).where(DonorRow.subject_id == subject_id)).scalars())


def collections_of_subject(session: Session, subject_id: str) -> list[CollectionRow]:
    query = sa.select(CollectionRow).where(CollectionRow.subject_id == subject_id).order_by(CollectionRow.planned_on)
    return list(session.execute(query).scalars())


def markers_of(session: Session, collection_id: str) -> list[MarkerRow]:
    order = {marker.value: place for place, marker in enumerate(Marker)}
    rows = session.execute(sa.select(MarkerRow).where(MarkerRow.collection_id == collection_id)).scalars()
    return sorted(rows, key=lambda one: order.get(one.marker, 99))


def list_collections(session: Session, args: dict[str, str]) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """One page of collections with the codes of subject and donor."""
    query = sa.select(CollectionRow)
    if args.get("status"):
        query = query.where(CollectionRow.status == args["status"])
    if wanted := args.get("code", "").strip():
        of_subject = sa.select(SubjectRow.id).where(SubjectRow.code.contains(wanted, autoescape=True))
        by_number = CollectionRow.number.contains(wanted, autoescape=True)
        query = query.where(sa.or_(by_number, CollectionRow.subject_id.in_(of_subject)))
    rows, page = paged(session, query, args, SORTS, "-planned")
    subjects = codes(session, SubjectRow, {row.subject_id for row in rows})
    donors = codes(session, DonorRow, {row.donor_id for row in rows})
    return [
        {
            "id": row.id,
            "number": row.number,
            "status": row.status,
            "subject": subjects[row.subject_id],
            "donor": donors[row.donor_id],
            "planned_on": row.planned_on,
            "ended_at": row.ended_at,
            "volume_ml": row.volume_ml,
        }
        for row in rows
    ], page


def codes(session: Session, table: type[Any], ids: set[str]) -> dict[str, str]:
    """Codes by id, in one query."""
    found = session.execute(sa.select(table.id, table.code).where(table.id.in_(ids)))
    return {record_id: code for record_id, code in found}  # noqa: C416  (a row is not a pair to the type checker)


def collection_content(session: Session, collection_id: str) -> dict[str, Any]:
    """What is shown and signed when something is done to a collection: receipt, donor, markers, holds."""
    row = get_collection(session, collection_id)
    subject = get_subject(session, row.subject_id)
    return {
        "title": row.number,
        "donation number": row.number,
        "version": row.version,
        "status": row.status,
        "subject": subject.code,
        "subject status": subject.status,
        "donor": get_donor(session, row.donor_id).code,
        "consent": row.consent_reference,
        "consented on": row.consented_on,
        "mobilised": row.mobilised,
        "receipt": receipt_facts(row),
        "donor record": donor_record(row),
        "markers": [
            {"marker": MARKER_NAMES[Marker(one.marker)], "result": one.result, "version": one.version}
            for one in markers_of(session, collection_id)
        ],
        "open holds": [hold.document() for hold in holds_over(session, row)],
    }


def receipt_facts(row: CollectionRow) -> dict[str, Any]:
    return {
        "started at": row.started_at,
        "ended at": row.ended_at,
        "received at": row.received_at,
        "container intact": row.container_intact,
        "label matches": row.label_matches,
        "temperature (°C)": row.temperature_c,
        "volume (mL)": row.volume_ml,
        "white cells (10^6/mL)": row.wbc,
        "viability (%)": row.viability,
    }


def donor_record(row: CollectionRow) -> dict[str, Any]:
    return {
        "identity check": row.donor_identity_check,
        "interview suitable": row.interview_suitable,
        "examination suitable": row.examination_suitable,
        "sampled at": row.marker_sampled_at,
        "HTLV risk": row.htlv_risk,
        "blood or colloids within 48 h": row.blood_or_colloids_48h,
        "crystalloids within 1 h": row.crystalloids_1h,
        "assessment": row.assessment,
    }


def holds_over(session: Session, row: CollectionRow) -> list[Any]:
    """A hold on the subject holds the collection; one on the trial stops batches, not the care for the material."""
    return open_holds(session, subject=row.subject_id, collection=row.id)


def acceptance_facts(
    session: Session, row: CollectionRow, *, signer: str, assessment: str | None = None
) -> AcceptanceFacts:
    """The records behind QA's acceptance; ``assessment``: what QA writes with it."""
    donated_on = None if row.started_at is None else local_day(row.started_at)
    sampled_on = None if row.marker_sampled_at is None else local_day(row.marker_sampled_at)
    if at_the_donation(row.started_at, row.marker_sampled_at):
        sampled_on = donated_on
    return AcceptanceFacts(
        donor=DonorFacts(
            results={one.marker: one.result for one in markers_of(session, row.id)},
            donated_on=donated_on,
            sampled_on=sampled_on,
            htlv_risk=row.htlv_risk,
            blood_or_colloids_48h=row.blood_or_colloids_48h,
            crystalloids_1h=row.crystalloids_1h,
            interview_suitable=row.interview_suitable,
            examination_suitable=row.examination_suitable,
            assessment=assessment or row.assessment,
        ),
        container_intact=row.container_intact,
        label_matches=row.label_matches,
        consented_on=row.consented_on,
        donated_on=donated_on,
        signer=signer,
        people_at_receipt=frozenset(people_of_collections(session, [row.id])[row.id]),
        holds=tuple((hold.scope, hold.reason) for hold in holds_over(session, row)),
    )


def people_of_collections(session: Session, ids: Iterable[str]) -> dict[str, set[str]]:
    """Who received, verified or entered the donor's record, read from the signatures (A11-6)."""
    found: dict[str, set[str]] = {collection_id: set() for collection_id in ids}
    signed = SignatureRow.meaning.in_(["received", "identity verified", "donor record entered"])
    query = sa.select(SignatureRow.record_id, SignatureRow.signer_id).where(
        SignatureRow.record_entity == "collection", SignatureRow.record_id.in_(found), signed
    )
    for collection_id, person in session.execute(query):
        found[collection_id].add(person)
    return found


def collection_view(session: Session, collection_id: str) -> dict[str, Any]:
    """The collection's page."""
    row = get_collection(session, collection_id)
    people = names(session)
    subject = get_subject(session, row.subject_id)
    facts = acceptance_facts(session, row, signer="")
    batch = session.execute(sa.select(BatchRow).where(BatchRow.collection_id == row.id)).scalars().first()
    return {
        "id": row.id,
        "number": row.number,
        "is_din": row.is_din,
        "check_character": row.check_character,
        "status": row.status,
        "subject": {"id": subject.id, "code": subject.code, "status": subject.status},
        "donor": {"code": get_donor(session, row.donor_id).code, "type": subject.donor_type},
        "planned_on": row.planned_on,
        "consent": row.consent_reference,
        "consented_on": row.consented_on,
        "mobilised": row.mobilised,
        "receipt": {name: getattr(row, name) for name in RECEIPT},
        "people": {name: people.get(getattr(row, name) or "", None) for name in PEOPLE},
        "donor_record": {name: getattr(row, name) for name in DONOR},
        "markers": [
            {
                "marker": MARKER_NAMES[Marker(one.marker)],
                "result": one.result,
                "laboratory": one.laboratory,
                "kit": one.kit,
                "report": one.report_reference,
                "entered_by": people.get(one.entered_by, one.entered_by),
            }
            for one in markers_of(session, row.id)
        ],
        "window_day": window_day(facts.donor.donated_on, facts.donor.sampled_on),
        "accepted_at": row.accepted_at,
        "end_reason": row.end_reason,
        "batch": None if batch is None else {"id": batch.id, "number": batch.number},
        "holds": [hold.document() for hold in holds_over(session, row)],
    }


RECEIPT = (
    *("started_at", "ended_at", "received_at", "container_intact", "label_matches"),
    *("temperature_c", "volume_ml", "wbc", "viability"),
)
PEOPLE = ("received_by", "verified_by", "accepted_by")
DONOR = (
    "donor_identity_check",
    "interview_suitable",
    "examination_suitable",
    "marker_sampled_at",
    "htlv_risk",
    "blood_or_colloids_48h",
    "crystalloids_1h",
    "assessment",
)
