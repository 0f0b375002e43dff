"""Requests over loopback against the running server, each timed side by side with a bare commit."""

from __future__ import annotations

import json
import statistics
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPResponse
from typing import Any

from tests.bench import COMMIT, STATEMENTS

ROUNDS = 25
WARM = 3
COOKIE = "nktrace-demo-sid"
PATIENCE = 120


class Failed(Exception):  # noqa: N818
    """A request was not answered as it should be; nothing measured would mean anything."""


class Straight(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer like others."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


OPENER = urllib.request.build_opener(Straight)


@dataclass(frozen=True)
class Reply:
    body: bytes
    statements: int
    headers: Any

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Sending:
    """One request, made ready before its time is taken."""

    path: str
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    expects: int = 200


@dataclass(frozen=True)
class Timed:
    """Seconds of every round, of the bare commits between them, and the SQL statements of one request."""

    spent: list[float]
    bare: list[float]
    statements: int

    @property
    def median(self) -> float:
        return statistics.median(self.spent)


@dataclass
class Person:
    """Signed in as a browser (cookie) and as a client (token)."""

    url: str
    login: str
    password: str

    def __post_init__(self) -> None:
        form = urllib.parse.urlencode({"login": self.login, "password": self.password}).encode()
        signed_in = send(self.url, Sending("/login", form, expects=303))
        self.cookie = str(signed_in.headers["Set-Cookie"]).partition(";")[0]
        body = {"login": self.login, "password": self.password, "client": "bench"}
        tokens = self.posting("/tokens", body, expects=201, token="")
        self.token = send(self.url, tokens).json()["token"]

    def page(self, path: str) -> Sending:
        return Sending(path, headers={"Cookie": self.cookie, "Accept": "text/html"})

    def posting(self, path: str, body: dict[str, Any], *, expects: int = 200, token: str | None = None) -> Sending:
        shown = self.token if token is None else token
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {shown}"}
        return Sending(f"/api/v1{path}", json.dumps(body).encode(), headers, expects)

    def read(self, path: str) -> Any:
        return send(self.url, Sending(f"/api/v1{path}", headers={"Authorization": f"Bearer {self.token}"})).json()

    def acting(self, path: str, *, second: str = "", **fields: Any) -> Sending:
        """An act on what it rests on now, signed; ready to be sent once."""
        body = {**fields, "seen": self.read(path)["seen"], "idempotency_key": str(time.monotonic_ns())}
        body |= {"signer": self.login, "password": self.password}
        if second:
            body |= {"second_signer": second, "second_password": self.password}
        return self.posting(path, body)


def send(url: str, sending: Sending) -> Reply:
    request = urllib.request.Request(url + sending.path, data=sending.body, headers=sending.headers)
    try:
        response: HTTPResponse = OPENER.open(request, timeout=PATIENCE)
    except urllib.error.HTTPError as error:
        response = error  # type: ignore[assignment]
    with response:
        body = response.read()
    if response.status != sending.expects:
        raise Failed(f"{sending.path} answered {response.status}, not {sending.expects}: {body[:2000]!r}")
    return Reply(body, int(response.headers.get(STATEMENTS, "0")), response.headers)


def timed(asked: list[tuple[str, Iterator[Sending]]], rounds: int = ROUNDS) -> list[Timed]:
    """One request of several servers in turn, each after a bare commit, so that all meet the same disk and neighbours."""
    found = [Timed([], [], 0) for _ in asked]
    for round_ in range(-WARM, rounds):
        for place, (url, sendings) in enumerate(asked):
            ready = next(sendings, None)
            if ready is None:
                raise Failed(f"{url}: too few records for {WARM + rounds} rounds; 100 batches are enough")
            first = time.perf_counter()
            send(url, Sending(COMMIT))
            between = time.perf_counter()
            reply = send(url, ready)
            last = time.perf_counter()
            if round_ >= 0:
                before = found[place]
                spent, bare = [*before.spent, last - between], [*before.bare, between - first]
                found[place] = Timed(spent, bare, reply.statements)
    return found
