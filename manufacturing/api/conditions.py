"""Opening a part of the process, or leaving it out, declared once for pages and API."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.errors import NotFound
from kernel.refusals import N_
from kernel.web.registry import Done, act
from kernel.web.site import Viewer
from kernel.work import Work
from manufacturing.domain.conditions import ConditionAnswer, deciding_refusals
from manufacturing.queries.batch_content import condition_content
from manufacturing.queries.record import read_record
from manufacturing.services.conditions import decide_condition
from manufacturing.tables.batches import ConditionRow

CONDITION = "/batches/<batch_id>/parts/<condition>"


def done(row: ConditionRow, message: str) -> Done:
    body = {"batch_id": row.batch_id, "condition": row.condition, "answer": row.answer}
    return Done(f"/batches/{row.batch_id}", message, body)


def before_deciding(session: Session, batch_id: str, condition: str, answer: ConditionAnswer) -> dict[str, Any]:
    facts = read_record(session, batch_id).conditions.get(condition)
    if facts is None:
        raise NotFound(f"condition {condition} of batch {batch_id}")
    return {"refusals": list(deciding_refusals(facts, answer))}


def before_opening(session: Session, _viewer: Viewer, batch_id: str, condition: str) -> dict[str, Any]:
    return before_deciding(session, batch_id, condition, ConditionAnswer.OPEN)


def before_leaving_out(session: Session, _viewer: Viewer, batch_id: str, condition: str) -> dict[str, Any]:
    return before_deciding(session, batch_id, condition, ConditionAnswer.NOT_NEEDED)


@act(
    "condition.open",
    f"{CONDITION}/open",
    permission="batch:perform",
    title=N_("Do this part"),
    content=condition_content,
    prepare=before_opening,
    signs=1,
    needs_reason=True,
    meaning=N_("This part of the process is done, for the reason given."),
)
def open_part(work: Work, batch_id: str, condition: str) -> Done:
    row = decide_condition(work, batch_id, condition, ConditionAnswer.OPEN)
    return done(row, N_("Opened. Its steps are performed and verified like the others."))


@act(
    "condition.leave_out",
    f"{CONDITION}/leave-out",
    permission="batch:perform",
    title=N_("This part is not needed"),
    content=condition_content,
    prepare=before_leaving_out,
    signs=1,
    needs_reason=True,
    meaning=N_("This part of the process is not needed, for the reason given; all of its fields are N/A."),
)
def leave_out_part(work: Work, batch_id: str, condition: str) -> Done:
    row = decide_condition(work, batch_id, condition, ConditionAnswer.NOT_NEEDED)
    return done(row, N_("Left out. Its steps and fields are N/A, with this one reason."))
