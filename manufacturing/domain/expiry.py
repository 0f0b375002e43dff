"""Expiry is an instant: the earliest of its clocks, added in UTC; people read and type Europe/Amsterdam.

Source: process.md 3.14; decisions 12 and 32; hazards rows 6 and 7, 4.6; requirements CTR-VI-k, DSP-E, typed) if offset is NoneP.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from kernel.quantities import exact
from kernel.refusals import N_, Refusal, kind

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
TYPED = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2})(?::(\d{2}))?\s?(Z|[+-]\d{2}:\d{2}|CET|CEST)?",
    re.ASCII,
)
ABBREVIATED = {"Z": timedelta(0), "CET": timedelta(hours=1), "CEST": timedelta(hours=2)}

TIME_FORMAT = kind(
    "TIME_FORMAT",
    422,
    N_("“%(typed)s” is not a time this system accepts; write it as 2026-11-23 16:30."),
    resolver=N_("you"),
    next_step=N_("Write year, month, day, hour and minute, in Amsterdam time."),
)
TIME_AMBIGUOUS = kind(
    "TIME_AMBIGUOUS",
    422,
    N_("%(typed)s happened twice in the night when the clock went back."),
    resolver=N_("you"),
    next_step=N_("Say which one: CEST (+02:00) is the first, CET (+01:00) the second."),
)
TIME_NOT_EXISTING = kind(
    "TIME_NOT_EXISTING",
    422,
    N_("%(typed)s never happened: the clock went forward over it."),
    resolver=N_("you"),
    next_step=N_("Enter the time the wall clock showed; between 02:00 and 03:00 there was none that night."),
)
TIME_OFFSET = kind(
    "TIME_OFFSET",
    422,
    N_("%(typed)s was not at offset %(offset)s in Amsterdam."),
    resolver=N_("you"),
    next_step=N_("Leave the offset out, or choose the one of that day."),
)


@dataclass(frozen=True, slots=True)
class ShelfLife:
    """One clock that runs against the product, such as 72 h from the end of the apheresis."""

    name: str
    started_at: datetime
    hours: Decimal

    def ends_at(self) -> datetime:
        return aware(self.started_at) + hours(self.hours)


@dataclass(frozen=True, slots=True)
class Expiry:
    """``clocks``: every clock with its end, so that a page can show which one decides."""

    expires_at: datetime
    decided_by: str
    clocks: tuple[tuple[str, datetime], ...]


def aware(moment: datetime) -> datetime:
    """In UTC; a naive time is an error of the programmer."""
    if moment.tzinfo is None:
        raise ValueError("naive time")
    return moment.astimezone(UTC)


def hours(number: Decimal) -> timedelta:
    """Exact to the microsecond, cut toward zero so that a shelf life is never lengthened."""
    return timedelta(microseconds=int(exact(number) * 3_600_000_000))


def expiry(shelf_lives: tuple[ShelfLife, ...]) -> Expiry:
    """The earliest end. With several leukaphereses each has its own clock; without any clock there is no expiry."""
    if not shelf_lives:
        raise ValueError("a product without a clock has no expiry")
    ends = tuple((life.name, life.ends_at()) for life in shelf_lives)
    decided_by, expires_at = min(ends, key=lambda end: end[1])
    return Expiry(expires_at, decided_by, ends)


def expiry_of(
    apheresis_ends: tuple[datetime, ...],
    formulation_end: datetime,
    *,
    hours_after_apheresis: Decimal,
    hours_after_formulation: Decimal,
) -> Expiry:
    """3.14 with the two clocks of the specification; each pooled leukapheresis counts."""
    collected = tuple(ShelfLife("apheresis", end, hours_after_apheresis) for end in apheresis_ends)
    return expiry((*collected, ShelfLife("formulation", formulation_end, hours_after_formulation)))


def is_expired(expires_at: datetime | None, now: datetime, margin: timedelta = timedelta(0)) -> bool:
    """``now + margin >= expires_at``; a product without an expiry counts as expired."""
    if expires_at is None:
        return True
    usable = aware(now) + margin < aware(expires_at)
    return not usable


def local_text(moment: datetime) -> str:
    """``2026-11-23 16:30 CET``, cut to the minute: an expiry is never shown later than it is."""
    return aware(moment).astimezone(AMSTERDAM).strftime("%Y-%m-%d %H:%M %Z")


def local_day(moment: datetime) -> date:
    """The calendar day in Amsterdam, whatever the zone of the server."""
    return aware(moment).astimezone(AMSTERDAM).date()


def local_instant(text: str, fold_offset: str | None = None) -> datetime | Refusal:
    """The UTC instant of a local time typed by a person.

    ``fold_offset`` (``+02:00``, ``CEST``) is the answer to an ambiguous time. An offset typed behind the time itself
    names the instant outright and need not be Amsterdam's, so that instruments may write UTC.
    """
    typed = text.strip()[:40]
    match = TYPED.fullmatch(typed)
    wall = _wall(match) if match else None
    if match is None or wall is None:
        return TIME_FORMAT(field="time", typed=typed)
    written = match.group(7)
    if written is not None and not written.startswith("C"):
        offset = _offset(written)
        return TIME_FORMAT(field="time", typed=typed) if offset is None else _instant(wall, offset)
    return _in_amsterdam(wall, written or fold_offset, typed)


def _in_amsterdam(wall: datetime, chosen: str | None, typed: str) -> datetime | Refusal:
    possible = _offsets(wall)
    if not possible:
        return TIME_NOT_EXISTING(field="time", typed=typed)
    if chosen is None:
        if len(possible) > 1:
            return TIME_AMBIGUOUS(field="time", typed=typed)
        return _instant(wall, possible[0])
    offset = _offset(chosen)
    if offset not in possible:
        return TIME_OFFSET(field="time", typed=typed, offset=chosen[:10])
    return _instant(wall, offset)


def _wall(match: re.Match[str]) -> datetime | None:
    try:
        year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
        if not 1950 <= year < 2200:
            return None
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001  (a wall clock, until its offset is known)
    except ValueError:
        return None


def _offset(text: str) -> timedelta | None:
    if text in ABBREVIATED:
        return ABBREVIATED[text]
    match = re.fullmatch(r"([+-])(\d{2}):(\d{2})", text, re.ASCII)
    if match is None or int(match.group(2)) > 14 or int(match.group(3)) > 59:
        return None
    size = timedelta(hours=int(match.group(2)), minutes=int(match.group(3)))
    return -size if match.group(1) == "-" else size


def _offsets(wall: datetime) -> tuple[timedelta, ...]:
    """The offsets under which Amsterdam really showed this time: one, two in autumn, none in spring."""
    found: list[timedelta] = []
    for fold in (0, 1):
        local = wall.replace(tzinfo=AMSTERDAM, fold=fold)
        offset = local.utcoffset()
        back = local.astimezone(UTC).astimezone(AMSTERDAM).replace(tzinfo=None)
        if offset is not None and offset not in found and back == wall:
            found.append(offset)
    return tuple(found)


def _instant(wall: datetime, offset: timedelta) -> datetime:
    return (wall - offset).replace(tzinfo=UTC)
