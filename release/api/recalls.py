"""What can be done about recalls and drills, declared once for pages and API."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_, Refusal
from kernel.web.registry import Done, act
from kernel.web.site import Viewer
from kernel.work import Work
from release.domain.recalls import RECALL, ClosingRecall
from release.queries.recall_units import source_content
from release.queries.recalls import get_notice, get_recall, recall_content, unaccounted, untold
from release.schemas.recalls import AccountSchema, CallSchema, CloseSchema, ConfirmSchema, DrillSchema, RecallSchema
from release.services.recalls import (
    account_for,
    close_recall,
    confirm_recall,
    open_recall,
    record_call,
    start_drill,
)
from release.tables.recalls import RecallRow

RECALLS = "/recalls"
SOURCE = f"{RECALLS}/from/<scope>/<record_id>"
ONE = f"{RECALLS}/<recall_id>"
NOTICE = f"{ONE}/notices/<notice_id>"


def reached(row: RecallRow, message: str) -> Done:
    return Done(f"{RECALLS}/{row.id}", message, {"id": row.id, "number": row.number, "status": row.status})


def back(recall_id: str, message: str, row: Any) -> Done:
    return Done(f"{RECALLS}/{recall_id}", message, {"id": row.id, "recall_id": recall_id})


@act(
    "recall.open",
    f"{SOURCE}/new",
    permission="recall:open",
    title=N_("Open a recall"),
    schema=RecallSchema,
    content=source_content,
    signs=1,
    meaning=N_("Everything that came from this is recalled: it is frozen now, and everybody named is told."),
    danger=True,
)
def open_it(work: Work, scope: str, record_id: str, **fields: Any) -> Done:
    row = open_recall(work, scope, record_id, **fields)
    return reached(row, N_("The recall is open; everything listed is frozen."))


@act(
    "recall.drill",
    f"{SOURCE}/drill",
    permission="recall:open",
    title=N_("Start a drill"),
    schema=DrillSchema,
    content=source_content,
    signs=1,
    meaning=N_("A drill: the same list and clocks as a recall; nothing is held and nobody is called."),
)
def drill(work: Work, scope: str, record_id: str, **fields: Any) -> Done:
    return reached(start_drill(work, scope, record_id, **fields), N_("The drill has started; nothing is held."))


def of_notice(session: Session, recall_id: str, notice_id: str) -> dict[str, Any]:
    get_notice(session, recall_id, notice_id)
    return recall_content(session, recall_id)


@act(
    "recall.confirm",
    f"{NOTICE}/confirm",
    permission="recall:confirm",
    title=N_("Confirm the recall"),
    schema=ConfirmSchema,
    content=of_notice,
    signs=1,
    meaning=N_("I know of this recall and of the containers and subjects it concerns."),
)
def confirm(work: Work, recall_id: str, notice_id: str, **fields: Any) -> Done:
    return back(recall_id, N_("Confirmed."), confirm_recall(work, recall_id, notice_id, **fields))


@act(
    "recall.call",
    f"{NOTICE}/call",
    permission="recall:open",
    title=N_("Record a contact"),
    schema=CallSchema,
    content=of_notice,
    signs=1,
    meaning=N_("I tried to reach this duty in this way at this time."),
)
def call(work: Work, recall_id: str, notice_id: str, **fields: Any) -> Done:
    return back(recall_id, N_("The contact is on record."), record_call(work, recall_id, notice_id, **fields))


def of_unit(session: Session, recall_id: str, container_id: str) -> dict[str, Any]:  # noqa: ARG001
    return recall_content(session, recall_id)


@act(
    "recall.account",
    f"{ONE}/units/<container_id>/account",
    permission="recall:account",
    title=N_("Account for a container"),
    schema=AccountSchema,
    content=of_unit,
    signs=1,
    meaning=N_("I answer for where this container is."),
)
def account(work: Work, recall_id: str, container_id: str, **fields: Any) -> Done:
    return back(recall_id, N_("The container is accounted for."), account_for(work, recall_id, container_id, **fields))


def before_closing(session: Session, viewer: Viewer, recall_id: str) -> dict[str, Any]:
    """Why this person could not close it now."""
    row = get_recall(session, recall_id)
    transition = RECALL.transition("close", row.status)
    if isinstance(transition, Refusal):
        return {"refusals": [transition]}
    waiting, lost = tuple(untold(session, recall_id)), tuple(unaccounted(session, recall_id))
    facts = ClosingRecall(viewer.actor.id, row.opened_by, waiting, lost)
    return {"refusals": [said for guard in transition.guards if (said := guard(facts))]}


@act(
    "recall.close",
    f"{ONE}/close",
    permission="recall:close",
    title=N_("Close and file the report"),
    schema=CloseSchema,
    content=recall_content,
    prepare=before_closing,
    signs=1,
    meaning=N_("Everybody knows, and every container is accounted for; this report is filed as it stands."),
)
def close(work: Work, recall_id: str, **fields: Any) -> Done:
    return reached(close_recall(work, recall_id, **fields), N_("Closed; the report is filed."))
