"""The one source of now: aware UTC. Demo and test instances may move it forward, never back (decision 43)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

PEOPLE = ZoneInfo("Europe/Amsterdam")


def instants_of(wall: datetime) -> tuple[datetime, ...]:
    """When clocks in Amsterdam showed this naive time, in UTC: once; twice in October's extra hour; never in March's."""
    possible = {wall.replace(tzinfo=PEOPLE, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return tuple(sorted(one for one in possible if one.astimezone(PEOPLE).replace(tzinfo=None) == wall))


class Clock:
    """Server time plus a shift. Production clocks have no shift and refuse one."""

    def __init__(self) -> None:
        self.shift = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.shift


class FixedClock(Clock):
    """A clock that stands where it was put, for the worked example and for tests; it moves forward only."""

    def __init__(self, at: datetime) -> None:
        super().__init__()
        self._at = at

    def now(self) -> datetime:
        return self._at

    def advance(self, by: timedelta) -> None:
        if by < timedelta(0):
            raise ValueError("the clock moves forward only")
        self._at += by

    def move_to(self, at: datetime) -> None:
        self.advance(at - self._at)
