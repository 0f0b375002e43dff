"""A small installation for the machine: one batch, people who hold one role or several, and every act by its own door.

The making is entered straight through the unit of work; from the label on, everything happens through ``perform``, as
pages and API do it: schema, credentials, idempotency, the unit of work.
"""

from __future__ import annotations

import functools
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask, g

import config.wiring
from config.app import create_app
from config.settings import Settings
from config.tables import audited_tables
from kernel.accounts.passwords import Passwords
from kernel.accounts.queries import actor_of, find_person
from kernel.accounts.tables import PersonRow, RoleGrantRow
from kernel.canonical import digest
from kernel.clock import FixedClock
from kernel.database import Database
from kernel.errors import Refused
from kernel.signatures import load_seal
from kernel.trail.verify import verify
from kernel.web.acting import Replayed, perform
from kernel.web.i18n import Speech
from kernel.web.registry import ACTS, Done
from kernel.web.site import Site, Viewer
from kernel.web.submissions import Submission
from kernel.work import Actor, Work
from manufacturing.queries.trial import get_protocol, get_trial
from manufacturing.tables.batches import ContainerRow
from manufacturing.tables.collections import DonorRow
from manufacturing.tables.trial import SubjectRow, WeightRow
from release.domain.metrics import feasibility
from release.domain.patient_figures import StageKey
from release.queries.metrics import patient_histories, trial_rules
from tests.integration.labels.factory import PRESET as LABEL_TEMPLATE
from tests.integration.labels.factory import document
from tests.integration.release.factory import D, Made, specification_body
from tests.integration.release.giving_factory import PROTOCOL, add_blood_groups
from tests.places import Place

BEGIN = datetime(2026, 10, 24, 18, 0, tzinfo=UTC)  # the night after this evening has an hour twice
LIFE = timedelta(hours=50)
PASSWORD = "five quiet magpies sing"
REASON = "seen at the check of this morning"
JUDGED = ("purity", "cd3_dose", "nk_dose", "endotoxin", "sterility")
SUBJECT, OTHER_SUBJECT = "NK-01", "NK-02"
PEOPLE = {
    "t1": "T",
    "t2": "T",
    "tq": "T QA",
    "tp": "T QP",
    "qa1": "QA",
    "qa2": "QA",
    "qa3": "QA",
    "qp1": "QP",
    "qp2": "QP",
    "qap": "QA QP",
    "pq1": "Ph QP Sp",
    "pq2": "Ph QP",
    "ph1": "Ph",
    "ph2": "Ph",
    "sp": "Sp",
    "ps": "QP Sp",
    "dr": "Dr",
    "n1": "N",
    "all": "T QA QP Ph Sp Dr N",
    "ad": "Ad",
    "in": "In",
}


@functools.cache
def hashed() -> str:
    return Passwords(cheap=True).hash(PASSWORD)


class Batch(Made):
    """As in the tests of releasing, with people who sign in, a judged part of the specification and no label yet."""

    def __init__(self, database: Database) -> None:
        self.roster = iter(("t1", "t2", "qa3", "qp2", "sp", "dr"))
        self.known: dict[str, Actor] = {}
        criteria = [one for one in specification_body()["criteria"] if one["key"] in JUDGED]
        rest = {"pending_allowed": ["sterility"], "sterility_final_days": "1"}
        super().__init__(database, body=specification_body(criteria=criteria, **rest))

    def employ(self, work: Work, role: str) -> Actor:
        return self.hire(work, next(self.roster))

    def hire(self, work: Work, login: str) -> Actor:
        row = PersonRow(login=login, full_name=f"Person {login}", status="active", requested_by="test")
        row.password_hash = hashed()
        work.add(row)
        roles = PEOPLE[login].split()
        for role in roles:
            work.add(RoleGrantRow(person_id=row.id, role=role, status="active", requested_by="test"))
        self.known[login] = Actor(row.id, row.full_name, frozenset(roles))
        return self.known[login]

    def build(self, work: Work, trial: str | None) -> None:
        for login in PEOPLE.keys() - self.known.keys():
            self.hire(work, login)
        document(work, "protocol", PROTOCOL, code="PRT")
        document(work, "label_template", LABEL_TEMPLATE, code="LBL")
        super().build(work, trial)
        self.other_subject(work)
        for row in work.session.execute(sa.select(ContainerRow)).scalars():
            row.expires_at = BEGIN + LIFE
        for row in work.session.execute(sa.select(DonorRow)).scalars():
            add_blood_groups(work, donor_id=row.id)
        add_blood_groups(work, subject_id=self.subject_id)

    def label(self, work: Work, container: Any) -> None:
        """Printed later, by people."""

    def other_subject(self, work: Work) -> None:
        """Somebody else who waits for an infusion on the same day, of the same weight."""
        row = work.add(
            SubjectRow(
                trial_id=self.trial_id,
                code=OTHER_SUBJECT,
                status="included",
                diagnosis="ALL",
                donor_type="mismatched_family",
                age_years=6,
                age_months=3,
                transplanted_on=(work.at - timedelta(days=70)).date(),
                included_at=work.at - timedelta(days=60),
            )
        )
        signed = {"entered_by": self.dr.id, "verified_by": self.sp.id}
        work.add(WeightRow(subject_id=row.id, kg=D(20), measured_at=work.at, recorded_at=work.at, **signed))


class AsItStands(str):
    """What the form of a page carries that was opened a moment before the act: it was shown what is so now."""

    __slots__ = ()

    def __eq__(self, _other: object) -> bool:
        return True

    def __ne__(self, _other: object) -> bool:
        return False

    __hash__ = str.__hash__


@dataclass
class Said:
    """How a request ended: ``body`` of what was done, or the codes of the refusal."""

    done: bool
    body: dict[str, Any] = field(default_factory=dict)
    codes: tuple[str, ...] = ()
    replayed: bool = False


@dataclass(frozen=True)
class Request:
    """What a browser sends: kept, it is a stale page; sent again, a replay. ``key``: of its form."""

    login: str
    act: str
    ids: dict[str, str]
    fields: dict[str, Any]
    seen: str
    key: str
    second: str = ""
    about: str = ""
    reason: str = REASON

    def submission(self) -> Submission:
        envelope = {"seen": self.seen, "idempotency_key": self.key, "reason": self.reason, "signer": self.login}
        envelope |= {"password": PASSWORD, "second_signer": self.second, "second_password": PASSWORD}
        return Submission(envelope, dict(self.fields))


class World:
    """The installation as people meet it. ``facts``: ids of the one batch and of everybody.

    ``quick``: what is sent at once is not opened first; only a page that waits is.
    """

    def __init__(self, place: Place, *, quick: bool = False) -> None:
        self.place, self.quick = place, quick
        self.clock = FixedClock(BEGIN)
        self.facts: dict[str, Any] = {}
        settings = Settings("test", place.app_url, place.folder, place.folder / "head", cheap_passwords=True)
        self.settings = settings
        self.app: Flask = create_app(settings, self.clock)
        self.site: Site = self.app.extensions["nktrace"]
        self.site.database.engine.dispose()
        self.restart()

    def restart(self, *, engine: bool = False) -> None:
        """As after a kill: nothing of the process is left; ``engine``: its compiled statements go too."""
        self.place.engine.dispose()
        seal = load_seal(self.place.folder / "seal.pem")
        self.site.database = Database(self.place.engine, self.clock, seal, self.place.folder / "head", "test")
        config.wiring.connect(self.site, self.settings)

    @property
    def database(self) -> Database:
        return self.site.database

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def set_clock(self, at: datetime) -> None:
        """Wherever the machine's clock is put, also back."""
        self.clock._at = at

    def viewer(self, login: str) -> Viewer | None:
        with self.database.reading() as session:
            person = find_person(session, login)
            actor = actor_of(session, person.id, self.now) if person else None
        return Viewer(actor, self.now, Speech("en"), login=login) if actor else None

    def opened(
        self,
        login: str,
        act: str,
        ids: dict[str, str],
        fields: dict[str, Any],
        second: str = "",
        about: str = "",
        *,
        waits: bool = False,
    ) -> Request:
        """The page as it stands now, filled in; it ``waits`` while other things happen, or is sent at once."""
        seen = AsItStands("now") if self.quick and not waits else self.shown(act, ids)
        return Request(login, act, ids, fields, seen, secrets.token_urlsafe(12), second, about)

    def shown(self, act: str, ids: dict[str, str]) -> str:
        """The digest of what the page of an act shows now."""
        content = ACTS[act].content
        with self.database.reading() as session:
            return digest(content(session, **ids) if content else {})

    def send(self, request: Request) -> Said:
        viewer = self.viewer(request.login)
        if viewer is None:
            return Said(done=False, codes=("AUTH",))
        act = ACTS[request.act]
        if not viewer.may(act.permission):  # as the page and the API ask before anything else
            return Said(done=False, codes=("ROLE_NOT_ALLOWED", "at the door"))
        with self.app.app_context():
            g.viewer = viewer
            try:
                done: Done = perform(self.site, act, viewer, request.submission(), request.ids)
            except Refused as refused:
                return Said(done=False, codes=tuple(one.code for one in refused.refusals))
            except Replayed as again:
                return Said(done=True, body=again.done.body, replayed=True)
        return Said(done=True, body=done.body)

    def rows(self, statement: str, **values: Any) -> list[Any]:
        """What the database holds, asked past the application's tables."""
        with self.database.engine.connect() as connection:
            return list(connection.exec_driver_sql(statement, values or None).mappings())

    def faults(self) -> list[Any]:
        """What the product's own verification of trail, tables and signatures finds."""
        with self.database.reading() as session:
            known = self.database.remembered_head()
            return verify(session, audited_tables(), self.database.seal.public, known).faults

    def figures(self) -> dict[str, int]:
        """How many patients the trial's page counts in each stage, and as infused out of specification (``S``)."""
        with self.database.reading() as session:
            found = feasibility(
                patient_histories(session, get_trial(session), self.now), trial_rules(get_protocol(session))
            )
        return {key: len(found.stages[StageKey(key)]) for key in "TILMRF"} | {"S": len(found.supplied)}
