"""Who may do what is reviewed; passwords have no age unless the rules give them one (AC-REVIEW, P11-300b)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kernel.reviewing.domain import (
    Held,
    SigningFacts,
    due_at,
    every_line_is_answered,
    is_unused,
    own_refusals,
    password_due,
)
from kernel.upkeep.domain import BOUNDS, UpkeepRules, check_upkeep, months_later, parse_upkeep

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
DAY = timedelta(days=1)
RULES = UpkeepRules()
LINE = Held("p1", "tess", "Tess Bakker", "T", NOW - 200 * DAY, "Quinn", None, NOW - 90 * DAY, NOW - 200 * DAY)
PRESET = json.loads(Path("config/presets/upkeep.json").read_text(encoding="utf-8"))["body"]


@pytest.mark.req("AC-REVIEW")
@pytest.mark.parametrize(
    ("change", "unused"),
    [
        ({}, False),
        ({"used_at": NOW - 90 * DAY - timedelta(seconds=1)}, True),
        ({"used_at": None}, True),
        ({"used_at": None, "since": NOW - DAY}, False),
        ({"used_at": None, "since": None}, True),
    ],
)
def test_an_account_is_flagged_when_nobody_used_it_for_more_than_ninety_days(change, unused):
    assert is_unused(replace(LINE, **change), RULES, NOW) == unused


@pytest.mark.req("AC-REVIEW")
def test_a_review_is_due_each_quarter_from_the_last_one_signed():
    first = NOW - 400 * DAY
    assert due_at(NOW, first, RULES) == NOW.replace(year=2027, month=2)
    assert due_at(None, NOW, replace(RULES, access_review_months=12)) == NOW.replace(year=2027)


def test_a_month_later_is_its_last_day_where_it_is_shorter():
    assert months_later(datetime(2026, 11, 30, 9, tzinfo=UTC), 3) == datetime(2027, 2, 28, 9, tzinfo=UTC)
    assert months_later(datetime(2027, 12, 31, 9, tzinfo=UTC), 2) == datetime(2028, 2, 29, 9, tzinfo=UTC)


@pytest.mark.req("P11-300b")
def test_a_password_has_an_age_only_where_the_rules_give_it_one():
    assert password_due(NOW, RULES) is None
    yearly = replace(RULES, password_months=12)
    assert password_due(NOW, yearly) == NOW.replace(year=2027)
    assert password_due(None, yearly) is None


@pytest.mark.req("AC-REVIEW")
def test_nobody_answers_for_himself_and_nothing_is_signed_while_a_line_waits():
    assert [one.code for one in own_refusals("p1", ["p2", "p1"])] == ["SOD_REVIEWED"]
    assert own_refusals("p1", ["p2"]) == ()
    assert every_line_is_answered(SigningFacts(("tess T",))).code == "REVIEW_LINES_OPEN"
    assert every_line_is_answered(SigningFacts(())) is None


@pytest.mark.req("AC-REVIEW", "P11-300b", "BK-RPO")
def test_the_rules_that_come_with_it_are_the_ones_that_hold_without_a_document():
    assert parse_upkeep(PRESET) == RULES


@pytest.mark.parametrize("name", BOUNDS)
def test_a_number_that_is_none_or_out_of_bounds_is_refused(name):
    low, high = BOUNDS[name]
    for text in (str(low - 1), str(high + 1), "", "ten", 3, None, "1.5"):
        assert f"{name}: a whole number from {low} to {high}, as text" in [
            one.fact("problem") for one in check_upkeep({**PRESET, name: text})
        ]


@pytest.mark.req("BK-RPO")
def test_backups_are_never_further_apart_than_what_may_be_lost():
    assert [one.code for one in check_upkeep({**PRESET, "backup_hours": "25"})] == ["DOCUMENT_INVALID"]
    assert check_upkeep({**PRESET, "backup_hours": "24", "rpo_hours": "24"}) == ()
