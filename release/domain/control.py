"""Control chart of individual values with its moving ranges, and the run rules that signal on it; exact arithmetic.

The centre is the mean; sigma is the mean moving range of two neighbours over d2 = 1.128 (NIST/SEMATECH e-Handbook of
Statistical Methods, 6.3.2.2). The upper limit of the moving ranges is D4 = 3.267 times their mean. A value that is not
known breaks a run; it is never a zero.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from kernel.quantities import exact

D2 = Fraction(1128, 1000)
D4 = Fraction(3267, 1000)
FEWEST = 8
"""With fewer values the limits are shown as provisional: they move with every further batch."""


class Rule(StrEnum):
    """Western Electric rules 1 to 4, and a trend of six (Nelson's third)."""

    BEYOND_THREE = "beyond_three_sigma"
    TWO_OF_THREE = "two_of_three_beyond_two_sigma"
    FOUR_OF_FIVE = "four_of_five_beyond_one_sigma"
    EIGHT_ON_ONE_SIDE = "eight_on_one_side"
    SIX_IN_A_ROW = "six_rising_or_falling"
    RANGE = "moving_range_above_its_limit"


@dataclass(frozen=True, slots=True)
class Limits:
    """Centre and sigma of the individual values; ``mean_range`` of two neighbours."""

    centre: Fraction
    sigma: Fraction
    mean_range: Fraction

    @property
    def low(self) -> Fraction:
        return self.centre - 3 * self.sigma

    @property
    def high(self) -> Fraction:
        return self.centre + 3 * self.sigma

    @property
    def highest_range(self) -> Fraction:
        return D4 * self.mean_range


@dataclass(frozen=True, slots=True)
class Signal:
    """``place``: of the value that completes the pattern."""

    place: int
    rule: Rule


Known = Sequence[Fraction | None]


def known_values(values: Sequence[Decimal | None]) -> list[Fraction | None]:
    return [None if one is None else exact(one) for one in values]


def moving_ranges(values: Known) -> list[Fraction | None]:
    """Of each value to the one before it; None for the first, and beside a gap."""
    later = [None if a is None or b is None else abs(b - a) for a, b in pairwise(values)]
    return [None, *later] if values else []


def limits_of(values: Known) -> Limits | None:
    """None where fewer than two neighbours are known: nothing can be said about spread."""
    known = [one for one in values if one is not None]
    ranges = [one for one in moving_ranges(values) if one is not None]
    if not ranges:
        return None
    mean_range = sum(ranges, Fraction(0)) / len(ranges)
    return Limits(sum(known, Fraction(0)) / len(known), mean_range / D2, mean_range)


def signals_of(values: Known, limits: Limits) -> list[Signal]:
    """Every signal, in the order of the values, each with the value that completes it."""
    found = [
        Signal(place, rule) for place in range(len(values)) for rule, shows in RULES if shows(values, place, limits)
    ]
    ranges = moving_ranges(values)
    high = [place for place, one in enumerate(ranges) if one is not None and one > limits.highest_range]
    return sorted([*found, *(Signal(place, Rule.RANGE) for place in high)], key=lambda one: one.place)


def window(values: Known, place: int, size: int) -> list[Fraction] | None:
    """The last ``size`` values up to this one; None where there are fewer, or one of them is not known."""
    chosen = [one for one in values[max(0, place - size + 1) : place + 1] if one is not None]
    return chosen if len(chosen) == size else None


def beyond_three(values: Known, place: int, limits: Limits) -> bool:
    value = values[place]
    return value is not None and not limits.low <= value <= limits.high


def some_beyond(count: int, size: int, sigmas: int) -> Callable[[Known, int, Limits], bool]:
    """``count`` of the last ``size``, this one among them, beyond so many sigma on the same side."""

    def shows(values: Known, place: int, limits: Limits) -> bool:
        chosen = window(values, place, size)
        if chosen is None:
            return False
        apart = [one - limits.centre for one in chosen]
        edge = sigmas * limits.sigma
        return any(side * apart[-1] > edge and sum(side * one > edge for one in apart) >= count for side in (1, -1))

    return shows


def one_side(size: int) -> Callable[[Known, int, Limits], bool]:
    def shows(values: Known, place: int, limits: Limits) -> bool:
        chosen = window(values, place, size)
        return chosen is not None and any(all(side * (one - limits.centre) > 0 for one in chosen) for side in (1, -1))

    return shows


def steady(size: int) -> Callable[[Known, int, Limits], bool]:
    def shows(values: Known, place: int, _limits: Limits) -> bool:
        chosen = window(values, place, size)
        return chosen is not None and any(all(side * (b - a) > 0 for a, b in pairwise(chosen)) for side in (1, -1))

    return shows


RULES: tuple[tuple[Rule, Callable[[Known, int, Limits], bool]], ...] = (
    (Rule.BEYOND_THREE, beyond_three),
    (Rule.TWO_OF_THREE, some_beyond(2, 3, 2)),
    (Rule.FOUR_OF_FIVE, some_beyond(4, 5, 1)),
    (Rule.EIGHT_ON_ONE_SIDE, one_side(8)),
    (Rule.SIX_IN_A_ROW, steady(6)),
)
