"""Endotoxin limits of this recipient (process.md 3.10; Ph. Eur. 2.6.14, 5.1.10: K = 5 EU per kg and hour, a setting)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

from kernel.quantities import exact, to_decimal
from kernel.refusals import N_
from manufacturing.domain.yields import Number

FORMULA = N_("EU per kg and hour × weight / mL given in any one hour; the whole volume when it takes an hour or less")
FORMULA_VERSION = "1"
WHOLE_HOUR = 60  # minutes


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


@dataclass(frozen=True, slots=True)
class EndotoxinLimit:
    """3.10 for one infusion. ``limit_eu_per_ml``: what the product may hold; ``per_kg_h``: what the
    result comes to; ``maximum_dilution``: for the laboratory, where its test's sensitivity is known."""

    volume_ml: Fraction
    minutes: Fraction
    rate_ml_per_h: Fraction
    ml_per_kg_h: Fraction
    limit_eu_per_ml: Fraction
    per_kg_h: Fraction | None
    maximum_dilution: int | None

    def document(self) -> dict[str, Any]:
        """Exact decimals, with the formula and its version."""
        found = {name: to_decimal(one) if isinstance(one, Fraction) else one for name, one in asdict(self).items()}
        return {**found, "formula": FORMULA, "formula_version": FORMULA_VERSION}


def endotoxin_limit(
    *,
    k: Number,
    volume_ml: Number,
    weight_kg: Number,
    minutes: Number = WHOLE_HOUR,
    eu_per_ml: Number | None = None,
    sensitivity: Number | None = None,
) -> EndotoxinLimit:
    """At a constant rate over ``minutes``; shorter than an hour is the whole volume in one hour."""
    hours = exact(minutes) / WHOLE_HOUR
    limit = endotoxin_limit_eu_per_ml(k, volume_ml, weight_kg, hours)
    return EndotoxinLimit(
        volume_ml=exact(volume_ml),
        minutes=exact(minutes),
        rate_ml_per_h=exact(volume_ml) / hours,
        ml_per_kg_h=volume_in_one_hour_ml(volume_ml, hours) / exact(weight_kg),
        limit_eu_per_ml=limit,
        per_kg_h=None if eu_per_ml is None else endotoxin_per_kg_h(eu_per_ml, volume_ml, weight_kg, hours),
        maximum_dilution=None if sensitivity is None else maximum_valid_dilution(limit, sensitivity),
    )
