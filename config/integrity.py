"""The check that the process beside the server does on its own: the whole trail, every signature and record, and the
newest backup read back; each outcome a record (A11-7.1, BK-RPO).

What is checked is one moment of the database: on SQLite a copy of it, made in one step, so that nobody who works waits
for the check; on PostgreSQL one snapshot.
"""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Callable
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
PIECE = 1024 * 1024


def check_when_due(database: Database) -> int:
    """One pass of the process beside the server; answers how many runs it noted."""
    with database.reading() as session:
        due = is_check_due(session, database.clock.now())
    return len(check_all(database, SERVER)) if due else 0


def check_all(database: Database, by: str) -> list[Report]:
    """The records, and the newest backup where there is one."""
    reports = [noted(database, RunKind.CHECK, by, lambda: check_records(database))]
    with database.reading() as session:
        saved = last_good_backup(session)
    if saved is not None and saved.path is not None:
        head = (int(saved.head_seq or 0), str(saved.head_hash))
        path, digest = Path(saved.path), str(saved.file_sha256)
        reports.append(
            noted(
                database, RunKind.READ_BACK, by, lambda: read_back(path, digest, database.seal.public, head), path=path
            )
        )
    return reports


def noted(database: Database, kind: RunKind, by: str, run: Callable[[], Report], path: Path | None = None) -> Report:
    """Whatever goes wrong with the run is its fault, and a record."""
    began, since = database.clock.now(), time.monotonic()
    try:
        report = run()
    except Exception as error:  # noqa: BLE001  (a check that cannot be done is a fault like any other)
        report = Report()
        report.add("run", kind.value, f"{type(error).__name__}: {error}"[:400])
    took = int((time.monotonic() - since) * 1000)
    ran = Ran(
        kind=kind,
        by=by,
        started_at=began,
        milliseconds=took,
        report=report,
        path=str(path) if path is not None else None,
    )
    with unit_of_work(database, SYSTEM, "upkeep.run") as work:
        record_run(work, ran)
    return report


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
    if file_sha256(path) != digest:
        report.add("backup", str(path), "its bytes are not those that were written")
        return report
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "copy.sqlite3")
        copy.write_bytes(path.read_bytes())
        engine = make_engine(f"sqlite:///{copy}", owner=True)
        try:
            return check_copy(engine, public_key, head)
        finally:
            engine.dispose()


def file_sha256(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            found.update(piece)
    return found.hexdigest()


def back_up(database: Database, path: Path) -> tuple[int, Report]:
    """Write, restore and verify a backup, and note it; rows and what was found."""
    began, since, known = database.clock.now(), time.monotonic(), database.remembered_head()
    result = backup(database.engine, path, database.seal.public, known)
    seq, _, head = result.report.head.partition(" ")
    ran = Ran(
        kind=RunKind.BACKUP,
        by=COMMAND,
        started_at=began,
        milliseconds=int((time.monotonic() - since) * 1000),
        report=result.report,
        path=str(result.path.resolve()),
        file_sha256=file_sha256(result.path),
        head=(int(seq), head),
    )
    with unit_of_work(database, SYSTEM, "upkeep.run") as work:
        record_run(work, ran)
    return result.rows, result.report
