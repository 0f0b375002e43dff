"""Exact intervals of a proportion, for display beside the decision, which is made with integers (process.md 7.3, 7.4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from functools import lru_cache
from math import comb

DIGITS = 10
GRID = 10**DIGITS
Z_975 = Decimal("1.959963984540054235524594430520551522956")
WORK = Context(prec=50)


@dataclass(frozen=True, slots=True)
class Interval:
    """Both ends lie within 1e-10 of the exact ones, on the outside of them."""

    low: Decimal
    high: Decimal


def _at_least(k: int, n: int, numerator: int) -> int:
    """P(X >= k) for p = numerator / GRID, multiplied by GRID**n: an exact integer."""
    return sum(comb(n, j) * numerator**j * (GRID - numerator) ** (n - j) for j in range(k, n + 1))


def _last(holds: Callable[[int], bool]) -> int:
    """The largest grid point at which a falling condition still holds."""
    low, high = 0, GRID
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low


def _lower(k: int, n: int, tail: Fraction) -> Decimal:
    if k == 0:
        return Decimal(0)
    share = tail * GRID**n
    return Decimal(_last(lambda point: _at_least(k, n, point) <= share)).scaleb(-DIGITS)


def _checked(k: int, n: int) -> None:
    if not 0 <= k <= n:
        raise ValueError("k of n needs 0 <= k <= n")


@lru_cache(maxsize=512)
def clopper_pearson(k: int, n: int) -> Interval:
    """Two-sided 95 %. Without any observation everything is possible."""
    _checked(k, n)
    if n == 0:
        return Interval(Decimal(0), Decimal(1))
    tail = Fraction(25, 1000)
    return Interval(_lower(k, n, tail), Decimal(1) - _lower(n - k, n, tail))


@lru_cache(maxsize=512)
def one_sided_lower(k: int, n: int) -> Decimal:
    """The 95 % Clopper-Pearson lower bound alone."""
    _checked(k, n)
    return _lower(k, n, Fraction(5, 100)) if n else Decimal(0)


def wilson(k: int, n: int) -> Interval:
    """Two-sided 95 % score interval."""
    _checked(k, n)
    if n == 0:
        return Interval(Decimal(0), Decimal(1))
    z2 = WORK.multiply(Z_975, Z_975)
    # Under the root: z^2 (k (n - k) / n + z^2 / 4); both ends share the denominator n + z^2.
    inner = WORK.add(WORK.divide(Decimal(k * (n - k)), Decimal(n)), WORK.divide(z2, Decimal(4)))
    spread = WORK.multiply(Z_975, WORK.sqrt(inner))
    centre = WORK.add(Decimal(k), WORK.divide(z2, Decimal(2)))
    whole = WORK.add(Decimal(n), z2)
    grid = Decimal(1).scaleb(-DIGITS)
    low = WORK.divide(WORK.subtract(centre, spread), whole).quantize(grid, rounding=ROUND_FLOOR)
    high = WORK.divide(WORK.add(centre, spread), whole).quantize(grid, rounding=ROUND_CEILING)
    return Interval(low if k else Decimal(0), high if k < n else Decimal(1))
