"""Single-platform counts: the worked values, an oracle of fractions, and a count of nothing that is never zero."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manufacturing.domain.bead_counts import CountedEvents, count_document, count_inputs
from manufacturing.domain.poisson import UPPER_95

D, F = Decimal, Fraction
CD3 = CountedEvents(42, 20000, D(49850), D(50))
NK = CountedEvents(15230, 4980, D(49850), D(50), D(20))


def near(value, expected):
    return abs(F(value) / F(expected) - 1) <= F(1, 10**5)


@pytest.mark.req("ATMP-CALC", "PHE-FLOW")
@pytest.mark.parametrize(("count", "per_ml"), [(CD3, "2093.7"), (NK, "60981160")])
def test_events_against_beads_give_the_worked_concentration(count, per_ml):
    assert near(count.per_ml(), per_ml)


@pytest.mark.req("ATMP-CALC", "PHE-FLOW")
def test_no_event_says_at_most_the_bound_and_never_zero():
    none = replace(CD3, events=0)
    assert abs(none.upper_per_ml() - F("149.3")) < F(5, 100)
    assert none.against_upper_limit(at_bound=False) == none.upper_per_ml() > 0
    assert count_document(none)["cells_per_ml"] is None
    assert count_document(none)["upper_95_per_ml"] > 0


def test_a_count_is_taken_at_its_bound_only_where_it_is_asked():
    assert CD3.against_upper_limit(at_bound=False) == CD3.per_ml()
    assert CD3.against_upper_limit(at_bound=True) == CD3.upper_per_ml() > CD3.per_ml()


@given(
    st.integers(0, 300),
    st.integers(1, 10**6),
    st.decimals("1", "1e6", places=2),
    st.decimals("1", "1000", places=2),
    st.decimals("1", "1000", places=2),
)
def test_value_and_bound_agree_with_fractions(events, beads, per_tube, sample, dilution):
    count = CountedEvents(events, beads, per_tube, sample, dilution)
    factor = F(1000) * F(per_tube) * F(dilution) / (beads * F(sample))
    assert count.per_ml() == events * factor
    assert count.upper_per_ml() == F(UPPER_95[events]) * factor


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"events": -1}, "events"),
        ({"bead_events": 0}, "bead_events"),
        ({"beads_per_tube": D(0)}, "beads_per_tube"),
        ({"sample_ul": D("NaN")}, "sample_volume"),
        ({"dilution": D("0.05")}, "dilution"),  # the factor is 20, not one part in twenty
        ({"dilution": D("Infinity")}, "dilution"),
    ],
)
def test_what_cannot_be_in_a_tube_is_named(change, part):
    assert [name for name, _ in replace(CD3, **change).impossible()] == [part]
    assert CD3.impossible() == ()


@pytest.mark.req("ATMP-CALC")
def test_the_computed_value_comes_with_formula_version_and_inputs():
    found = count_document(CD3)
    assert (found["formula_version"], str(found["counting_error_percent"])) == ("1", "15.5")
    assert dict(count_inputs(CD3))["upper 95 % bound of the events"] == "54.324"
    assert "counting error %" not in dict(count_inputs(replace(CD3, events=0)))
