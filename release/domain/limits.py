"""A number against the limits of a criterion, and how it is shown so that the display never contradicts the verdict."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from kernel.quantities import exact, expanded
from release.domain.criteria import Comparison, Criterion, Rounding

SHOWN_DIGITS = 3


def holds(criterion: Criterion, own: Fraction, total: Fraction) -> bool:
    """True only when every limit is there and met; ``own`` faces the lower limit, ``total`` the upper one."""
    low, high = criterion.limit, criterion.upper_limit
    if low is None or high is None:
        return False
    return {
        Comparison.AT_LEAST: own >= exact(low),
        Comparison.MORE_THAN: own > exact(low),
        Comparison.AT_MOST: total <= exact(high),
        Comparison.LESS_THAN: total < exact(high),
        Comparison.BETWEEN: own >= exact(low) and total <= exact(high),
    }.get(criterion.comparison, False)


def without_alert(criterion: Criterion, own: Fraction, total: Fraction) -> bool:
    """True when no alert limit is passed; an alert limit itself is still without alert."""
    low = criterion.alert if criterion.has_lower else None
    high = criterion.upper_alert if criterion.has_upper else None
    return (low is None or own >= exact(low)) and (high is None or total <= exact(high))


def below_says_something(criterion: Criterion) -> bool:
    """“<x” counts as x against an upper limit only (PHE-CENS)."""
    return criterion.has_upper and not criterion.has_lower


def above_says_something(criterion: Criterion) -> bool:
    """“>x” counts as x against a lower limit only (PHE-CENS)."""
    return criterion.has_lower and not criterion.has_upper


def rounded(value: Fraction, limit: Decimal | None, rounding: Rounding) -> Fraction:
    """PHE-ROUND: unrounded, or half up to the decimals the limit is written with."""
    if rounding is Rounding.NONE or limit is None:
        return value
    scale = 10 ** max(0, -int(limit.as_tuple().exponent))
    return Fraction((2 * value * scale + 1) // 2, scale)


def display(value: Decimal | Fraction, *limits: Decimal | None, up: bool = False) -> str:
    """At least three significant digits, and as many more as keep the shown number on the value's side of each limit.

    Rounded down (doses), or up (T cells, endotoxin): what is shown is never better than what was found.
    """
    number = exact(value)
    known = [exact(limit) for limit in limits if limit is not None]
    sides = [_side(number, limit) for limit in known]
    digits = SHOWN_DIGITS
    while True:
        shown = _cut(number, digits, up=up)
        if [_side(exact(shown), limit) for limit in known] == sides:
            return _text(shown, digits)
        digits += 1


def _side(value: Fraction, limit: Fraction) -> int:
    return (value > limit) - (value < limit)


def _cut(value: Fraction, digits: int, *, up: bool) -> Decimal:
    """A value of zero or more, cut to significant digits by integer arithmetic."""
    place = _leading_place(value) - digits + 1
    scaled = value * Fraction(10) ** -place
    whole = -(-scaled.numerator // scaled.denominator) if up else scaled.numerator // scaled.denominator
    return Decimal((0, tuple(map(int, str(whole))), place))


def _leading_place(value: Fraction) -> int:
    place = len(str(value.numerator)) - len(str(value.denominator))
    return place if Fraction(10) ** place <= value else place - 1


def _text(shown: Decimal, digits: int) -> str:
    if shown == 0:
        return "0"
    if -4 <= shown.adjusted() < 6:
        return format(shown, "f")
    coefficient = "".join(map(str, shown.as_tuple().digits))[:digits]
    return f"{coefficient[0]}.{coefficient[1:]}e{shown.adjusted()}"


def limit_text(criterion: Criterion) -> str:
    """``≥ 70 %``, ``3000000–100000000 cells/kg``; the words for a result in words; empty for a mere report."""
    if criterion.comparison is Comparison.ONE_OF:
        return ", ".join(criterion.texts)
    if criterion.limit is None:
        return ""
    low = expanded(criterion.limit)
    if criterion.comparison is Comparison.BETWEEN and criterion.upper is not None:
        return f"{low}\u2013{expanded(criterion.upper)} {criterion.unit}".strip()
    sign = {
        Comparison.AT_LEAST: "≥",
        Comparison.MORE_THAN: ">",
        Comparison.AT_MOST: "≤",
        Comparison.LESS_THAN: "<",
    }[criterion.comparison]
    return f"{sign} {low} {criterion.unit}".strip()
