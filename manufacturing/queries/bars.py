"""Positions on a scale from 0 to 100, so that a template can draw limits and windows without arithmetic."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from manufacturing.domain.donor_window import JUSTIFIED_DAYS, WINDOW_DAYS
from manufacturing.domain.plan import PlannedField

HUNDRED = Decimal(100)
WINDOW_FROM, WINDOW_TO = -JUSTIFIED_DAYS, 14


def limit_bar(planned: PlannedField, number: Decimal | None) -> dict[str, Any] | None:
    """Good and alert zone and the value on one scale; None where the process sets no limit. Display only."""
    ends = [planned.alert.low, planned.alert.high, planned.action.low, planned.action.high]
    points = [one for one in (*ends, number) if one is not None]
    if not any(one is not None for one in ends):
        return None
    low, high = scale(points, percent=planned.unit == "%")
    action = zone(planned.action.low, planned.action.high, low, high)
    alert = zone(planned.alert.low, planned.alert.high, low, high) if planned.alert.given else action
    start, end = max(alert[0], action[0]), min(alert[1], action[1])
    return {
        "action": {"x": str(action[0]), "width": str(max(action[1] - action[0], 0))},
        "good": {"x": str(start), "width": str(max(end - start, 0))},
        "marker": None if number is None else str(place(number, low, high)),
    }


def scale(points: list[Decimal], *, percent: bool) -> tuple[Decimal, Decimal]:
    """From a little below the lowest point to a little above the highest; percentages stay within 0 and 100."""
    low, high = min(points), max(points)
    margin = (high - low) / 3 if high > low else abs(high) or Decimal(1)
    low, high = low - margin, high + margin
    return (max(low, Decimal(0)), min(high, HUNDRED)) if percent else (low, high)


def place(number: Decimal, low: Decimal, high: Decimal) -> int:
    """Whole hundredths of the scale, never outside."""
    return int(min(max((number - low) / (high - low) * 100, Decimal(0)), HUNDRED)) if high > low else 50


def zone(start: Decimal | None, end: Decimal | None, low: Decimal, high: Decimal) -> tuple[int, int]:
    return (0 if start is None else place(start, low, high), 100 if end is None else place(end, low, high))


def window_bar(day: int | None, *, justified: bool = False) -> dict[str, Any]:
    """The sampling window (day 0 to +7, from -30 where the QP justified it) and where the sample was taken."""
    low, high = Decimal(WINDOW_FROM), Decimal(WINDOW_TO)
    first = -JUSTIFIED_DAYS if justified else 0
    start, end = place(Decimal(first), low, high), place(Decimal(WINDOW_DAYS), low, high)
    return {
        "start": str(start),
        "width": str(end - start),
        "marker": None if day is None else str(place(Decimal(day), low, high)),
        "inside": day is not None and first <= day <= WINDOW_DAYS,
        "zero": str(place(Decimal(0), low, high)),
        "justified": justified,
        "day": None if day is None else f"{day:+d}" if day else "0",
    }
