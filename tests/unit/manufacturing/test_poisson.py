"""The table of upper bounds, proved entry by entry with rational numbers."""

from __future__ import annotations

import itertools
from decimal import Decimal
from fractions import Fraction

import pytest

from manufacturing.domain.poisson import UPPER_95, upper_bound_95

STEP = Fraction(1, 10**4)


def partial_sums(mean, count):
    """Sum of mean^k / k! for k <= count, and the last term."""
    term = total = Fraction(1)
    for k in range(1, count + 1):
        term = term * mean / k
        total += term
    return total, term


def within_five_percent(events, mean):
    """Whether P(X <= events) <= 5 %, decided by enclosing e^mean between two rational numbers."""
    head, _ = partial_sums(mean, events)
    terms = int(3 * mean) + 60
    low, last = partial_sums(mean, terms)
    ratio = mean / (terms + 2)
    high = low + last * mean / (terms + 1) / (1 - ratio)
    if 20 * head <= low:
        return True
    assert 20 * head > high
    return False


@pytest.mark.req("ATMP-CALC")
@pytest.mark.parametrize("events", [*range(30), 42, 60, 100, 200, 300])
def test_the_bound_is_the_smallest_of_four_decimals_that_holds(events):
    bound = Fraction(UPPER_95[events])
    assert within_five_percent(events, bound)
    assert not within_five_percent(events, bound - STEP)


def test_the_table_rises_and_covers_300_events():
    assert len(UPPER_95) == 301
    steps = [after - before for before, after in itertools.pairwise(UPPER_95)]
    assert all(Decimal(1) < step for step in steps)
    assert all(later <= earlier + Decimal("0.0002") for earlier, later in itertools.pairwise(steps))


def test_zero_events_are_never_zero_cells():
    assert upper_bound_95(0) == Decimal("2.9958")


@pytest.mark.parametrize("events", [301, 400])
def test_beyond_the_table_the_bound_is_safe_and_not_absurd(events):
    assert within_five_percent(events, Fraction(upper_bound_95(events)))
    assert upper_bound_95(events) < events + 3 * Decimal(events).sqrt() + 4


def test_the_bound_rises_over_the_end_of_the_table():
    assert upper_bound_95(300) < upper_bound_95(301) < upper_bound_95(302) < upper_bound_95(10**9)


def test_a_negative_count_is_an_error():
    with pytest.raises(ValueError, match="never negative"):
        upper_bound_95(-1)
