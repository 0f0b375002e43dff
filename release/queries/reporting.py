"""Serious reactions with the reports they ask for: what waits, until when, and what was recorded."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.trial import SubjectRow
from release.domain.reporting import JUDGED, Due, ReactionFacts, ReportKind, reports_due
from release.queries.administration import administration_content, get_reaction, reaction_part
from release.queries.quality_checks import checks_by_reaction
from release.tables.dispensing import AdministrationRow, DispensingRow, ReactionRow
from release.tables.reporting import ReactionReportRow


def reports_of(session: Session, reaction_id: str) -> dict[ReportKind, ReactionReportRow]:
    query = sa.select(ReactionReportRow).where(ReactionReportRow.reaction_id == reaction_id)
    return {ReportKind(row.kind): row for row in session.execute(query).scalars()}


def facts_of(row: ReactionRow, made: dict[ReportKind, ReactionReportRow]) -> ReactionFacts:
    at = {kind: report.reported_at for kind, report in made.items()}
    return ReactionFacts(
        serious=row.serious,
        relatedness=row.relatedness,
        life_threatening=row.life_threatening,
        known_at=row.known_at or row.recorded_at,
        sponsor_told_at=at.get(ReportKind.SPONSOR),
        authority_told_at=at.get(ReportKind.AUTHORITY),
        judged_at=at.get(ReportKind.NOT_SUSAR),
        followed_up_at=at.get(ReportKind.FOLLOW_UP),
        donation_told_at=at.get(ReportKind.DONATION),
        no_link_at=at.get(ReportKind.NO_LINK),
    )


def report_content(session: Session, reaction_id: str) -> dict[str, Any]:
    """What is signed with a report: the reaction, what was given before it, the clocks, and the reports so far."""
    row, made = get_reaction(session, reaction_id), reports_of(session, reaction_id)
    return {
        **administration_content(session, row.administration_id),
        "reaction": reaction_part(row),
        "known since": row.known_at,
        "reports": [
            {"report": one.report, "due": one.due_at, "made": one.done_at} for one in reports_due(facts_of(row, made))
        ],
    }


def serious_reactions(session: Session) -> list[tuple[ReactionRow, str, str, str]]:
    """Each with the codes of subject and batch and the id of the order, the newest first."""
    query = (
        sa.select(ReactionRow, SubjectRow.code, BatchRow.number, DispensingRow.order_id)
        .join(AdministrationRow, AdministrationRow.id == ReactionRow.administration_id)
        .join(DispensingRow, DispensingRow.id == AdministrationRow.dispensing_id)
        .join(ContainerRow, ContainerRow.id == DispensingRow.container_id)
        .join(SubjectRow, SubjectRow.id == ContainerRow.subject_id)
        .join(BatchRow, BatchRow.id == ContainerRow.batch_id)
        .where(ReactionRow.serious.is_(sa.true()))
        .order_by(ReactionRow.recorded_at.desc(), ReactionRow.id.desc())
    )
    return [(row, subject, batch, order_id) for row, subject, batch, order_id in session.execute(query)]


def reports_by_reaction(session: Session) -> dict[str, dict[ReportKind, ReactionReportRow]]:
    found: dict[str, dict[ReportKind, ReactionReportRow]] = defaultdict(dict)
    for row in session.execute(sa.select(ReactionReportRow)).scalars():
        found[row.reaction_id][ReportKind(row.kind)] = row
    return found


def waiting_reports(session: Session) -> list[tuple[ReactionRow, str, Due]]:
    """Reports that nobody has recorded, each with the code of its subject, the most urgent first."""
    made = reports_by_reaction(session)
    found = [
        (row, subject, due)
        for row, subject, _batch, _order in serious_reactions(session)
        for due in reports_due(facts_of(row, made.get(row.id, {})))
        if due.done_at is None
    ]
    return sorted(found, key=lambda one: (one[2].due_at, one[0].id))


def report_list(session: Session, now: datetime) -> list[dict[str, Any]]:
    """Every serious reaction with its clocks and records."""
    made, people = reports_by_reaction(session), names(session)
    found = serious_reactions(session)
    opened = checks_by_reaction(session, [row.id for row, *_ in found])
    return [
        {
            "id": row.id,
            "subject": subject,
            "batch": batch,
            "order_id": order_id,
            **reaction_part(row),
            "known_at": row.known_at,
            "life_threatening": row.life_threatening,
            "check": opened.get(row.id),
            "clocks": [
                clock_part(one, now, made.get(row.id, {}), people)
                for one in reports_due(facts_of(row, made.get(row.id, {})))
            ],
        }
        for row, subject, batch, order_id in found
    ]


def clock_part(
    due: Due, now: datetime, made: dict[ReportKind, ReactionReportRow], people: dict[str, str]
) -> dict[str, Any]:
    judgement = next((made.get(one) for one, answered in JUDGED.items() if answered is due.report), None)
    ended_by = made.get(due.report) or judgement
    return {
        "report": due.report,
        "begins_at": due.begins_at,
        "due_at": due.due_at,
        "overdue": due.overdue(now),
        "done_at": due.done_at,
        "ended_by": ended_by.kind if ended_by else None,
        "reference": ended_by.reference if ended_by else None,
        "reason": ended_by.reason if ended_by else None,
        "recorded_by": people.get(ended_by.recorded_by) if ended_by else None,
        "recorded_at": ended_by.recorded_at if ended_by else None,
    }
