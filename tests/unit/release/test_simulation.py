"""Exact chances of meeting the criteria and of the safety stop at assumed true rates (process design 7.4, 7.5)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from release.domain.metrics import TrialRules
from release.domain.simulation import (
    Assumed,
    at_least,
    chances,
    largest_passing,
    read_assumed,
    shown,
    smallest_passing,
)

D = Decimal
RULES = TrialRules()


@pytest.mark.req("TR-S1")
@pytest.mark.parametrize(
    ("risk", "stop"),
    [
        ("0.05", "0.0196"),
        ("0.10", "0.1109"),
        ("0.15", "0.2642"),
        ("0.20", "0.4417"),
        ("0.25", "0.6093"),
        ("0.30", "0.7472"),
    ],
)
def test_the_third_patient_of_twelve_stops_the_trial_as_often_as_the_binomial_says(risk, stop):
    (found,) = chances(Assumed(12, 23, (D(risk),)), RULES)
    assert found.safety_stop.quantize(D("0.0001")) == D(stop)


@pytest.mark.req("TR-F1", "TR-F2")
def test_the_criteria_of_the_simulation_are_those_of_the_figures():
    """Eight of twelve is the first that passes 66 %; twelve of 24 transplanted fails, of 23 passes."""
    assert [smallest_passing(12, 66), smallest_passing(24, 50), smallest_passing(23, 50)] == [8, 13, 12]
    assert largest_passing(12, RULES) == 23
    (found,) = chances(Assumed(1, 1, (D("0.3"),)), RULES)
    assert (found.inclusion_met, found.infusion_met, found.safety_stop) == (D("0.3"), D("0.3"), 0)


def test_every_sum_is_exact_and_ends_are_certain():
    assert at_least(2, 3, D("0.5")) == Fraction(1, 2)
    assert sum(at_least(k, 7, D("0.35")) for k in range(1, 8)) == Fraction(7 * 35, 100)
    assert [at_least(3, 12, D(0)), at_least(3, 12, D(1)), at_least(13, 12, D(1))] == [0, 1, 0]


def test_almost_certain_is_never_shown_as_certain():
    assert shown(1 - Fraction(1, 10**12)) == D("0.9999999999")
    assert shown(Fraction(1)) == 1


def test_nothing_typed_is_the_target_and_the_most_transplants_at_which_it_passes():
    found = read_assumed("", " ", "", RULES)
    assert (found.included, found.transplanted, len(found.rates)) == (12, 23, 19)
    assert (found.rates[0], found.rates[-1]) == (D("0.05"), D("0.95"))


def test_rates_are_read_in_one_grammar_sorted_and_once():
    assert read_assumed("12", "23", "0.7 0.65; 0.7", RULES).rates == (D("0.65"), D("0.7"))


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        (("0", "", ""), 1),
        (("12.5", "", ""), 1),
        (("201", "201", ""), 2),
        (("", "-3", ""), 1),
        (("", "", "1.01"), 1),
        (("", "", "0,65"), 1),
        (("", "", "0.12345"), 1),
        (("", "", "NaN"), 1),
        (("x", "y", "z"), 3),
        (("", "", " ".join(f"0.{one:04}" for one in range(1, 42))), 1),
    ],
)
def test_everything_that_cannot_be_used_is_named_at_once(typed, wrong):
    found = read_assumed(*typed, RULES)
    assert [one.code for one in found] == ["SIMULATION_INPUT"] * wrong
