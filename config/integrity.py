"""The check that the process beside the server does on its own: the whole trail, every signature and record, and the
newest backup read back; each outcome a record (A11-7.1, BK-RPO).

What is checked is one moment of the database: on SQLite a copy of it, made in one step, so that nobody who works waits
for the check; on PostgreSQL one snapshot.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from config.backup import backup, check_copy
from config.tables import audited_tables
from kernel.database import Database
from kernel.db import make_engine
from kernel.trail.moment import one_moment
from kernel.trail.verify import Report, verify
from kernel.upkeep.domain import RunKind
from kernel.upkeep.queries import is_check_due, last_good_backup
from kernel.upkeep.services import Ran, record_run
from kernel.work import SYSTEM, unit_of_work

SERVER, COMMAND = "server", "command line"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run. ``path``, ``file_sha256`` and ``head``: of the copy, where there is one."""

    report: Report
    path: Path | None = None
    file_sha256: str | None = None
    head: tuple[int, str] | None = None
    rows: int = 0


def check_when_due(database: Database) -> int:
    """One pass of the process beside the server; answers how many runs it noted."""
    with database.reading() as session:
        due = is_check_due(session, database.clock.now())
    return len(check_all(database, SERVER)) if due else 0


def check_all(database: Database, by: str) -> list[Report]:
    """The records, and the newest backup where there is one."""
    found = [noted(database, RunKind.CHECK, by, lambda: Outcome(check_records(database)))]
    with database.reading() as session:
        saved = last_good_backup(session)
    if saved is not None and saved.path is not None:
        head = (int(saved.head_seq or 0), str(saved.head_hash))
        path, digest = Path(saved.path), str(saved.file_sha256)

        def back() -> Outcome:
            return Outcome(read_back(path, digest, database.seal.public, head), path)

        found.append(noted(database, RunKind.READ_BACK, by, back, path))
    return [one.report for one in found]


def noted(database: Database, kind: RunKind, by: str, run: Callable[[], Outcome], path: Path | None = None) -> Outcome:
    """Whatever goes wrong with the run is its fault, and a record. ``path``: where the run breaks off."""
    began, since = database.clock.now(), time.monotonic()
    try:
        outcome = run()
    except Exception as error:  # noqa: BLE001  (damaged records fail in ways nobody can list; unrecorded is unseen)
        outcome = Outcome(Report(), path)
        outcome.report.add("run", kind.value, f"{type(error).__name__}: {error}"[:400])
    ran = Ran(
        kind=kind,
        by=by,
        started_at=began,
        milliseconds=int((time.monotonic() - since) * 1000),
        report=outcome.report,
        path=str(outcome.path) if outcome.path is not None else None,
        file_sha256=outcome.file_sha256,
        head=outcome.head,
    )
    with unit_of_work(database, SYSTEM, "upkeep.run") as work:
        record_run(work, ran)
    return outcome


def check_records(database: Database) -> Report:
    """Of one moment; the head outside is read before it, so that the moment has to have that line."""
    known = database.remembered_head()
    with one_moment(database) as session:
        report = verify(session, audited_tables(), database.seal.public, known)
    if database.head_is_unreadable():
        report.add("outside", str(database.head_file), "the head outside the database cannot be read")
    return report


def read_back(path: Path, digest: str, public_key: bytes, head: tuple[int, str]) -> Report:
    """The file is the one that was written, opens, and verifies as a restored system would."""
    report = Report()
    if not path.exists():
        report.add("backup", str(path), "is not where it was written")
        return report
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copyfile(path, Path(folder, "copy.sqlite3")))
        if file_sha256(copy) != digest:
            report.add("backup", str(path), "its bytes are not those that were written")
            return report
        engine = make_engine(f"sqlite:///{copy}", owner=True)
        try:
            return check_copy(engine, public_key, head)
        finally:
            engine.dispose()


def file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def back_up(database: Database, path: Path) -> Outcome:
    """Write, restore and verify a backup, and note it, also one that could not be written."""
    return noted(database, RunKind.BACKUP, COMMAND, lambda: written(database, path), path.resolve())


def written(database: Database, path: Path) -> Outcome:
    result = backup(database.engine, path, database.seal.public, database.remembered_head())
    seq, _, head = result.report.head.partition(" ")
    return Outcome(result.report, result.path.resolve(), file_sha256(result.path), (int(seq), head), result.rows)
