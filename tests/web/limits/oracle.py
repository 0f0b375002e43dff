"""What every number must be judged as: written from the specification alone, in fractions, knowing nothing of the code.

Limits: process design 2.4; formulae 3.6, 3.9, 3.10; a count of T cells is judged at its one-sided 95 % Poisson upper bound,
rounded up at the fourth decimal (decision 31), one of NK cells as counted; “<x” and “>x” count as x on the side they speak of (PHE-CENS).
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction


@dataclass(frozen=True)
class Limit:
    """Values at ``low``, ``high`` and the alert limits themselves are still good. ``report``: never a failure."""

    low: Fraction | None = None
    high: Fraction | None = None
    alert_low: Fraction | None = None
    alert_high: Fraction | None = None
    report: bool = False


def limit(*, report: bool = False, **ends: str) -> Limit:
    return Limit(**{name: Fraction(end) for name, end in ends.items()}, report=report)


LIMITS = {
    "purity": limit(low="70", alert_low="90"),
    "viability": limit(low="70", alert_low="80"),
    "cd3_dose": limit(high="25000", alert_high="10000"),
    "nk_dose": limit(low="3000000", high="100000000"),
    "endotoxin": limit(high="5"),
    "volume": limit(low="90", high="110"),
    "b_percent": limit(alert_high="1", report=True),
    "potency": limit(alert_low="20", report=True),
}
FACTORS = {"L": 1000}


def judged(criterion: str, entry: Mapping[str, str], kg: str, ml: str) -> str:
    """The outcome of an entry for a child of ``kg`` and a container of ``ml``."""
    of = LIMITS[criterion]
    value = compared(criterion, entry, Fraction(kg), Fraction(ml))
    speaks = says_something(of, entry.get("operator", "="))
    if of.report:
        return "report" if speaks and within(value, of.alert_low, of.alert_high) else "alert"
    if not (speaks and within(value, of.low, of.high)):
        return "oos"
    return "pass" if within(value, of.alert_low, of.alert_high) else "alert"


def within(value: Fraction, low: Fraction | None, high: Fraction | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)


def says_something(of: Limit, operator: str) -> bool:
    """“<x” shows that a value is low enough, never that it is high enough; “>x” the other way round."""
    below, above = (of.high or of.alert_high) is not None, (of.low or of.alert_low) is not None
    return {"=": True, "<": below and not above, ">": above and not below}[operator]


def compared(criterion: str, entry: Mapping[str, str], kg: Fraction, ml: Fraction) -> Fraction:
    """The number that faces the limit: per cent, cells or EU per kg, per cent of the label."""
    if criterion in {"cd3_dose", "nk_dose"}:
        events = Fraction(entry["events"])
        if criterion == "cd3_dose":
            events = Fraction(upper_bound(int(entry["events"])))
        return concentration(events, entry) * ml / kg
    value = Fraction(entry["value"]) * FACTORS.get(entry["unit"], 1)
    if criterion == "endotoxin":
        return value * ml / kg
    return 100 * value / ml if criterion == "volume" else value


def concentration(events: Fraction, entry: Mapping[str, str]) -> Fraction:
    """Cells per mL: the events in proportion to the beads, in the sample, diluted back."""
    beads = Fraction(entry["beads_per_tube"]) / Fraction(entry["bead_events"])
    return 1000 * events * beads / Fraction(entry["sample_volume"]) * Fraction(entry["dilution"])


@functools.cache
def upper_bound(events: int) -> Decimal:
    """The smallest number of four decimals at which as few events or fewer have a chance of at most 5 %.

    Found by halving the interval, with the whole sum at 60 digits each time.
    """
    low, high = 0, 10**4 * (2 * events + 10)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if rare(events, Decimal(middle).scaleb(-4)) else (middle, high)
    return Decimal(high).scaleb(-4)


def rare(events: int, mean: Decimal) -> bool:
    """Whether P(X <= events) <= 5 % for this mean."""
    with localcontext() as context:
        context.prec = 60
        term = total = Decimal(1)
        for count in range(1, events + 1):
            term = term * mean / count
            total += term
        return total * (-mean).exp() <= Decimal("0.05")
