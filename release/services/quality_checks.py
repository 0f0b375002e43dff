"""A severe or serious reaction opens its quality check in the same transaction; QA concludes it (TR-S4)."""

from __future__ import annotations

import sqlalchemy as sa

from kernel.canonical import canonical
from kernel.errors import Refused, refuse_any
from kernel.refusals import Refusal
from kernel.work import Work
from manufacturing.domain.expiry import local_day
from manufacturing.queries.trial import get_protocol
from release.domain.defects import FollowUp, follow_up_refusals
from release.domain.quality_checks import (
    REACTION_CHECK,
    Answer,
    CheckOutcome,
    Concluding,
    Item,
    concluding_refusals,
    due,
    is_checked,
)
from release.queries.defects import follow_ups
from release.queries.quality_checks import check_content, check_items, container_after, get_check, reaction_of
from release.tables.dispensing import ReactionRow
from release.tables.quality_checks import ReactionCheckRow


def open_check(work: Work, row: ReactionRow) -> None:
    """At the record of the reaction; nobody has to remember."""
    severe = get_protocol(work.session).safety_grade_at_least
    if not is_checked(row.grade, serious=row.serious, severe_from=severe):
        return
    container = container_after(work.session, row.administration_id)
    work.add(
        ReactionCheckRow(
            number=next_number(work),
            reaction_id=row.id,
            container_id=container.id,
            batch_id=container.batch_id,
            opened_at=work.at,
            due_at=due(work.at, serious=row.serious),
        )
    )


def next_number(work: Work) -> str:
    """``RQ-2026-001``: unique, so two at once cannot share one."""
    stem = f"RQ-{local_day(work.at).year}-"
    query = sa.select(sa.func.max(ReactionCheckRow.number)).where(ReactionCheckRow.number.startswith(stem))
    newest = work.session.execute(query).scalar()
    return f"{stem}{int(newest.removeprefix(stem)) + 1 if newest else 1:03}"


def conclude_check(
    work: Work,
    check_id: str,
    *,
    outcome: str,
    conclusion: str,
    follow_up: str,
    follow_number: str | None = None,
    **answers: str,
) -> ReactionCheckRow:
    """By somebody who did not record the reaction. ``answers``: one for each item, by its key."""
    work.require("check:conclude")
    get_check(work.session, check_id)
    row = work.lock(ReactionCheckRow, check_id)
    work.confirm(check_content(work.session, check_id))
    transition = REACTION_CHECK.transition("conclude", row.status)
    if isinstance(transition, Refusal):
        raise Refused(transition)
    said = {item: Answer(answers[item.value]) for item in Item}
    seen = {item: state for item, (state, _) in check_items(work.session, row).items()}
    follows, number = FollowUp(follow_up), (follow_number or "").strip()
    known = follow_ups(work.session, row.batch_id, follows)
    refuse_any(
        (
            *concluding_refusals(seen, said, CheckOutcome(outcome), follows),
            *follow_up_refusals(follows, number, known),
        )
    )
    entered = {**said, "outcome": outcome, "conclusion": conclusion.strip(), "follow up": follow_up, "number": number}
    work.content = {**work.content, "entered": {name: value for name, value in entered.items() if value}}
    work.move(row, REACTION_CHECK, "conclude", Concluding(work.signer().id, reaction_of(work.session, row).recorded_by))
    row.answers, row.outcome, row.conclusion = canonical(said), outcome, conclusion.strip()
    row.follow_up, row.follow_number = follows, number if follows is not FollowUp.NOTHING else None
    row.concluded_by, row.concluded_at = work.signer().id, work.at
    return row
