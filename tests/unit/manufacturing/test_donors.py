"""The sampling window of a donor's markers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from manufacturing.domain.donor_window import at_the_donation


@pytest.mark.req("TC-17-II.2.5")
@pytest.mark.parametrize(
    ("before", "belongs"),
    [
        (timedelta(minutes=20), True),
        (timedelta(hours=12), True),
        (timedelta(hours=12, seconds=1), False),
        (timedelta(seconds=-1), False),
    ],
)
def test_a_sample_drawn_just_before_the_start_belongs_to_the_donation_also_across_midnight(before, belongs):
    start = datetime(2026, 11, 23, 23, 10, tzinfo=UTC)
    assert at_the_donation(start, start - before) is belongs
