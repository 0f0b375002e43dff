"""A receiver of the trial's EDC on the loopback address: it keeps what it is sent, checks it, or behaves badly."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socketserver
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field

OK = b"HTTP/1.1 204 No Content\r\n\r\n"


@dataclass
class Call:
    headers: dict
    body: bytes

    @property
    def told(self):
        return json.loads(self.body)

    def signed_with(self, secret):
        """As the specification of Standard Webhooks has it: one signature of the list is ours."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        signed = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + self.body
        ours = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        return ours in self.headers["webhook-signature"].split()


@dataclass
class Receiver:
    """``answer``: what it says to every call, or a function that says it on the open connection."""

    port: int = 0
    answer: object = OK
    calls: list = field(default_factory=list)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/nktrace?trial=1"


class Counter(socketserver.StreamRequestHandler):
    def handle(self):
        headers = {}
        while (line := self.rfile.readline().strip()) != b"":
            name, _, value = line.decode().partition(": ")
            headers[name.lower()] = value
        body = self.rfile.read(int(headers.get("content-length", 0)))
        self.server.receiver.calls.append(Call(headers, body))
        answer = self.server.receiver.answer
        try:
            answer(self.connection) if callable(answer) else self.connection.sendall(answer)
        except OSError:
            return


def drip(connection):
    """Never silent for long, and never done."""
    for sign in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"z" * 100:
        connection.sendall(bytes([sign]))
        time.sleep(0.02)


def flood(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000000\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65536)


class Building(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False


@contextmanager
def receiver():
    with Building(("127.0.0.1", 0), Counter) as server:
        server.receiver = Receiver(port=server.server_address[1])
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server.receiver
        server.shutdown()
