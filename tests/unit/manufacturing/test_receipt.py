"""What is a deviation by itself when a leukapheresis arrives."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from manufacturing.domain.plan import Limits
from manufacturing.domain.receipt import (
    Arrival,
    arrival_findings,
    deviation_refusals,
    logger_refusals,
    transport_minutes,
)

D = Decimal
LIMITS = Limits(D(15), D(25))
GOOD = Arrival(
    container_intact=True,
    label_matches=True,
    free_of_clots=True,
    temperature_c=D("18.5"),
    logger_low_c=D(15),
    logger_high_c=D(25),
)


@pytest.mark.req("TC-86-RECEIPT")
def test_what_is_in_order_is_no_deviation_also_at_both_limits():
    assert arrival_findings(GOOD, LIMITS) == ()


@pytest.mark.req("TC-86-RECEIPT")
@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"container_intact": False}, "intact"),
        ({"label_matches": False}, "paper"),
        ({"free_of_clots": False}, "haemolysis"),
        ({"temperature_c": D("14.9")}, "Received at 14.9"),
        ({"temperature_c": D("25.1")}, "Received at 25.1"),
        ({"logger_low_c": D("14.99")}, "14.99 to 25"),
        ({"logger_high_c": D("25.01")}, "15 to 25.01"),
        ({"logger_low_c": None, "logger_high_c": None}, "no reading"),
    ],
)
def test_each_no_and_each_temperature_outside_is_one(change, word):
    (found,) = arrival_findings(replace(GOOD, **change), LIMITS)
    assert word in found


def test_everything_wrong_is_named():
    wrong = {"container_intact": False, "label_matches": False, "free_of_clots": False, "temperature_c": D(30)}
    assert len(arrival_findings(replace(GOOD, **wrong, logger_low_c=None, logger_high_c=None), LIMITS)) == 5


@pytest.mark.parametrize(
    ("low", "high", "codes"),
    [
        (None, None, []),
        (D(17), D(17), []),
        (D("17.1"), D(17), ["LOGGER_RANGE"]),
        (D(17), None, ["LOGGER_RANGE"]),
        (None, D(17), ["LOGGER_RANGE"]),
        (D(17), D(900), ["UNIT_IMPLAUSIBLE"]),
    ],
)
def test_the_logger_has_two_ends_in_their_order_or_none(low, high, codes):
    assert [one.code for one in logger_refusals(low, high)] == codes


@pytest.mark.req("TC-86-RECEIPT")
def test_each_deviation_that_is_not_closed_is_named():
    found = deviation_refusals([("X-D1", "open"), ("X-D2", "assessed")])
    assert [(one.code, one.fact("number")) for one in found] == [
        ("RECEIPT_DEVIATION_OPEN", "X-D1"),
        ("RECEIPT_DEVIATION_OPEN", "X-D2"),
    ]


def test_the_transport_is_from_door_to_door():
    noon = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    assert transport_minutes(noon, noon + timedelta(minutes=95)) == 95
    assert transport_minutes(None, noon) is None
