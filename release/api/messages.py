"""What can be done about a message, declared once for pages and API."""

from __future__ import annotations

from typing import Any

from kernel.refusals import N_
from kernel.web.registry import Done, act
from kernel.work import Work
from release.queries.messages import message_content
from release.services.messages import send_again

MESSAGES = "/messages"


@act(
    "message.send_again",
    f"{MESSAGES}/<message_id>/send-again",
    permission="message:repeat",
    title=N_("Send again"),
    content=message_content,
)
def again(work: Work, message_id: str, **_fields: Any) -> Done:
    row = send_again(work, message_id)
    return Done(MESSAGES, N_("The message is tried again."), {"id": row.id, "status": row.status})
