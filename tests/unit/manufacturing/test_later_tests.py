"""What is stored frozen needs NAT of the donation sample or a repeat test after 180 days; a reactive one stops all."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from manufacturing.domain.later_tests import LaterResult, entry_refusals, storage_refusals

DONATED = date(2026, 5, 20)
TODAY = date(2026, 12, 24)
GOOD, BAD = LaterResult("nat", reactive=False), LaterResult("repeat_after_180_days", reactive=True)


@pytest.mark.req("TC-17-II.2.8")
@pytest.mark.parametrize(
    ("test", "day", "codes"),
    [
        ("nat", -1, ["LATER_TEST_TIME"]),
        ("nat", 0, []),
        ("nat", 7, []),
        ("nat", 8, ["LATER_TEST_TIME"]),
        ("repeat_after_180_days", 179, ["LATER_TEST_TIME"]),
        ("repeat_after_180_days", 180, []),
        ("repeat_after_180_days", 219, ["FUTURE_TIME"]),
    ],
)
def test_nat_is_of_the_donation_and_a_repeat_is_180_days_later(test, day, codes):
    assert [one.code for one in entry_refusals(test, DONATED + timedelta(days=day), DONATED, TODAY)] == codes


@pytest.mark.req("TC-17-II.2.8")
@pytest.mark.parametrize(
    ("results", "frozen", "codes"),
    [
        ((), False, []),
        ((), True, ["LONG_STORAGE_TEST_MISSING"]),
        ((GOOD,), True, []),
        ((GOOD, BAD), True, ["LONG_STORAGE_TEST_REACTIVE"]),
        ((BAD,), False, ["LONG_STORAGE_TEST_REACTIVE"]),
    ],
)
def test_a_frozen_product_waits_for_one_of_them(results, frozen, codes):
    assert [one.code for one in storage_refusals("LA-1", results, frozen=frozen)] == codes
