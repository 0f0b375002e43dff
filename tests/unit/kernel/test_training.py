"""When training counts: for which version, from which instant, until which; and whose word it needs."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from kernel.training.domain import (
    TrainingFact,
    TrainingState,
    VersionFact,
    check_rules,
    covering,
    is_trained,
    parse_rules,
    people_refusals,
    state_of,
    time_refusals,
)

pytestmark = pytest.mark.req("ATMP-3.2-TRAIN")

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)
OPEN = TrainingFact("v1", NOW)


def versions(*asks):
    return [VersionFact(f"v{place}", f"PRC v{place}", asked) for place, asked in enumerate(asks, start=1)]


@pytest.mark.parametrize(
    ("asks", "wanted", "good"),
    [
        ((True,), "v1", {"v1"}),
        ((True, True), "v2", {"v2"}),
        ((True, False), "v2", {"v1", "v2"}),
        ((True, False, False), "v3", {"v1", "v2", "v3"}),
        ((True, True, False), "v3", {"v2", "v3"}),
        ((True, False, True), "v3", {"v3"}),
        ((True, True), "v1", {"v1"}),
        ((True,), "draft", {"draft"}),
        ((), None, {None}),
    ],
)
def test_a_version_that_asks_for_retraining_ends_what_was_learnt_before(asks, wanted, good):
    assert covering(versions(*asks), wanted) == good


@pytest.mark.parametrize(
    ("fact", "at", "holds"),
    [
        (OPEN, NOW - TICK, False),
        (OPEN, NOW, True),
        (TrainingFact("v1", NOW, expires_at=NOW + DAY), NOW + DAY - TICK, True),
        (TrainingFact("v1", NOW, expires_at=NOW + DAY), NOW + DAY, False),
        (TrainingFact("v1", NOW, withdrawn_at=NOW + DAY), NOW + DAY - TICK, True),
        (TrainingFact("v1", NOW, withdrawn_at=NOW + DAY), NOW + DAY, False),
        (TrainingFact("v2", NOW), NOW, False),
        (TrainingFact(None, NOW), NOW, False),
    ],
)
def test_training_counts_from_its_first_instant_until_before_its_last(fact, at, holds):
    assert is_trained([fact], frozenset({"v1"}), at) is holds


@pytest.mark.parametrize(
    ("records", "state"),
    [
        ([], TrainingState.NONE),
        ([OPEN], TrainingState.VALID),
        ([TrainingFact("v1", NOW + DAY)], TrainingState.LATER),
        ([TrainingFact("v0", NOW)], TrainingState.SUPERSEDED),
        ([TrainingFact("v1", NOW - DAY, expires_at=NOW)], TrainingState.EXPIRED),
        ([TrainingFact("v1", NOW - DAY, withdrawn_at=NOW)], TrainingState.WITHDRAWN),
        ([TrainingFact("v1", NOW, expires_at=NOW + 30 * DAY)], TrainingState.EXPIRING),
        ([TrainingFact("v1", NOW, expires_at=NOW + 30 * DAY + TICK)], TrainingState.VALID),
        ([TrainingFact("v1", NOW, expires_at=NOW + DAY), OPEN], TrainingState.VALID),
        ([TrainingFact("v1", NOW - DAY, withdrawn_at=NOW), OPEN], TrainingState.VALID),
    ],
)
def test_the_best_record_speaks_and_an_ending_says_why(records, state):
    assert state_of(records, frozenset({"v1"}), NOW) is state


@pytest.mark.parametrize(
    ("trainer", "confirmer", "codes"),
    [
        ("a", "b", []),
        ("a", "a", ["SOD_TRAINING"]),
        ("x", "b", ["SOD_TRAINING"]),
        ("a", "y", ["SOD_TRAINING"]),
    ],
)
def test_nobody_gives_or_confirms_his_own_training(trainer, confirmer, codes):
    assert [one.code for one in people_refusals(trainer, confirmer, ["x", "y"])] == codes


def test_training_is_never_dated_back_and_never_recorded_before_it_was_given():
    def codes(day, starts):
        return [one.code for one in time_refusals(day, starts, NOW.date(), NOW, "then")]

    assert codes(date(2020, 1, 1), NOW) == codes(NOW.date(), NOW + DAY) == []
    assert codes(NOW.date(), NOW - TICK) == ["TRAINING_BACKDATED"]
    assert codes(NOW.date() + DAY, NOW) == ["TRAINING_DAY"]


@pytest.mark.parametrize(
    "entry",
    [
        {"key": "cooking", "needed": "yes"},
        {"key": "manufacturing"},
        {"key": "manufacturing", "needed": "yes", "days": 365},
        {"key": "manufacturing", "needed": "yes", "days": "0"},
        {"key": "manufacturing", "needed": "yes", "days": "3651"},
    ],
)
def test_rules_that_mean_nothing_are_refused(entry):
    assert [one.code for one in check_rules({"procedures": [entry]})] == ["DOCUMENT_INVALID"]


def test_rules_say_whether_and_how_long():
    rules = parse_rules(
        {"procedures": [{"key": "manufacturing", "needed": "no"}, {"key": "testing", "needed": "yes", "days": "3650"}]}
    )
    assert (rules["manufacturing"].needed, rules["testing"].needed, rules["testing"].days) == (False, True, 3650)
    assert [one.code for one in check_rules({})] == ["DOCUMENT_INVALID"]
