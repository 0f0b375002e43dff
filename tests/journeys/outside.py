"""The trial's EDC on the loopback address, entered and approved, and the process beside the server that tells it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.journeys.walking import Walk
from tests.nursery import Nursery
from tests.receiver import Call, Receiver, receiver

INSIDE = {"NKTRACE_RECEIVERS_INSIDE": "127.0.0.1"}
EDC = {"code": "EDC-01", "title": "EDC of the trial"}
PATIENCE = 20.0  # seconds: a few passes of the sender on a busy machine


@dataclass
class Edc:
    listening: Receiver
    secret: str

    def told(self, number: int) -> tuple[Call, dict[str, Any]]:
        """The message with this number, when it has come."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if found := [one for one in self.listening.calls if one.told["number"] == number]:
                return found[0], found[0].told
            time.sleep(0.05)
        raise AssertionError([one.told["type"] for one in self.listening.calls])


@contextmanager
def edc(walk: Walk, nursery: Nursery) -> Iterator[Edc]:
    with receiver() as listening:
        entered = walk.api.act("admin1", "receiver.enter", **EDC, url=listening.url)
        walk.api.act("qa1", "receiver.approve", receiver_id=entered["id"])
        server = walk.server
        sender = nursery.start(["nktrace", "send"], server.environment(), server.folder / "sending.log")
        try:
            yield Edc(listening, entered["secret"])
        finally:
            os.killpg(sender.pid, signal.SIGKILL)
            sender.wait()
