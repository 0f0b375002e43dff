"""A culture is finally negative when it was read after its whole incubation, and not before that time has come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from release.domain.entries import final_read_refusals

BEGUN = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
EARLY, DUE, LATER = (BEGUN + timedelta(days=days) for days in (6, 7, 8))


@pytest.mark.req("PHE-2.6.27-2")
@pytest.mark.parametrize(
    ("reading", "read_at", "now", "refused"),
    [
        ("final_negative", DUE, DUE, False),
        ("final_negative", DUE, LATER, False),
        ("final_negative", DUE - timedelta(microseconds=1), LATER, True),
        ("final_negative", EARLY, LATER, True),
        ("final_negative", LATER, EARLY, True),
        ("positive", EARLY, EARLY, False),
        ("negative_to_date", EARLY, LATER, False),
    ],
    ids=(
        *("at the instant", "entered a day later", "a moment early", "read early, entered late"),
        *("dated ahead", "growth on any day", "negative to date on any day"),
    ),
)
def test_the_reading_and_the_clock_both_have_to_be_past_the_incubation(reading, read_at, now, refused):
    found = final_read_refusals(reading, BEGUN, read_at, now, Decimal(7))
    assert [one.code for one in found] == ["FINAL_READ_TOO_EARLY"] * refused
