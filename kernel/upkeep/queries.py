"""The upkeep rules in force, the runs there were, and what is wrong with them now."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.documents.queries import document_body, find_effective
from kernel.tables import TrailRow
from kernel.upkeep.domain import (
    UPKEEP,
    LastRun,
    RunKind,
    RunStatus,
    Upkeep,
    UpkeepRules,
    Worry,
    backup_due,
    check_due,
    parse_upkeep,
    worries,
)
from kernel.upkeep.tables import UpkeepRunRow

SHOWN = 50
BACKUPS = (RunKind.BACKUP, RunKind.READ_BACK)


def upkeep_rules(session: Session) -> UpkeepRules:
    """The presets where no version is in force."""
    row = find_effective(session, UPKEEP)
    parsed = parse_upkeep(document_body(row)) if row is not None else UpkeepRules()
    return parsed if isinstance(parsed, UpkeepRules) else UpkeepRules()


def newest_run(session: Session, *kinds: RunKind, status: RunStatus | None = None) -> UpkeepRunRow | None:
    query = sa.select(UpkeepRunRow).where(UpkeepRunRow.kind.in_(kinds))
    if status is not None:
        query = query.where(UpkeepRunRow.status == status)
    newest = query.order_by(UpkeepRunRow.ended_at.desc(), UpkeepRunRow.id.desc())
    return session.execute(newest.limit(1)).scalar_one_or_none()


def last_run(session: Session, *kinds: RunKind) -> LastRun | None:
    row = newest_run(session, *kinds)
    return LastRun(row.ended_at, row.faults) if row is not None else None


def last_good_backup(session: Session) -> UpkeepRunRow | None:
    return newest_run(session, RunKind.BACKUP, status=RunStatus.SOUND)


def upkeep_now(session: Session) -> Upkeep:
    """After a backup that failed, the next read-back is of the one before, and says nothing of it."""
    saved, newest = last_good_backup(session), last_run(session, RunKind.BACKUP)
    return Upkeep(
        began=session.execute(sa.select(TrailRow.at).where(TrailRow.seq == 1)).scalar(),
        check=last_run(session, RunKind.CHECK),
        backup=newest if newest is not None and newest.faults else last_run(session, *BACKUPS),
        good_backup=saved.ended_at if saved is not None else None,
    )


def is_check_due(session: Session, now: datetime) -> bool:
    due = check_due(upkeep_now(session), upkeep_rules(session))
    return due is not None and now >= due


def worries_now(session: Session, now: datetime) -> tuple[Worry, ...]:
    return worries(upkeep_now(session), upkeep_rules(session), now)


def run_view(row: UpkeepRunRow) -> dict[str, Any]:
    facts = ("id", "kind", "status", "started_at", "ended_at", "milliseconds", "links", "records", "signatures")
    more = ("faults", "path", "file_sha256", "head_seq", "backup_at", "ran_by")
    return {**{name: getattr(row, name) for name in (*facts, *more)}, "found": json.loads(row.found)}


def integrity_view(session: Session, now: datetime) -> dict[str, Any]:
    """The state of the upkeep, its rules, and the newest runs."""
    rules, upkeep = upkeep_rules(session), upkeep_now(session)
    runs = sa.select(UpkeepRunRow).order_by(UpkeepRunRow.ended_at.desc(), UpkeepRunRow.id.desc()).limit(SHOWN)
    return {
        "worries": [one.value for one in worries(upkeep, rules, now)],
        "check_at": upkeep.check.ended_at if upkeep.check else None,
        "check_due": check_due(upkeep, rules),
        "backup_at": upkeep.good_backup,
        "backup_age_hours": hours_since(upkeep.good_backup, now),
        "backup_due": backup_due(upkeep, rules),
        "rules": {name: getattr(rules, name) for name in ("check_hours", "backup_hours", "rpo_hours", "rto_hours")},
        "runs": [run_view(row) for row in session.execute(runs).scalars()],
    }


def hours_since(at: datetime | None, now: datetime) -> int | None:
    return int((now - at).total_seconds() // 3600) if at is not None else None
