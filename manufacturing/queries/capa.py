"""Corrective and preventive actions as rules, pages and the Work page need them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.domain import PersonStatus
from kernel.accounts.queries import actor_of, find_person, list_people, names
from kernel.errors import NotFound
from kernel.permissions import allows
from kernel.tables import SignatureRow
from manufacturing.domain.capa import CapaStatus, overdue
from manufacturing.queries.batches import get_deviation
from manufacturing.queries.trial import paged
from manufacturing.tables.deviations import CapaRow, DeviationRow

OWNER = "capa:do"
SORTS = {"number": CapaRow.number, "status": CapaRow.status, "due": CapaRow.due_on}
OVERDUE = "overdue"


def get_action(session: Session, action_id: str) -> CapaRow:
    row = session.get(CapaRow, action_id)
    if row is None:
        raise NotFound(f"action {action_id}")
    return row


def find_owner(session: Session, login: str, at: datetime) -> str | None:
    """Id of the person who may own an action: an active account with a role at the bench, in QA or the pharmacy."""
    person = find_person(session, login.strip())
    actor = actor_of(session, person.id, at) if person else None
    return actor.id if actor and allows(OWNER, actor.roles) else None


def possible_owners(session: Session, at: datetime) -> list[tuple[str, str]]:
    """Login and name of everybody who may own an action."""
    return [
        (one["login"], one["full_name"])
        for one in list_people(session, at)
        if one["status"] in {PersonStatus.ACTIVE, PersonStatus.LOCKED}
        and allows(OWNER, frozenset(role["role"] for role in one["roles"] if role["status"] == "active"))
    ]


def people_of_action(session: Session, row: CapaRow) -> frozenset[str]:
    """Its owner and everybody who ever reported it done, read from the signatures."""
    query = sa.select(SignatureRow.signer_id).where(
        SignatureRow.record_id == row.id, SignatureRow.meaning == "action done"
    )
    return frozenset({row.owner_id, *session.execute(query).scalars()})


def action_content(session: Session, action_id: str) -> dict[str, Any]:
    """What is signed about an action."""
    row = get_action(session, action_id)
    return {
        "title": row.number,
        "version": row.version,
        "deviation": get_deviation(session, row.deviation_id).number,
        "status": row.status,
        "kind": row.kind,
        "what is to be done": row.description,
        "owner": names(session).get(row.owner_id, row.owner_id),
        "due on": row.due_on,
        "evidence": row.evidence,
        "outcome of the check": row.outcome,
    }


def action_view(row: CapaRow, deviation: DeviationRow, people: dict[str, str], today: date) -> dict[str, Any]:
    return {
        "id": row.id,
        "number": row.number,
        "kind": row.kind,
        "description": row.description,
        "status": row.status,
        "deviation": {"id": deviation.id, "number": deviation.number, "status": deviation.status},
        "owner": people.get(row.owner_id, row.owner_id),
        "due_on": row.due_on,
        "overdue": overdue(row.status, row.due_on, today),
        "planned_by": people.get(row.planned_by, row.planned_by),
        "planned_at": row.planned_at,
        "evidence": row.evidence,
        "done_by": people.get(row.done_by or ""),
        "done_at": row.done_at,
        "outcome": row.outcome,
        "checked_by": people.get(row.checked_by or ""),
        "checked_at": row.checked_at,
        "end_reason": row.end_reason,
    }


def list_actions(session: Session, args: dict[str, str], today: date) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """One page of actions; ``status`` may be ``overdue``."""
    query = sa.select(CapaRow)
    if args.get("status") == OVERDUE:
        query = query.where(CapaRow.status == CapaStatus.OPEN, CapaRow.due_on < today)
    elif args.get("status"):
        query = query.where(CapaRow.status == args["status"])
    if wanted := args.get("code", "").strip():
        query = query.where(CapaRow.number.contains(wanted, autoescape=True))
    rows, page = paged(session, query, args, SORTS, "due")
    return views(session, rows, today), page


def views(session: Session, rows: list[CapaRow], today: date) -> list[dict[str, Any]]:
    people = names(session)
    wanted = sa.select(DeviationRow).where(DeviationRow.id.in_({row.deviation_id for row in rows}))
    deviations = {one.id: one for one in session.execute(wanted).scalars()}
    return [action_view(row, deviations[row.deviation_id], people, today) for row in rows]


def unfinished_actions(session: Session) -> list[CapaRow]:
    """Open or done but not checked, what is due first."""
    query = sa.select(CapaRow).where(CapaRow.status.in_([CapaStatus.OPEN, CapaStatus.DONE]))
    return list(session.execute(query.order_by(CapaRow.due_on, CapaRow.id)).scalars())


def action_by_number(session: Session, number: str) -> CapaRow | None:
    return session.execute(sa.select(CapaRow).where(CapaRow.number == number)).scalar_one_or_none()
