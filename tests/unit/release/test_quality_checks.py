"""Which reactions are checked, what the records show of an item, and which conclusions the answers carry."""

from __future__ import annotations

from datetime import timedelta

import pytest

from release.domain.defects import FollowUp
from release.domain.quality_checks import (
    Answer,
    CheckOutcome,
    Concluding,
    Item,
    Shown,
    concluding_refusals,
    due,
    is_checked,
    shown,
    somebody_else_concludes,
)
from release.domain.results import Outcome
from tests.conftest import START

SHOWN = dict.fromkeys(Item, Shown.IN_ORDER) | dict.fromkeys((Item.BATCH_UNITS, Item.DONOR_UNITS), Shown.LISTED)
WELL = dict.fromkeys(Item, Answer.IN_ORDER)
CONCERN = WELL | {Item.MARKERS: Answer.CONCERN}
OPEN = WELL | {Item.STERILITY: Answer.NOT_KNOWN}
CASES = [
    ({}, WELL, CheckOutcome.NO_CAUSE, FollowUp.NOTHING, []),
    ({}, WELL, CheckOutcome.UNDETERMINED, FollowUp.NOTHING, []),
    ({}, WELL, CheckOutcome.PRODUCT, FollowUp.RECALL, ["CHECK_OUTCOME"]),
    ({}, CONCERN, CheckOutcome.NO_CAUSE, FollowUp.NOTHING, ["CHECK_OUTCOME"]),
    ({}, CONCERN, CheckOutcome.DONATION, FollowUp.DEVIATION, []),
    ({}, CONCERN, CheckOutcome.PRODUCT, FollowUp.NOTHING, ["MISSING_FIELD"]),
    ({}, OPEN, CheckOutcome.NO_CAUSE, FollowUp.NOTHING, ["CHECK_OUTCOME"]),
    ({}, OPEN, CheckOutcome.UNDETERMINED, FollowUp.NOTHING, []),
    ({Item.STERILITY: Shown.WAITING}, WELL, CheckOutcome.NO_CAUSE, FollowUp.NOTHING, ["CHECK_NOT_SHOWN"]),
    ({Item.STERILITY: Shown.WAITING}, OPEN, CheckOutcome.UNDETERMINED, FollowUp.NOTHING, []),
    ({Item.MARKERS: Shown.CONCERN}, WELL, CheckOutcome.UNDETERMINED, FollowUp.NOTHING, ["CHECK_NOT_SHOWN"]),
    ({Item.MARKERS: Shown.CONCERN}, CONCERN, CheckOutcome.UNDETERMINED, FollowUp.NOTHING, []),
]


@pytest.mark.req("TR-S4")
@pytest.mark.parametrize(("grade", "serious", "checked"), [(2, False, False), (3, False, True), (1, True, True)])
def test_a_severe_or_serious_reaction_is_checked_whatever_it_is_due_to(grade, serious, checked):
    assert is_checked(grade, serious=serious, severe_from=3) is checked


@pytest.mark.req("TR-S4")
def test_a_check_is_due_in_a_week_and_after_a_serious_reaction_in_a_day():
    assert (due(START, serious=False) - START, due(START, serious=True) - START) == (
        timedelta(days=7),
        timedelta(days=1),
    )


@pytest.mark.req("TR-S4")
@pytest.mark.parametrize(
    ("outcomes", "state"),
    [
        ((), Shown.CONCERN),
        ((Outcome.PASS, Outcome.ALERT, Outcome.REPORT), Shown.IN_ORDER),
        ((Outcome.PASS, Outcome.PENDING), Shown.WAITING),
        ((Outcome.PENDING, Outcome.OOS), Shown.CONCERN),
        ((Outcome.UNDECIDABLE, Outcome.PASS), Shown.CONCERN),
    ],
)
def test_what_failed_or_is_missing_is_of_concern_and_what_runs_waits(outcomes, state):
    assert shown(outcomes) is state


@pytest.mark.req("TR-S4")
@pytest.mark.parametrize(("seen", "answers", "outcome", "follow_up", "codes"), CASES)
def test_nothing_is_called_in_order_that_the_records_do_not_show_and_the_conclusion_follows_from_the_answers(
    seen, answers, outcome, follow_up, codes
):
    assert [one.code for one in concluding_refusals(SHOWN | seen, answers, outcome, follow_up)] == codes


@pytest.mark.req("TR-S4")
def test_who_recorded_the_reaction_does_not_conclude():
    refusal = somebody_else_concludes(Concluding("a", "a"))
    assert refusal is not None
    assert refusal.code == "SOD_CHECK"
    assert somebody_else_concludes(Concluding("a", "b")) is None
