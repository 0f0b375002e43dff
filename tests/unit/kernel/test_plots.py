"""Coordinates of a plot: more is higher, gaps stay gaps, nothing lies outside the drawing."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.plots import BOTTOM, HEIGHT, TOP, Mark, plot, scale_of

D = Decimal


def drawn(*values, unit="", low=None, high=None):
    marks = [Mark(f"S{place}", None if one is None else D(one), low, high) for place, one in enumerate(values)]
    return plot("key", "Name", unit, [("", marks)])


def test_a_value_that_is_not_known_is_a_gap_and_no_zero():
    (line,) = drawn("90", None, "80", "70")["series"]
    assert [one["label"] for one in line["points"]] == ["S0", "S2", "S3"]
    assert len(line["lines"]) == 1
    assert drawn(None, None)["series"] == []


@pytest.mark.parametrize(
    ("value", "outside"), [("70", False), ("69.999999999999", True), ("100", False), ("100.000000001", True)]
)
def test_at_a_limit_is_inside_and_the_least_beyond_is_outside(value, outside):
    (line,) = drawn(value, low=D(70), high=D(100))["series"]
    assert line["points"][0]["outside"] is outside


@given(st.lists(st.decimals("-1e9", "1e12", allow_nan=False, places=3), min_size=1, max_size=30))
def test_order_and_frame_are_kept_for_every_set_of_values(values):
    scale = scale_of(values, percent=False)
    heights = [scale.y(one) for one in sorted(values)]
    assert heights == sorted(heights, reverse=True)
    assert all(TOP <= one <= HEIGHT - BOTTOM for one in heights)
    assert scale.low <= min(values)
    assert max(values) <= scale.high
    assert 1 <= len(scale.ticks()) <= 8


def test_a_share_ends_at_a_hundred_and_more_than_a_hundred_is_still_drawn():
    assert scale_of([D("10"), D("99.9")], percent=True).high == 100
    assert scale_of([D("10"), D("103")], percent=True).high >= 103


def test_one_value_alone_has_a_scale_around_it():
    scale = scale_of([D("4.3")], percent=False)
    assert scale.low < D("4.3") < scale.high or scale.low <= D("4.3") <= scale.high
    assert scale.low < scale.high


def test_many_places_leave_out_labels_and_no_points():
    found = drawn(*map(str, range(60)))
    assert len(found["labels"]) <= 8
    assert len(found["series"][0]["points"]) == 60
