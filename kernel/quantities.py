"""Numbers people type: one grammar, exact decimals, nothing guessed (decisions 11 and 41, hazards 18-22)."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from fractions import Fraction

from kernel.refusals import N_, Refusal, kind

NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,12})?([eE][+-]?[0-9]{1,2})?", re.ASCII)
LARGEST = Decimal("1e18")
EXACT = Context(prec=60, traps=[InvalidOperation, DivisionByZero, Overflow])

NUMBER_FORMAT = kind(
    "NUMBER_FORMAT",
    422,
    N_(
        "“%(typed)s” is not a number this system accepts: digits with a decimal point, such as 0.5 or 1.2e6; no comma, no spaces, no sign like “<”."
    ),
    resolver=N_("you"),
    next_step=N_("Type the number with a decimal point; a “<” or “>” has a field of its own."),
)


def parse_number(text: str) -> Decimal | Refusal:
    """An exact decimal from what was typed, or ``NUMBER_FORMAT``. A comma is refused, never guessed.

    ASCII digits, a decimal point, an optional exponent of at most two digits; |x| <= 1e18.
    """
    typed = text.strip(" \t\r\n")
    if not NUMBER.fullmatch(typed):
        return NUMBER_FORMAT(typed=typed[:40])
    value = EXACT.create_decimal(typed)
    if abs(value) > LARGEST:
        return NUMBER_FORMAT(typed=typed)
    return value


def exact(value: Decimal | int | Fraction) -> Fraction:
    """The number itself, for comparisons that must not round."""
    if isinstance(value, Decimal) and not value.is_finite():
        raise ValueError("not a finite number")
    return Fraction(value)


def expanded(value: Decimal) -> str:
    """Plain digits without exponent or trailing zeros: ``1.2e6`` reads ``1200000``."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def significant(value: Decimal | Fraction, digits: int = 3, *, rounding: str = ROUND_HALF_UP) -> str:
    """For display only: ``digits`` significant digits, in plain or scientific form."""
    number = to_decimal(value)
    if number == 0:
        return "0"
    rounded = Context(prec=digits, rounding=rounding).plus(number)
    if -4 <= rounded.adjusted() < 6:
        return format(rounded, "f")
    return f"{rounded:.{digits - 1}e}"


def to_decimal(value: Decimal | Fraction) -> Decimal:
    """A decimal of at most 60 digits; a non-terminating quotient is cut there, far below any limit's digits."""
    if isinstance(value, Fraction):
        return EXACT.divide(Decimal(value.numerator), Decimal(value.denominator))
    return value
