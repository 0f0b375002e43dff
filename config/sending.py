"""The process beside the server that empties the outboxes: letters, print jobs, and messages to receivers (which have a
thread of their own, so that nobody waits for them)."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Sequence

LOG = logging.getLogger(__name__)
PAUSE = 3
Pass = Callable[[], int]


def send_for_ever(passes: Sequence[Pass], pause: Callable[[float], None] = time.sleep) -> None:
    """Ends with the process that started it, and with nothing else: a database that is away comes back."""
    parent = os.getppid()
    while os.getppid() == parent:
        for once in passes:
            try:
                once()
            except Exception:
                LOG.exception("a pass over the outbox broke off; the next one follows")
        pause(PAUSE)
