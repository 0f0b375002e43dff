"""Installations at chosen points of the waiting product's story, told once a run and copied as often as wanted.

It is told on SQLite; PostgreSQL gets the same rows. The worked example and the journeys are told on each database.

Copies keep their keys, their head outside the database and their clock: a server on a copy reads the story's own time,
so no test depends on the hour it runs at.
"""

from __future__ import annotations

import functools
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from config.app import create_app
from config.demo import DEMO_PASSWORD, Stage, Tale, make_people, tell
from config.example import BEGIN, documents_and_subjects, made, making, tested
from config.keys import make_keys
from config.products import WAITING
from config.releasing import Releasing
from config.settings import Settings
from config.tables import audited_tables
from kernel.clock import Clock, FixedClock
from kernel.database import Database
from kernel.db import make_engine
from kernel.signatures import load_seal
from kernel.trail.verify import Report, verify
from kernel.web.registry import ACTS
from kernel.web.session import open_session
from labels.tables.labels import LabelRow
from tests.databases import PostgresDatabase, postgres, sqlite_url
from tests.places import copy_rows, once_a_run, postgres_template, sqlite_template

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
FORMULATED = NOW - timedelta(hours=8)
POINTS = ("people", "bench", "tested", "reviewed", "certified", "ready", "scanned")
WASHING = 4  # the moment of the story at which the first step is verified and the second is not begun
SCANS = 64
PHARMACISTS = ("pharm1", "pharm2")
KEPT = ("seal.pem", "session.key", "labels.json", "head")


@dataclass(frozen=True)
class Installation:
    """Files and addresses of one installation; ``facts`` names the records of its story."""

    folder: Path
    app_url: str
    owner_url: str
    facts: dict[str, Any] = field(default_factory=dict)
    source: PostgresDatabase | None = None
    now: datetime = NOW
    engine: sa.Engine | None = None

    def settings(self) -> Settings:
        return Settings(
            mode="test",
            database_url=self.app_url,
            keys=self.folder,
            head_file=self.folder / "head",
            cheap_passwords=True,
        )

    @contextmanager
    def opened(self, clock: Clock | None = None) -> Iterator[Database]:
        """The database as the application holds it, on the clock of the story unless another is given."""
        engine = self.engine or make_engine(self.app_url)
        seal = load_seal(self.folder / "seal.pem")
        yield Database(engine, clock or FixedClock(self.now), seal, self.folder / "head", "test")
        if self.engine is None:
            engine.dispose()

    def stage(self, now: datetime | None = None) -> Stage:
        """The same people, in process; the caller disposes of ``stage.site.database.engine``."""
        clock = FixedClock(now or self.now)
        known = {name: dict(self.facts.get(name, {})) for name in ("subjects", "lots")}
        return Stage(create_app(self.settings(), clock), clock, **known)

    def set_server_clock(self) -> None:
        """Servers of this installation begin at the story's time and go on from there."""
        shift = self.now - datetime.now(UTC)
        (self.folder / "clock").write_text(str(int(shift.total_seconds())), encoding="ascii")

    def owner(self, statement: str, **values: Any) -> None:
        """SQL that the application's own role could not run."""
        engine = make_engine(self.owner_url, owner=True)
        with engine.begin() as connection:
            connection.execute(sa.text(statement), values)
        engine.dispose()

    def verified(self) -> Report:
        """Chain, index, records and signatures, against the head that lies outside."""
        with self.opened() as database, database.reading() as session:
            return verify(session, audited_tables(), database.seal.public, database.remembered_head())

    def rows(self, statement: str, **values: Any) -> list[Any]:
        with self.opened() as database, database.reading() as session:
            return list(session.execute(sa.text(statement), values))


def path_of(name: str, **ids: str) -> str:
    """The address of an act."""
    path = ACTS[name].path
    for key, value in ids.items():
        path = path.replace(f"<{key}>", value)
    return path


def new_installation(folder: Path, now: datetime) -> Installation:
    """An empty schema with keys, on SQLite."""
    folder.mkdir(parents=True, exist_ok=True)
    make_keys(folder)
    shutil.copyfile(sqlite_template(), folder / sqlite_template().name)
    return Installation(folder, sqlite_url(folder), sqlite_url(folder), now=now)


def on_postgres(told: Installation) -> Installation:
    """The same installation with its rows in a database of PostgreSQL; its folder is not its own."""
    database = postgres().new_database(template=postgres_template())
    copy_rows(told.folder, database.owner_url)
    return replace(told, app_url=database.app_url, owner_url=database.owner_url, source=database)


def copied(source: Installation, folder: Path) -> Installation:
    """A copy that nobody else uses; to be ``dropped`` where it is on PostgreSQL."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in KEPT:
        if (source.folder / name).exists():
            shutil.copy(source.folder / name, folder / name)
    if source.source is None:
        file = Path(sqlite_url(source.folder).removeprefix("sqlite:///"))
        shutil.copyfile(file, folder / file.name)
        found = Installation(folder, sqlite_url(folder), sqlite_url(folder), source.facts, now=source.now)
    else:
        database = postgres().new_database(template=source.source)
        found = Installation(folder, database.app_url, database.owner_url, source.facts, database, source.now)
    found.set_server_clock()
    return found


def dropped(installation: Installation) -> None:
    if installation.source is not None:
        postgres().drop_database(installation.source)
    shutil.rmtree(installation.folder, ignore_errors=True)


@contextmanager
def borrowed(source: Installation, folder: Path) -> Iterator[Installation]:
    """A copy for the length of a ``with`` block."""
    found = copied(source, folder)
    yield found
    dropped(found)


def prepared(
    folder: Path, now: datetime = NOW, peopled: Callable[[Installation, Stage], None] | None = None
) -> tuple[Installation, Stage, Releasing]:
    """People, documents and subjects, and nothing made yet; ``now`` is where the story will end.

    ``peopled`` is called when there are people and nothing else.
    """
    installation = new_installation(folder, now)
    stage = installation.stage(now - BEGIN)
    make_people(stage)
    if peopled:
        peopled(installation, stage)
    documents_and_subjects(stage, now)
    release = Releasing(making(stage, "NK-03", 3, WAITING, "Clean room 1"))
    return installation, stage, release


def facts_of(stage: Stage, release: Releasing) -> dict[str, Any]:
    container = release.making.containers[0]
    with stage.site.database.reading() as session:
        label = session.get_one(LabelRow, container["label_id"])
        return {
            "subjects": dict(stage.subjects),
            "lots": dict(stage.lots),
            "subject": release.making.subject,
            "subject_id": stage.subjects[release.making.subject],
            "collection": release.making.collection,
            "batch": release.batch,
            "container": container["id"],
            "container_code": container["code"],
            "label": container["label_id"],
            "label_code": label.payload,
            "tests": dict(release.tests),
            "order": release.order,
            "scans": [],
            "tokens": {},
        }


def scan_by_all(stage: Stage, facts: dict[str, Any]) -> None:
    """Every contender's own scan, half by each pharmacist, and a client's token for each pharmacist."""
    for place in range(SCANS):
        login = PHARMACISTS[place % 2]
        read = {"label_code": facts["label_code"], "subject_code": facts["subject"], "place": "pharmacy"}
        said = stage.act(login, "container.scan", **read).body
        facts["scans"].append({"login": login, "scan_id": said["scan_id"], "seen": said["seen"]})
    for login in PHARMACISTS:
        facts["tokens"][login] = open_session(stage.site, stage.viewer(login).actor, client="race")


def telling(release: Releasing, stage: Stage, keep: Callable[[str], None], formulated: datetime, now: datetime) -> Tale:
    """The waiting product's story, kept at each of the ``POINTS``."""
    hour = timedelta(hours=1)
    for place, moment in enumerate(made(stage, release.making, formulated)):
        if place == WASHING:
            keep("bench")
        yield moment
    yield from tested(release, formulated)
    keep("tested")
    yield formulated + 3.5 * hour
    release.review()
    keep("reviewed")
    release.certify("release.stage_one")
    keep("certified")
    release.sponsor()
    yield now - hour / 5
    release.prescribe()
    release.eligible()
    yield now
    keep("ready")
    keep("scanned")


def told_in(whole: Path, now: datetime = NOW) -> dict[str, Installation]:
    """Tell the story below this folder."""
    kept: dict[str, Installation] = {}

    def stored(point: str, installation: Installation, stage: Stage, facts: dict[str, Any]) -> None:
        stage.site.database.engine.dispose()
        kept[point] = copied(replace(installation, facts=facts, now=stage.clock.now()), whole / point)

    def keep(point: str) -> None:
        if point == "bench":
            stored(point, installation, stage, {"batch": release.batch})
            return
        facts = facts_of(stage, release)
        if point == "scanned":
            scan_by_all(stage, facts)
        stored(point, installation, stage, facts)

    installation, stage, release = prepared(
        whole / "telling", now, lambda here, people: stored("people", here, people, {})
    )
    tell(stage, [telling(release, stage, keep, now - timedelta(hours=8), now)])
    stage.site.database.engine.dispose()
    return kept


class Points(dict[str, Installation]):
    """The same points on PostgreSQL, each made when it is first asked for."""

    def __missing__(self, point: str) -> Installation:
        self[point] = on_postgres(story("sqlite")[point])
        return self[point]


@functools.cache
def story(engine: str) -> dict[str, Installation]:
    """The installation at each point of the story: tested, reviewed, certified, ready to be dispensed."""
    return Points() if engine == "postgresql" else once_a_run("story", told_in)


PASSWORD = DEMO_PASSWORD
