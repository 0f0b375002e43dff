"""What is shown never contradicts the verdict."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release.domain.criteria import Comparison, Criterion, Kind, Rounding, Stage
from release.domain.endotoxin import endotoxin_limit_eu_per_ml, endotoxin_per_kg_h, maximum_valid_dilution
from release.domain.limits import (
    above_says_something,
    below_says_something,
    display,
    holds,
    limit_text,
    rounded,
    without_alert,
)
from release.domain.specifications import parse_specification
from tests.unit.release.preset import BODY

D, F = Decimal, Fraction
TICK = F(1, 10**12)


def criterion(comparison, **limits):
    numbers = {name: None if limit is None else D(limit) for name, limit in limits.items()}
    return Criterion("dose", "Dose", Kind.NUMERIC, comparison, "cells/kg", "count", Stage.PRE, **numbers)


@pytest.mark.req("PHE-ROUND")
@pytest.mark.parametrize(
    ("comparison", "below", "at", "above"),
    [
        (Comparison.AT_LEAST, False, True, True),
        (Comparison.MORE_THAN, False, False, True),
        (Comparison.AT_MOST, True, True, False),
        (Comparison.LESS_THAN, True, False, False),
    ],
)
def test_a_limit_is_met_to_the_last_digit(comparison, below, at, above):
    asked = criterion(comparison, limit="5")
    lower = comparison in {Comparison.AT_LEAST, Comparison.MORE_THAN}
    for value, expected in ((5 - TICK, below), (F(5), at), (5 + TICK, above)):
        faced = (value, F(0)) if lower else (F(10**9), value)
        assert holds(asked, *faced) is expected


def test_between_two_limits_the_container_faces_the_lower_and_the_sum_the_upper_one():
    asked = criterion(Comparison.BETWEEN, limit="3", upper="5")
    assert holds(asked, F(3), F(5))
    assert not holds(asked, 3 - TICK, F(5))
    assert not holds(asked, F(3), 5 + TICK)


@pytest.mark.parametrize(
    "asked",
    [
        *(criterion(one) for one in Comparison),
        criterion(Comparison.BETWEEN, limit="0"),
        criterion(Comparison.BETWEEN, upper="9"),
        criterion(Comparison.ONE_OF, limit="1"),
    ],
)
def test_without_its_limits_nothing_is_met(asked):
    assert not holds(asked, F(1), F(1))


@pytest.mark.req("PHE-CENS")
@pytest.mark.parametrize("comparison", list(Comparison))
def test_a_censored_value_speaks_only_on_the_side_of_the_limit(comparison):
    asked = criterion(comparison)
    upper, lower = {Comparison.AT_MOST, Comparison.LESS_THAN}, {Comparison.AT_LEAST, Comparison.MORE_THAN}
    assert below_says_something(asked) is (comparison in upper)
    assert above_says_something(asked) is (comparison in lower)


@pytest.mark.parametrize(
    ("own", "total", "quiet"),
    [(F(3), F(5), True), (3 - TICK, F(5), False), (F(3), 5 + TICK, False)],
)
def test_an_alert_limit_itself_is_without_alert(own, total, quiet):
    assert without_alert(criterion(Comparison.BETWEEN, alert="3", alert_upper="5"), own, total) is quiet
    assert without_alert(criterion(Comparison.AT_LEAST, alert="3"), own, F(9)) is (own >= 3)
    assert without_alert(criterion(Comparison.AT_MOST, alert="5"), F(0), total) is (total <= 5)
    assert without_alert(criterion(Comparison.BETWEEN), own, total)


@pytest.mark.req("PHE-ROUND")
@pytest.mark.parametrize(
    ("value", "limit", "expected"),
    [
        ("4.95", "5", "5"),
        ("4.45", "5.0", "4.5"),
        ("4.449", "5.0", "4.4"),
        ("2999999.5", "3e6", "3e6"),
        ("1.5", None, "1.5"),
    ],
)
def test_rounding_is_half_up_to_the_decimals_of_the_limit(value, limit, expected):
    wanted = None if limit is None else D(limit)
    assert rounded(F(value), wanted, Rounding.HALF_UP_TO_LIMIT) == F(expected)
    assert rounded(F(value), wanted, Rounding.NONE) == F(value)


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
        ("1", "5", False, "1.00"),
        ("0.01", "5", True, "0.0100"),
        ("100", "5", False, "100"),
        ("0.0001234", "5", False, "0.000123"),
        ("123456", "5", False, "123000"),
        ("1234567", "5", False, "1.23e6"),
        ("9999999", "5", True, "1.00e7"),
    ],
)
def test_display(value, limit, up, shown):
    assert display(D(value), D(limit), up=up) == shown


def test_a_third_beside_a_limit_of_many_threes():
    assert display(F(1, 3), D("0.33333"), up=False) == "0.333333"
    assert display(F(1, 3), None, up=True) == "0.334"
    assert display(F(2, 3)) == "0.666"


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


def test_only_a_row_between_two_limits_shows_both():
    assert limit_text(criterion(Comparison.AT_LEAST, limit="3", upper="5")) == "≥ 3 cells/kg"
    assert limit_text(criterion(Comparison.BETWEEN, limit="3", upper="5")) == "3–5 cells/kg"


def test_limits_read_as_people_write_them():
    spec = parse_specification(BODY)
    texts = {criterion.key: limit_text(criterion) for criterion in spec.criteria}
    assert texts["viability"] == "≥ 70 %"
    assert texts["cd3_dose"] == "≤ 25000 cells/kg"
    assert texts["volume"] == "90\u2013110 % of label"
    assert (texts["b_percent"], texts["gram"]) == ("", "no organisms")
