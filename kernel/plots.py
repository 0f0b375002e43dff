"""Plots as whole coordinates, so that a template draws them without arithmetic, scripts or styles of their own.

Told by shape and words, never by colour alone: a value outside its own limits is a square, a second series is hollow
and dashed, every value is written beside its point. A value that is not known is a gap, never a zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import pairwise
from typing import Any

WIDTH, HEIGHT = 640, 260
LEFT, RIGHT, TOP, BOTTOM = 80, 16, 26, 52
MOST_LABELS = 8
STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Mark:
    """One value at its place on the axis. ``label``: what stands there, text or words in several languages; ``low`` and
    ``high``: the limits of this value alone; ``link``: the page it opens; ``note``: what a reader must know of it, and
    then a ring is drawn around it."""

    label: Any
    value: Decimal | None
    low: Decimal | None = None
    high: Decimal | None = None
    link: str = ""
    note: str = ""

    @property
    def outside(self) -> bool:
        if self.value is None:
            return False
        return (self.low is not None and self.value < self.low) or (self.high is not None and self.value > self.high)

    def numbers(self) -> Iterator[Decimal]:
        return (one for one in (self.value, self.low, self.high) if one is not None)


@dataclass(frozen=True, slots=True)
class Scale:
    low: Decimal
    high: Decimal
    step: Decimal

    def y(self, value: Decimal) -> int:
        """Higher is further up; never outside the drawing."""
        share = min(max((value - self.low) / (self.high - self.low), Decimal(0)), Decimal(1))
        return int(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM))

    def ticks(self) -> list[dict[str, Any]]:
        count = int((self.high - self.low) / self.step)
        values = [self.low + place * self.step for place in range(count + 1)]
        return [{"y": self.y(one), "value": one} for one in values]


def scale_of(numbers: Sequence[Decimal], *, percent: bool) -> Scale:
    """Round ends around everything that is drawn; shares of a whole stay between 0 and 100 where they can."""
    low, high = min(numbers), max(numbers)
    span = high - low or abs(high) or Decimal(1)
    rough = span / 4
    unit = Decimal(1).scaleb(rough.adjusted())
    step = next(one * unit for one in STEPS if one * unit >= rough)
    bottom = (low / step).to_integral_value(ROUND_FLOOR) * step
    top = (high / step).to_integral_value(ROUND_CEILING) * step
    if bottom == top:
        bottom, top = bottom - step, top + step
    if low >= 0:
        bottom = max(bottom, Decimal(0))
    if percent and high <= HUNDRED:
        top = min(top, HUNDRED)
    return Scale(bottom, top, step)


def across(place: int, of: int) -> int:
    return LEFT + (WIDTH - LEFT - RIGHT) * (2 * place + 1) // (2 * of)


def plot(
    key: str,
    name: str,
    unit: str,
    series: Sequence[tuple[str, Sequence[Mark]]],
    band: tuple[Decimal | None, Decimal | None] = (None, None),
    guides: Sequence[tuple[str, Decimal]] = (),
) -> dict[str, Any]:
    """Everything a template draws. ``series``: name and marks, all with the same places; ``band``: limits in force now;
    ``guides``: named values drawn from side to side, such as the centre of a control chart."""
    marks = [one for _, each in series for one in each]
    numbers = [number for one in marks for number in one.numbers()]
    numbers += [end for end in band if end is not None] + [value for _, value in guides]
    found: dict[str, Any] = {"key": key, "name": name, "unit": unit, "width": WIDTH, "height": HEIGHT, "series": []}
    if all(one.value is None for one in marks):
        return {**found, "ticks": [], "labels": [], "band": None, "guides": []}
    scale = scale_of(numbers, percent=unit == "%")
    found["ticks"], found["labels"] = scale.ticks(), labels(series[0][1])
    found["band"] = band_of(band, scale)
    found["guides"] = [{"name": title, "value": value, "y": scale.y(value)} for title, value in guides]
    found["left"], found["right"], found["base"] = LEFT, WIDTH - RIGHT, HEIGHT - BOTTOM
    for title, each in series:
        points = [None if one.value is None else point(one, place, len(each), scale) for place, one in enumerate(each)]
        found["series"].append({"name": title, "points": [one for one in points if one], "lines": lines(points)})
    return found


def point(one: Mark, place: int, of: int, scale: Scale) -> dict[str, Any]:
    assert one.value is not None  # noqa: S101  (only what is known is drawn)
    limits = [
        {"end": end, "y": scale.y(value), "value": value}
        for end, value in (("low", one.low), ("high", one.high))
        if value is not None
    ]
    return {
        "x": across(place, of),
        "y": scale.y(one.value),
        "label": one.label,
        "value": one.value,
        "outside": one.outside,
        "link": one.link,
        "note": one.note,
        "limits": limits,
    }


def lines(points: Sequence[dict[str, Any] | None]) -> list[dict[str, int]]:
    """Between neighbours that are both known: nobody draws over a gap."""
    return [
        {"x1": one["x"], "y1": one["y"], "x2": other["x"], "y2": other["y"]}
        for one, other in pairwise(points)
        if one is not None and other is not None
    ]


def labels(marks: Sequence[Mark]) -> list[dict[str, Any]]:
    """As many as can be read beside each other."""
    every = -(-len(marks) // MOST_LABELS) or 1
    return [
        {"x": across(place, len(marks)), "text": one.label} for place, one in enumerate(marks) if place % every == 0
    ]


def band_of(band: tuple[Decimal | None, Decimal | None], scale: Scale) -> dict[str, Any] | None:
    low, high = band
    if low is None and high is None:
        return None
    top = scale.y(scale.high if high is None else high)
    bottom = scale.y(scale.low if low is None else low)
    return {"y": top, "height": max(bottom - top, 1), "low": low, "high": high}
