"""Leukaphereses as lists and pages show them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.quantities import to_decimal
from manufacturing.domain.donor_window import window_day
from manufacturing.domain.donors import MARKER_NAMES, Marker
from manufacturing.domain.material import pending_results
from manufacturing.domain.receipt import transport_minutes
from manufacturing.domain.yields import tnc
from manufacturing.queries.collections import (
    acceptance_facts,
    batches_made_of,
    codes,
    get_collection,
    get_donor,
    holds_over,
    markers_of,
    sampled_since_receipt,
    uses_of,
    volume_left,
)
from manufacturing.queries.parts import part_lines
from manufacturing.queries.trial import get_subject, paged
from manufacturing.tables.batches import BatchRow
from manufacturing.tables.collections import CollectionRow, CollectionUseRow, DonorRow, MarkerRow
from manufacturing.tables.trial import SubjectRow

SORTS = {"number": CollectionRow.number, "status": CollectionRow.status, "planned": CollectionRow.planned_on}


def list_collections(session: Session, args: dict[str, str]) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """One page of collections with the codes of subject and donor."""
    query = sa.select(CollectionRow)
    if args.get("status"):
        query = query.where(CollectionRow.status == args["status"])
    if wanted := args.get("code", "").strip():
        of_subject = sa.select(SubjectRow.id).where(SubjectRow.code.icontains(wanted, autoescape=True))
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


def collection_view(session: Session, collection_id: str) -> dict[str, Any]:
    """The collection's page."""
    row = get_collection(session, collection_id)
    people = names(session)
    subject = get_subject(session, row.subject_id)
    facts = acceptance_facts(session, row, signer="")
    uses = [one for one in uses_of(session, row.id) if one.part_id is None]
    return {
        "id": row.id,
        "number": row.number,
        "is_din": row.is_din,
        "check_character": row.check_character,
        "status": row.status,
        "subject": {"id": subject.id, "code": subject.code, "status": subject.status},
        "donor": {"id": row.donor_id, "code": get_donor(session, row.donor_id).code, "type": subject.donor_type},
        "planned_on": row.planned_on,
        "consent": row.consent_reference,
        "consented_on": row.consented_on,
        "mobilised": row.mobilised,
        "receipt": receipt_view(row),
        "people": {name: people.get(getattr(row, name) or "", None) for name in PEOPLE},
        "donor_record": {name: getattr(row, name) for name in DONOR},
        "markers": [marker_view(one, people) for one in markers_of(session, row.id)],
        "required": [MARKER_NAMES[Marker(one)] for one in facts.donor.required],
        "pending": pending_results(facts),
        "in_procedure": facts.donor.in_procedure,
        "window_day": window_day(facts.donor.donated_on, facts.donor.sampled_on),
        "accepted_at": row.accepted_at,
        "end_reason": row.end_reason,
        "batches": [
            {"id": one.id, "number": one.number, "status": one.status} for one in batches_made_of(session, row.id)
        ],
        "at_risk": row.at_risk_at is not None and row.accepted_at is None,
        "uses": [use_view(session, one, people) for one in uses],
        "parts": part_lines(session, row),
        "sampled_ml": sum(sampled_since_receipt(session, row)),
        "left_ml": volume_left(session, row),
        "holds": [hold.document() for hold in holds_over(session, row)],
    }


def receipt_view(row: CollectionRow) -> dict[str, Any]:
    """As it arrived, with what is computed from it."""
    return {
        **{name: getattr(row, name) for name in RECEIPT},
        "transport_minutes": transport_minutes(row.shipped_at, row.received_at),
        "tnc": None if row.volume_ml is None or row.wbc is None else to_decimal(tnc(row.volume_ml, row.wbc)),
    }


def marker_view(row: MarkerRow, people: dict[str, str]) -> dict[str, Any]:
    return {
        "marker": MARKER_NAMES[Marker(row.marker)],
        "result": row.result,
        "finding": row.finding,
        "laboratory": row.laboratory,
        "kit": row.kit,
        "report": row.report_reference,
        "entered_by": people.get(row.entered_by, row.entered_by),
    }


def use_view(session: Session, row: CollectionUseRow, people: dict[str, str]) -> dict[str, Any]:
    batch = session.get(BatchRow, row.batch_id) if row.batch_id else None
    return {
        "kind": row.kind,
        "volume_ml": row.volume_ml,
        "words": row.words,
        "batch": None if batch is None else {"id": batch.id, "number": batch.number},
        "done_at": row.done_at,
        "done_by": people.get(row.done_by, row.done_by),
        "witnessed_by": people.get(row.witnessed_by or ""),
    }


RECEIPT = (
    *(
        "sec",
        "started_at",
        "ended_at",
        "shipped_at",
        "received_at",
        "delay",
        "container_intact",
        "label_matches",
        "free_of_clots",
    ),
    *("temperature_c", "logger_low_c", "logger_high_c", "volume_ml", "wbc", "viability"),
)
PEOPLE = ("received_by", "verified_by", "accepted_by", "window_justified_by", "at_risk_by", "at_risk_agreed_by")
DONOR = (
    "donor_identity_check",
    "interview_suitable",
    "examination_suitable",
    "marker_sampled_at",
    "htlv_risk",
    "blood_or_colloids_48h",
    "crystalloids_1h",
    "outside_eu",
    "importing_establishment",
    "import_authorisation",
    "third_country_supplier",
    "window_justification",
    "window_justified_at",
    "at_risk_assessment",
    "at_risk_pending",
    "at_risk_at",
    "assessment",
)
