"""What is overdue or wrong with the upkeep of an installation (A11-7.1, BK-RPO)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kernel.upkeep.domain import LastRun, Upkeep, UpkeepRules, backup_due, check_due, worries

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
RULES = UpkeepRules()
SOUND = LastRun(NOW - HOUR, 0)
WELL = Upkeep(began=NOW - 1000 * HOUR, check=SOUND, backup=SOUND, good_backup=NOW - HOUR)


@pytest.mark.req("A11-7.1", "BK-RPO")
@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, []),
        ({"check": LastRun(NOW - HOUR, 1)}, ["check_faulty"]),
        ({"check": LastRun(NOW - 36 * HOUR, 0)}, []),
        ({"check": LastRun(NOW - 36 * HOUR - timedelta(seconds=1), 0)}, ["check_missed"]),
        ({"check": None}, ["check_missed"]),
        ({"backup": LastRun(NOW - HOUR, 2)}, ["backup_faulty"]),
        ({"good_backup": NOW - 24 * HOUR}, []),
        ({"good_backup": NOW - 24 * HOUR - timedelta(seconds=1)}, ["backup_missed"]),
        ({"backup": None, "good_backup": None}, ["backup_missed"]),
    ],
)
def test_what_is_faulty_or_overdue_is_named(change, found):
    assert worries(replace(WELL, **change), RULES, NOW) == tuple(found)


@pytest.mark.req("A11-7.1")
def test_a_new_installation_has_the_first_interval_for_its_first_check_and_backup():
    new = Upkeep(began=NOW)
    assert worries(new, RULES, NOW + 24 * HOUR) == ()
    assert check_due(new, RULES) == backup_due(new, RULES) == NOW + 24 * HOUR
    assert worries(Upkeep(), RULES, NOW) == ()
    assert check_due(Upkeep(), RULES) is None
