"""Ranges of yields: read from a process version, compared unrounded, explained by a deviation of their own step."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from manufacturing.domain.expected_yields import Breach, outside, unexplained
from manufacturing.domain.plan import ExpectedYield, Limits
from manufacturing.domain.process import parse_process

BODY = json.loads(Path("config/presets/process.json").read_text(encoding="utf-8"))["body"]
RANGE = ExpectedYield("final", "total_recovery_percent", Limits(Decimal(10), Decimal(90)))


@pytest.mark.req("ATMP-YIELD")
@pytest.mark.parametrize(
    ("value", "found"),
    [
        (None, False),
        (Fraction(10), False),
        (Fraction(90), False),
        (Fraction(10) - Fraction(1, 10**12), True),
        (Fraction(90) + Fraction(1, 10**12), True),
    ],
)
def test_at_a_limit_is_inside_and_the_least_beyond_is_outside(value, found):
    assert outside(RANGE, value) is found


@pytest.mark.parametrize(
    ("states", "refused"),
    [
        ({}, True),
        ({4: ["open"]}, True),
        ({5: ["closed"]}, True),
        ({4: ["assessed"]}, False),
        ({4: ["open", "closed"]}, False),
    ],
)
def test_only_an_assessed_deviation_of_the_step_explains(states, refused):
    breach = Breach(RANGE, Fraction(5), 4, "Final product")
    assert bool(unexplained([breach], states)) is refused


@pytest.mark.parametrize(
    "entry",
    [
        {"stage": "nowhere", "figure": "purity_percent", "limits": {"low": "70"}},
        {"stage": "final", "figure": "beauty", "limits": {"low": "70"}},
        {"stage": "final", "figure": "purity_percent", "limits": None},
        {"stage": "final", "figure": "purity_percent", "limits": {"low": "90", "high": "70"}},
        {"stage": "final", "figure": "purity_percent", "limits": {"low": 70}},
    ],
)
def test_a_range_that_means_nothing_is_refused(entry):
    assert isinstance(parse_process({**BODY, "expected_yields": [entry]}), tuple)


def test_a_range_written_twice_is_refused():
    entry = {"stage": "final", "figure": "purity_percent", "limits": {"low": "70"}}
    assert isinstance(parse_process({**BODY, "expected_yields": [entry, entry]}), tuple)


def test_a_process_may_expect_nothing():
    assert parse_process({**BODY, "expected_yields": None}).expected_yields == ()
