"""The clocks of a container that is frozen and thawed, and what stands against either."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from manufacturing.domain.cryo import CryoFacts, cryo_expiry, freeze_refusals, thaw_refusals
from manufacturing.domain.plan import Cryopreservation
from manufacturing.domain.process import parse_process

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
PLAN = Cryopreservation(frozen_hours=Decimal(100), post_thaw_hours=Decimal("1.5"))
FRESH = CryoFacts("NK26-0001-01", NOW - HOUR, None, None, NOW + HOUR, NOW, NOW)
FROZEN = replace(FRESH, frozen_at=NOW - HOUR / 2, expires_at=NOW + 90 * HOUR)


def codes(refusals):
    return [one.code for one in refusals]


def test_frozen_the_frozen_shelf_life_runs_and_the_fresh_clock_stands():
    found = cryo_expiry(PLAN, NOW, None)
    assert (found.expires_at, found.decided_by) == (NOW + 100 * HOUR, "freezing")


def test_thawed_the_earlier_of_both_clocks_decides():
    assert cryo_expiry(PLAN, NOW, NOW + 10 * HOUR).expires_at == NOW + 11.5 * HOUR
    late = cryo_expiry(PLAN, NOW, NOW + 99 * HOUR)
    assert (late.expires_at, late.decided_by) == (NOW + 100 * HOUR, "freezing")


def test_what_was_never_frozen_keeps_the_clocks_of_its_batch():
    assert cryo_expiry(PLAN, None, None) is None
    assert cryo_expiry(None, NOW, None) is None


def test_a_fresh_container_is_frozen_and_a_frozen_one_thawed():
    assert freeze_refusals(FRESH, PLAN) == thaw_refusals(FROZEN) == ()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"at": NOW + HOUR / 2}, "FUTURE_TIME"),
        ({"at": NOW - 2 * HOUR}, "TIME_ORDER"),
        ({"expires_at": NOW}, "CRYO_EXPIRED"),
        ({"frozen_at": NOW}, "CRYO_STATE"),
        ({"frozen_at": NOW, "thawed_at": NOW}, "CRYO_STATE"),
    ],
)
def test_one_fault_stops_the_freezing(changed, code):
    assert codes(freeze_refusals(replace(FRESH, **changed), PLAN)) == [code]


def test_a_process_that_freezes_nothing_is_no_reason_to_freeze():
    assert codes(freeze_refusals(FRESH, None)) == ["CRYO_NOT_PLANNED"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"at": NOW - HOUR}, "TIME_ORDER"),
        ({"expires_at": NOW}, "CRYO_EXPIRED"),
        ({"frozen_at": None}, "CRYO_STATE"),
        ({"thawed_at": NOW}, "CRYO_STATE"),
    ],
)
def test_one_fault_stops_the_thaw(changed, code):
    assert codes(thaw_refusals(replace(FROZEN, **changed))) == [code]


BODY = json.loads(Path("config/presets/process.json").read_text(encoding="utf-8"))["body"]


@pytest.mark.parametrize(
    "wrong", [{}, "yes", [], {"frozen_hours": "5"}, {"frozen_hours": "5", "post_thaw_hours": "0"}, {"frozen_hours": 5}]
)
def test_a_process_version_gives_both_clocks_or_none(wrong):
    found = parse_process({**BODY, "cryopreservation": wrong})
    assert {one.code for one in found} == {"DOCUMENT_INVALID"}


def test_the_hours_are_those_of_the_process_version():
    body = {**BODY, "cryopreservation": {"frozen_hours": "100", "post_thaw_hours": "1.5"}}
    assert parse_process(body).cryopreservation == PLAN
    assert parse_process(BODY).cryopreservation is None
