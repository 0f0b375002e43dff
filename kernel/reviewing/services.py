"""Begin an access review, answer its lines, sign it; take a role away."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from kernel.accounts.domain import GrantStatus
from kernel.accounts.queries import get_person
from kernel.accounts.services import end_sessions, person_content
from kernel.accounts.tables import PersonRow, RoleGrantRow
from kernel.errors import Refused, refuse_any
from kernel.refusals import Refusal
from kernel.reviewing.domain import (
    ACCESS_REVIEW,
    ACCESS_REVIEW_OPEN,
    ROLE_NOT_HELD,
    Answer,
    Held,
    SigningFacts,
    is_unused,
    own_refusals,
)
from kernel.reviewing.queries import (
    answering_content,
    get_review,
    held_now,
    lines_of,
    next_due,
    open_review,
    reviews,
    signing_content,
    waiting_lines,
)
from kernel.reviewing.tables import AccessLineRow, AccessReviewRow
from kernel.upkeep.queries import upkeep_rules
from kernel.work import Work


def begin_review(work: Work) -> AccessReviewRow:
    """One at a time."""
    work.require("access:review")
    work.confirm({})
    running = open_review(work.session)
    if running is not None:
        raise Refused(ACCESS_REVIEW_OPEN(number=running.number))
    due = next_due(work.session, upkeep_rules(work.session)) or work.at
    number = f"AR-{len(reviews(work.session)) + 1:03}"
    return work.add(AccessReviewRow(number=number, due_at=due, opened_by=work.actor.id, opened_at=work.at))


def locked_review(work: Work, review_id: str, action: str) -> AccessReviewRow:
    get_review(work.session, review_id)
    row = work.lock(AccessReviewRow, review_id)
    transition = ACCESS_REVIEW.transition(action, row.status)
    if isinstance(transition, Refusal):
        raise Refused(transition)
    work.require(transition.permission)
    return row


def answer_lines(work: Work, review_id: str, answers: Mapping[str, Answer]) -> AccessReviewRow:
    """``answers`` by the key of the line; what was answered before is answered anew. Nobody answers for himself."""
    row = locked_review(work, review_id, "answer")
    work.confirm(answering_content(work.session, review_id))
    held = {one.key: one for one in held_now(work.session)}
    refuse_any(own_refusals(work.actor.id, [held[key].person_id for key in answers]))
    before = {(one.person_id, one.role): one for one in lines_of(work.session, review_id)}
    for key, answer in answers.items():
        found = before.get((held[key].person_id, held[key].role))
        if found is None:
            work.add(new_line(work, review_id, held[key], answer))
        elif found.answer != answer:
            line = work.lock(AccessLineRow, found.id)
            line.answer, line.answered_by, line.answered_at = answer, work.actor.id, work.at
    return row


def new_line(work: Work, review_id: str, held: Held, answer: Answer) -> AccessLineRow:
    return AccessLineRow(
        review_id=review_id,
        person_id=held.person_id,
        role=held.role,
        since=held.since,
        given_by=held.given_by,
        valid_until=held.valid_until,
        used_at=held.used_at,
        unused=is_unused(held, upkeep_rules(work.session), work.at),
        answer=answer,
        answered_by=work.actor.id,
        answered_at=work.at,
    )


def sign_review(work: Work, review_id: str) -> AccessReviewRow:
    """Every role held now is answered; what is to be taken away waits from now on among the work of QA and administrator."""
    row = locked_review(work, review_id, "sign")
    work.confirm(signing_content(work.session, review_id))
    waiting = tuple(one.text for one in waiting_lines(work.session, review_id))
    row.signed_by, row.signed_at = work.signer().id, work.at
    work.move(row, ACCESS_REVIEW, "sign", SigningFacts(waiting))
    return row


def take_role(work: Work, person_id: str, *, role: str) -> PersonRow:
    """End one role at once, with a reason; taking away needs no second person. The sessions end, so that nothing goes on."""
    work.require("account:deactivate")
    get_person(work.session, person_id)
    row = work.lock(PersonRow, person_id)
    work.confirm(person_content(work.session, person_id))
    query = sa.select(RoleGrantRow.id).where(
        RoleGrantRow.person_id == person_id, RoleGrantRow.role == role, RoleGrantRow.status == GrantStatus.ACTIVE
    )
    held = list(work.session.execute(query).scalars())
    if not held:
        raise Refused(ROLE_NOT_HELD(field="role"))
    for grant_id in held:
        grant = work.lock(RoleGrantRow, grant_id)
        grant.status, grant.decided_by, grant.decided_at = GrantStatus.REVOKED, work.actor.id, work.at
    end_sessions(work, person_id)
    return row
