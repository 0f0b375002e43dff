"""Check values of the intervals (process design, section 7.3; anchor 7/50 from the SciPy manual)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from statistics import NormalDist

import pytest

from release.domain.intervals import Z_975, clopper_pearson, one_sided_lower, wilson

TABLE = """
0/12 0.000000 0.264648 0.000000 0.242494 0
2/12 0.020863 0.484138 0.046965 0.448031 0.030460
3/12 0.054861 0.571858 0.088942 0.532305 0.071870
6/12 0.210945 0.789055 0.253782 0.746218 0.245300
7/12 0.276670 0.848348 0.319511 0.806740 0.315238
8/12 0.348876 0.900754 0.390622 0.861880 0.390862
9/12 0.428142 0.945139 0.467695 0.911058 0.472673
10/12 0.515862 0.979137 0.551969 0.953035 0.561895
11/12 0.615204 0.997892 0.646120 0.985135 0.661319
12/12 0.735352 1.000000 0.757506 1.000000 0.779078
12/23 0.305878 0.731804 0.329627 0.707628 0.335148
12/24 0.291242 0.708758 0.314274 0.685726 0.319421
6/9 0.299295 0.925145 0.354202 0.879416 0.344941
"""


@pytest.mark.req("TR-F1", "TR-F2")
@pytest.mark.parametrize("line", TABLE.strip().splitlines())
def test_interval(line):
    ratio, *expected = line.split()
    k, n = map(int, ratio.split("/"))
    exact, score = clopper_pearson(k, n), wilson(k, n)
    found = (exact.low, exact.high, score.low, score.high, one_sided_lower(k, n))
    assert all(abs(value - Decimal(text)) <= Decimal("1e-6") for value, text in zip(found, expected, strict=True))


def test_the_published_anchor():
    found = clopper_pearson(7, 50)
    assert abs(found.low - Decimal("0.05819170033997342")) < Decimal("1e-9")
    assert abs(found.high - Decimal("0.26739600249700846")) < Decimal("1e-9")


def test_the_closed_form_lies_in_the_last_cell_of_the_grid():
    low = Fraction(clopper_pearson(12, 12).low)
    assert low**12 <= Fraction(25, 1000) < (low + Fraction(1, 10**10)) ** 12


def test_both_intervals_are_symmetric_and_hold_the_estimate():
    for k in range(13):
        for interval in (clopper_pearson, wilson):
            one, other = interval(k, 12), interval(12 - k, 12)
            assert abs(one.low - (1 - other.high)) <= Decimal("1e-10")
            assert Fraction(one.low) <= Fraction(k, 12) <= Fraction(one.high)


def test_nothing_observed_leaves_everything_possible():
    assert (clopper_pearson(0, 0).low, clopper_pearson(0, 0).high) == (0, 1)
    assert (wilson(0, 0).low, wilson(0, 0).high, one_sided_lower(0, 0)) == (0, 1, 0)


@pytest.mark.parametrize(("k", "n"), [(-1, 12), (13, 12)])
@pytest.mark.parametrize("function", [clopper_pearson, wilson, one_sided_lower])
def test_an_impossible_count_is_an_error(function, k, n):
    with pytest.raises(ValueError, match="0 <= k <= n"):
        function(k, n)


def test_the_normal_quantile():
    assert abs(float(Z_975) - NormalDist().inv_cdf(0.975)) < 1e-12
