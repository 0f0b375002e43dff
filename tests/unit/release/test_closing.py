"""The end of a trial and of a subject's observation: one open thing is one refusal, and nothing open is none."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta

import pytest

from manufacturing.domain.trial import trial_refusals
from release.domain.closing import (
    OPEN_RECORDS,
    Observation,
    TrialEnd,
    completing_refusals,
    due_dates,
    end_refusals,
)

TODAY = date(2027, 6, 1)
DONE = TrialEnd(ended_on=TODAY, today=TODAY, last_given_on=TODAY, last_included_on=TODAY)
SEEN = Observation(
    code="NK-03", last_given_on=date(2026, 5, 1), due=(date(2026, 5, 29), TODAY), settled=True, counted=True
)


def codes(refusals):
    return [one.code for one in refusals]


def test_a_trial_with_nothing_open_ends_on_the_day_of_its_last_infusion_or_later():
    assert end_refusals(DONE) == ()
    assert end_refusals(replace(DONE, last_given_on=None, last_included_on=None)) == ()


@pytest.mark.req("RET-25")
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ended_on": TODAY + timedelta(days=1)}, "FUTURE_TIME"),
        ({"ended_on": TODAY - timedelta(days=1), "last_included_on": None}, "TIME_ORDER"),
        ({"ended_on": TODAY - timedelta(days=1), "last_given_on": None}, "TIME_ORDER"),
        ({"containers": ("NK26-0001-01",)}, "TRIAL_CONTAINERS_LEFT"),
        ({"subjects": ("NK-03",)}, "TRIAL_SUBJECTS_OBSERVED"),
        *(({name: ("X-1",)}, "TRIAL_RECORDS_OPEN") for name in OPEN_RECORDS),
    ],
)
def test_one_open_thing_is_the_one_refusal(change, code):
    assert codes(end_refusals(replace(DONE, **change))) == [code]


def test_every_kind_of_open_record_is_named_at_once():
    lists = {one.name: (one.name,) for one in fields(TrialEnd) if one.default == ()}
    found = end_refusals(replace(DONE, **lists))
    assert {str(one.fact("records")) for one in found} == set(lists)


def test_a_closed_trial_says_only_that_it_is_closed():
    assert codes(trial_refusals("closed", ["a reason"])) == ["TRIAL_CLOSED"]
    assert codes(trial_refusals("on_hold", ["a reason", "another"])) == ["TRIAL_ON_HOLD"] * 2
    assert trial_refusals("open", []) == ()


@pytest.mark.req("TR-S6")
def test_the_days_of_the_follow_up_count_from_the_last_infusion():
    assert due_dates(date(2028, 2, 1), (365, 28)) == (date(2028, 2, 29), date(2029, 1, 31))


@pytest.mark.req("TR-S6")
@pytest.mark.parametrize(
    ("change", "reason", "found"),
    [
        ({}, None, []),
        ({"due": ()}, None, []),
        ({"due": (TODAY + timedelta(days=1),)}, None, ["OBSERVATION_RUNS"]),
        ({"settled": False}, None, ["REACTIONS_OPEN"]),
        ({"counted": False}, None, ["MISSING_FIELD"]),
        ({"counted": False}, "out_of_specification", []),
        ({"last_given_on": None, "due": ()}, "death", ["NOT_INFUSED"]),
    ],
)
def test_an_observation_ends_when_its_last_day_has_come_and_the_reactions_are_settled(change, reason, found):
    assert codes(completing_refusals(replace(SEEN, **change), reason, TODAY)) == found
