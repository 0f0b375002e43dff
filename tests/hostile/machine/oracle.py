"""The limits of the frozen specification once more, in fractions and by hand; nothing of the product is imported here.

One container of 50 mL. ``entry``: what was typed. A verdict is ``pass``, ``alert`` or ``fail``; alerts matter because a
new weight that changes a verdict must be judged by the QP.
"""

from __future__ import annotations

import functools
from fractions import Fraction
from math import exp
from typing import Any

VOLUME_ML = 50
TOLERANCE_PERCENT = 10
NK_MINIMUM, NK_MAXIMUM = 3_000_000, 100_000_000
CD3_LIMIT, CD3_ALERT = 25_000, 10_000
PER_KG = ("cd3_dose", "nk_dose", "endotoxin")


def verdict(key: str, entry: dict[str, Any], kg: str) -> str:
    return {"purity": purity, "nk_dose": nk_dose, "cd3_dose": cd3_dose, "endotoxin": endotoxin}[key](
        entry, Fraction(kg)
    )


def purity(entry: dict[str, Any], _kg: Fraction) -> str:
    value = Fraction(entry["value"])
    return "fail" if value < 70 else "alert" if value < 90 else "pass"


def per_ml(entry: dict[str, Any], events: Fraction) -> Fraction:
    """From a tube with a known number of beads; its sample is measured in microlitres."""
    beads = Fraction(entry["beads_per_tube"]) / (int(entry["bead_events"]) * Fraction(entry["sample_volume"]))
    return 1000 * events * beads * Fraction(entry["dilution"])


def dose_per_kg(entry: dict[str, Any], kg: str | Fraction) -> Fraction:
    """NK cells for each kilogram."""
    return per_ml(entry, Fraction(entry["events"])) * VOLUME_ML / Fraction(kg)


def nk_dose(entry: dict[str, Any], kg: Fraction) -> str:
    return "pass" if NK_MINIMUM <= dose_per_kg(entry, kg) <= NK_MAXIMUM else "fail"


def endotoxin(entry: dict[str, Any], kg: Fraction) -> str:
    """Everything within one hour; “more than” shows nothing about being below."""
    dose = Fraction(entry["value"]) * VOLUME_ML / kg
    return "pass" if entry.get("operator", "=") != ">" and dose <= 5 else "fail"


def cd3_dose(entry: dict[str, Any], kg: Fraction) -> str:
    dose = per_ml(entry, Fraction(upper_bound(int(entry["events"])))) * VOLUME_ML / kg
    return "fail" if dose > CD3_LIMIT else "alert" if dose > CD3_ALERT else "pass"


@functools.cache
def upper_bound(events: int) -> float:
    """The mean at which so few events, or fewer, are seen once in twenty times; no case here lies near a limit."""
    low, high = float(events), 2.0 * events + 20
    for _ in range(80):
        middle = (low + high) / 2
        term = total = exp(-middle)
        for count in range(1, events + 1):
            term *= middle / count
            total += term
        low, high = (middle, high) if total > 0.05 else (low, middle)
    return high


def beyond_tolerance(old: str, new: str) -> bool:
    return 100 * abs(Fraction(new) - Fraction(old)) > TOLERANCE_PERCENT * Fraction(old)
