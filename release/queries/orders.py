"""Infusion orders and the checks of the day that belong to them."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import asked_once
from kernel.documents.queries import effective_at
from kernel.errors import NotFound, Refused
from manufacturing.domain.protocol import PROTOCOL, Protocol
from manufacturing.queries.trial import get_protocol
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.trial import SubjectRow
from release.domain.decisions import OrderStatus
from release.domain.dispensing import ALLOWING
from release.domain.downtime import EntryKind
from release.domain.eligibility import EligibilityForm, EligibilitySettings, Reading, questions
from release.tables.decisions import DispositionRow
from release.tables.destructions import DestructionRow
from release.tables.dispensing import (
    DispensingRow,
    EligibilityRow,
    HandOverRow,
    OrderRow,
)
from release.tables.downtime import DowntimeEntryRow

OPEN = (OrderStatus.ORDERED, OrderStatus.ELIGIBLE)
LEFT = (OrderStatus.DISPENSED, OrderStatus.HANDED_OVER, OrderStatus.ADMINISTERED, OrderStatus.NOT_ADMINISTERED)
ALL_MET = NOTHING_AGAINST = "[]"


def get_order(session: Session, order_id: str) -> OrderRow:
    row = session.get(OrderRow, order_id)
    if row is None:
        raise NotFound(f"order {order_id}")
    return row


def find_order_number(session: Session, number: str) -> OrderRow | None:
    return session.execute(sa.select(OrderRow).where(OrderRow.number == number)).scalar_one_or_none()


@asked_once
def open_order_on(session: Session, subject_id: str, day: date) -> OrderRow | None:
    """The one order of this subject for this day that is still to be dispensed."""
    query = sa.select(OrderRow).where(
        OrderRow.subject_id == subject_id, OrderRow.infusion_on == day, OrderRow.status.in_(OPEN)
    )
    return session.execute(query.order_by(OrderRow.ordered_at.desc()).limit(1)).scalar_one_or_none()


def dispensed_order_on(session: Session, subject_id: str, day: date) -> OrderRow | None:
    """The newest order of this subject for this day of which the container has left the pharmacy."""
    query = sa.select(OrderRow).where(
        OrderRow.subject_id == subject_id, OrderRow.infusion_on == day, OrderRow.status.in_(LEFT)
    )
    return session.execute(query.order_by(OrderRow.number.desc()).limit(1)).scalar_one_or_none()


def next_order_number(session: Session) -> str:
    """``ORD-0001`` onwards, without reuse; the caller holds the trial's lock."""
    return f"ORD-{session.execute(sa.select(sa.func.count()).select_from(OrderRow)).scalar_one() + 1:04}"


@asked_once
def latest_eligibility(session: Session, order_id: str, *, at: datetime | None = None) -> EligibilityRow | None:
    """The newest check that counts, by when the subject was examined; ``at``: of those before that time.

    One that was entered from paper although NKTrace refuses it counts only where a criterion was not met.
    """
    refused = sa.exists().where(
        DowntimeEntryRow.record_id == EligibilityRow.id, DowntimeEntryRow.conflicts != NOTHING_AGAINST
    )
    counts = sa.or_(EligibilityRow.failed != ALL_MET, ~refused)
    query = sa.select(EligibilityRow).where(EligibilityRow.order_id == order_id, counts)
    if at is not None:
        query = query.where(EligibilityRow.checked_at <= at)
    newest = query.order_by(EligibilityRow.checked_at.desc(), EligibilityRow.sequence.desc()).limit(1)
    return session.execute(newest).scalar_one_or_none()


def checks_on_paper(session: Session, order_id: str) -> dict[str, bool]:
    """Checks of this order that were entered from paper, each with whether NKTrace refuses it."""
    query = sa.select(DowntimeEntryRow.record_id, DowntimeEntryRow.conflicts).where(
        DowntimeEntryRow.order_id == order_id, DowntimeEntryRow.kind == EntryKind.CHECK
    )
    return {record_id: against != NOTHING_AGAINST for record_id, against in session.execute(query)}


def eligibility_form(row: EligibilityRow | None) -> EligibilityForm | None:
    """The stored check as the rule reads it."""
    if row is None:
        return None
    return EligibilityForm(
        signed_at=row.checked_at,
        marrow_blasts_percent=Reading(row.marrow_blasts, row.marrow_assessed_on),
        circulating_blasts_percent=Reading(row.circulating_blasts, row.circulating_assessed_on),
        extramedullary_progression=row.extramedullary_progression,
        neutrophils_e9_per_l=Reading(row.neutrophils, row.neutrophils_assessed_on),
        gvhd_grade=row.gvhd_grade,
        steroids_mg_per_kg_day=row.steroids,
        other_condition=row.other_condition,
        other_condition_text=row.other_condition_text or "",
        donor_chimerism=row.donor_chimerism,
        immunosuppression_given=row.immunosuppression_given,
        immunosuppression_last_on=row.immunosuppression_last_on,
        second_product_given=row.second_product_given,
    )


def eligibility_settings(protocol: Protocol) -> EligibilitySettings:
    return EligibilitySettings(
        marrow_blasts_exclude_from_percent=protocol.marrow_blasts_exclude_from_percent,
        circulating_blasts_exclude_from_percent=protocol.circulating_blasts_exclude_from_percent,
        neutrophils_at_least_e9_per_l=protocol.neutrophils_at_least_e9_per_l,
        neutrophils_confirm_above_e9_per_l=protocol.neutrophils_confirm_above_e9_per_l,
        gvhd_grade_at_most=protocol.gvhd_grade_at_most,
        steroids_at_most_mg_per_kg_day=protocol.steroids_at_most_mg_per_kg_day,
        marrow_may_be_not_done=protocol.marrow_may_be_not_done,
        marrow_max_age_days=protocol.marrow_max_age_days,
        blood_max_age_days=protocol.blood_max_age_days,
        donor_chimerism_needed=protocol.donor_chimerism_needed,
        immunosuppression=protocol.immunosuppression,
        second_cellular_product=protocol.second_cellular_product,
    )


def not_asked_on_paper(session: Session, printed_at: datetime) -> frozenset[str]:
    """Questions of the check that the protocol version of a kit's sheets does not ask; none where there is no version."""
    try:
        document = effective_at(session, PROTOCOL, printed_at)
    except Refused:
        return frozenset()
    return questions(eligibility_settings(get_protocol(session, document.id)))[1]


def order_content(session: Session, order_id: str) -> dict[str, Any]:
    """What a person sees and signs of an order: the order itself and its checks so far."""
    row = get_order(session, order_id)
    subject = session.get_one(SubjectRow, row.subject_id)
    return {
        "title": f"{row.number} · {subject.code}",
        "order": row.number,
        "version": row.version,
        "subject": subject.code,
        "infusion_on": row.infusion_on,
        "volume_ml": row.volume_ml,
        "duration_minutes": row.duration_minutes,
        "ward": row.ward,
        "status": row.status,
        "checks": [
            {"version": one.version, "checked_at": one.checked_at, "criteria_not_met": json.loads(one.failed)}
            for one in checks_of(session, order_id)
        ],
    }


def checks_of(session: Session, order_id: str) -> list[EligibilityRow]:
    """The newest last, by when the subject was examined."""
    query = sa.select(EligibilityRow).where(EligibilityRow.order_id == order_id)
    query = query.order_by(EligibilityRow.checked_at, EligibilityRow.sequence)
    return list(session.execute(query).scalars())


def orders_on(today: date, status: OrderStatus) -> sa.Select[tuple[OrderRow, str]]:
    """Asks for orders of a day in one state, each with the code of its subject."""
    query = sa.select(OrderRow, SubjectRow.code).join(SubjectRow, SubjectRow.id == OrderRow.subject_id)
    return query.where(OrderRow.status == status, OrderRow.infusion_on == today)


def soonest(now: datetime, column: Any) -> Any:
    """``column`` of the container that expires first of those that are certified for the subject of an order and neither
    expired, dispensed nor destroyed."""
    query = (
        sa.select(column)
        .select_from(ContainerRow)
        .join(BatchRow, BatchRow.id == ContainerRow.batch_id)
        .join(DispositionRow, DispositionRow.container_id == ContainerRow.id)
        .where(
            ContainerRow.subject_id == OrderRow.subject_id,
            ContainerRow.expires_at > now,
            DispositionRow.status.in_([one for one in ALLOWING if one]),
            *in_the_pharmacy(),
        )
    )
    return query.order_by(ContainerRow.expires_at, ContainerRow.id).limit(1).correlate(OrderRow).scalar_subquery()


def in_the_pharmacy() -> tuple[sa.ColumnElement[bool], ...]:
    """Conditions on containers: no dispensing stands, and it is not destroyed."""
    out = sa.exists().where(DispensingRow.container_id == ContainerRow.id, DispensingRow.cancelled_at.is_(None))
    return ~out, ~sa.exists().where(DestructionRow.container_id == ContainerRow.id)


def specifications_awaited(session: Session, today: date, now: datetime) -> list[str | None]:
    """The specifications that judge what the open orders of today wait for; None: of some nothing is there to wait for."""
    judging = soonest(now, BatchRow.specification_document_id)
    query = sa.select(judging).where(OrderRow.status.in_(OPEN), OrderRow.infusion_on == today).distinct()
    return sorted(session.execute(query).scalars(), key=lambda one: one or "")


def waiting_for_check(session: Session, today: date) -> list[tuple[OrderRow, str]]:
    """Orders of today without a day-of-infusion check that is met."""
    query = orders_on(today, OrderStatus.ORDERED).order_by(OrderRow.number)
    return [(row, code) for row, code in session.execute(query)]


def waiting_for_dispensing(session: Session, today: date) -> list[tuple[OrderRow, str]]:
    query = orders_on(today, OrderStatus.ELIGIBLE).order_by(OrderRow.number)
    return [(row, code) for row, code in session.execute(query)]


def on_the_way(session: Session, status: OrderStatus) -> list[tuple[OrderRow, str, str, datetime]]:
    """Orders in one of the states after dispensing, with subject, container and the time of that state."""
    query = (
        sa.select(OrderRow, SubjectRow.code, ContainerRow.code, DispensingRow.dispensed_at, HandOverRow.handed_over_at)
        .join(SubjectRow, SubjectRow.id == OrderRow.subject_id)
        .join(DispensingRow, DispensingRow.order_id == OrderRow.id)
        .join(ContainerRow, ContainerRow.id == DispensingRow.container_id)
        .outerjoin(HandOverRow, HandOverRow.dispensing_id == DispensingRow.id)
        .where(OrderRow.status == status)
        .order_by(DispensingRow.dispensed_at)
    )
    return [(row, code, container, handed or at) for row, code, container, at, handed in session.execute(query)]
