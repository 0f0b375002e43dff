"""What is shown never contradicts the verdict."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release.domain.endotoxin import endotoxin_limit_eu_per_ml, endotoxin_per_kg_h, maximum_valid_dilution
from release.domain.limits import display, limit_text
from release.domain.specifications import parse_specification
from tests.unit.release.preset import BODY

D, F = Decimal, Fraction


@pytest.mark.req("PHE-ROUND")
@pytest.mark.parametrize(
    ("value", "limit", "up", "shown"),
    [
        ("49999.6", "50000", False, "49900"),
        ("49999.6", "50000", True, "49999.6"),
        ("50000.4", "50000", False, "50000.4"),
        ("50000.4", "50000", True, "50100"),
        ("50000", "50000", True, "50000"),
        ("69.96", "70", False, "69.9"),
        ("69.96", "70", True, "69.96"),
        ("12345", "12345", False, "12345"),
        ("0", "5", True, "0"),
        ("57069920", "3e6", False, "5.70e7"),
        ("6601.148", "25000", True, "6610"),
        ("0.00001234", "5", True, "1.24e-5"),
        ("999.9", "5", True, "1000"),
    ],
)
def test_display(value, limit, up, shown):
    assert display(D(value), D(limit), up=up) == shown


def test_a_third_beside_a_limit_of_many_threes():
    assert display(F(1, 3), D("0.33333"), up=False) == "0.333333"
    assert display(F(1, 3), None, up=True) == "0.334"


@pytest.mark.req("PHE-ROUND")
@given(st.fractions(0, 10**9, max_denominator=10**9), st.decimals("0.001", 10**9, places=3), st.booleans())
def test_the_shown_number_lies_on_the_side_of_the_value(value, limit, up):
    shown = F(D(display(value, limit, up=up)))
    assert (shown > F(limit)) == (value > F(limit))
    assert (shown < F(limit)) == (value < F(limit))
    assert shown >= value if up else shown <= value
    assert abs(shown - value) <= value / 100


@given(st.integers(-1000, 1000), st.booleans())
def test_a_value_a_hair_beside_the_limit(step, up):
    value = 25000 + F(step, 10**40)
    shown = F(D(display(value, D(25000), up=up)))
    assert (shown > 25000, shown < 25000) == (step > 0, step < 0)


@pytest.mark.req("PHE-2.6.14-1", "ATMP-CALC")
def test_worked_values_of_the_endotoxin_limit():
    assert endotoxin_limit_eu_per_ml(5, 50, D("18.4"), D("0.5")) == F("1.84")
    assert endotoxin_limit_eu_per_ml(5, 50, D("18.4"), 2) == F("3.68")
    assert endotoxin_limit_eu_per_ml(5, 2, 70) == 175
    assert maximum_valid_dilution(D("1.84"), D("0.05")) == 36
    assert abs(endotoxin_per_kg_h(D("0.5"), 50, D("18.4")) - F("1.3587")) < F(5, 10**5)
    assert endotoxin_per_kg_h(2, 50, 12, D("0.5")) == F(25, 3)


def test_limits_read_as_people_write_them():
    spec = parse_specification(BODY)
    texts = {criterion.key: limit_text(criterion) for criterion in spec.criteria}
    assert texts["viability"] == "≥ 70 %"
    assert texts["cd3_dose"] == "≤ 25000 cells/kg"
    assert texts["volume"] == "90\u2013110 % of label"
    assert (texts["b_percent"], texts["gram"]) == ("", "no organisms")
