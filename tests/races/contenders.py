"""Many processes that fire one request each at the same moment (threads would hide races behind the interpreter's lock).

Standard library only, so that a contender costs a millisecond: ``python -m tests.races.contenders`` reads jobs as JSON
from standard input and writes what each was answered. Everybody signs in and does the ``before`` requests first; then
all connect, meet at a barrier, and send.
"""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from http.client import HTTPConnection
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 120


@dataclass
class Job:
    """``take``: values of the last answer before the shot that replace ``{name}`` in its path and body.

    ``token``: of a client that is signed in already.
    ``cut``: hang up right after sending, then send the same again, as a scanner with a bad network does.
    """

    login: str
    password: str
    path: str
    body: dict[str, Any]
    before: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    take: list[str] = field(default_factory=list)
    cut: bool = False
    token: str = ""


@dataclass
class Shot:
    """``start`` and ``end`` are of the machine's monotonic clock, the same for all processes."""

    status: int
    body: Any
    start: float
    end: float

    @property
    def codes(self) -> list[str]:
        return [one["code"] for one in self.body.get("refusals", [])] if isinstance(self.body, dict) else []


def fire(url: str, jobs: list[Job]) -> list[Shot]:
    """All jobs at once, one process each; answers in the order of the jobs."""
    order = json.dumps({"url": url, "jobs": [asdict(job) for job in jobs]})
    command = [sys.executable, "-m", "tests.races.contenders"]
    done = subprocess.run(command, cwd=ROOT, input=order, capture_output=True, text=True, timeout=SECONDS, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    return [Shot(**one) for one in json.loads(done.stdout)]


def ask(host: str, path: str, body: dict[str, Any], token: str, connection: HTTPConnection | None = None) -> Any:
    """Status and JSON of one POST; on ``connection`` if it is open already."""
    send(line := connection or HTTPConnection(host, timeout=60), path, body, token)
    answer = line.getresponse()
    text = answer.read()
    line.close()
    return answer.status, json.loads(text) if text.startswith(b"{") else text.decode(errors="replace")


def send(connection: HTTPConnection, path: str, body: dict[str, Any], token: str) -> None:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    connection.request("POST", f"/api/v1{path}", json.dumps(body), headers)


def contend(url: str, job: Job, barrier: Barrier, pipe: Connection) -> None:
    host = str(urlparse(url).netloc)
    token, answer = job.token, None
    if not token:
        _, answer = ask(host, "/tokens", {"login": job.login, "password": job.password, "client": "race"}, "")
        token = answer["token"]
    for path, body in job.before:
        _, answer = ask(host, path, body, token)
    found = {name: str(answer.get(name)) for name in job.take} if isinstance(answer, dict) else {}
    path, body = job.path.format(**found), {name: filled(value, found) for name, value in job.body.items()}
    barrier.wait(SECONDS)
    connection = HTTPConnection(host, timeout=60)
    connection.connect()
    barrier.wait(SECONDS)
    start = time.monotonic()
    if job.cut:
        send(connection, path, body, token)
        connection.close()
        connection = HTTPConnection(host, timeout=60)
    status, answer = ask(host, path, body, token, connection)
    pipe.send(asdict(Shot(status, answer, start, time.monotonic())))


def filled(value: Any, found: dict[str, str]) -> Any:
    return value.format(**found) if isinstance(value, str) and "{" in value else value


def main() -> None:
    order = json.load(sys.stdin)
    forking = multiprocessing.get_context("fork")
    barrier = forking.Barrier(len(order["jobs"]))
    waiting = []
    for given in order["jobs"]:
        mine, theirs = forking.Pipe(duplex=False)
        process = forking.Process(target=contend, args=(order["url"], Job(**given), barrier, theirs), daemon=True)
        process.start()
        theirs.close()
        waiting.append((process, mine))
    shots = [mine.recv() if mine.poll(SECONDS) else None for _, mine in waiting]
    for process, _ in waiting:
        process.join(5)
    if None in shots:
        sys.exit("a contender did not answer")
    json.dump(shots, sys.stdout)


if __name__ == "__main__":
    main()
