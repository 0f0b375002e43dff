"""What was given is recordable whatever the verdict was; what cannot have been is refused; what was wrong is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from release.domain.administration import (
    AdministrationFacts,
    Outcome,
    administration_refusals,
    against_verdict,
    bedside_verdict,
    counted_reaction,
    findings,
    first_adjudication,
    reaction_refusals,
)
from release.domain.decisions import Verdict
from release.domain.safety import SafetyRules, may_qualify, qualifies

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
RULES = SafetyRules()
GIVEN = AdministrationFacts(
    outcome=Outcome.COMPLETE,
    started_at=NOW - timedelta(hours=1),
    stopped_at=NOW - timedelta(minutes=30),
    volume_given_ml=Decimal(100),
    identity_checked=True,
    premedication=True,
    reason="",
    held_ml=Decimal(100),
    handed_over_at=NOW - timedelta(hours=2),
    expires_at=NOW + timedelta(hours=3),
    bedside=Verdict.ALLOW,
)
NOTHING = replace(
    GIVEN, outcome=Outcome.NOT_ADMINISTERED, started_at=None, stopped_at=None, volume_given_ml=None, reason="fever"
)


def codes(refusals):
    return [refusal.code for refusal in refusals]


@pytest.mark.req("DSP-ADMIN")
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"started_at": None}, "MISSING_FIELD"),
        ({"stopped_at": None}, "MISSING_FIELD"),
        ({"volume_given_ml": None}, "MISSING_FIELD"),
        ({"identity_checked": None}, "MISSING_FIELD"),
        ({"premedication": None}, "MISSING_FIELD"),
        ({"stopped_at": NOW + timedelta(minutes=1)}, "FUTURE_TIME"),
        ({"stopped_at": NOW - timedelta(hours=1, minutes=1)}, "TIME_ORDER"),
        ({"started_at": NOW - timedelta(hours=3)}, "TIME_ORDER"),
        ({"volume_given_ml": Decimal("100.1")}, "VOLUME_GIVEN"),
        ({"volume_given_ml": Decimal(0)}, "VOLUME_GIVEN"),
        ({"outcome": Outcome.PARTIAL, "volume_given_ml": Decimal(60)}, "MISSING_FIELD"),
        ({"outcome": Outcome.PARTIAL, "reason": "clot"}, "VOLUME_GIVEN"),
    ],
)
def test_one_impossible_thing_gives_exactly_its_code(change, code):
    assert codes(administration_refusals(replace(GIVEN, **change), NOW)) == [code]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"reason": ""}, "MISSING_FIELD"),
        ({"started_at": NOW}, "NOT_GIVEN_BUT"),
        ({"volume_given_ml": Decimal(1)}, "NOT_GIVEN_BUT"),
    ],
)
def test_nothing_given_has_a_reason_and_nothing_else(change, code):
    assert codes(administration_refusals(NOTHING, NOW)) == []
    assert codes(administration_refusals(replace(NOTHING, **change), NOW)) == [code]


@pytest.mark.parametrize("bedside", [Verdict.DENY, None, Verdict.ALLOW])
@pytest.mark.parametrize("expires", [NOW - timedelta(hours=5), NOW + timedelta(hours=5)])
def test_what_should_not_have_been_is_still_recordable(bedside, expires):
    facts = replace(GIVEN, bedside=bedside, expires_at=expires, identity_checked=False)
    assert administration_refusals(facts, NOW) == ()


@pytest.mark.parametrize(
    ("change", "levels"),
    [
        ({}, []),
        ({"bedside": Verdict.ALLOW_CONDITIONAL}, []),
        ({"bedside": Verdict.DENY}, ["critical"]),
        ({"bedside": None}, ["major"]),
        ({"identity_checked": False}, ["major"]),
        ({"expires_at": NOW - timedelta(hours=1)}, ["critical"]),
    ],
)
def test_every_irregularity_is_a_deviation_of_its_class(change, levels):
    assert [level for level, _ in findings(replace(GIVEN, **change))] == levels


def test_nothing_given_is_no_deviation():
    assert findings(replace(NOTHING, bedside=Verdict.DENY)) == ()


@pytest.mark.parametrize(
    ("minutes_before", "verdict", "counts"),
    [
        (0, Verdict.ALLOW, True),
        (-1, Verdict.ALLOW, True),
        (-2, Verdict.ALLOW, False),
        (15, Verdict.ALLOW, True),
        (16, Verdict.ALLOW, False),
        (300, Verdict.DENY, True),
    ],
)
def test_a_yes_grows_old_and_a_no_stays(minutes_before, verdict, counts):
    found = bedside_verdict(((NOW - timedelta(minutes=minutes_before), verdict),), NOW)
    assert (found is not None) is counts


def test_the_last_scan_before_the_start_speaks():
    scans = ((NOW - timedelta(minutes=9), Verdict.DENY), (NOW - timedelta(minutes=2), Verdict.ALLOW))
    found = bedside_verdict(scans, NOW)
    assert found is not None
    assert found[1] is Verdict.ALLOW


def test_an_infusion_after_a_no_or_after_expiry_never_counts():
    later = NOW + timedelta(hours=1)
    assert against_verdict("DENY", NOW, later)
    assert against_verdict("ALLOW", later, later)
    assert not against_verdict("ALLOW", NOW, later)


@pytest.mark.req("TR-S2")
@pytest.mark.parametrize(
    ("grade", "relatedness", "state"),
    [
        (3, "probable", "pending"),
        (3, "definite", "pending"),
        (5, "pending", "pending"),
        (3, "possible", "not_qualifying"),
        (2, "definite", "not_qualifying"),
    ],
)
def test_only_a_severe_and_likely_reaction_waits_for_the_sponsor(grade, relatedness, state):
    assert first_adjudication(grade, relatedness, RULES, serious=False) == state


@pytest.mark.req("TR-S1")
@pytest.mark.parametrize(
    ("recorded", "adjudicated", "sure", "maybe"),
    [
        ("probable", "pending", False, True),
        ("pending", "pending", False, True),
        ("pending", "confirmed", True, False),
        ("definite", "confirmed", True, False),
        ("definite", "not_qualifying", False, False),
    ],
)
def test_the_adjudicators_word_replaces_the_recorded_relation(recorded, adjudicated, sure, maybe):
    counted = counted_reaction(4, recorded, adjudicated)
    assert qualifies(counted, RULES) is sure
    assert (may_qualify(counted, RULES) and not qualifies(counted, RULES)) is maybe


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"grade": 0}, "GRADE"),
        ({"grade": 6}, "GRADE"),
        ({"term": "other"}, "MISSING_FIELD"),
        ({"onset_at": NOW + timedelta(seconds=1)}, "FUTURE_TIME"),
        ({"onset_at": NOW - timedelta(hours=2)}, "TIME_ORDER"),
    ],
)
def test_a_reaction_that_cannot_have_been_is_refused(change, code):
    good = {
        "grade": 2,
        "term": "fever",
        "description": "",
        "onset_at": NOW - timedelta(minutes=5),
        "started_at": NOW - timedelta(hours=1),
        "now": NOW,
    }
    assert codes(reaction_refusals(**good)) == []
    assert codes(reaction_refusals(**{**good, **change})) == [code]
