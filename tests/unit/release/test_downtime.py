"""Paper is judged by the guards of the screen at its real time, and what the procedure asks of it is listed (DSP-DOWN)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kernel.refusals import Refusal
from release.domain.dispensing import BEDSIDE_GUARDS, GUARDS, HAND_OVER_GUARDS
from release.domain.downtime import (
    GUARDS_OF_LIST,
    GUARDS_ON_PAPER,
    EntryKind,
    PaperFacts,
    count_refusals,
    foremost,
    paper_conflicts,
    still_to_enter,
    time_refusals,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FACTS = PaperFacts(
    kit="DT-2026-001",
    valid_until=NOW,
    listed=frozenset({"NK-26-0001-01"}),
    container="NK-26-0001-01",
    happened_at=NOW,
    performed_by="ph1",
    second_person="ph2",
    signers=frozenset({"ph1", "n1"}),
)


def codes(refusals):
    return [one.code for one in refusals]


@pytest.mark.req("DSP-DOWN")
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"happened_at": NOW + timedelta(seconds=1)}, ["KIT_OUTDATED"]),
        ({"container": "NK-26-0002-01"}, ["NOT_ON_KIT"]),
        ({"second_person": "ph1"}, ["SOD_SECOND"]),
        ({"signers": frozenset({"n1", "ph2"})}, []),
        ({"signers": frozenset({"n1", "qa1"})}, ["DOER_NOT_SIGNING"]),
        ({"second_person": None, "signers": frozenset({"ph2", "n1"})}, ["DOER_NOT_SIGNING"]),
        ({"certifiers": frozenset({"ph1"})}, []),
        ({"certifiers": frozenset({"ph1", "ph2"})}, ["SOD_QP_PH"]),
    ],
)
def test_what_a_sheet_does_not_show_is_listed(change, expected):
    assert codes(paper_conflicts(replace(FACTS, **change))) == expected


@pytest.mark.req("DSP-DOWN")
@pytest.mark.parametrize(("minutes", "expected"), [(-1, ["TIME_ORDER"]), (0, []), (60, []), (61, ["FUTURE_TIME"])])
def test_a_real_time_lies_after_the_printing_of_the_kit_and_before_now(minutes, expected):
    printed = NOW + timedelta(seconds=40)
    at, now = NOW + timedelta(minutes=minutes), NOW + timedelta(minutes=60)
    assert codes(time_refusals("started_at", "Start", at, printed, now)) == expected


@pytest.mark.req("DSP-DOWN")
def test_every_guard_of_the_screen_is_asked_of_paper_but_those_of_the_minute_of_a_scan():
    def left_out(guards, kind):
        return {name for name, _ in guards} - {name for name, _ in GUARDS_ON_PAPER[kind]}

    assert left_out(GUARDS, EntryKind.DISPENSING) == {"second person", "clock", "not dispensed"}
    assert left_out(HAND_OVER_GUARDS, EntryKind.HAND_OVER) == {"clock"}
    assert left_out(BEDSIDE_GUARDS, EntryKind.ADMINISTRATION) == {"second person", "clock", "handed over"}
    unlisted = {name for name, _ in GUARDS} - {name for name, _ in GUARDS_OF_LIST}
    assert unlisted == {"second person", "clock", "container", "subject", "order", "eligibility"}


@pytest.mark.req("DSP-DOWN")
def test_sheets_are_open_until_each_is_entered_and_fewer_than_entered_cannot_be_counted():
    counted = dict(zip(EntryKind, (1, 2, 1, 1), strict=True))
    entered = dict(zip(EntryKind, (0, 1, 1, 0), strict=True))
    assert still_to_enter(None, entered) is None
    assert still_to_enter(counted, entered) == 3
    assert still_to_enter(counted, counted) == 0
    assert codes(count_refusals(counted, entered)) == []
    assert [one.fact("field") for one in count_refusals(entered, counted)] == [
        "checks",
        "dispensings",
        "administrations",
    ]


@pytest.mark.req("DSP-DOWN")
def test_of_a_batch_that_is_not_certified_the_list_says_that_and_not_each_result():
    hold, failed = Refusal("BATCH_ON_HOLD"), Refusal("VERDICT_FAILED")
    assert foremost([Refusal("NOT_CERTIFIED"), hold, failed, Refusal("WEIGHT_STALE")]) == (
        Refusal("NOT_CERTIFIED"),
        hold,
    )
    assert foremost([hold, failed]) == (hold, failed)
