"""Recoveries: what was lost with an older copy of the database, and QA's signature after which scans work again."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate
from sqlalchemy.orm import Session

from kernel.accounts.permissions import AD, IN, QA
from kernel.permissions import permission
from kernel.refusals import N_
from kernel.web.registry import TASKS, Done, Task, act, view
from kernel.web.site import Viewer, this_site
from kernel.witness.queries import list_recoveries, missed_lines, records_are_behind, recovery_content
from kernel.witness.services import sign_recovery
from kernel.work import Work

RECOVERIES = "/trail/recoveries"
NEW = f"{RECOVERIES}/new"
permission("trail:recover", QA)
permission("recovery:read", AD, QA, IN)
LINE = validate.Range(0, 10**15, error=N_("Give the number of a line of the trail."))


class RecoverySchema(Schema):
    kept_seq = fields.Integer(
        required=True,
        validate=LINE,
        metadata={
            "label": N_("Last line that the copy brought along"),
            "help": N_("Its number on the trail: the last line before the copy was put back."),
        },
    )
    lost_until = fields.Integer(
        required=True,
        validate=LINE,
        metadata={
            "label": N_("Last line that was lost"),
            "help": N_("The highest number that any station, certificate, page or backup names."),
        },
    )
    copy = fields.String(
        required=True,
        validate=validate.Length(10, 1000),
        metadata={
            "label": N_("Which copy was put back"),
            "widget": "textarea",
            "help": N_("When it was made, when and by whom it was put back, and why."),
        },
    )
    accounted = fields.String(
        required=True,
        validate=validate.Length(10, 4000),
        metadata={
            "label": N_("What happened in the lost time, and how it was entered again"),
            "widget": "textarea",
            "help": N_("From papers, printed labels, certificates and people: what was dispensed, held, recalled."),
        },
    )


def content_here(session: Session) -> dict[str, Any]:
    return recovery_content(this_site().database, session)


@view(
    "trail.recoveries",
    RECOVERIES,
    permission="recovery:read",
    template="kernel/recoveries.html",
    summary="Lines of the trail that somebody knows of and that are not here, and every recovery that was signed.",
)
def show_recoveries(session: Session, _viewer: Viewer) -> dict[str, Any]:
    lines, unread = missed_lines(this_site().database, session)
    return {"missing": lines, "unread": unread, "recoveries": list_recoveries(session)}


@act(
    "trail.recover",
    NEW,
    permission="trail:recover",
    title=N_("Sign the recovery"),
    schema=RecoverySchema,
    content=content_here,
    signs=1,
    meaning=N_(
        "These lines of the trail were lost; I found out what happened in them, and it was entered again. Products may "
        "be dispensed by these records."
    ),
)
def recover(work: Work, **fields: Any) -> Done:
    row = sign_recovery(work, **fields)
    return Done(RECOVERIES, N_("Signed. Scans decide again."), {"id": row.id, "number": row.number})


def recovery_tasks(session: Session, viewer: Viewer) -> list[Task]:
    if not viewer.may("trail:recover") or not records_are_behind(this_site().database, session):
        return []
    why = N_(
        "The records are older than what was recorded before; nothing can be dispensed until a recovery is signed."
    )
    return [Task("trail:recover", viewer.speech.say(N_("Records")), why, RECOVERIES, N_("Look"), urgent=True)]


TASKS.append(recovery_tasks)
