"""How often an installation looks after itself: access reviews, passwords, integrity checks, backups, as one document.

Without a version in force the presets hold. Passwords are not changed by the calendar unless the document says so.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from kernel.documents.domain import DOCUMENT_INVALID, document_kind
from kernel.refusals import N_, Refusal


@dataclass(frozen=True, slots=True)
class UpkeepRules:
    """``password_months``: 0 where passwords have no age. ``rpo_hours``: how many hours of work a loss may cost;
    ``rto_hours``: how long it may take until work goes on."""

    access_review_months: int = 3
    unused_days: int = 90
    password_months: int = 0
    check_hours: int = 24
    backup_hours: int = 24
    rpo_hours: int = 24
    rto_hours: int = 8


BOUNDS = {
    "access_review_months": (1, 12),
    "unused_days": (1, 365),
    "password_months": (0, 60),
    "check_hours": (1, 168),
    "backup_hours": (1, 168),
    "rpo_hours": (1, 168),
    "rto_hours": (1, 168),
}


def parse_upkeep(body: Mapping[str, Any]) -> UpkeepRules | tuple[Refusal, ...]:
    """The rules, or everything that is wrong with the document."""
    problems: list[str] = []
    found: dict[str, int] = {}
    for one in fields(UpkeepRules):
        low, high = BOUNDS[one.name]
        text = body.get(one.name)
        whole = isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 4
        if not whole or not low <= int(str(text)) <= high:
            problems.append(f"{one.name}: a whole number from {low} to {high}, as text")
        else:
            found[one.name] = int(str(text))
    if not problems and found["backup_hours"] > found["rpo_hours"]:
        problems.append("backup_hours: backups as far apart as that lose more than rpo_hours allow")
    return tuple(DOCUMENT_INVALID(problem=problem) for problem in problems) or UpkeepRules(**found)


def check_upkeep(body: dict[str, Any]) -> tuple[Refusal, ...]:
    parsed = parse_upkeep(body)
    return parsed if isinstance(parsed, tuple) else ()


UPKEEP = document_kind("upkeep", N_("upkeep rules"), approvals=("QA", "QP"), check=check_upkeep)


def months_later(at: datetime, months: int) -> datetime:
    """The same day and hour, or the last day of a month that is shorter."""
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    return at.replace(year=year, month=month + 1, day=min(at.day, calendar.monthrange(year, month + 1)[1]))


class RunKind(StrEnum):
    CHECK = "integrity_check"
    BACKUP = "backup"
    READ_BACK = "read_back"


class RunStatus(StrEnum):
    SOUND = "run_sound"
    FAULTY = "run_faulty"


class Worry(StrEnum):
    """What is not as it should be with the upkeep."""

    FAULTY = "check_faulty"
    MISSED = "check_missed"
    BACKUP_FAULTY = "backup_faulty"
    BACKUP_MISSED = "backup_missed"


@dataclass(frozen=True, slots=True)
class LastRun:
    ended_at: datetime
    faults: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """The newest run of each kind. ``began``: when the installation had its first record.

    ``good_backup``: when the newest backup without a fault was made. ``backup``: the newest one, or its newest read-back
    where it was sound itself.
    """

    began: datetime | None = None
    check: LastRun | None = None
    backup: LastRun | None = None
    good_backup: datetime | None = None


def check_due(upkeep: Upkeep, rules: UpkeepRules) -> datetime | None:
    """When the next check has to be done; None before anything happened here."""
    last = upkeep.check.ended_at if upkeep.check else upkeep.began
    return last + timedelta(hours=rules.check_hours) if last else None


def backup_due(upkeep: Upkeep, rules: UpkeepRules) -> datetime | None:
    last = upkeep.good_backup or upkeep.began
    return last + timedelta(hours=rules.backup_hours) if last else None


def worries(upkeep: Upkeep, rules: UpkeepRules, now: datetime) -> tuple[Worry, ...]:
    """A check is given half an interval to run and to end before it counts as missed; a backup none."""
    due, saved = check_due(upkeep, rules), backup_due(upkeep, rules)
    found = []
    if upkeep.check is not None and upkeep.check.faults:
        found.append(Worry.FAULTY)
    if due is not None and now > due + timedelta(hours=rules.check_hours) / 2:
        found.append(Worry.MISSED)
    if upkeep.backup is not None and upkeep.backup.faults:
        found.append(Worry.BACKUP_FAULTY)
    if saved is not None and now > saved:
        found.append(Worry.BACKUP_MISSED)
    return tuple(found)
