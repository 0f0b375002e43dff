"""What can be done about receivers and the messages to them, declared once for pages and API."""

from __future__ import annotations

from typing import Any

from kernel.refusals import N_
from kernel.web.registry import Done, act
from kernel.work import Work
from release.queries.receivers import receiver_content, webhook_content
from release.schemas.receivers import ReceiverSchema, RenewSchema
from release.services.receivers import (
    approve_receiver,
    close_receiver,
    enter_receiver,
    renew_key,
    send_webhook_again,
)
from release.tables.receivers import ReceiverKeyRow, ReceiverRow

RECEIVERS = "/administration/receivers"
ONE = f"{RECEIVERS}/<receiver_id>"


def shown_once(row: ReceiverRow, key: ReceiverKeyRow, secret: str) -> Done:
    """The secret stands on the answer only."""
    body = {"id": row.id, "code": row.code, "key_id": key.id, "secret": secret}
    return Done(RECEIVERS, "", body, page="release/receiver_secret.html")


@act(
    "receiver.enter",
    f"{RECEIVERS}/new",
    permission="receiver:manage",
    title=N_("Enter a receiver"),
    schema=ReceiverSchema,
    signs=1,
    meaning=N_("This system is to be told when the count changes, at this address."),
    replay=False,
)
def enter_it(work: Work, **fields: Any) -> Done:
    return shown_once(*enter_receiver(work, **fields))


@act(
    "receiver.approve",
    f"{ONE}/approve",
    permission="receiver:approve",
    title=N_("Approve the receiver"),
    content=receiver_content,
    signs=1,
    meaning=N_("I checked whose address this is; it is told from now on."),
)
def approve_it(work: Work, receiver_id: str) -> Done:
    row = approve_receiver(work, receiver_id)
    return Done(RECEIVERS, N_("Approved. The first message says how the count stands."), told(row))


@act(
    "receiver.renew_key",
    f"{ONE}/key",
    permission="receiver:manage",
    title=N_("New key"),
    schema=RenewSchema,
    content=receiver_content,
    signs=1,
    meaning=N_("Messages are signed with a new key from now on; the older ones end as written."),
    replay=False,
)
def renew_it(work: Work, receiver_id: str, **fields: Any) -> Done:
    return shown_once(*renew_key(work, receiver_id, **fields))


@act(
    "receiver.close",
    f"{ONE}/close",
    permission="receiver:manage",
    title=N_("Close the receiver"),
    content=receiver_content,
    signs=1,
    meaning=N_("Nothing is sent to this receiver any more."),
    danger=True,
)
def close_it(work: Work, receiver_id: str) -> Done:
    return Done(RECEIVERS, N_("Closed."), told(close_receiver(work, receiver_id)))


@act(
    "webhook.send_again",
    "/webhooks/<webhook_id>/send-again",
    permission="receiver:repeat",
    title=N_("Send again"),
    content=webhook_content,
)
def send_again(work: Work, webhook_id: str) -> Done:
    row = send_webhook_again(work, webhook_id)
    return Done(RECEIVERS, N_("The message is tried again."), {"id": row.id, "status": row.status})


def told(row: ReceiverRow) -> dict[str, Any]:
    return {"id": row.id, "code": row.code, "status": row.status}
