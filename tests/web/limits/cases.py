"""What is typed: each limit, a twelfth decimal below and above it, quotients that do not end, signs, counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction

from tests.web.limits.oracle import LIMITS, judged, upper_bound

EPSILON = Decimal("1e-12")
ML = Fraction(38)
Entry = dict[str, str]


def number(value: Decimal | str, unit: str, operator: str = "=") -> Entry:
    text = format(value, "f") if isinstance(value, Decimal) else value
    return {"value": text, "unit": unit, "operator": operator}


def around(limit: Fraction) -> list[Decimal]:
    """The limit itself between its neighbours of twelve decimals; only the neighbours where it has no end."""
    low, high = (cut(limit, rounding) for rounding in (ROUND_FLOOR, ROUND_CEILING))
    return [low, high] if low != high else [low - EPSILON, low, low + EPSILON]


def cut(value: Fraction, rounding: str) -> Decimal:
    shifted = value * 10**12
    whole = shifted.numerator // shifted.denominator
    return Decimal(whole + (rounding == ROUND_CEILING and whole != shifted)).scaleb(-12)


def percent(*limits: str) -> list[Entry]:
    return [number(value, "%") for limit in limits for value in around(Fraction(limit))]


def dose(criterion: str, unit: str, kg: Fraction) -> list[Entry]:
    """Concentrations that lead to the limits per kg for this child and container."""
    ends = [end for end in (LIMITS[criterion].low, LIMITS[criterion].high) if end is not None]
    return [number(value, unit) for end in ends for value in around(end * kg / ML)]


def counts(events: int, kg: Fraction) -> list[Entry]:
    """A count on both sides of limit and alert limit. The dilution is what is turned: it has as many decimals as any.

    The beads are as many as make the bound disappear, so that the limit itself can be typed where the weight lets it.
    """
    beads = int(upper_bound(events) * 10**4)
    ends = [end for end in (LIMITS["cd3_dose"].high, LIMITS["cd3_dose"].alert_high) if end is not None]
    per_dilution = 1000 * Fraction(upper_bound(events)) * 50000 / (beads * 50)
    return [
        count(events, beads, value, beads_per_tube="50000")
        for end in ends
        for value in around(end * kg / ML / per_dilution)
    ]


def as_counted(kg: Fraction) -> list[Entry]:
    """NK cells on both sides of the lowest and the highest dose, judged as counted: a million per mL and dilution."""
    ends = [end for end in (LIMITS["nk_dose"].low, LIMITS["nk_dose"].high) if end is not None]
    values = [value for end in ends for value in around(end * kg / ML / 10**6)]
    return [count(10000, 10000, value, beads_per_tube="50000") for value in values]


def count(events: int, bead_events: int, dilution: Decimal | str, *, beads_per_tube: str = "49850") -> Entry:
    return {
        "events": str(events),
        "bead_events": str(bead_events),
        "beads_per_tube": beads_per_tube,
        "sample_volume": "50",
        "dilution": format(dilution, "f") if isinstance(dilution, Decimal) else dilution,
    }


COMMON: dict[str, list[Entry]] = {
    "purity": [*percent("70", "90"), number("0", "%"), number("100", "%"), number("70", "%", ">")],
    "viability": percent("70", "80"),
    "b_percent": [*percent("1"), number("1", "%", "<"), number("0.5", "%", ">")],
    "potency": [*percent("20"), number("20", "%", ">"), number("30", "%", "<")],
    "volume": [
        *[number(value, "mL") for end in ("34.2", "41.8") for value in around(Fraction(end))],
        number("0.0342", "L"),
        number("0.041800000001", "L"),
    ],
}
# Child, weight and counted events. 30.4 kg and 26.6 kg (38 times 0.7) let the limits be typed exactly for 38 mL;
# 18.4 kg lets no quotient end.
CHILDREN = (("NK-08", "30.4", 10), ("NK-04", "26.6", 0), ("NK-08", "18.4", 300))
SIGNS = {
    "30.4": [number("4", "EU/mL", "<"), number("4.000000000001", "EU/mL", "<")],
    "26.6": [number("3.5", "EU/mL", "<")],
    "18.4": [number("0", "EU/mL")],
}
REAL = {
    "30.4": [count(42, 20000, "1"), count(301, 20000, "1")],
    "26.6": [count(0, 3, "1"), count(5, 20000, "7.0000001")],
    "18.4": [count(290, 22000, "1")],
}
REAL_NK = {
    "30.4": [count(15230, 4980, "20"), count(0, 4980, "20")],
    "26.6": [count(25900, 19940, "20"), count(1, 3, "1.000000000001")],
    "18.4": [count(12960, 19940, "20")],
}


@dataclass
class Round:
    """What is entered and verified in one world: weights of the children, and entries by child and criterion."""

    weights: dict[str, str]
    entries: dict[tuple[str, str], Entry] = field(default_factory=dict)

    def expected(self) -> dict[tuple[str, str], str]:
        return {
            (child, criterion): judged(criterion, entry, self.weights.get(child, "1"), str(ML))
            for (child, criterion), entry in self.entries.items()
        }


def sequences(kg: str, events: int) -> dict[str, list[Entry]]:
    """What depends on the weight: under each criterion one entry after the other, each in a world of its own."""
    weight = Fraction(kg)
    return {
        "nk_dose": as_counted(weight) + REAL_NK[kg],
        "cd3_dose": counts(events, weight) + REAL[kg],
        "endotoxin": dose("endotoxin", "EU/mL", weight) + SIGNS[kg],
    }


def rounds() -> list[Round]:
    """Two children beside each other where their weights allow it, and what depends on no weight with the first."""
    found = [Round({"NK-08": "30.4", "NK-04": "26.6"}) for _ in range(8)] + [Round({"NK-08": "18.4"}) for _ in range(5)]
    for child, kg, events in CHILDREN:
        places = [one for one in found if one.weights.get(child) == kg]
        for criterion, entries in sequences(kg, events).items():
            for place, entry in zip(places, entries, strict=False):
                place.entries[child, criterion] = entry
            assert len(entries) <= len(places)
    for criterion, entries in COMMON.items():
        for place, entry in zip(found, entries, strict=False):
            place.entries["NK-08", criterion] = entry
        assert len(entries) <= len(found)
    return found


ROUNDS = rounds()
