"""The endotoxin limit of one recipient: the worked values and the published check."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release.domain.endotoxin import endotoxin_limit
from release.domain.results import Censoring, Measurement
from release.queries.endotoxin import endotoxin_result

D = Decimal


def near(value, expected):
    return abs(Fraction(value) / Fraction(expected) - 1) <= Fraction(1, 10**5)


@pytest.mark.req("PHE-2.6.14-1", "ATMP-CALC")
@pytest.mark.parametrize(
    ("volume", "weight", "minutes", "per_kg_h", "limit", "dilution"),
    [
        ("50", "18.4", 30, "2.717391", "1.84", 36),
        ("50", "18.4", 60, "2.717391", "1.84", 36),
        ("50", "18.4", 120, "1.3586957", "3.68", 73),
        ("2", "70", 60, "0.0285714", "175", 3500),
    ],
)
def test_the_limit_follows_weight_volume_and_time(volume, weight, minutes, per_kg_h, limit, dilution):
    found = endotoxin_limit(
        k=5, volume_ml=D(volume), weight_kg=D(weight), minutes=minutes, eu_per_ml=D("0.5"), sensitivity=D("0.05")
    )
    assert near(found.ml_per_kg_h, per_kg_h)
    assert near(found.limit_eu_per_ml, limit)
    assert found.maximum_dilution == dilution
    assert found.per_kg_h == found.ml_per_kg_h / 2


@pytest.mark.req("ATMP-CALC")
def test_half_a_unit_per_ml_in_fifty_ml_is_the_worked_amount_per_kg():
    found = endotoxin_limit(k=5, volume_ml=50, weight_kg=D("18.4"), minutes=30, eu_per_ml=D("0.5"))
    assert near(found.per_kg_h, "1.3587")
    assert found.rate_ml_per_h == 100
    assert found.maximum_dilution is None
    assert found.document()["formula_version"] == "1"


@given(st.integers(1, 600), st.decimals("0.1", "500", places=1), st.decimals("3", "100", places=1))
def test_at_the_limit_itself_exactly_k_is_given(minutes, volume, weight):
    limit = endotoxin_limit(k=5, volume_ml=volume, weight_kg=weight, minutes=minutes).limit_eu_per_ml
    assert endotoxin_limit(k=5, volume_ml=volume, weight_kg=weight, minutes=minutes, eu_per_ml=limit).per_kg_h == 5


@pytest.mark.req("PHE-CENS")
@pytest.mark.parametrize(
    ("operator", "counts_as"), [(Censoring.NONE, D("0.5")), (Censoring.BELOW, D("0.5")), (Censoring.ABOVE, None)]
)
def test_less_than_counts_as_its_number_and_more_than_as_not_known(operator, counts_as):
    assert endotoxin_result(Measurement(D("0.5"), operator)) == counts_as
    assert endotoxin_result(None) is None
