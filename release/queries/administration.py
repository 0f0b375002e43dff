"""What was given to whom, what was seen afterwards, and what still has to be recorded."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.errors import NotFound
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.trial import SubjectRow, TrialRow
from release.domain.administration import Adjudication
from release.domain.decisions import OrderStatus, Verdict
from release.queries.dispense_contents import dispensing_content
from release.queries.dispensing import BEDSIDE
from release.tables.decisions import DispositionRow
from release.tables.dispensing import AdministrationRow, DispensingRow, HandOverRow, OrderRow, ReactionRow, ScanRow

OVERDUE = timedelta(hours=24)
YES = True


def get_administration(session: Session, administration_id: str) -> AdministrationRow:
    row = session.get(AdministrationRow, administration_id)
    if row is None:
        raise NotFound(f"administration {administration_id}")
    return row


def get_reaction(session: Session, reaction_id: str) -> ReactionRow:
    row = session.get(ReactionRow, reaction_id)
    if row is None:
        raise NotFound(f"reaction {reaction_id}")
    return row


def trial_behind(session: Session, administration_id: str) -> TrialRow:
    """The trial of the subject something was given to."""
    query = (
        sa.select(TrialRow)
        .join(SubjectRow, SubjectRow.trial_id == TrialRow.id)
        .join(ContainerRow, ContainerRow.subject_id == SubjectRow.id)
        .join(DispensingRow, DispensingRow.container_id == ContainerRow.id)
        .join(AdministrationRow, AdministrationRow.dispensing_id == DispensingRow.id)
        .where(AdministrationRow.id == administration_id)
    )
    row = session.execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound(f"administration {administration_id}")
    return row


def reactions_of(session: Session, administration_id: str) -> list[ReactionRow]:
    query = sa.select(ReactionRow).where(ReactionRow.administration_id == administration_id)
    return list(session.execute(query.order_by(ReactionRow.onset_at, ReactionRow.id)).scalars())


def bedside_scans(session: Session, container_id: str, order_id: str) -> list[ScanRow]:
    query = sa.select(ScanRow).where(
        ScanRow.container_id == container_id, ScanRow.place == BEDSIDE, ScanRow.order_id == order_id
    )
    return list(session.execute(query.order_by(ScanRow.scanned_at)).scalars())


def administration_form_content(session: Session, dispensing_id: str) -> dict[str, Any]:
    """Shown before an administration is recorded: the product on its way and the scans at the bedside."""
    content = dispensing_content(session, dispensing_id)
    row = session.get_one(DispensingRow, dispensing_id)
    scans = bedside_scans(session, row.container_id, row.order_id)
    return {**content, "bedside_scans": [{"at": one.scanned_at, "verdict": one.verdict} for one in scans]}


def administration_content(session: Session, administration_id: str) -> dict[str, Any]:
    """Shown when something is added to an administration: what was given, and the reactions so far."""
    row = get_administration(session, administration_id)
    dispensing = session.get_one(DispensingRow, row.dispensing_id)
    container = session.get_one(ContainerRow, dispensing.container_id)
    subject = session.get_one(SubjectRow, container.subject_id)
    return {
        "title": f"{container.code} · {subject.code}",
        "subject": subject.code,
        "container": container.code,
        "administration": {
            "version": row.version,
            "outcome": row.outcome,
            "started_at": row.started_at,
            "stopped_at": row.stopped_at,
            "volume_given_ml": row.volume_given_ml,
            "no_reaction_confirmed": row.no_reaction_confirmed,
        },
        "reactions": [reaction_part(one) for one in reactions_of(session, administration_id)],
    }


def reaction_part(row: ReactionRow) -> dict[str, Any]:
    return {
        "version": row.version,
        "term": row.term,
        "description": row.description,
        "onset_at": row.onset_at,
        "grade": row.grade,
        "serious": row.serious,
        "life_threatening": row.life_threatening,
        "known_at": row.known_at,
        "relatedness": row.relatedness,
        "adjudicated": row.adjudicated,
    }


def reaction_content(session: Session, reaction_id: str) -> dict[str, Any]:
    """What the adjudicator decides on: this reaction, and the administration it followed."""
    row = get_reaction(session, reaction_id)
    return {**administration_content(session, row.administration_id), "reaction": reaction_part(row)}


def order_of(session: Session, administration_id: str) -> str:
    """The order an administration belongs to: its page shows the whole path."""
    query = (
        sa.select(DispensingRow.order_id)
        .join(AdministrationRow, AdministrationRow.dispensing_id == DispensingRow.id)
        .where(AdministrationRow.id == administration_id)
    )
    return session.execute(query).scalar_one()


def overdue(session: Session, now: datetime) -> list[tuple[OrderRow, str, datetime]]:
    """Handed over more than 24 hours ago and no administration on record (DSP-ADMIN)."""
    query = (
        sa.select(OrderRow, SubjectRow.code, HandOverRow.handed_over_at)
        .join(SubjectRow, SubjectRow.id == OrderRow.subject_id)
        .join(DispensingRow, DispensingRow.order_id == OrderRow.id)
        .join(HandOverRow, HandOverRow.dispensing_id == DispensingRow.id)
        .where(OrderRow.status == OrderStatus.HANDED_OVER, HandOverRow.handed_over_at <= now - OVERDUE)
    )
    return [(row, code, at) for row, code, at in session.execute(query.order_by(HandOverRow.handed_over_at))]


def unconfirmed(session: Session) -> list[tuple[AdministrationRow, str, str]]:
    """Infusions with neither a reaction nor the confirmation that there was none: administration, subject, order id."""
    seen = sa.select(ReactionRow.id).where(ReactionRow.administration_id == AdministrationRow.id).exists()
    query = (
        sa.select(AdministrationRow, SubjectRow.code, DispensingRow.order_id)
        .join(DispensingRow, DispensingRow.id == AdministrationRow.dispensing_id)
        .join(ContainerRow, ContainerRow.id == DispensingRow.container_id)
        .join(SubjectRow, SubjectRow.id == ContainerRow.subject_id)
        .where(
            AdministrationRow.outcome.in_(["complete", "partial"]),
            AdministrationRow.no_reaction_confirmed.is_distinct_from(YES),
            ~seen,
        )
    )
    return [(row, code, order_id) for row, code, order_id in session.execute(query)]


def waiting_reactions(session: Session) -> list[tuple[ReactionRow, str, str]]:
    """Reactions that wait for the sponsor: reaction, subject code, batch number."""
    query = (
        sa.select(ReactionRow, SubjectRow.code, BatchRow.number)
        .join(AdministrationRow, AdministrationRow.id == ReactionRow.administration_id)
        .join(DispensingRow, DispensingRow.id == AdministrationRow.dispensing_id)
        .join(ContainerRow, ContainerRow.id == DispensingRow.container_id)
        .join(SubjectRow, SubjectRow.id == ContainerRow.subject_id)
        .join(BatchRow, BatchRow.id == ContainerRow.batch_id)
        .where(ReactionRow.adjudicated == Adjudication.PENDING)
        .order_by(ReactionRow.recorded_at)
    )
    return [(row, code, number) for row, code, number in session.execute(query)]


def dispensed_conditionally(session: Session) -> list[dict[str, Any]]:
    """Products that left with results pending, newest first (DSP-LATE)."""
    people = names(session)
    query = (
        sa.select(DispensingRow, ContainerRow.code, SubjectRow.code, DispositionRow.status)
        .join(ContainerRow, ContainerRow.id == DispensingRow.container_id)
        .join(SubjectRow, SubjectRow.id == ContainerRow.subject_id)
        .join(DispositionRow, DispositionRow.container_id == ContainerRow.id)
        .where(DispensingRow.conditional.is_not_distinct_from(YES), DispensingRow.cancelled_at.is_(None))
        .order_by(DispensingRow.dispensed_at.desc())
        .limit(25)
    )
    return [
        {
            "order_id": row.order_id,
            "container_id": row.container_id,
            "container": code,
            "disposition": status,
            "subject": subject,
            "dispensed_at": row.dispensed_at,
            "dispensed_by": people.get(row.dispensed_by),
        }
        for row, code, subject, status in session.execute(query)
    ]


def verdicts_of(scans: list[ScanRow]) -> tuple[tuple[datetime, Verdict], ...]:
    return tuple((one.scanned_at, Verdict(one.verdict)) for one in scans)
