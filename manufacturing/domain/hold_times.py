"""Hold times as clocks: begun by an event or a step, ended by the step they lead to, in UTC (ATMP-HOLDTIME).

A pause of the batch stops no clock: the cells wait all the same (requirements 14.2).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from kernel.refusals import N_, Refusal, kind
from manufacturing.domain.plan import HoldTime

HOLD_TIME_EXCEEDED = kind(
    "HOLD_TIME_EXCEEDED",
    409,
    N_("The hold time “%(hold)s” is exceeded: %(minutes)s minutes, the limit is %(limit)s, and it has no deviation."),
    resolver=N_("anybody in the team"),
    next_step=N_("Open the deviation for this hold time on the page of the step; then go on."),
)


@dataclass(frozen=True, slots=True)
class HoldClock:
    """One hold time of a batch. ``ended_at``: when its step was performed; ``deviations``: numbers of those raised for
    it."""

    hold: HoldTime
    position: int
    started_at: datetime | None
    ended_at: datetime | None
    deviations: tuple[str, ...] = ()

    @property
    def warns_at(self) -> datetime | None:
        return self._after(self.hold.warning_minutes)

    @property
    def limit_at(self) -> datetime | None:
        return self._after(self.hold.limit_minutes)

    def _after(self, minutes: int) -> datetime | None:
        return None if self.started_at is None else self.started_at.astimezone(UTC) + timedelta(minutes=minutes)

    def exceeded(self, at: datetime) -> bool:
        """The limit itself is still good."""
        return self.limit_at is not None and at.astimezone(UTC) > self.limit_at

    def state(self, at: datetime) -> str:
        """``waiting``, ``running``, ``warning`` or ``exceeded``; after its step ``kept`` or ``exceeded``."""
        if self.warns_at is None:
            return "waiting"
        if self.exceeded(self.ended_at or at):
            return "exceeded"
        if self.ended_at is not None:
            return "kept"
        return "warning" if at.astimezone(UTC) > self.warns_at else "running"

    def minutes(self, at: datetime) -> int:
        """Whole minutes since it began."""
        return 0 if self.started_at is None else int((at - self.started_at).total_seconds() // 60)


def exceeded_refusals(clocks: Iterable[HoldClock], position: int, performed_at: datetime) -> tuple[Refusal, ...]:
    """Hold times that end with this step, are over at ``performed_at`` and have no deviation of their own."""
    return tuple(
        exceeded(one, performed_at)
        for one in clocks
        if one.position == position and one.exceeded(performed_at) and not one.deviations
    )


def unexplained(clocks: Iterable[HoldClock]) -> tuple[Refusal, ...]:
    """Hold times that turned out to be exceeded, for instance by a corrected time, and have no deviation."""
    return tuple(
        exceeded(one, one.ended_at)
        for one in clocks
        if one.ended_at is not None and one.exceeded(one.ended_at) and not one.deviations
    )


def exceeded(clock: HoldClock, at: datetime) -> Refusal:
    return HOLD_TIME_EXCEEDED(
        hold=clock.hold.title,
        minutes=clock.minutes(at),
        limit=clock.hold.limit_minutes,
        field="performed_at",
    )
