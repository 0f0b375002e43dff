"""Eight people at work at once through the real server; what each was told was done is remembered until the check."""

from __future__ import annotations

import random
import secrets
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPException
from typing import Any

from config.playing import text
from tests.races.installations import PASSWORD, Installation, path_of
from tests.server import Answer, ApiClient, Server

ALPHABET = "bcdfghjkmnpqrstvwxz"
REASON = "a digit was mistyped on the first try"
LAST_CODE = 99


def letters() -> str:
    """A word nobody has typed before, without digits: those could be a hospital number."""
    return "".join(secrets.choice(ALPHABET) for _ in range(10))


@dataclass(frozen=True)
class Record:
    """A row that must be there for ever after: the one of ``table`` whose ``column`` is this."""

    table: str
    column: str
    value: str


@dataclass
class Sent:
    """One request: with what it was sent, and what came back, if anything did."""

    login: str
    path: str
    fields: dict[str, Any]
    key: str
    answer: Answer | None = None
    record: Record | None = None


@dataclass
class Load:
    """``sent`` is everything ever asked of the server, in the order it was answered or not."""

    here: Installation
    server: Server
    seed: random.Random
    sent: list[Sent] = field(default_factory=list)
    clients: dict[str, ApiClient] = field(default_factory=dict)
    next_code: int = 20
    told: threading.Event = field(default_factory=threading.Event)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def sign_in(self) -> None:
        for login in ("sponsor1", "doctor1", "pharm1", "pharm2", "tech1", "tech2", "qa1", "qa2"):
            self.clients[login] = ApiClient(self.server.url, login, PASSWORD).sign_in()

    @property
    def acknowledged(self) -> dict[tuple[str, str], set[str]]:
        """What the server said was done, by table and column."""
        found: dict[tuple[str, str], set[str]] = defaultdict(set)
        for one in self.sent:
            if one.record is not None and one.answer is not None and one.answer.status < 300:
                found[one.record.table, one.record.column].add(one.record.value)
        return found

    @property
    def unknown(self) -> list[Sent]:
        """Sent, and never answered: done or not, but whole."""
        return [one for one in self.sent if one.answer is None]

    @property
    def unexpected(self) -> list[Sent]:
        return [one for one in self.sent if one.answer is not None and one.answer.status not in {200, 201, 409}]

    def now(self) -> str:
        """A minute of the server's clock that has certainly begun."""
        shift = int((self.here.folder / "clock").read_text(encoding="ascii"))
        return text(datetime.fromtimestamp(datetime.now(UTC).timestamp() + shift, UTC))

    def send(self, login: str, path: str, second: str = "", **fields: Any) -> Sent:
        """One act with a page opened just now; a connection that breaks leaves the answer open."""
        one = Sent(login, path, {"second": second or None, **fields}, secrets.token_urlsafe(12))
        with self.guard:
            self.sent.append(one)
        one.answer = self.clients[login].act(path, key=one.key, **one.fields)
        return one

    def until_killed(self) -> None:
        """Everybody works until the server is gone; returns when the last one noticed."""
        self.told.clear()
        people = [threading.Thread(target=self.work, args=(does,)) for does in self.people()]
        for one in people:
            one.start()
        self.told.wait(20)

        def wait() -> None:
            for one in people:
                one.join(60)

        self.join = wait

    def join(self) -> None: ...

    def work(self, does: Callable[[], None]) -> None:
        while True:
            try:
                does()
            except (OSError, HTTPException, ValueError):
                return
            self.told.set()

    def people(self) -> tuple[Callable[[], None], ...]:
        """Two scan, and each of the others has a record of his own, so that nobody's page is stale."""
        return (
            lambda: self.scan("pharm1"),
            lambda: self.scan("pharm2"),
            self.register,
            self.weigh,
            self.report,
            self.enter,
            self.read,
            self.draft,
        )

    def scan(self, login: str) -> None:
        facts, nonce = self.here.facts, secrets.token_urlsafe(12)
        given = {"label_code": facts["label_code"], "subject_code": facts["subject"], "place": "pharmacy"}
        one = self.send(login, path_of("container.scan"), nonce=nonce, **given)
        one.record = Record("scan", "nonce", nonce)

    def register(self) -> None:
        """While there are codes left; then the same one again, which is refused."""
        code = f"NK-{min(self.next_code, LAST_CODE)}"
        self.next_code += 1
        given = {"diagnosis": "ALL", "donor_type": "cord_blood", "age_years": "5", "age_months": "2"}
        one = self.send("sponsor1", path_of("subject.register"), code=code, transplanted_on="2026-11-01", **given)
        one.record = Record("subject", "code", code)

    def weigh(self) -> None:
        kg = f"5{self.seed.randrange(10)}.{self.seed.randrange(1000):03d}"
        path = path_of("weight.record", subject_id=self.here.facts["subjects"]["NK-04"])
        one = self.send("doctor1", path, second="nurse1", kg=kg, kg_again=kg, measured_at=self.now())
        self.keep(one, "weight")

    def report(self) -> None:
        given = {"classification": "minor", "description": f"Seen under load, case {letters()}"}
        path = path_of("deviation.report", batch_id=self.here.facts["batch"])
        self.keep(self.send("qa2", path, **given), "deviation")

    def enter(self) -> None:
        """The potency is entered once and corrected ever after."""
        entered = any(one.path.endswith("/enter") for one in self.sent)
        reference = f"RAW-{letters()}"
        given = {"value": "62", "unit": "%", "method": "killing assay", "measured_at": self.now()}
        act = "result.correct" if entered else "result.enter"
        path = path_of(act, test_id=self.here.facts["tests"]["potency"])
        one = self.send("tech1", path, raw_data_reference=reference, reason=REASON, **given)
        one.record = Record("result", "raw_data_reference", reference)

    def read(self) -> None:
        reference = f"RAW-{letters()}"
        given = {"method": "automated culture", "read_at": self.now(), "raw_data_reference": reference}
        one = self.send("tech2", path_of("sterility.read", test_id=self.here.facts["tests"]["sterility"]), **given)
        one.record = Record("result", "raw_data_reference", reference)

    def draft(self) -> None:
        self.keep(self.send("qa1", path_of("document.draft"), preset="label_template"), "document")

    def keep(self, one: Sent, table: str) -> None:
        if one.answer is not None and isinstance(one.answer.body, dict) and "id" in one.answer.body:
            one.record = Record(table, "id", one.answer.body["id"])
