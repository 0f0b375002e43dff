"""A head is read only as it was told, and a recovery names every line that somebody misses."""

from __future__ import annotations

import pytest

from kernel.witness.domain import ToldHead, parse_head, recovery_refusals

TOLD = ToldHead(17, "a" * 64, 2, "A" * 86 + "==")


def test_a_head_is_read_back_as_it_was_told():
    assert parse_head(str(TOLD)) == TOLD


@pytest.mark.parametrize(
    "text",
    [
        "",
        "17",
        str(TOLD) + "\n",
        " " + str(TOLD),
        str(TOLD).replace("17.", "017."),
        str(TOLD).replace("17.", "\u0661\u0667."),
        str(TOLD).replace("17.", "-1."),
        str(TOLD).replace("a", "A"),
        str(TOLD).replace(".2.", "..") + "x" * 500,
    ],
)
def test_anything_else_is_no_head(text):
    assert parse_head(text) is None


@pytest.mark.parametrize(
    ("kept", "until", "missed", "unread", "code"),
    [
        (100, 150, [120, 150], False, None),
        (105, 150, [106, 150], False, None),
        (105, 170, [120, 150], False, None),
        (105, 150, [105, 150], False, "RECOVERY_RANGE"),
        (100, 149, [120, 150], False, "RECOVERY_RANGE"),
        (106, 150, [120], False, "RECOVERY_RANGE"),
        (-1, 150, [120], False, "RECOVERY_RANGE"),
        (100, 150, [], False, "NOTHING_MISSED"),
        (100, 101, [], True, None),
        (100, 100, [], True, "RECOVERY_RANGE"),
    ],
)
def test_a_recovery_covers_all_that_is_missing_and_nothing_that_the_copy_brought(kept, until, missed, unread, code):
    found = recovery_refusals(kept, until, missed=missed, newest=105, unread=unread)
    assert [one.code for one in found] == ([code] if code else [])
