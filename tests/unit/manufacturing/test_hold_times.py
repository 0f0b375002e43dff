"""Hold times at their limits, over the night the clock changes, and as a document describes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kernel.clock import PEOPLE
from manufacturing.domain.hold_times import HoldClock, exceeded_refusals, unexplained
from manufacturing.domain.plan import HoldTime, Process
from manufacturing.domain.process import parse_process
from tests.unit.manufacturing.test_process import body, problems

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOLD = HoldTime("wash_to_label", {"en": "Wash to labelling", "nl": "Wassen tot labelen"}, "wash", "label_cd3", 60, 120)
TICK = timedelta(microseconds=1)


def clock(**changes):
    fields = {"hold": HOLD, "position": 3, "started_at": NOON, "ended_at": None, "deviations": ()}
    return HoldClock(**{**fields, **changes})


@pytest.mark.req("ATMP-HOLDTIME")
@pytest.mark.parametrize(
    ("minutes", "more", "state"),
    [
        (60, timedelta(0), "running"),
        (60, TICK, "warning"),
        (120, timedelta(0), "warning"),
        (120, TICK, "exceeded"),
    ],
)
def test_a_limit_itself_is_still_good(minutes, more, state):
    assert clock().state(NOON + timedelta(minutes=minutes) + more) == state


@pytest.mark.req("ATMP-HOLDTIME")
def test_only_its_own_step_is_stopped_and_only_without_a_deviation():
    late = NOON + timedelta(minutes=121)
    assert [one.code for one in exceeded_refusals([clock()], 3, late)] == ["HOLD_TIME_EXCEEDED"]
    assert exceeded_refusals([clock()], 4, late) == ()
    assert exceeded_refusals([clock(deviations=("D1",))], 3, late) == ()
    assert exceeded_refusals([clock(started_at=None)], 3, late) == ()


def test_a_time_that_was_corrected_later_is_found_at_the_end():
    assert [one.fact("minutes") for one in unexplained([clock(ended_at=NOON + timedelta(minutes=150))])] == ["150"]
    assert unexplained([clock(ended_at=NOON + timedelta(minutes=120)), clock()]) == ()
    assert unexplained([clock(ended_at=NOON + timedelta(minutes=150), deviations=("D1",))]) == ()


def test_a_clock_waits_for_its_beginning_and_stands_still_after_its_step():
    much_later = NOON + timedelta(days=2)
    assert (clock(started_at=None).state(much_later), clock(started_at=None).minutes(much_later)) == ("waiting", 0)
    assert clock(ended_at=NOON + timedelta(minutes=120)).state(much_later) == "kept"
    assert clock(ended_at=NOON + timedelta(minutes=120) + TICK).state(NOON) == "exceeded"


@pytest.mark.req("ATMP-HOLDTIME")
def test_the_night_the_clock_goes_back_has_an_hour_more():
    """From 02:00 summer time to 03:00 winter time are two hours, though the wall shows one."""
    begun, ended = datetime(2026, 10, 25, 2, 0, tzinfo=PEOPLE), datetime(2026, 10, 25, 3, 1, tzinfo=PEOPLE)
    assert clock(started_at=begun).minutes(ended.astimezone(UTC)) == 121
    assert clock(started_at=begun).exceeded(ended)


def test_a_document_says_from_where_to_where():
    process = parse_process(body())
    assert isinstance(process, Process)
    found = {one.key: (one.start, one.to, one.limit_minutes) for one in process.hold_times}
    assert found["collection_to_wash"] == ("collection_end", "wash", 2880)
    assert found["formulation_to_fill"] == ("formulation", "fill", 240)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"to": "nowhere"}, "wash_to_label_cd3: nowhere is no step"),
        ({"from": "label_cd3"}, "wash_to_label_cd3: label_cd3 is no event and no earlier step"),
        ({"from": "fill"}, "wash_to_label_cd3: fill is no event and no earlier step"),
        ({"from": "wash.program"}, "wash_to_label_cd3: wash.program is no event and no earlier step"),
        ({"limit_minutes": "60"}, "wash_to_label_cd3: the warning comes after the limit"),
        ({"limit_minutes": "2.5"}, "wash_to_label_cd3.limit_minutes: whole minutes are expected"),
        ({"key": "collection_to_wash"}, "hold_times: collection_to_wash is written twice"),
    ],
)
def test_each_fault_of_a_hold_time_is_named(changed, problem):
    found = body()
    found["hold_times"][1].update(changed)
    assert problem in problems(found)


def test_a_hold_time_may_begin_with_a_recorded_time():
    found = body()
    found["hold_times"][1]["from"] = "wash.spin_started"
    assert isinstance(parse_process(found), Process)
