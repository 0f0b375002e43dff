"""Individuals and moving ranges against a published worked example, and every run rule one value short of its signal."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from release.domain.control import Limits, Rule, known_values, limits_of, moving_ranges, signals_of

D, F = Decimal, Fraction
# NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2: flowrate of ten batches.
FLOWRATE = [D(one) for one in ("49.6", "47.6", "49.9", "51.3", "47.8", "51.2", "52.6", "52.4", "53.6", "52.1")]
RANGES = [D(one) for one in ("2.0", "2.3", "1.4", "3.5", "3.4", "1.4", "0.2", "1.2", "1.5")]
UNIT = Limits(F(0), F(1), F(1128, 1000))


def rounded(value, places="0.0001"):
    return (D(value.numerator) / D(value.denominator)).quantize(D(places))


def test_the_published_example_gives_the_published_limits():
    values = known_values(FLOWRATE)
    limits = limits_of(values)
    assert moving_ranges(values) == [None, *map(F, map(str, RANGES))]
    assert rounded(limits.centre, "0.01") == D("50.81")
    assert rounded(limits.mean_range) == D("1.8778")
    assert (rounded(limits.low), rounded(limits.high)) == (D("45.8159"), D("55.8041"))
    assert signals_of(values, limits) == []


def rules(*values, limits=UNIT):
    known = known_values([None if one is None else D(one) for one in values])
    return {one.rule for one in signals_of(known, limits) if one.place == len(values) - 1} - {Rule.RANGE}


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("values", "rule"),
    [
        (["3.0000000001"], Rule.BEYOND_THREE),
        (["2.1", "0", "2.1"], Rule.TWO_OF_THREE),
        (["1.1", "1.2", "0", "1.1", "1.2"], Rule.FOUR_OF_FIVE),
        (["0.1", "0.2"] * 4, Rule.EIGHT_ON_ONE_SIDE),
        (["-0.3", "-0.2", "-0.1", "0", "0.1", "0.2"], Rule.SIX_IN_A_ROW),
    ],
)
def test_each_rule_signals_on_either_side(values, rule, sign):
    assert rules(*(str(sign * D(one)) for one in values)) == {rule}


@pytest.mark.parametrize(
    "values",
    [
        ["3"],
        ["-3"],
        ["2.1", "0", "2"],
        ["2.1", "0", "-2.1"],
        ["2.1", "2.1", "0"],
        ["1.1", "1.2", "0", "1.1", "1"],
        ["0.1", "0.2"] * 3 + ["0.1", "0"],
        ["-0.3", "-0.2", "-0.1", "0", "0.1", "0.1"],
        ["2.1", None, "2.1"],
        ["0.1", "0.2", "0.1", "0.2", None, "0.1", "0.2", "0.1"],
    ],
)
def test_one_value_short_on_the_limit_or_over_a_gap_nothing_signals(values):
    assert rules(*values) == set()


def test_a_leap_signals_on_the_moving_ranges():
    values = known_values([D(one) for one in ("0", "0.1", "0", "0.1", "0", "0.1", "1.5")])
    limits = limits_of(values)
    assert (6, Rule.RANGE) in {(one.place, one.rule) for one in signals_of(values, limits)}


def test_one_value_or_none_has_no_limits():
    assert limits_of(known_values([D(1)])) is None
    assert limits_of(known_values([D(1), None, D(2)])) is None
    assert limits_of([]) is None


def test_equal_values_do_not_signal():
    values = known_values([D(5)] * 12)
    assert signals_of(values, limits_of(values)) == []
