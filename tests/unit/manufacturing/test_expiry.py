"""Expiry is an instant; two nights a year prove it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from kernel.clock import PEOPLE
from manufacturing.domain.expiry import (
    ShelfLife,
    expiry,
    expiry_of,
    hours,
    is_expired,
    local_day,
    local_text,
)

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def amsterdam(*parts):
    return datetime(*parts, tzinfo=PEOPLE)


def of(collected, formulated):
    ends = (collected,) if isinstance(collected, datetime) else collected
    return expiry_of(ends, formulated, hours_after_apheresis=Decimal(72), hours_after_formulation=Decimal(24))


@pytest.mark.req("CTR-VI-k", "ATMP-CALC")
def test_the_worked_example_ends_with_the_formulation_clock():
    answer = of(amsterdam(2026, 6, 9, 11, 20), amsterdam(2026, 6, 10, 15, 45))
    assert local_text(answer.expires_at) == "2026-06-11 15:45 CEST"
    assert answer.decided_by == "formulation"
    assert [local_text(end) for _, end in answer.clocks] == ["2026-06-12 11:20 CEST", "2026-06-11 15:45 CEST"]


def test_the_earliest_of_two_collections_decides():
    early, late = amsterdam(2026, 6, 8, 9, 0), amsterdam(2026, 6, 9, 9, 0)
    answer = of((late, early), amsterdam(2026, 6, 10, 15, 45))
    assert (local_text(answer.expires_at), answer.decided_by) == ("2026-06-11 09:00 CEST", "apheresis")


@pytest.mark.req("CTR-VI-k")
@pytest.mark.parametrize(
    ("formulated", "shown"),
    [((2026, 3, 28, 16, 30), "2026-03-29 17:30 CEST"), ((2026, 10, 24, 16, 30), "2026-10-25 15:30 CET")],
)
def test_a_day_is_24_hours_also_when_the_clock_changes(formulated, shown):
    made = amsterdam(*formulated)
    assert local_text(of(made, made).expires_at) == shown


@pytest.mark.req("CTR-VI-k")
def test_text_for_people_names_the_zone_and_is_cut_to_the_minute():
    assert local_text(datetime(2026, 11, 23, 15, 30, 59, 999999, tzinfo=UTC)) == "2026-11-23 16:30 CET"


@pytest.mark.req("DSP-EXP")
@pytest.mark.parametrize(
    ("now", "margin", "expired"),
    [
        (NOON, 0, True),
        (NOON - timedelta(microseconds=1), 0, False),
        (NOON + timedelta(microseconds=1), 0, True),
        (NOON - timedelta(minutes=60), 60, True),
        (NOON - timedelta(minutes=60, microseconds=1), 60, False),
    ],
)
def test_expired_from_the_instant_on_margin_included(now, margin, expired):
    assert is_expired(NOON, now, timedelta(minutes=margin)) is expired


@pytest.mark.req("DSP-EXP")
def test_a_product_without_expiry_counts_as_expired():
    assert is_expired(None, NOON)
    with pytest.raises(ValueError, match="without a clock"):
        expiry(())


def test_naive_times_are_an_error():
    with pytest.raises(ValueError, match="naive"):
        is_expired(NOON, NOON.replace(tzinfo=None))
    with pytest.raises(ValueError, match="naive"):
        ShelfLife("formulation", NOON.replace(tzinfo=None), Decimal(24)).ends_at()


def test_a_shelf_life_is_never_lengthened_by_rounding():
    assert hours(Decimal("0.0000000009")) == timedelta(microseconds=3)
    assert hours(Decimal("1.5")) == timedelta(minutes=90)


@pytest.mark.req("DSP-ELIG-1")
@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=-8)), timezone(timedelta(hours=14)), PEOPLE])
def test_the_calendar_day_is_amsterdams_whatever_the_zone(zone):
    assert local_day(datetime(2026, 11, 23, 22, 59, 59, tzinfo=UTC).astimezone(zone)) == date(2026, 11, 23)
    assert local_day(datetime(2026, 11, 23, 23, 0, tzinfo=UTC).astimezone(zone)) == date(2026, 11, 24)
