"""The trial, its protocol settings, subjects and their weights."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.database import asked_once
from kernel.documents.queries import document_body, find_effective, get_document, get_effective
from kernel.documents.tables import DocumentRow
from kernel.errors import NotFound, Refused
from kernel.paging import PAGE, before, page_of
from manufacturing.domain.protocol import PROTOCOL, Protocol, parse_protocol
from manufacturing.domain.trial import NO_TRIAL, TrialStatus, age_text, plain_code
from manufacturing.queries.holds import open_holds
from manufacturing.tables.trial import SubjectRow, TrialRow, WeightRow

SORTS = {
    "code": SubjectRow.code,
    "status": SubjectRow.status,
    "transplanted": SubjectRow.transplanted_on,
    "included": SubjectRow.included_at,
}


def find_trial(session: Session) -> TrialRow | None:
    """The one trial that is not closed; on hold it is still that one."""
    return session.execute(sa.select(TrialRow).where(TrialRow.status != TrialStatus.CLOSED)).scalar_one_or_none()


def latest_trial(session: Session) -> TrialRow | None:
    """The trial that runs, or the one that was closed last: its records are read for decades."""
    closed = sa.select(TrialRow).order_by(TrialRow.closed_at.desc(), TrialRow.id.desc()).limit(1)
    return find_trial(session) or session.execute(closed).scalar_one_or_none()


def list_trials(session: Session) -> list[TrialRow]:
    """Every trial of this installation, the newest first."""
    return list(session.execute(sa.select(TrialRow).order_by(TrialRow.id.desc())).scalars())


def trial_of(session: Session, subject: SubjectRow) -> TrialRow:
    return session.get_one(TrialRow, subject.trial_id)


def get_trial(session: Session) -> TrialRow:
    """The one trial that is not closed, or ``NO_TRIAL``."""
    row = find_trial(session)
    if row is None:
        raise Refused(NO_TRIAL())
    return row


def protocol_settings(session: Session) -> tuple[DocumentRow, dict[str, Any]]:
    """The effective protocol version and its body, or ``NO_EFFECTIVE_DOCUMENT``."""
    row = get_effective(session, PROTOCOL)
    return row, document_body(row)


@lru_cache(maxsize=16)
def _parsed(body: str, sha256: str) -> Protocol:  # noqa: ARG001  (the digest makes the key short to compare)

    parsed = parse_protocol(json.loads(body))
    if isinstance(parsed, tuple):
        raise Refused(*parsed)
    return parsed


def get_protocol(session: Session, document_id: str | None = None) -> Protocol:
    """The settings in force, or those of one version (frozen at inclusion)."""
    row = protocol_document(session, document_id)
    return _parsed(row.body, row.sha256)


def protocol_document(session: Session, document_id: str | None = None) -> DocumentRow:
    """The version in force, or this one; ``NO_EFFECTIVE_DOCUMENT``."""
    return get_effective(session, PROTOCOL) if document_id is None else get_document(session, document_id)


def find_protocol(session: Session) -> Protocol | None:
    row = find_effective(session, PROTOCOL)
    return None if row is None else _parsed(row.body, row.sha256)


def get_subject(session: Session, subject_id: str) -> SubjectRow:
    row = session.get(SubjectRow, subject_id)
    if row is None:
        raise NotFound(f"subject {subject_id}")
    return row


def subject_by_code(session: Session, code: str) -> SubjectRow | None:
    """The one subject with this code, however its letters were typed; no two codes differ in that alone."""
    return session.execute(sa.select(SubjectRow).where(of_code(code))).scalar_one_or_none()


def of_code(code: str) -> sa.ColumnElement[bool]:
    return sa.func.upper(SubjectRow.code) == plain_code(code)


def count_included(session: Session, trial_id: str) -> int:
    """Everybody ever included, concluded ones too: an inclusion is never given back."""
    query = sa.select(sa.func.count()).where(SubjectRow.trial_id == trial_id, SubjectRow.included_at.is_not(None))
    return session.execute(query).scalar_one()


def latest_weight(session: Session, subject_id: str, at: datetime | None = None) -> WeightRow | None:
    """The newest weight by the time of weighing, not later than ``at``."""
    return next((row for row in weights_of(session, subject_id) if at is None or row.measured_at <= at), None)


def latest_weights(session: Session, subject_ids: Collection[str]) -> dict[str, WeightRow]:
    """The newest weight of each, where there is one."""
    query = sa.select(WeightRow).where(WeightRow.subject_id.in_(subject_ids))
    in_order = query.order_by(WeightRow.measured_at, WeightRow.recorded_at, WeightRow.id)
    return {row.subject_id: row for row in session.execute(in_order).scalars()}


@asked_once
def weights_of(session: Session, subject_id: str) -> list[WeightRow]:
    """The newest first, by the time of weighing."""
    query = sa.select(WeightRow).where(WeightRow.subject_id == subject_id)
    order = (WeightRow.measured_at.desc(), WeightRow.recorded_at.desc(), WeightRow.id.desc())
    return list(session.execute(query.order_by(*order)).scalars())


def list_subjects(session: Session, args: dict[str, str]) -> tuple[list[SubjectRow], dict[str, int]]:
    """One page of subjects, as filtered and sorted by the address of the page."""
    query = sa.select(SubjectRow)
    if args.get("status"):
        query = query.where(SubjectRow.status == args["status"])
    if wanted := args.get("code", "").strip():
        query = query.where(SubjectRow.code.icontains(wanted, autoescape=True))
    return paged(session, query, args, SORTS, "code")


def paged(
    session: Session, query: sa.Select[Any], args: dict[str, str], sorts: dict[str, Any], usual: str
) -> tuple[list[Any], dict[str, int]]:
    """Twenty-five rows and where they are; a page beyond the end is the last one."""
    total = session.execute(sa.select(sa.func.count()).select_from(query.subquery())).scalar_one()
    page = page_of(args, total)
    sort = args.get("sort") or usual
    column = sorts.get(sort.removeprefix("-"), sorts[usual.removeprefix("-")])
    ordered = query.order_by(column.desc() if sort.startswith("-") else column).limit(PAGE).offset(before(page))
    return list(session.execute(ordered).scalars()), page


def subject_facts(row: SubjectRow) -> dict[str, Any]:
    """The subject as it stands on every page and in every signature."""
    return {
        "subject": row.code,
        "version": row.version,
        "status": row.status,
        "diagnosis": row.diagnosis,
        "donor type": row.donor_type,
        "age at transplantation": age_text(12 * row.age_years + row.age_months),
        "transplanted on": row.transplanted_on,
        "on the 18th birthday": row.eighteenth_birthday,
        "consent": row.consent_reference,
        "consented on": row.consented_on,
        "included at": row.included_at,
        "concluded": row.drop_reason,
    }


def subject_content(session: Session, subject_id: str) -> dict[str, Any]:
    """What is shown and signed when something is done to a subject: with weights and holds."""
    row = get_subject(session, subject_id)
    holds = open_holds(session, trial=row.trial_id, subject=row.id)
    return {
        "title": row.code,
        **subject_facts(row),
        "weights": [{"kg": one.kg, "measured at": one.measured_at} for one in weights_of(session, subject_id)],
        "open holds": [hold.document() for hold in holds],
    }


def inclusion_content(session: Session, subject_id: str) -> dict[str, Any]:
    """An inclusion rests on the protocol version too."""
    document = find_effective(session, PROTOCOL)
    protocol = (
        None if document is None else {"version": f"{document.code} v{document.number}", "sha256": document.sha256}
    )
    return {**subject_content(session, subject_id), "protocol": protocol}


def weight_views(session: Session, subject_id: str) -> list[dict[str, Any]]:
    people = names(session)
    return [
        {
            "id": one.id,
            "kg": one.kg,
            "measured_at": one.measured_at,
            "recorded_at": one.recorded_at,
            "entered_by": people.get(one.entered_by, one.entered_by),
            "verified_by": people.get(one.verified_by, one.verified_by),
        }
        for one in weights_of(session, subject_id)
    ]


def settings_view(session: Session, document_id: str | None = None) -> dict[str, Any] | None:
    """The protocol version as people read it, open points marked; None while none is effective."""
    row = find_effective(session, PROTOCOL) if document_id is None else get_document(session, document_id)
    if row is None:
        return None
    body = document_body(row)
    return {"id": row.id, "code": row.code, "number": row.number, "sha256": row.sha256, **body}


def trial_by_code(session: Session, code: str) -> TrialRow | None:
    return session.execute(sa.select(TrialRow).where(TrialRow.code == code)).scalar_one_or_none()
