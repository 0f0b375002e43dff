"""Lines that were opened and say nothing, as browsers open them in advance, keep nobody waiting."""

from __future__ import annotations

import socket
import urllib.request
from contextlib import ExitStack

import pytest

from tests.server import Server

LINES = 12  # as a ward full of browsers leaves open
SECONDS = 20  # a worker that takes one line at a time would wait half a minute for the first alone


@pytest.mark.parametrize("fresh", ["sqlite"], indirect=True)
def test_lines_that_say_nothing_keep_nobody_waiting(fresh, nursery):
    with ExitStack() as open_lines, Server(fresh.app_url, fresh.folder, workers=1, nursery=nursery) as server:
        for _ in range(LINES):
            open_lines.enter_context(socket.create_connection(("127.0.0.1", server.port)))
        with urllib.request.urlopen(f"{server.url}/health", timeout=SECONDS) as answer:
            assert answer.status == 200
