"""A mail server on the loopback address, at the edge of the process: it keeps what it is given, or refuses it."""

from __future__ import annotations

import socketserver
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy


@dataclass
class PostOffice:
    """``refuse``: the answer to every letter while it is set; ``drop``: hang up after the greeting."""

    port: int = 0
    refuse: str = ""
    drop: bool = False
    letters: list = field(default_factory=list)

    def take(self, body: bytes) -> str:
        if self.refuse:
            return self.refuse
        self.letters.append(message_from_bytes(body, policy=policy.default))
        return "250 taken"


class Counter(socketserver.StreamRequestHandler):
    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())

    def handle(self) -> None:
        office = self.server.office
        self.say("220 post office")
        if office.drop:
            return
        while line := self.rfile.readline():
            word = line.strip().upper()
            if word.startswith(b"QUIT"):
                self.say("221 bye")
                return
            if word.startswith(b"DATA"):
                self.say("354 go on")
                body = b""
                while (part := self.rfile.readline()) not in {b".\r\n", b""}:
                    body += part
                self.say(office.take(body))
            else:
                self.say("250 ok")


class Building(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def post_office():
    with Building(("127.0.0.1", 0), Counter) as server:
        server.office = PostOffice(port=server.server_address[1])
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.office
        server.shutdown()
