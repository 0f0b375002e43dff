"""Who holds what since when and last used it, and how far the reviews are."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.domain import GrantStatus, PersonStatus
from kernel.accounts.queries import names
from kernel.accounts.tables import PasswordRow, PersonRow, RoleGrantRow, SessionRow
from kernel.errors import NotFound
from kernel.reviewing.domain import Answer, Held, ReviewStatus, due_at, is_unused, password_due
from kernel.reviewing.tables import AccessLineRow, AccessReviewRow
from kernel.tables import TrailRow
from kernel.upkeep.domain import UpkeepRules
from kernel.upkeep.queries import upkeep_rules


def get_review(session: Session, review_id: str) -> AccessReviewRow:
    row = session.get(AccessReviewRow, review_id)
    if row is None:
        raise NotFound(f"access review {review_id}")
    return row


def reviews(session: Session) -> list[AccessReviewRow]:
    """The newest first."""
    query = sa.select(AccessReviewRow).order_by(AccessReviewRow.opened_at.desc(), AccessReviewRow.number.desc())
    return list(session.execute(query).scalars())


def open_review(session: Session) -> AccessReviewRow | None:
    query = sa.select(AccessReviewRow).where(AccessReviewRow.status == ReviewStatus.OPEN)
    return session.execute(query).scalar_one_or_none()


def lines_of(session: Session, review_id: str) -> list[AccessLineRow]:
    query = sa.select(AccessLineRow).where(AccessLineRow.review_id == review_id)
    return list(session.execute(query.order_by(AccessLineRow.person_id, AccessLineRow.role)).scalars())


def newest(session: Session, column: Any, person: Any) -> dict[str, datetime]:
    return {who: at for who, at in session.execute(sa.select(person, sa.func.max(column)).group_by(person)) if at}


def held_now(session: Session) -> list[Held]:
    """Every role of every account that is not deactivated, by name; an account without a role has a line too."""
    grants: dict[str, list[RoleGrantRow | None]] = {}
    query = sa.select(RoleGrantRow).where(RoleGrantRow.status == GrantStatus.ACTIVE).order_by(RoleGrantRow.role)
    for grant in session.execute(query).scalars():
        grants.setdefault(grant.person_id, []).append(grant)
    used = newest(session, SessionRow.last_seen_at, SessionRow.person_id)
    set_at = newest(session, PasswordRow.set_at, PasswordRow.person_id)
    called = names(session)
    people = sa.select(PersonRow).where(PersonRow.status != PersonStatus.DEACTIVATED).order_by(PersonRow.full_name)
    return [
        Held(
            person_id=row.id,
            login=row.login,
            name=row.full_name,
            role=grant.role if grant else "",
            since=(grant.decided_at if grant else None) or row.statement_accepted_at,
            given_by=called.get(grant.decided_by or "", grant.requested_by) if grant else "",
            valid_until=grant.valid_until if grant else None,
            used_at=used.get(row.id),
            password_at=set_at.get(row.id),
        )
        for row in session.execute(people).scalars()
        for grant in grants.get(row.id) or [None]
    ]


def next_due(session: Session, rules: UpkeepRules) -> datetime | None:
    """When the next review has to be signed; None before anything happened here."""
    signed = sa.select(sa.func.max(AccessReviewRow.signed_at))
    first = session.execute(sa.select(sa.func.min(TrailRow.at))).scalar()
    return due_at(session.execute(signed).scalar(), first, rules) if first else None


def waiting_lines(session: Session, review_id: str) -> list[Held]:
    answered = {(one.person_id, one.role) for one in lines_of(session, review_id)}
    return [one for one in held_now(session) if (one.person_id, one.role) not in answered]


def not_carried_out(session: Session) -> list[tuple[AccessReviewRow, AccessLineRow, str]]:
    """What was to be taken away and is still held, with the login of the person. A role given again since counts as new."""
    held = {(one.person_id, one.role): one for one in held_now(session)}
    query = (
        sa.select(AccessReviewRow, AccessLineRow)
        .join(AccessLineRow, AccessLineRow.review_id == AccessReviewRow.id)
        .where(AccessReviewRow.status == ReviewStatus.SIGNED, AccessLineRow.answer == Answer.TAKE_AWAY)
        .order_by(AccessReviewRow.number, AccessLineRow.id)
    )
    found = []
    for review, line in session.execute(query):
        now = held.get((line.person_id, line.role))
        if now is not None and (now.since is None or now.since <= line.answered_at):
            found.append((review, line, now.login))
    return found


def held_view(one: Held, rules: UpkeepRules, now: datetime) -> dict[str, Any]:
    return {
        "key": one.key,
        "person_id": one.person_id,
        "login": one.login,
        "name": one.name,
        "role": one.role,
        "since": one.since,
        "given_by": one.given_by,
        "valid_until": one.valid_until,
        "used_at": one.used_at,
        "unused": is_unused(one, rules, now),
        "password_at": one.password_at,
        "password_due": password_due(one.password_at, rules),
    }


def line_views(session: Session, review_id: str) -> list[dict[str, Any]]:
    """Each answered line as it was when it was answered, by name."""
    people = {row.id: row for row in session.execute(sa.select(PersonRow)).scalars()}
    facts = ("person_id", "role", "since", "given_by", "valid_until", "used_at", "unused", "answer", "answered_at")
    found = [
        {
            **{name: getattr(one, name) for name in facts},
            "login": people[one.person_id].login,
            "name": people[one.person_id].full_name,
            "answered_by": people[one.answered_by].full_name,
        }
        for one in lines_of(session, review_id)
    ]
    return sorted(found, key=lambda one: (one["name"], one["role"]))


def review_view(row: AccessReviewRow, called: dict[str, str]) -> dict[str, Any]:
    facts = ("id", "number", "status", "due_at", "opened_at", "signed_at", "version")
    people = {"opened_by": called.get(row.opened_by, ""), "signed_by": called.get(row.signed_by or "", "")}
    return {**{name: getattr(row, name) for name in facts}, **people}


def signing_content(session: Session, review_id: str) -> dict[str, Any]:
    """What QA is shown and signs: every line with its answer, and what is not answered yet."""
    row = get_review(session, review_id)
    return {
        "title": row.number,
        "version": row.version,
        "reviewed": [
            {
                "user": one["login"],
                "role": one["role"] or "–",
                "role since": one["since"],
                "last used": one["used_at"],
                "unused for long": one["unused"],
                "answer": one["answer"],
                "answered by": one["answered_by"],
            }
            for one in line_views(session, review_id)
        ],
        "not reviewed": [one.text for one in waiting_lines(session, review_id)],
    }


def answering_content(session: Session, review_id: str) -> dict[str, Any]:
    """Which lines there are; not when somebody last signed in, which is another thing every hour."""
    row = get_review(session, review_id)
    return {
        "title": row.number,
        "lines": [one.text for one in held_now(session)],
    }


def overview(session: Session, now: datetime) -> dict[str, Any]:
    """Everybody as of now, the reviews there were, and when the next is due."""
    rules, called = upkeep_rules(session), names(session)
    running = open_review(session)
    return {
        "held": [held_view(one, rules, now) for one in held_now(session)],
        "unused_days": rules.unused_days,
        "months": rules.access_review_months,
        "password_months": rules.password_months,
        "due_at": next_due(session, rules),
        "open": running.id if running else None,
        "reviews": [review_view(one, called) for one in reviews(session)],
        "to_take_away": [
            {"review": review.number, "login": login, "role": line.role, "person_id": line.person_id}
            for review, line, login in not_carried_out(session)
        ],
    }
