"""Who has to hear of a serious reaction and by when, from a table; and what ends a clock."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from release.domain.administration import Observation, observation_refusals
from release.domain.reporting import SUSPECTED, ReactionFacts, ReportKind, reporting_refusals, reports_due
from tests.conftest import START

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SPONSOR, AUTHORITY, NOT_SUSAR = ReportKind.SPONSOR, ReportKind.AUTHORITY, ReportKind.NOT_SUSAR
FOLLOW_UP, DONATION, NO_LINK = ReportKind.FOLLOW_UP, ReportKind.DONATION, ReportKind.NO_LINK
OF_TRIAL = (SPONSOR, AUTHORITY)


def facts(**changes):
    usual = {"serious": True, "relatedness": "probable", "life_threatening": False, "known_at": START}
    return ReactionFacts(**usual | changes)


def clocks(kinds=OF_TRIAL, **changes):
    return {due.report: due.due_at - START for due in reports_due(facts(**changes)) if due.report in kinds}


@pytest.mark.req("TR-S3")
@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, {SPONSOR: DAY, AUTHORITY: 15 * DAY}),
        ({"life_threatening": True}, {SPONSOR: DAY, AUTHORITY: 7 * DAY}),
        ({"life_threatening": None}, {SPONSOR: DAY, AUTHORITY: 7 * DAY}),
        ({"relatedness": "pending"}, {SPONSOR: DAY, AUTHORITY: 15 * DAY}),
        ({"relatedness": "possible"}, {SPONSOR: DAY, AUTHORITY: 15 * DAY}),
        ({"relatedness": "definite"}, {SPONSOR: DAY, AUTHORITY: 15 * DAY}),
        ({"relatedness": "unlikely"}, {SPONSOR: DAY}),
        ({"relatedness": "unrelated", "life_threatening": True}, {SPONSOR: DAY}),
        ({"serious": False}, {}),
        ({"serious": False, "relatedness": "definite"}, {}),
        ({"sponsor_told_at": START + 5 * HOUR}, {SPONSOR: DAY, AUTHORITY: 15 * DAY + 5 * HOUR}),
        ({"known_at": START - 9 * DAY, "life_threatening": True}, {SPONSOR: -8 * DAY, AUTHORITY: -2 * DAY}),
    ],
)
def test_a_clock_runs_from_the_instant_of_awareness(answers, expected):
    assert clocks(**answers) == expected


@pytest.mark.req("TR-S3")
def test_a_report_is_overdue_at_its_instant_and_stays_so_when_it_was_made_too_late():
    (due,) = reports_due(facts(relatedness="unrelated"))
    assert not due.overdue(START + DAY - timedelta(microseconds=1))
    assert due.overdue(START + DAY)
    (late,) = reports_due(facts(relatedness="unrelated", sponsor_told_at=START + 2 * DAY))
    (made,) = reports_due(facts(relatedness="unrelated", sponsor_told_at=START + HOUR))
    assert (late.overdue(START + 9 * DAY), made.overdue(START + 9 * DAY)) == (True, False)


@pytest.mark.req("TR-S3")
def test_only_a_record_ends_a_clock():
    waits = {due.report: due.done_at for due in reports_due(facts()) if due.report in OF_TRIAL}
    assert waits == {SPONSOR: None, AUTHORITY: None}
    judged = {due.report: due.done_at for due in reports_due(facts(judged_at=START + HOUR)) if due.report in OF_TRIAL}
    assert judged == {SPONSOR: None, AUTHORITY: START + HOUR}
    both = {due.report: due.done_at for due in reports_due(facts(judged_at=START, authority_told_at=START + HOUR))}
    assert both[AUTHORITY] == START + HOUR


@pytest.mark.req("TR-S3")
@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, {}),
        ({"authority_told_at": START + HOUR}, {}),
        ({"life_threatening": True}, {}),
        ({"life_threatening": True, "authority_told_at": START + HOUR}, {FOLLOW_UP: 8 * DAY + HOUR}),
        ({"life_threatening": None, "authority_told_at": START + HOUR}, {FOLLOW_UP: 8 * DAY + HOUR}),
        ({"life_threatening": True, "relatedness": "unlikely", "authority_told_at": START + HOUR}, {}),
    ],
)
def test_what_follows_of_a_grave_reaction_is_due_eight_days_after_the_first_report(answers, expected):
    assert clocks((FOLLOW_UP,), **answers) == expected
    done = {due.report: due.done_at for due in reports_due(facts(**answers, followed_up_at=START + DAY))}
    assert [done[one] for one in expected] == [START + DAY for _ in expected]


@pytest.mark.req("TR-S5")
@pytest.mark.parametrize("relatedness", ["unrelated", "unlikely", "possible", "probable", "definite", "pending"])
@pytest.mark.parametrize("serious", [True, False])
def test_a_serious_reaction_that_may_be_due_to_the_donation_goes_to_the_tissue_establishment_within_a_day(
    serious, relatedness
):
    asked = serious and relatedness in SUSPECTED
    answers = {"serious": serious, "relatedness": relatedness}
    assert clocks((DONATION,), **answers) == ({DONATION: DAY} if asked else {})
    for name in ("donation_told_at", "no_link_at"):
        done = {due.report: due.done_at for due in reports_due(facts(**answers, **{name: START + HOUR}))}
        assert done.get(DONATION) == (START + HOUR if asked else None)
    unanswered = {due.report: due.done_at for due in reports_due(facts(**answers, judged_at=START + HOUR))}
    assert unanswered.get(DONATION) is None, "no SUSAR is not: not due to the donation"


def refused(report, at=START + HOUR, made=(), now=START + 2 * HOUR, **changes):
    found = reporting_refusals(report, facts(**changes), reported_at=at, now=now, made=dict.fromkeys(made, "R-1"))
    return [one.code for one in found]


@pytest.mark.parametrize(
    ("report", "given", "codes"),
    [
        (SPONSOR, {}, []),
        (FOLLOW_UP, {"life_threatening": True}, ["REPORT_NOT_ASKED"]),
        (FOLLOW_UP, {"life_threatening": True, "authority_told_at": START}, []),
        (FOLLOW_UP, {"life_threatening": True, "authority_told_at": START + 2 * HOUR}, ["TIME_ORDER"]),
        (DONATION, {"made": (NO_LINK,)}, []),
        (NO_LINK, {"made": (DONATION,)}, ["REPORT_RECORDED"]),
        (NO_LINK, {"relatedness": "unlikely"}, ["REPORT_NOT_ASKED"]),
        (SPONSOR, {"at": START}, []),
        (SPONSOR, {"at": START - HOUR}, ["TIME_ORDER"]),
        (SPONSOR, {"at": START + 3 * HOUR}, ["FUTURE_TIME"]),
        (SPONSOR, {"made": [SPONSOR]}, ["REPORT_RECORDED"]),
        (SPONSOR, {"serious": False}, ["REPORT_NOT_ASKED"]),
        (AUTHORITY, {}, []),
        (AUTHORITY, {"relatedness": "unlikely"}, ["REPORT_NOT_ASKED"]),
        (AUTHORITY, {"made": [AUTHORITY]}, ["REPORT_RECORDED"]),
        (AUTHORITY, {"made": [NOT_SUSAR]}, []),
        (NOT_SUSAR, {}, []),
        (NOT_SUSAR, {"made": [AUTHORITY]}, ["REPORT_RECORDED"]),
        (NOT_SUSAR, {"made": [NOT_SUSAR]}, ["REPORT_RECORDED"]),
        (NOT_SUSAR, {"relatedness": "unrelated"}, ["REPORT_NOT_ASKED"]),
    ],
)
def test_a_report_that_is_not_asked_for_made_before_or_before_it_was_known_is_refused(report, given, codes):
    assert refused(report, **given) == codes


def seen(**changes):
    usual = {
        "term": "fever",
        "description": None,
        "onset_at": START,
        "grade": Decimal(4),
        "serious": True,
        "relatedness": "probable",
        "life_threatening": False,
        "known_at": START,
    }
    found = observation_refusals(Observation(**usual | changes), started_at=START, now=START + HOUR)
    return [(one.code, one.fact("field")) for one in found]


@pytest.mark.req("TR-S2", "TR-S3")
@pytest.mark.parametrize(
    ("answers", "refusals"),
    [
        ({}, []),
        ({"serious": False, "life_threatening": None, "known_at": None}, []),
        ({"life_threatening": None}, [("MISSING_FIELD", "life_threatening")]),
        ({"known_at": None}, [("MISSING_FIELD", "known_at")]),
        ({"known_at": START + 2 * HOUR}, [("FUTURE_TIME", "known_at")]),
        ({"known_at": START - HOUR}, [("TIME_ORDER", "known_at")]),
        ({"grade": Decimal(5), "life_threatening": True}, []),
        ({"grade": Decimal(5)}, [("FATAL_IS_SERIOUS", "life_threatening")]),
        ({"grade": Decimal(5), "serious": False}, [("FATAL_IS_SERIOUS", "serious")]),
        ({"serious": False, "life_threatening": True}, [("FATAL_IS_SERIOUS", "serious")]),
    ],
)
def test_a_serious_reaction_says_since_when_it_is_known_and_death_is_serious(answers, refusals):
    assert seen(**answers) == refusals


def test_a_relation_that_nobody_has_decided_is_suspected():
    assert {"possible", "probable", "definite", "pending"} == SUSPECTED
