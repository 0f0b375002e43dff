"""One canonical unit per analyte, exact factors, and windows that catch a slip of a thousand."""

from __future__ import annotations

import csv
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.quantities import expanded
from kernel.refusals import Refusal
from manufacturing.domain.units import (
    ANALYTES,
    WEIGHT_BANDS,
    Converted,
    convert,
    converted,
    weight_findings,
    weight_refusals,
)

D = Decimal
UNITS = Path(__file__).with_name("units.csv")


@pytest.mark.req("PHE-UNIT")
def test_the_list_of_units_is_the_one_that_is_written_down():
    """A factor or a window that changes is changed twice."""
    found = [
        {
            "analyte": one.key,
            "unit": one.unit,
            "accepted": "; ".join(f"{unit} × {factor}" for unit, factor in one.factors),
            "possible_low": expanded(one.possible.low),
            "possible_high": expanded(one.possible.high),
            "usual_low": expanded(one.usual.low),
            "usual_high": expanded(one.usual.high),
        }
        for one in ANALYTES.values()
    ]
    with UNITS.open(newline="", encoding="utf-8") as file:
        assert found == list(csv.DictReader(file))


@pytest.mark.req("PHE-KG")
def test_the_bands_of_weight_are_these():
    assert [
        (age, *(int(limit) for window in windows for limit in (window.low, window.high)))
        for age, *windows in WEIGHT_BANDS
    ] == [
        (2, 5, 20, 7, 14),
        (4, 7, 32, 9, 21),
        (6, 9, 45, 12, 29),
        (9, 11, 70, 15, 45),
        (12, 15, 110, 21, 68),
        (15, 20, 150, 28, 95),
        (200, 25, 200, 38, 120),
    ]


@pytest.mark.req("PHE-UNIT")
@pytest.mark.parametrize(
    ("value", "unit"),
    [("98.6", "10^6/mL"), ("98.6", "10^9/L"), ("98.6", "10^3/uL"), ("98600", "cells/uL"), ("98.6e6", "cells/mL")],
)
def test_every_spelling_of_a_white_cell_count_is_the_same_number(value, unit):
    assert convert("wbc", D(value), unit) == D("98.6")


@pytest.mark.req("PHE-UNIT")
def test_the_factor_is_shown():
    answer = converted("volume", D("0.2125"), "L")
    assert answer == Converted(D("212.5"), "mL", Fraction(1000), "0.2125 L × 1000 = 212.5 mL", ())


@pytest.mark.req("PHE-UNIT")
@pytest.mark.parametrize(
    ("analyte", "value", "unit"),
    [
        ("neutrophils", "500", "10^9/L"),
        ("wbc", "98600", "10^6/mL"),
        ("wbc", "98.6", "cells/uL"),
        ("viability", "100.1", "%"),
        ("nk_percent", "-0.1", "%"),
        ("endotoxin", "1001", "EU/mL"),
        ("volume", "212", "L"),
        ("weight", "18400", "kg"),
    ],
)
def test_a_magnitude_that_cannot_be_is_refused(analyte, value, unit):
    answer = convert(analyte, D(value), unit)
    assert isinstance(answer, Refusal)
    assert (answer.code, answer.status) == ("UNIT_IMPLAUSIBLE", 422)
    assert "%(" not in str(answer)


@pytest.mark.req("PHE-UNIT", "DSP-ELIG-3")
@pytest.mark.parametrize(
    ("analyte", "unit"),
    [("neutrophils", "10^6/L"), ("neutrophils", "cells/uL"), ("weight", "lb"), ("weight", "g"), ("wbc", "")],
)
def test_a_unit_outside_the_list_is_refused(analyte, unit):
    answer = convert(analyte, D(1), unit)
    assert (answer.code, answer.status) == ("UNIT_NOT_ALLOWED", 422)
    assert ANALYTES[analyte].unit in str(answer)


def test_an_unusual_value_is_taken_with_a_warning():
    answer = converted("viability", D("0.98"), "%")
    assert answer.value == D("0.98")
    assert [item.code for item in answer.findings] == ["UNUSUAL_VALUE"]
    (finding,) = answer.findings
    assert "0.98 % for viability" in str(finding)
    assert (finding.level, dict(finding.facts)) == (
        "warning",
        {"value": "0.98", "unit": "%", "analyte": "viability", "low": "50", "high": "100"},
    )


@pytest.mark.req("PHE-UNIT")
@pytest.mark.parametrize("value", ["49.999", "50", "100"])
def test_the_ends_of_a_window_belong_to_it(value):
    assert bool(converted("viability", D(value), "%").findings) == (value == "49.999")


@pytest.mark.req("PHE-UNIT")
def test_a_refused_unit_names_those_that_are_accepted():
    wrong_unit = converted("volume", D(1), "a very long unit that nobody wrote")
    assert (wrong_unit.fact("unit"), wrong_unit.fact("accepted")) == ("a very long unit tha", "mL, L")
    impossible = converted("volume", D(3), "L")
    assert [impossible.fact(name) for name in ("value", "unit", "low", "high")] == ["3000", "mL", "0", "2000"]


@given(st.sampled_from(sorted(ANALYTES)), st.decimals(0, 100, places=3))
def test_conversion_is_exact_or_refused(key, value):
    analyte = ANALYTES[key]
    for unit, factor in analyte.factors:
        answer = convert(key, value, unit)
        possible = analyte.possible.holds(Fraction(value) * factor)
        assert isinstance(answer, Refusal) != possible
        assert isinstance(answer, Refusal) or Fraction(answer) == Fraction(value) * factor


@pytest.mark.parametrize("analyte", ANALYTES.values(), ids=lambda item: item.key)
def test_the_canonical_unit_has_factor_one_and_what_is_usual_is_possible(analyte):
    assert analyte.factor(analyte.unit) == 1
    assert analyte.possible.low <= analyte.usual.low <= analyte.usual.high <= analyte.possible.high


@pytest.mark.req("PHE-KG")
@pytest.mark.parametrize(
    ("weight", "age"), [("18400", 5), ("18.4", 17), ("4.9", 1), ("40.6", 2), ("70.1", 8), ("1.84", 5), ("201", 30)]
)
def test_a_weight_impossible_at_this_age_is_refused(weight, age):
    (refusal,) = weight_refusals(D(weight), age)
    assert (refusal.code, refusal.status, refusal.fact("field")) == ("WEIGHT_IMPLAUSIBLE", 422, "weight")


@pytest.mark.parametrize(("weight", "age"), [("18.4", 5), ("5", 1), ("20", 1), ("32", 10), ("70", 17), ("70", 8)])
def test_a_possible_weight_is_taken(weight, age):
    assert weight_refusals(D(weight), age) == ()


def test_a_possible_but_unusual_weight_is_pointed_out():
    assert weight_findings(D("18.4"), 5) == ()
    (finding,) = weight_findings(D("40"), 5)
    assert (finding.code, finding.level) == ("UNUSUAL_WEIGHT", "warning")
    assert dict(finding.facts) == {"value": "40", "age": "5", "low": "12", "high": "29"}


@pytest.mark.parametrize(("age", "low", "high"), [(1, "5", "20"), (2, "7", "32"), (14, "20", "150"), (15, "25", "200")])
def test_a_band_ends_below_its_age_and_the_refusal_tells_it(age, low, high):
    (refusal,) = weight_refusals(D("300"), age)
    assert (refusal.fact("low"), refusal.fact("high"), refusal.fact("value")) == (low, high, "300")
