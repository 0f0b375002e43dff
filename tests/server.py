"""The real server for tests: gunicorn on a free loopback port, started and killed as a whole process group."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from config.serving import WORKERS
from tests.nursery import Child, Nursery

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 30.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """``folder`` holds keys, head and clock; ``workers`` processes serve the same database.

    ``app``: the WSGI application, another one where a defect is planted. ``nursery``: starts it without its imports.
    """

    database_url: str
    folder: Path
    workers: int = 2
    mode: str = "test"
    timezone: str = "UTC"
    port: int = field(default_factory=free_port)
    app: str = "wsgi:app"
    nursery: Nursery | None = None
    extra: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | Child | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "NKTRACE_MODE": self.mode,
            "NKTRACE_HOME": str(self.folder),
            "NKTRACE_KEYS": str(self.folder),
            "DATABASE_URL": self.database_url,
            "TZ": self.timezone,
            **self.extra,
        }

    def start(self) -> Server:
        command = [
            str(Path(sys.executable).with_name("gunicorn")),
            *WORKERS,
            "-b",
            f"127.0.0.1:{self.port}",
        ]
        command += ["-w", str(self.workers), self.app]
        log = self.folder / "server.log"
        if self.nursery is not None:
            self.process = self.nursery.start(command, self.environment(), log)
        else:
            with log.open("ab") as output:
                self.process = subprocess.Popen(
                    command, cwd=ROOT, env=self.environment(), stdout=output, stderr=output, start_new_session=True
                )
        self.wait()
        return self

    def wait(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.url}/health", timeout=2):
                    return
            except OSError:
                time.sleep(0.05)
        raise TimeoutError((self.folder / "server.log").read_text()[-3000:])

    def kill(self) -> None:
        """SIGKILL to every process of the server at once: no goodbye, no flush."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def stop(self) -> None:
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
            self.process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


@dataclass
class Answer:
    status: int
    body: Any

    @property
    def codes(self) -> list[str]:
        return [one["code"] for one in self.body.get("refusals", [])] if isinstance(self.body, dict) else []


def encoded(body: dict[str, Any]) -> tuple[str, bytes]:
    """As JSON; as multipart where a file comes along, which has a name and bytes."""
    if not any(hasattr(value, "filename") for value in body.values()):
        return "application/json", json.dumps(body).encode()
    boundary = os.urandom(16).hex()
    parts = []
    for name, value in body.items():
        file = f'; filename="{value.filename}"' if hasattr(value, "filename") else ""
        content = value.body if file else text_of(value).encode()
        parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode() + content)
    return f"multipart/form-data; boundary={boundary}", b"\r\n".join([*parts, f"--{boundary}--\r\n".encode()])


def text_of(value: Any) -> str:
    """As a form sends it."""
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


@dataclass
class ApiClient:
    """A JSON client with a bearer token, standard library only, so that 64 processes can carry one each."""

    url: str
    login: str
    password: str
    token: str = ""

    def sign_in(self) -> ApiClient:
        answer = self.send("POST", "/tokens", {"login": self.login, "password": self.password, "client": "test"})
        if answer.status != 201:
            raise PermissionError(f"{self.login}: {answer.status} {answer.body}")
        self.token = answer.body["token"]
        return self

    def send(self, method: str, path: str, body: dict[str, Any] | None = None) -> Answer:
        media_type, sent = encoded(body or {})
        request = urllib.request.Request(
            f"{self.url}/api/v1{path}",
            method=method,
            data=None if body is None else sent,
            headers={"Content-Type": media_type, "Authorization": f"Bearer {self.token}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return Answer(response.status, json.loads(response.read()))
        except urllib.error.HTTPError as error:
            with error:
                text = error.read()
            return Answer(error.code, json.loads(text) if text.startswith(b"{") else text.decode(errors="replace"))

    def raw(self, path: str) -> bytes:
        """A file, as the API sends it."""
        request = urllib.request.Request(f"{self.url}/api/v1{path}", headers={"Authorization": f"Bearer {self.token}"})
        with urllib.request.urlopen(request, timeout=60) as response:
            return bytes(response.read())

    def get(self, path: str) -> Answer:
        return self.send("GET", path)

    def act(
        self, path: str, /, *, second: str | None = None, key: str | None = None, seen: str | None = None, **fields: Any
    ) -> Answer:
        """Read what the act rests on (unless ``seen`` is given), then do it, signed with this person's password."""
        if seen is None:
            form = self.get(path)
            if form.status != 200:
                return form
            seen = form.body["seen"]
        body = {**fields, "seen": seen, "idempotency_key": key or os.urandom(12).hex()}
        body.update(signer=self.login, password=self.password)
        if second:
            body.update(second_signer=second, second_password=self.password)
        return self.send("POST", path, body)
