"""A version of the protocol beside the one in force: what it would have decided otherwise, of the records as they are."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.documents.domain import DocumentStatus
from kernel.documents.queries import document_body, find_effective, get_document, name_of
from kernel.documents.tables import DocumentRow
from kernel.errors import NotFound
from manufacturing.domain.expiry import local_day
from manufacturing.domain.protocol import PROTOCOL, Protocol
from manufacturing.domain.trial import ConclusionReason, SubjectStatus
from manufacturing.queries.trial import find_trial, get_protocol
from manufacturing.tables.batches import ContainerRow
from manufacturing.tables.trial import SubjectRow, TrialRow
from release.domain.administration import Adjudication
from release.domain.effects import (
    Checked,
    Effect,
    Enrolled,
    Observed,
    Past,
    Version,
    changed_settings,
    effects,
    not_looked_at,
)
from release.domain.metrics import feasibility
from release.queries.closing import infusions
from release.queries.metrics import histories_under, safety_rules, trial_rules
from release.queries.orders import eligibility_form, eligibility_settings
from release.tables.dispensing import AdministrationRow, DispensingRow, EligibilityRow, OrderRow, ReactionRow

ANY_MOMENT = datetime(9999, 1, 1, tzinfo=UTC)
"""Nothing that is compared here rests on what has expired by now."""


def get_protocol_version(session: Session, document_id: str) -> DocumentRow:
    row = get_document(session, document_id)
    if row.kind != PROTOCOL:
        raise NotFound(f"protocol {document_id}")
    return row


def protocol_effects(session: Session, row: DocumentRow) -> dict[str, Any]:
    """What differs from the version in force, and every decision and figure of the open trial that it would change.

    ``against`` is None where no other version is in force, or no trial is open: there is nothing it could change.
    """
    effective, trial = find_effective(session, PROTOCOL), find_trial(session)
    if effective is None or trial is None or effective.id == row.id:
        return {"against": None, "changed": [], "not_looked_at": [], "effects": ()}
    old, new = get_protocol(session, effective.id), get_protocol(session, row.id)
    changed = changed_settings(old, new)
    titles = {one["key"]: one["title"] for one in document_body(row)["settings"] + document_body(effective)["settings"]}
    past = past_of(session, trial, old, new)
    return {
        "against": name_of(effective),
        "changed": [titles[name] for name in changed],
        "not_looked_at": [titles[name] for name in not_looked_at(changed)],
        "effects": effects(past, version_of(old), version_of(new)) if changed else (),
    }


def version_of(protocol: Protocol) -> Version:
    return Version(protocol, eligibility_settings(protocol), safety_rules(protocol))


def effects_signed(session: Session, document_id: str) -> dict[str, Any]:
    """Part of what an approver of a protocol is shown and signs, before it is in force; nothing for other documents."""
    row = get_document(session, document_id)
    if row.kind != PROTOCOL or row.status not in {DocumentStatus.DRAFT, DocumentStatus.REVIEWED}:
        return {}
    found = protocol_effects(session, row)
    if found["against"] is None:
        return {}
    return {
        "past decisions compared with": found["against"]["name"],
        "past decisions not looked at": found["not_looked_at"],
        "decided otherwise by this version": [signed(one) for one in found["effects"]],
    }


def signed(one: Effect) -> dict[str, Any]:
    shown = {
        "subject": one.subject,
        "record": one.record,
        "effect": one.sentence,
        "list": one.list,
        "rule in force": " ".join(one.then or ()),
        "rule of this version": " ".join(one.now or ()),
        "codes": ", ".join(refusal.code for refusal in one.refusals),
    }
    return {name: value for name, value in shown.items() if value}


def past_of(session: Session, trial: TrialRow, old: Protocol, new: Protocol) -> Past:
    before, after = histories_under(session, trial, ANY_MOMENT, old, new)
    return Past(
        enrolled=enrolled(session, trial),
        checks=checks(session, trial),
        reactions=reactions(session, trial),
        then=feasibility(before, trial_rules(old)),
        now=feasibility(after, trial_rules(new)),
    )


def enrolled(session: Session, trial: TrialRow) -> tuple[Enrolled, ...]:
    """By code; an inclusion has its place among all of the trial."""
    given: dict[str, datetime] = {}
    for container, row in infusions(session, SubjectRow.trial_id == trial.id):
        if row.started_at is not None:
            given[container.subject_id] = max(row.started_at, given.get(container.subject_id, row.started_at))
    query = sa.select(SubjectRow).where(SubjectRow.trial_id == trial.id).order_by(SubjectRow.code)
    rows = session.execute(query).scalars().all()
    order = sorted((one for one in rows if one.included_at is not None), key=lambda one: (one.included_at, one.id))
    places = {one.id: place for place, one in enumerate(order)}
    return tuple(
        Enrolled(
            subject=one.code,
            age_months=12 * one.age_years + one.age_months,
            eighteenth_birthday=one.eighteenth_birthday,
            donor_type=one.donor_type,
            included=one.id in places,
            not_eligible=one.drop_reason == ConclusionReason.NOT_ELIGIBLE,
            place=places.get(one.id, 0),
            last_given_on=local_day(given[one.id]) if one.id in given else None,
            completed_on=local_day(one.concluded_at)
            if one.status == SubjectStatus.COMPLETED and one.concluded_at
            else None,
        )
        for one in rows
    )


def checks(session: Session, trial: TrialRow) -> tuple[Checked, ...]:
    """Every check, those before the last one of an order too: each was a decision."""
    query = (
        sa.select(SubjectRow.code, OrderRow.number, EligibilityRow)
        .join(OrderRow, OrderRow.id == EligibilityRow.order_id)
        .join(SubjectRow, SubjectRow.id == OrderRow.subject_id)
        .where(SubjectRow.trial_id == trial.id)
        .order_by(OrderRow.number, EligibilityRow.sequence)
    )
    found = []
    for code, number, row in session.execute(query):
        form = eligibility_form(row)
        if form is not None:
            found.append(Checked(code, number, form, row.checked_at, failed=bool(json.loads(row.failed))))
    return tuple(found)


def reactions(session: Session, trial: TrialRow) -> tuple[Observed, ...]:
    query = (
        sa.select(SubjectRow.code, ReactionRow)
        .join(AdministrationRow, AdministrationRow.id == ReactionRow.administration_id)
        .join(DispensingRow, DispensingRow.id == AdministrationRow.dispensing_id)
        .join(ContainerRow, ContainerRow.id == DispensingRow.container_id)
        .join(SubjectRow, SubjectRow.id == ContainerRow.subject_id)
        .where(SubjectRow.trial_id == trial.id)
        .order_by(SubjectRow.code, ReactionRow.recorded_at, ReactionRow.id)
    )
    return tuple(
        Observed(
            subject=code,
            term=row.term,
            grade=row.grade,
            relatedness=row.relatedness,
            serious=row.serious,
            waited=row.adjudicated == Adjudication.PENDING or row.adjudicated_at is not None,
        )
        for code, row in session.execute(query)
    )
