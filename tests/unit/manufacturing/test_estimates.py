"""The estimate before a leukapheresis: worked values, and where it says enough."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manufacturing.domain.estimates import Enough, estimate, expected_nk

BLOOD = {
    "nk_per_ul": 250,
    "processed_ml": 10000,
    "efficiency": Decimal("0.50"),
    "recovery": (Decimal("0.20"), Decimal("0.58")),
    "weight_kg": Decimal("18.4"),
    "minimum_per_kg": Decimal("3e6"),
}


def near(value, expected):
    return abs(Fraction(value) / Fraction(expected) - 1) <= Fraction(1, 10**5)


@pytest.mark.req("ATMP-CALC")
def test_the_worked_example():
    found = estimate(**BLOOD)
    assert (found.low, found.high) == (250_000_000, 725_000_000)
    assert near(found.low_per_kg, Fraction(250_000_000) / Fraction("18.4"))
    assert abs(found.low_per_kg - Fraction("1.36e7")) < Fraction("5e4")
    assert abs(found.high_per_kg - Fraction("3.94e7")) < Fraction("5e4")
    assert found.enough is Enough.YES


@pytest.mark.parametrize(
    ("minimum", "enough"), [("1.35e7", "enough"), ("1.4e7", "uncertain"), ("3.9e7", "uncertain"), ("4e7", "not enough")]
)
def test_it_promises_only_what_the_lowest_recovery_gives(minimum, enough):
    assert estimate(**{**BLOOD, "minimum_per_kg": Decimal(minimum)}).enough == enough


def test_a_dose_exactly_at_the_minimum_is_enough():
    at = estimate(**{**BLOOD, "weight_kg": 10, "minimum_per_kg": 25_000_000})
    assert (at.low_per_kg, at.enough) == (25_000_000, Enough.YES)


@given(st.integers(1, 3000), st.decimals("3", "100", places=1))
def test_the_volume_it_names_gives_exactly_the_minimum(nk_per_ul, weight):
    given_blood = {**BLOOD, "nk_per_ul": nk_per_ul, "weight_kg": weight}
    needed = estimate(**given_blood).needed_ml
    again = estimate(**{**given_blood, "processed_ml": needed})
    assert again.low_per_kg == 3_000_000
    assert expected_nk(nk_per_ul, needed, Decimal("0.5"), Decimal("0.2")) == 3_000_000 * Fraction(weight)
