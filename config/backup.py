"""Backup and restore: a portable SQLite copy that is opened, replayed and verified before it counts (A11-7.2)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session

from config.schema import create_schema
from config.tables import METADATA, audited_tables
from kernel.db import make_engine, rows_at_once
from kernel.tables import TrailHeadRow
from kernel.trail.verify import Report, verify

CHUNK = 500


@dataclass(frozen=True)
class BackupResult:
    path: Path
    rows: int
    report: Report


def copy_rows(source: Connection, target: Connection) -> int:
    """Every row of every table, the trail in its order; the target must be a new, empty schema."""
    copied = 0
    target.execute(sa.delete(TrailHeadRow.__table__))
    for table in METADATA.sorted_tables:
        order = [column for column in (table.c.get("seq"), *table.primary_key) if column is not None]
        few = rows_at_once(table, CHUNK)
        result = source.execute(sa.select(table).order_by(*order).execution_options(yield_per=few))
        for part in result.mappings().partitions(few):
            target.execute(sa.insert(table), [dict(row) for row in part])
            copied += len(part)
    return copied


def copy_database(source: Engine, target: Engine) -> int:
    """One consistent look at the source, one transaction in the target."""
    options = {} if source.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with source.connect().execution_options(**options) as reader, target.begin() as writer:
        return copy_rows(reader, writer)


def backup(source: Engine, path: Path, public_key: bytes, known_head: tuple[int, str] | None) -> BackupResult:
    """Write the copy beside its name, verify it as a restored system would be, then give it its name."""
    if path.exists():
        raise FileExistsError(f"{path} exists; a backup never overwrites one")
    unproven = path.with_name(path.name + ".unproven")
    unproven.unlink(missing_ok=True)
    target = make_engine(f"sqlite:///{unproven}", owner=True)
    try:
        create_schema(target)
        rows = copy_database(source, target)
        report = check_copy(target, public_key, known_head)
    finally:
        target.dispose()
    if report.faults:
        return BackupResult(unproven, rows, report)
    with unproven.open("rb+") as file:
        os.fsync(file.fileno())
    unproven.rename(path)
    return BackupResult(path, rows, report)


def check_copy(engine: Engine, public_key: bytes, known_head: tuple[int, str] | None) -> Report:
    with Session(engine) as session:
        report = verify(session, audited_tables(), public_key, known_head)
        sound = session.execute(sa.text("PRAGMA integrity_check")).scalar() if engine.dialect.name == "sqlite" else "ok"
    if sound != "ok":
        report.add("file", str(engine.url.database), str(sound))
    return report


def restore(path: Path, target: Engine, public_key: bytes, app_role: str | None) -> tuple[int, Report]:
    """Into an empty database of either kind; the restored records are verified before anybody works in them."""
    create_schema(target, app_role)
    source = make_engine(f"sqlite:///{path}", owner=True)
    try:
        rows = copy_database(source, target)
    finally:
        source.dispose()
    return rows, check_copy(target, public_key, None)
