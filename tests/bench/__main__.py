"""``python -m tests.bench [batches batches]``: a table for each database; fails where a request or the trail does."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from config.app import open_database
from config.demo import make_example
from config.demo_people import DEMO_PASSWORD
from config.keys import make_keys
from config.schema import create_schema
from config.settings import Settings
from config.tables import audited_tables
from kernel.accounts.passwords import Passwords
from kernel.database import Database
from kernel.db import make_engine
from kernel.trail.verify import verify
from labels.keys import load_label_keys
from manufacturing.tables.batches import BatchRow
from release.queries.decisions import next_register_number
from tests.bench.copies import Copier, story_of
from tests.bench.large_batch import enlarge
from tests.bench.long_record import lengthen
from tests.bench.many_containers import multiply
from tests.bench.measuring import Failed
from tests.bench.scenes import LONG, Scene, large_ending, measured
from tests.bench.table import lines
from tests.databases import PostgresDatabase, databases, postgres, sqlite_url
from tests.server import Server

SIZES = [100, 5000]
APP = "tests.bench.server:app"
BEGAN = time.monotonic()


def say(words: str) -> None:
    """What is being done, beside the table, which comes at the end."""
    print(f"[{time.monotonic() - BEGAN:4.0f} s] {words}", file=sys.stderr, flush=True)


@dataclass
class Bench:
    """One database with the worked example and copies of it, ``batches`` in all."""

    folder: Path
    app_url: str
    owner_url: str
    batches: int
    source: PostgresDatabase | None = None

    @property
    def settings(self) -> Settings:
        return Settings("test", self.app_url, self.folder, self.folder / "head", cheap_passwords=True)

    def twin(self, batches: int) -> Bench:
        """The same installation again, for another number of batches; nobody may be connected to this one."""
        folder = Path(shutil.copytree(self.folder, self.folder.with_name(f"{batches}")))
        if self.source is None:
            return Bench(folder, sqlite_url(folder), sqlite_url(folder), batches)
        copied = postgres(durable=True).new_database(template=self.source)
        return Bench(folder, copied.app_url, copied.owner_url, batches, copied)

    def fill(self, database: Database) -> None:
        say(f"copying up to {self.batches:,} batches")
        with database.reading() as session:
            subjects = session.execute(sa.select(BatchRow.subject_id).order_by(BatchRow.number)).scalars().all()
            stories = [story_of(session, one) for one in subjects]
            register = next_register_number(session) - 1
        copier = Copier(database, load_label_keys(self.folder, demo=True), stories, register)
        copier.copy(self.batches - len(stories))
        lengthen(database, LONG)
        enlarge(database, large_ending(len(stories)))
        multiply(database)
        if self.source is not None:  # what its autovacuum does by itself a minute later
            owner = make_engine(self.owner_url, owner=True)
            with owner.begin() as connection:
                connection.execute(sa.text("ANALYZE"))
            owner.dispose()


def new_bench(engine: str, folder: Path, batches: int) -> Bench:
    say(f"{engine}: telling the worked example")
    folder.mkdir()
    make_keys(folder)
    bench = Bench(folder, sqlite_url(folder), sqlite_url(folder), batches)
    if engine == "postgresql":
        fresh = postgres(durable=True).new_database()
        bench = Bench(folder, fresh.app_url, fresh.owner_url, batches, fresh)
    owner = make_engine(bench.owner_url, owner=True)
    create_schema(owner, "nktrace_app" if engine == "postgresql" else None)
    owner.dispose()
    make_example(bench.settings, lambda _words: None)
    return bench


def verified(bench: Bench, database: Database) -> int:
    """Says how fast every record of this database is verified, and what is wrong; answers the number of faults."""
    say(f"verifying {bench.batches:,} batches")
    began = time.perf_counter()
    with database.reading() as session:
        report = verify(session, audited_tables(), database.seal.public, database.remembered_head())
    rows = report.links + report.records + report.signatures
    print(
        f"verify at {bench.batches:,} batches: {rows / (time.perf_counter() - began):,.0f} rows/s ({report.links:,} links, "
        f"{report.records:,} records, {report.signatures:,} signatures), {len(report.faults)} faults",
        flush=True,
    )
    for fault in report.faults[:20]:
        print(f"  FAULT {fault}")
    return len(report.faults)


def version_of(database: Database) -> str:
    if database.engine.dialect.name == "sqlite":
        return f"SQLite {sqlite3.sqlite_version}, rollback journal, synchronous=EXTRA"
    with database.reading() as session:
        said = [session.execute(sa.text(f"SHOW {name}")).scalar() for name in ("server_version", "fsync")]
    return f"PostgreSQL {said[0]}, fsync {said[1]}, synchronous_commit on"


def password_check() -> float:
    """Seconds of one password check at the cost of a production instance; the server here checks cheaply."""
    passwords = Passwords()
    stored = passwords.hash(DEMO_PASSWORD)
    began = time.perf_counter()
    for _ in range(5):
        passwords.matches(stored, DEMO_PASSWORD)
    return (time.perf_counter() - began) / 5


def run(engine: str, folder: Path, sizes: list[int]) -> int:
    """Prints the table of one database; answers how many faults were found in its records."""
    first = new_bench(engine, folder / "first", sizes[0])
    benches = [first, *(first.twin(size) for size in sizes[1:])]
    with ExitStack() as stack:
        bases = [open_database(bench.settings) for bench in benches]
        for bench, database in zip(benches, bases, strict=True):
            stack.callback(database.engine.dispose)
            bench.fill(database)
        say("asking the servers")
        with ExitStack() as running:
            servers = [Server(bench.app_url, bench.folder, workers=1, app=APP) for bench in benches]
            urls = [running.enter_context(server).url for server in servers]
            scenes = [Scene(database, url) for database, url in zip(bases, urls, strict=True)]
            found = measured(scenes)
            tasks = [scene.tasks() for scene in scenes]
        print(f"\n{version_of(bases[0])}")
        print("\n".join(lines(list(zip(sizes, found, strict=True)), password_check())))
        for size, words in zip(sizes, tasks, strict=True):
            print(f"lines on the Work page at {size:,} batches: {words}")
        return sum(verified(bench, database) for bench, database in zip(benches, bases, strict=True))


def main(arguments: list[str]) -> int:
    sizes = [int(one) for one in arguments] or SIZES
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    print(
        f"{platform.system()} {platform.machine()}, {cores} cores, Python {platform.python_version()}, one worker",
        end="",
    )
    print(f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "", flush=True)
    faults = 0
    for engine in databases():
        with tempfile.TemporaryDirectory(prefix="nktrace-bench-") as place:
            try:
                faults += run(engine, Path(place), sizes)
            except Failed as failed:
                print(f"{engine}: FAILED: {failed}")
                return 1
    say("done")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
