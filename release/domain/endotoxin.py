"""Endotoxin limits of this recipient (process.md 3.10; Ph. Eur. 2.6.14, 5.1.10: K = 5 EU per kg and hour, a setting)."""

from __future__ import annotations

from fractions import Fraction

from kernel.quantities import exact
from manufacturing.domain.yields import Number


def volume_in_one_hour_ml(volume_ml: Number, hours: Number | None) -> Fraction:
    """The largest volume within any one hour at a constant rate; all of it when shorter or when nothing is known."""
    if hours is None or not exact(hours) > 1:
        return exact(volume_ml)
    return exact(volume_ml) / exact(hours)


def endotoxin_per_kg_h(
    eu_per_ml: Number, volume_ml: Number, weight_kg: Number, hours: Number | None = None
) -> Fraction:
    """EU per kg in one hour."""
    return exact(eu_per_ml) * volume_in_one_hour_ml(volume_ml, hours) / exact(weight_kg)


def endotoxin_limit_eu_per_ml(k: Number, volume_ml: Number, weight_kg: Number, hours: Number | None = None) -> Fraction:
    """K / M, with M the mL per kg and hour."""
    return exact(k) * exact(weight_kg) / volume_in_one_hour_ml(volume_ml, hours)


def maximum_valid_dilution(limit_eu_per_ml: Number, sensitivity_eu_per_ml: Number) -> int:
    """MVD, as a whole number that is not above it."""
    return int(exact(limit_eu_per_ml) // exact(sensitivity_eu_per_ml))
