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
ONE = Decimal(1)
WORK = Context(prec=50)
GUESS = Context(prec=20)
NORMAL = {Fraction(25, 1000): Decimal("1.96"), Fraction(5, 100): Decimal("1.645")}
TELLING = Decimal("1e-38")  # far above what the roundings of fifty digits add up to
CLOSE = Decimal("1e-8")  # a step as short as this ends far within the grid, for each squares the error
HALF = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class Interval:
    """Both ends lie within 1e-10 of the exact ones, on the outside of them."""

    low: Decimal
    high: Decimal


def _at_least(k: int, n: int, numerator: int) -> int:
    """P(X >= k) for p = numerator / GRID, multiplied by GRID**n: an exact integer."""
    return sum(comb(n, j) * numerator**j * (GRID - numerator) ** (n - j) for j in range(k, n + 1))


def _term(k: int, n: int, p: Decimal, work: Context) -> Decimal:
    """P(X = k)."""
    powers = work.multiply(work.power(p, k), work.power(work.subtract(ONE, p), n - k))
    return work.multiply(work.create_decimal(comb(n, k)), powers)


def _summed(k: int, n: int, p: Decimal, work: Context) -> Decimal:
    """P(X >= k) to the precision of the context, some thousand roundings less; summed until nothing more is added."""
    odds = work.divide(p, work.subtract(ONE, p))
    term = total = _term(k, n, p, work)
    if work.multiply(odds, Decimal(n - k)) < k + 1:
        return work.multiply(term, _falling(k, n, odds, work))
    for j in range(k, n):
        step = work.divide(work.multiply(odds, Decimal(n - j)), Decimal(j + 1))
        term = work.multiply(term, step)
        more = work.add(total, term)
        if more == total and step < ONE:
            break
        total = more
    return total


def _falling(k: int, n: int, odds: Decimal, work: Context) -> Decimal:
    """P(X >= k) / P(X = k) where every term is smaller than the one before; counted in whole binary places."""
    places = 4 * work.prec
    term = total = 1 << places
    ratio = int(work.multiply(odds, Decimal(total)))
    for j in range(k, n):
        term = term * ratio * (n - j) // (j + 1) >> places
        if not term:
            break
        total += term
    return work.divide(Decimal(total), Decimal(1 << places))


def _holds(k: int, n: int, point: int, tail: Fraction) -> bool:
    """P(X >= k) <= tail at this point of the grid; by whole numbers where fifty digits could not tell."""
    if point in {0, GRID}:
        return point == 0
    share = WORK.divide(Decimal(tail.numerator), Decimal(tail.denominator))
    gap = WORK.subtract(_summed(k, n, Decimal(point).scaleb(-DIGITS), WORK), share)
    if abs(gap) > TELLING:
        return gap < 0
    return bool(_at_least(k, n, point) * tail.denominator <= tail.numerator * GRID**n)


def _near(k: int, n: int, tail: Fraction) -> int:
    """Where the bound should lie on the grid, by Newton's steps; nothing rests on it but the time the search takes."""
    share = GUESS.divide(Decimal(tail.numerator), Decimal(tail.denominator))
    low, high = Decimal(0), ONE
    p = _score(Decimal(k) - HALF, n, NORMAL[tail], GUESS)[0]
    for _ in range(80):
        gap = GUESS.subtract(_summed(k, n, p, GUESS), share)
        low, high = (p, high) if gap < 0 else (low, p)
        slope = GUESS.divide(GUESS.multiply(Decimal(k), _term(k, n, p, GUESS)), p)
        following = GUESS.subtract(p, GUESS.divide(gap, slope)) if slope else low
        if not low < following < high:
            following = GUESS.divide(GUESS.add(low, high), Decimal(2))
        near, p = abs(following - p) < CLOSE, following
        if near:
            break
    return int(p.scaleb(DIGITS))


def _last(holds: Callable[[int], bool], near: int) -> int:
    """The largest grid point at which a falling condition still holds; looked for around ``near``, wherever it is."""
    low, high, width = near, near + 1, 1
    while low > 0 and not holds(low):
        low, high, width = max(0, low - width), low, 2 * width
    while high < GRID and holds(high):
        low, high, width = high, min(GRID, high + width), 2 * width
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


def _lower(k: int, n: int, tail: Fraction) -> Decimal:
    if k == 0:
        return Decimal(0)
    found = _last(lambda point: _holds(k, n, point, tail), _near(k, n, tail))
    return Decimal(found).scaleb(-DIGITS)


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
    ends = _score(Decimal(k), n, Z_975, WORK)
    grid = Decimal(1).scaleb(-DIGITS)
    low, high = ends[0].quantize(grid, rounding=ROUND_FLOOR), ends[1].quantize(grid, rounding=ROUND_CEILING)
    return Interval(low if k else Decimal(0), high if k < n else Decimal(1))


def _score(k: Decimal, n: int, z: Decimal, work: Context) -> tuple[Decimal, Decimal]:
    """Both ends of the score interval of a normal quantile; ``k`` may be corrected for continuity."""
    z2 = work.multiply(z, z)
    # Under the root: z^2 (k (n - k) / n + z^2 / 4); both ends share the denominator n + z^2.
    inner = work.add(work.divide(work.multiply(k, n - k), Decimal(n)), work.divide(z2, Decimal(4)))
    spread = work.multiply(z, work.sqrt(inner))
    centre = work.add(k, work.divide(z2, Decimal(2)))
    whole = work.add(Decimal(n), z2)
    return work.divide(work.subtract(centre, spread), whole), work.divide(work.add(centre, spread), whole)
