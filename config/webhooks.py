"""Telling receivers what changed in the count: claim, call, note the outcome; each a transaction of its own.

A receiver is not trusted: it is called only at an address that may be called, is asked nothing but its status, is not
followed anywhere, and has a few seconds in all. It runs beside the other passes, so that a slow one delays no letter and
no label (docs/decisions/0039).
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from kernel.database import Database
from kernel.outbox.queries import due
from kernel.refusals import N_
from kernel.work import SYSTEM, unit_of_work
from release.domain.receivers import headers, may_be_called
from release.queries.receivers import keys_in_force
from release.queries.testing import get_record
from release.services.receivers import begin_webhook, webhook_failed, webhook_sent
from release.tables.receivers import ReceiverRow, WebhookRow

SECONDS = 10.0
"""For one message in all, from the connection to the status."""
REASONS: dict[type[Exception], str] = {
    ssl.SSLCertVerificationError: N_("the certificate of the receiver is not valid"),
    ssl.SSLError: N_("the receiver cannot be reached encrypted"),
    ConnectionRefusedError: N_("the receiver takes no connection"),
    TimeoutError: N_("the receiver does not answer in time"),
    socket.gaierror: N_("there is no receiver at this address"),
    ConnectionError: N_("the receiver broke the connection off"),
    HTTPException: N_("the receiver does not answer as a web server does"),
}
NOT_CALLED = N_("its address lies inside this network, and the configuration does not name it")
REDIRECTS = N_("the receiver redirects, which is not followed; enter its final address")


@dataclass(frozen=True)
class Caller:
    """How this installation calls. ``inside``: hosts within this network that it may call, or without encryption."""

    database: Database
    inside: frozenset[str]
    secret: Callable[[str], bytes]
    seconds: float = SECONDS


def call_waiting(caller: Caller) -> int:
    """One pass over what is due; answers how many arrived. Who fails is left alone until the next pass."""
    with caller.database.reading() as session:
        at = caller.database.clock.now()
        waiting = [get_record(session, WebhookRow, one) for one in due(session, WebhookRow, at)]
    failed: set[str] = set()
    arrived = 0
    for row in sorted(waiting, key=lambda one: (one.receiver_id, one.number)):
        outcome = None if row.receiver_id in failed else call_one(caller, row.id)
        if outcome is False:
            failed.add(row.receiver_id)
        arrived += outcome is True
    return arrived


def call_one(caller: Caller, webhook_id: str) -> bool | None:
    """Whether it arrived; None where it was not to be sent, or another process has it."""
    with unit_of_work(caller.database, SYSTEM, "webhook.try") as work:
        if begin_webhook(work, webhook_id) is None:
            return None
    try:
        problem = called(caller, *request(caller, webhook_id))
    except Exception as error:  # noqa: BLE001  (whatever is wrong with it is noted with it)
        problem = reason(error)
    with unit_of_work(caller.database, SYSTEM, "webhook.failed" if problem else "webhook.sent") as work:
        if problem:
            webhook_failed(work, webhook_id, problem)
        else:
            webhook_sent(work, webhook_id)
    return not problem


def request(caller: Caller, webhook_id: str) -> tuple[str, bytes, dict[str, str]]:
    """Address, body and headers, signed with every key in force now."""
    with caller.database.reading() as session:
        at = caller.database.clock.now()
        row = get_record(session, WebhookRow, webhook_id)
        url = get_record(session, ReceiverRow, row.receiver_id).url
        keys = [(one.id, caller.secret(one.id)) for one in keys_in_force(session, row.receiver_id, at)]
        body = row.body.encode("ascii")
        return url, body, {"Content-Type": "application/json", **headers(row.id, at, body, keys)}


def called(caller: Caller, url: str, body: bytes, sent: dict[str, str]) -> str:
    """Empty when the receiver took it (2xx); otherwise what went wrong. Its answer is not read beyond the status."""
    parts = urlsplit(url)
    host, encrypted = parts.hostname or "", parts.scheme == "https"
    if not encrypted and host not in caller.inside:
        return NOT_CALLED
    port = parts.port or (443 if encrypted else 80)
    address = address_of(host, port, named=host in caller.inside)
    if address is None:
        return NOT_CALLED
    with connected(address, port, host if encrypted else "", caller.seconds) as sock:
        talk = HTTPConnection(host, port)
        talk.sock = sock
        talk.request("POST", f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}", body, sent)
        status = talk.getresponse().status
    if 200 <= status < 300:
        return ""
    return REDIRECTS if 300 <= status < 400 else f"HTTP {status}"


def address_of(host: str, port: int, *, named: bool) -> str | None:
    """The first of its addresses, where every one of them may be called; this one is connected to, whatever the name
    says a moment later."""
    found = [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    return found[0] if all(may_be_called(one, named=named) for one in found) else None


@contextmanager
def connected(address: str, port: int, certified: str, seconds: float) -> Iterator[socket.socket]:
    """A connection that ends when the time is over, however slowly the other side goes on. ``certified``: the host that
    its certificate has to name; empty without encryption."""
    sock = socket.create_connection((address, port), timeout=seconds)
    if certified:
        context = ssl.create_default_context()
        sock = context.wrap_socket(sock, server_hostname=certified, do_handshake_on_connect=False)
    ended = threading.Event()

    def end() -> None:
        ended.set()
        with suppress(OSError):
            socket.socket.shutdown(sock, socket.SHUT_RDWR)

    clock = threading.Timer(seconds, end)
    clock.daemon = True
    clock.start()
    try:
        if isinstance(sock, ssl.SSLSocket):
            sock.do_handshake()
        yield sock
    except Exception as error:
        if not ended.is_set():
            raise
        raise TimeoutError from error
    else:
        if ended.is_set():  # what was cut off may look like an answer
            raise TimeoutError
    finally:
        clock.cancel()
        sock.close()


def reason(error: Exception) -> str:
    """In words where people can do something about it."""
    return next((words for kind, words in REASONS.items() if isinstance(error, kind)), type(error).__name__)
