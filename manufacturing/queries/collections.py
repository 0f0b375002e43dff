"""Leukaphereses, their donors and markers, as rules and pages need them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import asked_once, one_look
from kernel.errors import NotFound
from kernel.quantities import expanded, significant
from kernel.tables import SignatureRow
from manufacturing.domain.collections import AcceptanceFacts
from manufacturing.domain.deviations import DeviationStatus
from manufacturing.domain.donor_window import DonorFacts, at_the_donation, in_the_procedure
from manufacturing.domain.donors import MARKER_NAMES, ImportFacts, Marker
from manufacturing.domain.expiry import local_day
from manufacturing.domain.material import remaining
from manufacturing.domain.receipt import transport_minutes
from manufacturing.domain.yields import tnc
from manufacturing.queries.holds import open_holds
from manufacturing.queries.trial import get_protocol, get_subject
from manufacturing.tables.batches import BatchRow
from manufacturing.tables.collections import CollectionPartRow, CollectionRow, CollectionUseRow, DonorRow, MarkerRow
from manufacturing.tables.deviations import DeviationRow
from manufacturing.tables.samples import SampleRow


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


@asked_once
def markers_of(session: Session, collection_id: str) -> list[MarkerRow]:
    order = {marker.value: place for place, marker in enumerate(Marker)}
    rows = session.execute(sa.select(MarkerRow).where(MarkerRow.collection_id == collection_id)).scalars()
    return sorted(rows, key=lambda one: order.get(one.marker, 99))


def uses_of(session: Session, collection_id: str) -> list[CollectionUseRow]:
    """What was taken into batches or destroyed, the oldest first."""
    query = sa.select(CollectionUseRow).where(CollectionUseRow.collection_id == collection_id)
    return list(session.execute(query.order_by(CollectionUseRow.done_at, CollectionUseRow.id)).scalars())


def parts_of(session: Session, collection_id: str) -> list[CollectionPartRow]:
    """What was taken off into bags of its own, in the order of their numbers."""
    query = sa.select(CollectionPartRow).where(CollectionPartRow.collection_id == collection_id)
    return list(session.execute(query.order_by(CollectionPartRow.number)).scalars())


def volume_left(session: Session, row: CollectionRow) -> Decimal | None:
    """In the bag itself: what was received without its parts, its samples, and what went from the bag."""
    gone = [one.volume_ml for one in uses_of(session, row.id) if one.part_id is None]
    taken_off = [one.volume_ml for one in parts_of(session, row.id)]
    return remaining(row.volume_ml, (*gone, *taken_off, *sampled_since_receipt(session, row)))


def sampled_since_receipt(session: Session, row: CollectionRow) -> list[Decimal]:
    """mL of each sample drawn from the bag after its volume was read at the receipt."""
    if row.received_at is None:
        return []
    query = sa.select(SampleRow.volume_ml).where(
        SampleRow.collection_id == row.id, SampleRow.drawn_at >= row.received_at
    )
    return list(session.execute(query).scalars())


def batches_made_of(session: Session, collection_id: str) -> list[BatchRow]:
    """Every batch that any of this leukapheresis went into."""
    taken = sa.select(CollectionUseRow.batch_id).where(CollectionUseRow.collection_id == collection_id)
    query = sa.select(BatchRow).where(sa.or_(BatchRow.collection_id == collection_id, BatchRow.id.in_(taken)))
    return list(session.execute(query.order_by(BatchRow.number)).scalars())


@asked_once
def collections_of_batch(session: Session, batch: BatchRow) -> list[CollectionRow]:
    """What the batch is made from: the leukapheresis it was opened with, then those that joined it (ATMP-9-MIX)."""
    query = sa.select(CollectionRow).where(CollectionRow.id.in_(sa.select(made_of(batch.id).c.id)))
    found = session.execute(query.order_by(CollectionRow.number)).scalars()
    return sorted(found, key=lambda one: one.id != batch.collection_id)


def made_of(batch_id: str) -> sa.Subquery:
    """The ids of its leukaphereses, each found by its key."""
    opened_with = sa.select(BatchRow.collection_id.label("id")).where(BatchRow.id == batch_id)
    joined = sa.select(CollectionUseRow.collection_id).where(CollectionUseRow.batch_id == batch_id)
    return sa.union(opened_with, joined).subquery()


def parts_in(batch_id: str) -> sa.Select[tuple[str, str]]:
    """Asks for the parts a batch was made from: the leukapheresis of each, and its code."""
    return (
        sa.select(CollectionUseRow.collection_id, CollectionPartRow.code)
        .join(CollectionPartRow, CollectionPartRow.id == CollectionUseRow.part_id)
        .where(CollectionUseRow.batch_id == batch_id)
    )


def earliest_end(rows: Iterable[CollectionRow]) -> datetime | None:
    """The end of the earliest leukapheresis: the clock of the batch starts there."""
    return min((one.ended_at for one in rows if one.ended_at), default=None)


def collected_at(session: Session, batch: BatchRow) -> datetime | None:
    return earliest_end(collections_of_batch(session, batch))


def codes(session: Session, table: type[Any], ids: set[str]) -> dict[str, str]:
    """Codes by id, in one query."""
    found = session.execute(sa.select(table.id, table.code).where(table.id.in_(ids)))
    return {record_id: code for record_id, code in found}  # noqa: C416  (a row is not a pair to the type checker)


@one_look
def collection_content(session: Session, collection_id: str) -> dict[str, Any]:
    """What is shown and signed when something is done to a collection: receipt, donor, markers, holds."""
    row = get_collection(session, collection_id)
    subject, donor = get_subject(session, row.subject_id), get_donor(session, row.donor_id)
    return {
        "title": row.number,
        "donation number": row.number,
        "version": row.version,
        "status": row.status,
        "subject": subject.code,
        "subject status": subject.status,
        "donor": donor.code,
        "GRID of the donor": donor.grid,
        "consent": row.consent_reference,
        "consented on": row.consented_on,
        "mobilised": row.mobilised,
        "receipt": receipt_facts(row),
        "donor record": donor_record(row),
        "markers": [
            {
                "marker": MARKER_NAMES[Marker(one.marker)],
                "result": one.finding or one.result,
                "version": one.version,
            }
            for one in markers_of(session, collection_id)
        ],
        "left (mL)": volume_left(session, row),
        "parts": [{"part": one.code, "volume (mL)": one.volume_ml} for one in parts_of(session, collection_id)],
        "open holds": [hold.document() for hold in holds_over(session, row)],
    }


def receipt_facts(row: CollectionRow) -> dict[str, Any]:
    return {
        "Single European Code": row.sec,
        "started at": row.started_at,
        "ended at": row.ended_at,
        "left the apheresis unit at": row.shipped_at,
        "received at": row.received_at,
        "transport (minutes)": transport_minutes(row.shipped_at, row.received_at),
        "delay of the courier": row.delay,
        "container intact": row.container_intact,
        "label matches": row.label_matches,
        "free of clots and haemolysis": row.free_of_clots,
        "temperature (°C)": row.temperature_c,
        "logger (°C)": logger_text(row),
        "volume (mL)": row.volume_ml,
        "white cells (10^6/mL)": row.wbc,
        "viability (%)": row.viability,
        "total nucleated cells": tnc_of(row),
    }


def logger_text(row: CollectionRow) -> str | None:
    """The two ends of the transport's logger in °C."""
    if row.logger_low_c is None or row.logger_high_c is None:
        return None
    return f"{expanded(row.logger_low_c)} – {expanded(row.logger_high_c)}"


def tnc_of(row: CollectionRow) -> str | None:
    """Total nucleated cells of the leukapheresis, computed from volume and count, for reading."""
    if row.volume_ml is None or row.wbc is None:
        return None
    return significant(tnc(row.volume_ml, row.wbc))


def donor_record(row: CollectionRow) -> dict[str, Any]:
    return {
        "identity check": row.donor_identity_check,
        "interview suitable": row.interview_suitable,
        "examination suitable": row.examination_suitable,
        "sampled at": row.marker_sampled_at,
        "HTLV risk": row.htlv_risk,
        "blood or colloids within 48 h": row.blood_or_colloids_48h,
        "crystalloids within 1 h": row.crystalloids_1h,
        "from outside the EU or EEA": row.outside_eu,
        "importing tissue establishment": row.importing_establishment,
        "import authorisation": row.import_authorisation,
        "third-country supplier": row.third_country_supplier,
        "justification of the 30-day window": row.window_justification,
        "authorised at risk": row.at_risk_assessment,
        "results awaited": row.at_risk_pending,
        "assessment": row.assessment,
    }


def holds_over(session: Session, row: CollectionRow) -> list[Any]:
    """A hold on the subject holds the collection; one on the trial stops batches, not the care for the material."""
    return open_holds(session, subject=row.subject_id, collection=row.id)


def acceptance_facts(
    session: Session, row: CollectionRow, *, signer: str, assessment: str | None = None
) -> AcceptanceFacts:
    """The records behind QA's acceptance; ``assessment``: what QA writes with it."""
    donor = donor_facts(session, row, assessment)
    return AcceptanceFacts(
        donor=donor,
        container_intact=row.container_intact,
        label_matches=row.label_matches,
        consented_on=row.consented_on,
        donated_on=donor.donated_on,
        signer=signer,
        people_at_receipt=frozenset(people_of_collections(session, [row.id])[row.id]),
        holds=tuple((hold.scope, hold.reason) for hold in holds_over(session, row)),
        unsettled=unsettled_deviations(session, "collection", row.id),
    )


def unsettled_deviations(session: Session, kind: str, record_id: str) -> tuple[tuple[str, str], ...]:
    """Number and state of the deviations about a record that are not closed."""
    query = sa.select(DeviationRow.number, DeviationRow.status).where(
        DeviationRow.record_kind == kind,
        DeviationRow.record_id == record_id,
        DeviationRow.status != DeviationStatus.CLOSED,
    )
    return tuple((number, status) for number, status in session.execute(query.order_by(DeviationRow.number)))


@one_look
def donor_facts(session: Session, row: CollectionRow, assessment: str | None = None) -> DonorFacts:
    """The donor's record against the protocol version the subject was included by."""
    subject = get_subject(session, row.subject_id)
    donated_on = None if row.started_at is None else local_day(row.started_at)
    sampled_on = None if row.marker_sampled_at is None else local_day(row.marker_sampled_at)
    if at_the_donation(row.started_at, row.marker_sampled_at):
        sampled_on = donated_on
    return DonorFacts(
        results={one.marker: one.result for one in markers_of(session, row.id)},
        donated_on=donated_on,
        sampled_on=sampled_on,
        htlv_risk=row.htlv_risk,
        blood_or_colloids_48h=row.blood_or_colloids_48h,
        crystalloids_1h=row.crystalloids_1h,
        interview_suitable=row.interview_suitable,
        examination_suitable=row.examination_suitable,
        assessment=assessment or row.assessment,
        required=get_protocol(session, subject.protocol_document_id).donor_tests,
        in_procedure=in_the_procedure(row.started_at, row.ended_at, row.marker_sampled_at),
        justified=row.window_justified_at is not None,
        imported=ImportFacts(
            subject.donor_type,
            row.outside_eu,
            row.importing_establishment,
            row.import_authorisation,
            row.third_country_supplier,
        ),
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
