"""Servers with one planted defect each: ``app="tests.hostile.planted:acknowledging_first()"``."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from flask import Flask
from sqlalchemy.orm import Session

from config.app import create_app
from config.settings import Settings
from kernel.database import Database, locked_file

LATE = 0.05


@contextmanager
def writing_later(self: Database) -> Iterator[Session]:
    """As ``Database.writing``, but “commit” only promises: it is done a moment after the answer has gone out."""
    held = ExitStack()
    if self.lock_file:
        self.gate.acquire()
        held.callback(self.gate.release)
        held.enter_context(locked_file(self.lock_file))
    session = held.enter_context(self.sessions())
    session.connection(execution_options={"writes": True})
    proper, promised = session.commit, threading.Event()
    session.commit = promised.set

    def keep_the_promise() -> None:
        time.sleep(LATE)
        proper()
        held.close()

    try:
        yield session
    finally:
        if promised.is_set():
            threading.Thread(target=keep_the_promise).start()
        else:
            held.close()


def acknowledging_first() -> Flask:
    Database.writing = writing_later
    return create_app(Settings.from_environ())
