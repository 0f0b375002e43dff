"""What follows from a correction, and which signatures no longer stand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from manufacturing.domain.effects import Derived, Signed, differences, void_since

AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def derived(figure, value, of="Final product"):
    return Derived(figure, of, "cells", value)


def test_only_what_is_another_value_afterwards_is_told_in_the_order_of_the_record():
    before = [derived("tnc", "1"), derived("nk", "2"), derived("nk", "3", of="Bag")]
    after = [derived("tnc", "1"), derived("nk", "4"), derived("nk", "5", of="Bag")]
    assert [(one.of, one.before, one.after) for one in differences(before, after)] == [
        ("Final product", "2", "4"),
        ("Bag", "3", "5"),
    ]


def test_a_value_that_comes_or_goes_is_told_too():
    gone = differences([derived("finding", "recovery above 100 %")], [])
    come = differences([], [derived("nk_per_kg", "1e6")])
    assert [(one.before, one.after) for one in (*gone, *come)] == [("recovery above 100 %", None), (None, "1e6")]


@pytest.mark.req("A11D-13")
@pytest.mark.parametrize(
    ("step_id", "corrections", "since"),
    [
        ("s1", [("s1", AT + HOUR)], AT + HOUR),
        ("s1", [("s2", AT + HOUR)], None),
        ("s1", [("s1", AT)], None),
        ("s1", [("s1", AT - HOUR)], None),
        ("s1", [("s1", AT + 2 * HOUR), ("s1", AT + HOUR)], AT + HOUR),
        (None, [("s2", AT + HOUR)], AT + HOUR),
        (None, [("s2", AT - HOUR)], None),
        (None, [], None),
    ],
)
def test_a_signature_stands_until_what_it_vouches_for_is_corrected(step_id, corrections, since):
    assert void_since(Signed(step_id, AT), corrections) == since
