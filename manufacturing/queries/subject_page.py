"""The subject's page and list: chain of collections and batches, weights, holds, the protocol's settings."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from manufacturing.queries.batches import batches_of_subject
from manufacturing.queries.collections import collections_of_subject, donors_of_subject
from manufacturing.queries.holds import open_holds
from manufacturing.queries.trial import (
    count_included,
    find_protocol,
    get_subject,
    latest_trial,
    list_subjects,
    weight_views,
)
from manufacturing.tables.trial import SubjectRow


def trial_view(session: Session) -> dict[str, Any] | None:
    """The trial that runs, else the one closed last, with its count against the target and its holds."""
    trial = latest_trial(session)
    if trial is None:
        return None
    protocol = find_protocol(session)
    return {
        "id": trial.id,
        "code": trial.code,
        "title": trial.title,
        "eu_trial_number": trial.eu_trial_number,
        "status": trial.status,
        "ended_on": trial.ended_on,
        "included": count_included(session, trial.id),
        "target": None if protocol is None else protocol.target,
        "holds": [hold.document() for hold in open_holds(session, trial=trial.id)],
    }


def subject_row(row: SubjectRow, *, outcomes: bool) -> dict[str, Any]:
    """``outcomes``: whoever makes the product does not see why a subject went no further (TR-ROLE)."""
    return {
        "id": row.id,
        "code": row.code,
        "status": row.status,
        "diagnosis": row.diagnosis,
        "donor_type": row.donor_type,
        "age_years": row.age_years,
        "age_months": row.age_months,
        "transplanted_on": row.transplanted_on,
        "included_at": row.included_at,
        "drop_reason": row.drop_reason if outcomes else None,
    }


def subjects_view(session: Session, args: dict[str, str], *, outcomes: bool) -> dict[str, Any]:
    rows, page = list_subjects(session, args)
    return {
        "trial": trial_view(session),
        "subjects": [subject_row(row, outcomes=outcomes) for row in rows],
        "page": page,
    }


def subject_view(session: Session, subject_id: str, *, outcomes: bool) -> dict[str, Any]:
    row = get_subject(session, subject_id)
    return {
        "subject": {
            **subject_row(row, outcomes=outcomes),
            "eighteenth_birthday": row.eighteenth_birthday,
            "consent": row.consent_reference,
            "consented_on": row.consented_on,
            "concluded_at": row.concluded_at,
            "protocol_document_id": row.protocol_document_id,
        },
        "donors": [one.code for one in donors_of_subject(session, subject_id)],
        "collections": [
            {"id": one.id, "number": one.number, "status": one.status, "planned_on": one.planned_on}
            for one in collections_of_subject(session, subject_id)
        ],
        "batches": [
            {"id": one.id, "number": one.number, "status": one.status, "expires_at": one.expires_at}
            for one in batches_of_subject(session, subject_id)
        ],
        "weights": weight_views(session, subject_id),
        "holds": [hold.document() for hold in open_holds(session, trial=row.trial_id, subject=row.id)],
    }
