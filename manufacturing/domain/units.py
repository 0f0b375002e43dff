"""Closed lists of units: one canonical unit per analyte, exact factors, windows that catch a slip of 1,000.

Source: requirements PHE-UNIT; hazards rows 16-18 and 4.5; windows: process.md 3 (validation ranges), 15 (neutrophils).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from kernel.quantities import exact, expanded, to_decimal
from kernel.refusals import N_, Refusal, kind

UNIT_NOT_ALLOWED = kind(
    "UNIT_NOT_ALLOWED",
    422,
    N_("“%(unit)s” is not a unit of %(analyte)s; accepted: %(accepted)s."),
    resolver=N_("you"),
    next_step=N_("Choose the unit that stands on the instrument's print."),
)
UNIT_IMPLAUSIBLE = kind(
    "UNIT_IMPLAUSIBLE",
    422,
    N_("%(value)s %(unit)s for %(analyte)s is not possible (%(low)s to %(high)s); a wrong unit or decimal point?"),
    resolver=N_("you"),
    next_step=N_("Compare number and unit with the instrument's print and enter both again."),
)
WEIGHT_IMPLAUSIBLE = kind(
    "WEIGHT_IMPLAUSIBLE",
    422,
    N_("%(value)s kg is not possible at the age of %(age)s (%(low)s to %(high)s kg)."),
    resolver=N_("you"),
    next_step=N_("Weigh again or compare with the ward's record; the unit is kilograms."),
)


class Level(StrEnum):
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a person must look at. A warning does not block; an error contradicts the physics of cells."""

    code: str
    level: Level
    sentence: str
    facts: tuple[tuple[str, str], ...] = field(default=())

    def __str__(self) -> str:
        return self.sentence % dict(self.facts)


def finding(code: str, level: Level, sentence: str, **facts: object) -> Finding:
    return Finding(code, level, sentence, tuple(sorted((name, str(value)) for name, value in facts.items())))


@dataclass(frozen=True, slots=True)
class Window:
    """Both ends belong to the window."""

    low: Decimal
    high: Decimal

    def holds(self, value: Fraction) -> bool:
        return exact(self.low) <= value <= exact(self.high)


@dataclass(frozen=True, slots=True)
class Analyte:
    """``factors``: accepted unit -> factor to the canonical unit; the canonical unit is among them with factor 1."""

    key: str
    unit: str
    factors: tuple[tuple[str, Fraction], ...]
    possible: Window
    usual: Window

    def factor(self, unit: str) -> Fraction | None:
        return dict(self.factors).get(unit)


@dataclass(frozen=True, slots=True)
class Converted:
    """A value in the canonical unit, with the factor that led there and what looks unusual about it."""

    value: Decimal
    unit: str
    factor: Fraction
    shown: str
    findings: tuple[Finding, ...]


def _window(low: str, high: str) -> Window:
    return Window(Decimal(low), Decimal(high))


ONE = Fraction(1)
COUNT = (
    ("10^6/mL", ONE),
    ("10^9/L", ONE),
    ("10^3/uL", ONE),
    ("cells/uL", Fraction(1, 10**3)),
    ("cells/mL", Fraction(1, 10**6)),
)
CELLS_PER_ML = (("cells/mL", ONE), ("cells/uL", Fraction(10**3)), ("10^6/mL", Fraction(10**6)))
CELLS_PER_KG = (("cells/kg", ONE), ("10^4/kg", Fraction(10**4)), ("10^6/kg", Fraction(10**6)))
PERCENT = (("%", ONE),)
ALL_PERCENT = _window("0", "100")

_LIST = (
    Analyte("wbc", "10^6/mL", COUNT, _window("0.1", "2000"), _window("20", "400")),
    Analyte("neutrophils", "10^9/L", (("10^9/L", ONE),), _window("0", "100"), _window("0", "20")),
    Analyte("viability", "%", PERCENT, ALL_PERCENT, _window("50", "100")),
    Analyte("nk_percent", "%", PERCENT, ALL_PERCENT, _window("2", "100")),
    Analyte("cd3_percent", "%", PERCENT, ALL_PERCENT, _window("0", "85")),
    Analyte("b_percent", "%", PERCENT, ALL_PERCENT, _window("0", "30")),
    Analyte("monocyte_percent", "%", PERCENT, ALL_PERCENT, _window("0", "60")),
    Analyte("blasts_percent", "%", PERCENT, ALL_PERCENT, ALL_PERCENT),
    Analyte("lysis_percent", "%", PERCENT, ALL_PERCENT, ALL_PERCENT),
    Analyte("nk_concentration", "cells/mL", CELLS_PER_ML, _window("0", "2e9"), _window("1e5", "4e8")),
    Analyte("cd3_concentration", "cells/mL", CELLS_PER_ML, _window("0", "2e9"), _window("0", "1e8")),
    Analyte("b_concentration", "cells/mL", CELLS_PER_ML, _window("0", "2e9"), _window("0", "1e8")),
    Analyte("cell_dose", "cells/kg", CELLS_PER_KG, _window("0", "1e10"), _window("0", "1e9")),
    Analyte("volume", "mL", (("mL", ONE), ("L", Fraction(1000))), _window("0", "2000"), _window("1", "500")),
    Analyte("mass", "g", (("g", ONE), ("kg", Fraction(1000))), _window("0", "5000"), _window("1", "1000")),
    Analyte("endotoxin", "EU/mL", (("EU/mL", ONE), ("IU/mL", ONE)), _window("0", "1000"), _window("0", "5")),
    Analyte("temperature", "°C", (("°C", ONE),), _window("-200", "60"), _window("2", "25")),
    Analyte("duration", "min", (("min", ONE), ("h", Fraction(60))), _window("0", "43200"), _window("0", "20160")),
    Analyte("steroids", "mg/kg/day", (("mg/kg/day", ONE),), _window("0", "100"), _window("0", "5")),
    Analyte("weight", "kg", (("kg", ONE),), _window("3", "200"), _window("7", "110")),
)
ANALYTES: dict[str, Analyte] = {analyte.key: analyte for analyte in _LIST}

# Age in completed years below which a band ends; possible (refusal) and usual (warning) kilograms. The bands are
# wide on purpose: wasting and obesity are possible, grams, pounds and another child are meant.
WEIGHT_BANDS: tuple[tuple[int, Window, Window], ...] = (
    (2, _window("5", "20"), _window("7", "14")),
    (4, _window("7", "32"), _window("9", "21")),
    (6, _window("9", "45"), _window("12", "29")),
    (9, _window("11", "70"), _window("15", "45")),
    (12, _window("15", "110"), _window("21", "68")),
    (15, _window("20", "150"), _window("28", "95")),
    (200, _window("25", "200"), _window("38", "120")),
)


def converted(analyte: str, value: Decimal, unit: str) -> Converted | Refusal:
    """The value in the canonical unit, exactly, with the factor to show; an analyte not in the list is a KeyError."""
    known = ANALYTES[analyte]
    factor = known.factor(unit)
    if factor is None:
        accepted = ", ".join(name for name, _ in known.factors)
        return UNIT_NOT_ALLOWED(field=analyte, analyte=analyte, unit=unit[:20], accepted=accepted)
    result = exact(value) * factor
    number = to_decimal(result)
    if not known.possible.holds(result):
        low, high = expanded(known.possible.low), expanded(known.possible.high)
        shown = expanded(number)
        return UNIT_IMPLAUSIBLE(field=analyte, analyte=analyte, value=shown, unit=known.unit, low=low, high=high)
    shown = f"{expanded(value)} {unit} × {factor} = {expanded(number)} {known.unit}"
    return Converted(number, known.unit, factor, shown, _unusual(known, number))


def convert(analyte: str, value: Decimal, unit: str) -> Decimal | Refusal:
    """Only the value of ``converted``."""
    result = converted(analyte, value, unit)
    return result if isinstance(result, Refusal) else result.value


def _unusual(analyte: Analyte, value: Decimal) -> tuple[Finding, ...]:
    if analyte.usual.holds(exact(value)):
        return ()
    return (
        finding(
            "UNUSUAL_VALUE",
            Level.WARNING,
            N_("%(value)s %(unit)s for %(analyte)s is unusual (%(low)s to %(high)s); compare with the print."),
            value=expanded(value),
            unit=analyte.unit,
            analyte=analyte.key,
            low=expanded(analyte.usual.low),
            high=expanded(analyte.usual.high),
        ),
    )


def _weight_band(age_years: int) -> tuple[Window, Window]:
    return next((possible, usual) for below, possible, usual in WEIGHT_BANDS if age_years < below)


def weight_refusals(weight_kg: Decimal, age_years: int) -> tuple[Refusal, ...]:
    """Refused outside what is possible at this age in completed years (hazard 17). There is no other unit than kg."""
    possible, _ = _weight_band(age_years)
    if possible.holds(exact(weight_kg)):
        return ()
    low, high = expanded(possible.low), expanded(possible.high)
    return (WEIGHT_IMPLAUSIBLE(field="weight", value=expanded(weight_kg), age=age_years, low=low, high=high),)


def weight_findings(weight_kg: Decimal, age_years: int) -> tuple[Finding, ...]:
    """A warning outside what is usual at this age; the second entry of the weight settles it."""
    _, usual = _weight_band(age_years)
    if usual.holds(exact(weight_kg)):
        return ()
    return (
        finding(
            "UNUSUAL_WEIGHT",
            Level.WARNING,
            N_("%(value)s kg is unusual at the age of %(age)s (%(low)s to %(high)s kg)."),
            value=expanded(weight_kg),
            age=age_years,
            low=expanded(usual.low),
            high=expanded(usual.high),
        ),
    )
