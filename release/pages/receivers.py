"""Receivers and what was sent to them; what waits for an approval or did not arrive stands on the Work page."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.registry import TASKS, Task, view
from kernel.web.site import Viewer
from release.api.receivers import RECEIVERS
from release.domain.receivers import ReceiverStatus, WebhookStatus
from release.queries.receivers import list_receivers, list_webhooks, undelivered_webhooks, waiting_receivers

TONES = {
    WebhookStatus.UNSENT: "wait",
    WebhookStatus.SENT: "ok",
    WebhookStatus.GIVEN_UP: "stop",
    WebhookStatus.CANCELLED: "stop",
}
RECEIVER_TONES = {ReceiverStatus.REQUESTED: "wait", ReceiverStatus.APPROVED: "ok", ReceiverStatus.CLOSED: "stop"}


@view(
    "receiver.list",
    RECEIVERS,
    permission="receiver:read",
    template="release/receivers.html",
    summary="Systems that are told when the count changes, and what was sent to them.",
)
def show_receivers(session: Session, viewer: Viewer) -> dict[str, Any]:
    found, page = list_webhooks(session, viewer.args, figures=viewer.may("trial:figures"))
    return {
        "receivers": list_receivers(session, viewer.at),
        "webhooks": found,
        "page": page,
        "statuses": [one.value for one in WebhookStatus],
        "tones": {status.value: tone for status, tone in TONES.items()},
        "receiver_tones": {status.value: tone for status, tone in RECEIVER_TONES.items()},
    }


def receiver_tasks(session: Session, viewer: Viewer) -> list[Task]:
    """Receivers to approve, and messages that did not arrive."""
    tasks = []
    if viewer.may("receiver:approve"):
        waits, look = N_("receiver of the count waits for your approval"), N_("Check and approve")
        tasks += [
            Task("receiver:approve", row.code, waits, f"{RECEIVERS}/{row.id}/approve", look)
            for row in waiting_receivers(session, viewer.actor.id)
        ]
    if viewer.may("receiver:repeat"):
        tasks += [
            Task(
                "receiver:repeat",
                f"{code} {row.number}",
                N_("a change of the count did not reach its receiver"),
                f"{RECEIVERS}?status={row.status}",
                N_("Look"),
                deadline=row.written_at,
                urgent=True,
            )
            for row, code in undelivered_webhooks(session, viewer.at)
        ]
    return tasks


TASKS.append(receiver_tasks)
