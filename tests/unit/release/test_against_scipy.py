"""Intervals and chances beside those of another library, to 1e-9 (process design, section 7.3)."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from scipy.special import betainc, betaincinv, ndtri

from release.domain.intervals import clopper_pearson, one_sided_lower, wilson
from release.domain.metrics import TrialRules
from release.domain.simulation import Assumed, at_least, chances

CLOSE = 1e-9
MOST = 200
EVERY = [(k, n) for n in range(1, MOST + 1) for k in range(n + 1)]
USUAL = [(k, n) for k, n in EVERY if n <= 14 or (n in {40, MOST} and k % 20 in {0, 1, 19})]
SIZES = pytest.mark.parametrize("pairs", [USUAL, pytest.param(EVERY, marks=pytest.mark.hostile)], ids=["usual", "all"])
RATES = [Decimal(one) for one in ("0.05", "0.3", "0.6667", "0.95")]


def columns(pairs):
    return np.array(pairs, dtype=float).T


def upper_tail(k, n, rate):
    """P(X >= k) of the binomial, as the incomplete beta function has it."""
    inside = (k > 0) & (k <= n)
    return np.where(
        k == 0, 1, np.where(inside, betainc(np.where(inside, k, 1), np.where(inside, n - k + 1, 1), rate), 0)
    )


def furthest(ours, theirs):
    return np.abs(np.array(ours, dtype=float) - theirs).max()


@pytest.mark.req("TR-F1", "TR-F2")
@SIZES
def test_the_exact_interval_is_that_of_the_beta_distribution(pairs):
    k, n = columns(pairs)
    with np.errstate(invalid="ignore"):
        low, at_least_95 = (np.where(k == 0, 0, betaincinv(k, n - k + 1, tail)) for tail in (0.025, 0.05))
        high = np.where(k == n, 1, betaincinv(k + 1, n - k, 0.975))
    found = [clopper_pearson(*pair) for pair in pairs]
    assert furthest([one.low for one in found], low) < CLOSE
    assert furthest([one.high for one in found], high) < CLOSE
    assert furthest([one_sided_lower(*pair) for pair in pairs], at_least_95) < CLOSE


@pytest.mark.req("TR-F1", "TR-F2")
def test_the_score_interval_is_where_the_estimate_lies_a_quantile_of_its_own_error_away():
    """Solved as the quadratic it comes from, not by the formula of the product."""
    k, n = columns(EVERY)
    share, square = k / n, ndtri(0.975) ** 2
    a, b, c = 1 + square / n, -(2 * share + square / n), share**2
    root = np.sqrt(np.maximum(b**2 - 4 * a * c, 0))
    found = [wilson(*pair) for pair in EVERY]
    assert furthest([one.low for one in found], (-b - root) / (2 * a)) < CLOSE
    assert furthest([one.high for one in found], (-b + root) / (2 * a)) < CLOSE


@pytest.mark.req("TR-F1", "TR-F2", "TR-S1")
@SIZES
def test_the_chance_of_so_many_is_the_upper_tail_of_the_binomial(pairs):
    k, n = columns(pairs)
    for rate in RATES[1:3]:
        assert furthest([at_least(*pair, rate) for pair in pairs], upper_tail(k, n, float(rate))) < CLOSE


@pytest.mark.req("TR-F1", "TR-F2", "TR-S1")
def test_the_simulation_asks_for_the_right_tail_at_every_size_of_a_trial():
    rules = TrialRules()
    sizes = np.arange(1, MOST + 1)
    rows = [row for n in sizes for row in chances(Assumed(int(n), int(n), tuple(RATES)), rules)]
    n = np.repeat(sizes, len(RATES)).astype(float)
    rates = np.tile([float(one) for one in RATES], len(sizes))
    for name, needed in (
        ("inclusion_met", first_above(50, n)),
        ("infusion_met", first_above(66, n)),
        ("safety_stop", np.full(n.shape, 3.0)),
    ):
        assert furthest([getattr(row, name) for row in rows], upper_tail(needed, n, rates)) < CLOSE


def first_above(percent, n):
    """The first count that is more than the percentage of n, found by trying."""
    return np.array([next(k for k in range(MOST + 2) if 100 * k > percent * one) for one in n], dtype=float)
