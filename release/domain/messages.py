"""E-mail to a duty when something waits for it: what it says, whom it reaches, when it is tried again.

A message is written in the transaction of what it tells (transactional outbox) and sent afterwards, at least once:
a copy after a crash carries the same id. It names codes and numbers only, and what it tells stands on the Work page too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from enum import StrEnum

from kernel.lifecycle import Lifecycle, Transition, states
from kernel.outbox.domain import UNSENT, Schedule

SCHEDULE = Schedule(first=timedelta(minutes=1), longest=timedelta(hours=1), most=30)
"""With an hour between the later attempts, a little more than a day."""
ADDRESS = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


class MessageStatus(StrEnum):
    UNSENT = UNSENT
    SENT = "sent"
    GIVEN_UP = "given_up"


MESSAGE = Lifecycle(
    record="message",
    states=MessageStatus,
    transitions=(Transition("send_again", states(MessageStatus.GIVEN_UP), MessageStatus.UNSENT, "message:repeat"),),
)
"""That it was sent or given up is noted by the system."""


def addresses(channels: Iterable[str]) -> tuple[str, ...]:
    """The e-mail addresses among the ways a duty is reached, each once, in their order."""
    return tuple(dict.fromkeys(one for channel in channels for one in ADDRESS.findall(channel)))


def mail_words(sentences: Mapping[str, str], record: str, link: str) -> tuple[str, str]:
    """Subject and text: Dutch, English beneath it, one line each, so that no fact can add a header or a line."""
    dutch, english = (" ".join(sentences[language].split()) for language in ("nl", "en"))
    subject = " ".join(f"NKTrace {record}: {dutch}".split())
    return subject[:200], f"{dutch}\n{english}\n\n{link}\n"
