"""The people of a demo and how they act: through the same acts, passwords and rules as everybody else."""

from __future__ import annotations

import heapq
import secrets
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import Flask, g
from werkzeug.routing import Map, Rule

from config.app import create_app
from config.demo_people import DEMO_PASSWORD, DEMO_PEOPLE
from config.first_people import FIRST, make_first_people
from config.settings import Settings
from kernel.accounts.queries import actor_of, find_person
from kernel.accounts.services import activate
from kernel.canonical import digest
from kernel.clock import Clock, FixedClock
from kernel.errors import Refused
from kernel.web.acting import Submission, perform
from kernel.web.i18n import Speech
from kernel.web.registry import ACTS, DOWNLOADS, VIEWS, Done
from kernel.web.site import Site, Viewer

Tale = Generator[datetime, None, None]


@dataclass
class Stage:
    """Where a story is told: an installation, its clock, and people who act by name of login."""

    app: Flask
    clock: FixedClock
    password: str = DEMO_PASSWORD
    subjects: dict[str, str] = field(default_factory=dict)
    lots: dict[str, str] = field(default_factory=dict)
    routes: Map = field(default_factory=lambda: Map([Rule(one.path, endpoint=one.name) for one in VIEWS.values()]))

    downloads: Map = field(
        default_factory=lambda: Map([Rule(one.path, endpoint=one.name) for one in DOWNLOADS.values()])
    )

    @property
    def site(self) -> Site:
        site: Site = self.app.extensions["nktrace"]
        return site

    def viewer(self, login: str) -> Viewer:
        at = self.clock.now()
        with self.site.database.reading() as session:
            person = find_person(session, login)
            actor = actor_of(session, person.id, at) if person else None
        if actor is None:
            raise LookupError(f"{login} cannot act")
        return Viewer(actor, at, Speech("en"), login=login)

    def act(self, login: str, name: str, /, *, second: str | None = None, **given: Any) -> Done:
        """One act as a person does it: read what it rests on, fill in, sign. ``given`` holds ids, fields, ``reason``."""
        act = ACTS[name]
        ids = {key: given.pop(key) for key in list(given) if f"<{key}>" in act.path}
        with self.site.database.reading() as session:
            content = act.content(session, **ids) if act.content else {}
        envelope = {"seen": digest(content), "idempotency_key": secrets.token_urlsafe(12)}
        envelope["reason"] = given.pop("reason", "")
        if act.signs:
            envelope.update(signer=login, password=self.password)
        if act.signs > 1:
            envelope.update(second_signer=second or "", second_password=self.password)
        with self.app.test_request_context("/"):
            g.viewer = self.viewer(login)
            try:
                return perform(self.site, act, g.viewer, Submission(envelope, given), ids)
            except Refused as refused:
                reasons = "; ".join(str(one) for one in refused.refusals)
                raise RuntimeError(f"the story breaks off: {login} may not {name}: {reasons}") from refused


def tell(stage: Stage, tales: list[Tale]) -> None:
    """Interleave stories on one clock that only moves forward: each yields the moment it goes on."""
    waiting: list[tuple[datetime, int, Tale]] = []
    for place, tale in enumerate(tales):
        if (moment := next(tale, None)) is not None:
            heapq.heappush(waiting, (moment, place, tale))
    while waiting:
        moment, place, tale = heapq.heappop(waiting)
        stage.clock.move_to(max(moment, stage.clock.now()))
        if (later := next(tale, None)) is not None:
            heapq.heappush(waiting, (later, place, tale))


def make_people(stage: Stage) -> None:
    """First administrator and QA officer, who then request and approve everybody else, and leave."""
    database, passwords = stage.site.database, stage.site.passwords
    for line in make_first_people(database):
        words = line.split()
        link = words[words.index("link") + 1].removeprefix("/activate/")
        code = words[words.index("code") + 1]
        activate(database, passwords, token=link, code=code, password=stage.password, accepted=True)
    asker, approver = FIRST[0][0], FIRST[1][0]
    for person in DEMO_PEOPLE:
        asked = stage.act(
            asker,
            "person.request",
            login=person.login,
            full_name=person.full_name,
            roles=list(person.roles),
            language="nl",
        )
        approved = stage.act(
            approver, "person.approve", person_id=asked.body["id"], identity_check="staff card seen at the desk"
        )
        token = asked.body["link"].removeprefix("/activate/")
        code = approved.body["code"]
        activate(database, passwords, token=token, code=code, password=stage.password, accepted=True)
    for login, _, _ in FIRST:
        with database.reading() as session:
            leaving = find_person(session, login)
        if leaving is not None:
            stage.act("admin1", "person.deactivate", person_id=leaving.id, reason="installation is finished")


def make_example(settings: Settings, told: Callable[[str], None], *, now: datetime | None = None) -> None:
    """Tell the six stories up to now."""
    from config.example import BEGIN, documents_and_subjects, stories  # noqa: PLC0415  (the example knows the stage)

    now = now or Clock().now()
    clock = FixedClock(now - BEGIN)
    stage = Stage(create_app(settings, clock), clock)
    make_people(stage)
    told(f"{len(DEMO_PEOPLE)} people requested, approved and active")
    documents_and_subjects(stage, now)
    told("documents approved; nineteen transplanted, eleven included")
    tell(stage, stories(stage, now, told))
    stage.site.database.engine.dispose()
