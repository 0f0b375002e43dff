"""What can be done about corrective and preventive actions, declared once for pages and API."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.registry import Done, act
from kernel.web.site import Viewer
from kernel.work import Work
from manufacturing.queries.capa import action_content, possible_owners
from manufacturing.queries.deviations import deviation_content
from manufacturing.schemas.deviations import ActionSchema, CheckSchema, DoneSchema, PostponeSchema
from manufacturing.services.capa import cancel_action, check_action, plan_action, postpone_action, report_done
from manufacturing.tables.deviations import CapaRow

ACTIONS = "/actions"
ONE = f"{ACTIONS}/<action_id>"


def told(row: CapaRow, message: str) -> Done:
    return Done(f"{ACTIONS}/{row.id}", message, {"id": row.id, "number": row.number, "status": row.status})


def owners(session: Session, viewer: Viewer, deviation_id: str) -> dict[str, Any]:  # noqa: ARG001
    return {"choices": {"owner": possible_owners(session, viewer.at)}}


@act(
    "capa.plan",
    "/deviations/<deviation_id>/actions/new",
    permission="capa:plan",
    title=N_("Plan an action"),
    schema=ActionSchema,
    content=deviation_content,
    prepare=owners,
    signs=1,
    meaning=N_("This action follows from the deviation; it stays due until it is done and found effective."),
)
def plan(work: Work, deviation_id: str, **fields: Any) -> Done:
    return told(plan_action(work, deviation_id, **fields), N_("Planned."))


@act(
    "capa.postpone",
    f"{ONE}/postpone",
    permission="capa:plan",
    title=N_("Change the due day"),
    schema=PostponeSchema,
    content=action_content,
    signs=1,
    needs_reason=True,
    meaning=N_("The action is due on another day, for the reason given."),
)
def postpone(work: Work, action_id: str, **fields: Any) -> Done:
    return told(postpone_action(work, action_id, **fields), N_("The due day is changed."))


@act(
    "capa.done",
    f"{ONE}/done",
    permission="capa:do",
    title=N_("Report it done"),
    schema=DoneSchema,
    content=action_content,
    signs=1,
    meaning=N_("The action is done; this is the evidence."),
)
def done(work: Work, action_id: str, **fields: Any) -> Done:
    return told(report_done(work, action_id, **fields), N_("Done; somebody else checks whether it helped."))


@act(
    "capa.check",
    f"{ONE}/check",
    permission="capa:check",
    title=N_("Check whether it helped"),
    schema=CheckSchema,
    content=action_content,
    signs=1,
    meaning=N_("I checked, as somebody who neither owned nor did it, whether the action was effective."),
)
def check(work: Work, action_id: str, **fields: Any) -> Done:
    return told(check_action(work, action_id, **fields), N_("The check is on record."))


@act(
    "capa.cancel",
    f"{ONE}/cancel",
    permission="capa:plan",
    title=N_("Cancel the action"),
    content=action_content,
    signs=1,
    needs_reason=True,
    meaning=N_("This action will not be done, for the reason given."),
    danger=True,
)
def cancel(work: Work, action_id: str) -> Done:
    return told(cancel_action(work, action_id), N_("Cancelled."))
