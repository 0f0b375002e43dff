"""Expiry is an instant: the earliest of its clocks, added in UTC; people read Europe/Amsterdam.

Source: process.md 3.14; decisions 12 and 32; hazards rows 6 and 7, 4.6; requirements CTR-VI-k, DSP-EXP. What people type becomes an
instant in kernel/web/fields.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from kernel.clock import PEOPLE
from kernel.quantities import exact


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
    return aware(moment).astimezone(PEOPLE).strftime("%Y-%m-%d %H:%M %Z")


def end_of_day(day: date) -> datetime:
    """The instant at which a calendar day in Amsterdam is over; what expires on that day is good until then."""
    return datetime.combine(day + timedelta(days=1), time.min, PEOPLE).astimezone(UTC)


def local_day(moment: datetime) -> date:
    """The calendar day in Amsterdam, whatever the zone of the server."""
    return aware(moment).astimezone(PEOPLE).date()
