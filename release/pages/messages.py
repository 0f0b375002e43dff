"""The outbox: every message with its state, and what could not be delivered on the Work page."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.registry import NAVIGATION, TASKS, Nav, Task, view
from kernel.web.site import Viewer
from release.api.messages import MESSAGES
from release.domain.messages import MessageStatus
from release.ports import mail_is_sent
from release.queries.messages import list_messages, undelivered

NAVIGATION.append(Nav(N_("Messages"), MESSAGES, "message:read", 95, aside=True))
TONES = {MessageStatus.UNSENT: "wait", MessageStatus.SENT: "ok", MessageStatus.GIVEN_UP: "stop"}


@view(
    "message.list",
    MESSAGES,
    permission="message:read",
    template="release/messages.html",
    summary="Messages to duties: written, sent, given up.",
)
def show_messages(session: Session, viewer: Viewer) -> dict[str, Any]:
    found, page = list_messages(session, viewer.args, viewer.speech)
    return {
        "messages": found,
        "page": page,
        "statuses": [one.value for one in MessageStatus],
        "tones": {status.value: tone for status, tone in TONES.items()},
        "configured": mail_is_sent(),
    }


def undelivered_tasks(session: Session, viewer: Viewer) -> list[Task]:
    return [
        Task(
            "message:repeat",
            row.record,
            N_("A message did not reach its duty by e-mail; reach it another way."),
            f"{MESSAGES}?status={row.status}",
            N_("Look"),
            deadline=row.written_at,
            urgent=True,
        )
        for row in undelivered(session, viewer.at)
    ]


TASKS.append(undelivered_tasks)
