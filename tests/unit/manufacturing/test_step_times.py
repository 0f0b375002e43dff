"""An end before its start is refused, where the process says which is which; a night and a changed clock are no fault."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from manufacturing.domain.computed import read_step
from manufacturing.domain.plan import FieldKind, Limits, PlannedField
from manufacturing.domain.step_times import sequence_refusals
from manufacturing.domain.steps import EntryTimes

PEOPLE = ZoneInfo("Europe/Amsterdam")
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def planned(key, label, after=""):
    words = {"en": label, "nl": label}
    return PlannedField(key, words, FieldKind.MOMENT, False, "", "", "", "", Limits(), Limits(), Limits(), after=after)


RUN = (planned("run_started", "Start of the run"), planned("run_ended", "End of the run", "run_started"))


def local(*clock, fold=0):
    return datetime(*clock, tzinfo=PEOPLE, fold=fold).astimezone(UTC)


def codes(began, ended, fields=RUN):
    moments = {"run_started": began, "run_ended": ended}
    return [one.code for one in sequence_refusals(fields, moments, moments)]


@pytest.mark.req("ATMP-6.1-TIME")
def test_an_end_before_its_start_is_refused_by_both_names_at_the_box_of_the_end():
    refusals = sequence_refusals(
        RUN, {"run_started": NOON, "run_ended": NOON - timedelta(minutes=1)}, ["run_started", "run_ended"]
    )
    assert [(one.code, one.fact("name")["en"], one.fact("earlier")["en"], one.fact("field")) for one in refusals] == [
        ("TIME_ORDER", "End of the run", "Start of the run", "run_ended")
    ]


@pytest.mark.parametrize(
    ("began", "ended"),
    [
        (NOON, NOON),
        (NOON + timedelta(seconds=40), NOON),
        (local(2026, 11, 23, 23, 50), local(2026, 11, 24, 0, 20)),
        (local(2026, 10, 25, 2, 50), local(2026, 10, 25, 2, 20, fold=1)),
        (local(2026, 3, 29, 1, 50), local(2026, 3, 29, 3, 10)),
        (None, NOON),
        (NOON, None),
    ],
    ids=["the same minute", "seconds in it", "midnight", "the clock went back", "forward", "no start", "no end"],
)
def test_times_in_their_order_are_taken(began, ended):
    assert codes(began, ended) == []


def test_the_hour_that_happens_twice_is_compared_as_it_passed():
    assert codes(local(2026, 10, 25, 2, 20, fold=1), local(2026, 10, 25, 2, 50)) == ["TIME_ORDER"]


def test_the_order_is_what_the_process_says_and_not_what_a_name_suggests():
    assert codes(NOON, NOON - timedelta(hours=1), (RUN[0], planned("run_ended", "End of the run"))) == []


def test_a_time_that_is_not_asked_for_is_left_alone_until_the_signature():
    moments = {"run_started": NOON, "run_ended": NOON - timedelta(hours=1)}
    assert sequence_refusals(RUN, moments, ["run_started"]) == ()


def test_a_whole_step_is_asked_for_the_order_of_its_times():
    times = EntryTimes(NOON, NOON, None, 15, None)
    typed = {"run_started": NOON, "run_ended": NOON - timedelta(minutes=30)}
    assert [one.code for one in read_step(RUN, typed, times)[1]] == ["TIME_ORDER"]
