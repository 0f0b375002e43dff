"""JSON in which no digit of a decimal is lost."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum

import pytest

from kernel.exports import exact_json


class Colour(StrEnum):
    RED = "red"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("0.10"), "0.10"),
        (Decimal("1E+3"), "1000"),
        (Decimal("-1E-7"), "-0.0000001"),
        (Decimal("123456789012345678901234567890.123456789"), "123456789012345678901234567890.123456789"),
        (datetime(2026, 11, 23, 15, 30, tzinfo=UTC), '"2026-11-23T15:30:00.000000Z"'),
        ({"a": [True, None, 3, 'é "x"'], "b": ()}, '{"a":[true,null,3,"é \\"x\\""],"b":[]}'),
        (Colour.RED, '"red"'),
    ],
)
def test_every_value_is_written_exactly(value, text):
    assert exact_json(value) == text
    json.loads(text)


@pytest.mark.parametrize("value", [0.1, Decimal("NaN"), Decimal("Infinity"), {"a": [0.5]}])
def test_what_is_not_exact_is_refused(value):
    with pytest.raises((TypeError, ValueError)):
        exact_json(value)
