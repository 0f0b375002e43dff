"""The stopping rule counts patients; what is undecided or unrecorded is never a zero."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from release.domain.histories import BatchHistory, Given, InfusionHistory, PatientHistory, Reaction, Relatedness
from release.domain.safety import (
    TOO_MANY,
    SafetyCount,
    SafetyRules,
    holds_now,
    may_qualify,
    readings_of,
    safety_figure,
)
from tests.conftest import START

INFUSION = InfusionHistory(Given.FULL, Decimal("1e7"), Decimal("3e6"))
BATCH = BatchHistory("B", manufactured=True, certified_provisional=True, infusions=(INFUSION,))
SEVERE = Reaction(3, Relatedness.PROBABLE)
PENDING = replace(SEVERE, pending_adjudication=True)


def patient(*reactions, code="P", batch=BATCH, recorded=True):
    base = PatientHistory(code, transplanted=True, included_at=date(2026, 1, 5), collections=1, batches=(batch,))
    return replace(base, reactions=reactions, reactions_recorded=recorded)


def figure(*groups):
    patients = tuple(patient(*reactions, code=f"P{place}") for place, reactions in enumerate(groups))
    return safety_figure(patients, SafetyRules())


@pytest.mark.req("TR-S1", "TR-S2")
@pytest.mark.parametrize(
    ("reaction", "kind"),
    [
        (SEVERE, "confirmed"),
        (Reaction(5, Relatedness.DEFINITE), "confirmed"),
        (Reaction(2, Relatedness.DEFINITE), "neither"),
        (Reaction(4, Relatedness.POSSIBLE), "neither"),
        (Reaction(4, Relatedness.UNRELATED), "neither"),
        (PENDING, "pending"),
        (Reaction(3, None), "pending"),
        (Reaction(None, Relatedness.PROBABLE), "pending"),
        (Reaction(None, None), "pending"),
        (Reaction(None, Relatedness.UNLIKELY), "neither"),
        (Reaction(2, None, pending_adjudication=True), "neither"),
        (Reaction(3, Relatedness.POSSIBLE, pending_adjudication=True), "pending"),
    ],
)
def test_which_reactions_count(reaction, kind):
    answer = figure([reaction])
    assert (answer.confirmed, answer.pending) == (("P0",) * (kind == "confirmed"), ("P0",) * (kind == "pending"))


@pytest.mark.req("TR-S1", "TR-S2")
@pytest.mark.parametrize(
    ("reaction", "may"),
    [
        (Reaction(None, Relatedness.PROBABLE, serious=True), True),
        (Reaction(None, Relatedness.PROBABLE), False),
        (Reaction(None, None), False),
        (Reaction(5, None), False),
    ],
)
def test_where_serious_reactions_are_counted_only_a_serious_one_may_still_count(reaction, may):
    assert may_qualify(reaction, SafetyRules(counted=SafetyCount.SERIOUS)) is may


@pytest.mark.req("TR-S1")
@pytest.mark.parametrize("related", [*Relatedness, None])
def test_possibly_due_is_who_would_count_if_possible_were_enough(related):
    reaction = Reaction(3, related)
    said = f"{SafetyCount.POSSIBLE} {'pending' if related is None else 'confirmed'}"
    enough = related in (None, Relatedness.POSSIBLE, Relatedness.PROBABLE, Relatedness.DEFINITE)
    added = [one for one in readings_of(patient(reaction), SafetyRules()) if one.startswith(SafetyCount.POSSIBLE)]
    assert added == ([said] if enough else [])


@pytest.mark.req("TR-S1", "TR-S2")
@pytest.mark.parametrize(
    ("counted", "words"),
    [
        ("patients_severe", "patients with a severe"),
        ("events_severe", "severe reactions"),
        ("patients_serious", "serious"),
    ],
)
def test_why_the_trial_is_held_names_what_is_counted(counted, words):
    assert words in TOO_MANY[SafetyCount(counted)]


@pytest.mark.req("TR-S1")
@pytest.mark.parametrize(
    ("groups", "warn", "hold"),
    [
        ([[SEVERE, SEVERE, SEVERE]], False, False),
        ([[SEVERE]] * 2, True, False),
        ([[SEVERE], [PENDING]], True, False),
        ([[SEVERE]] * 3, False, True),
        ([[SEVERE], [SEVERE], [PENDING]], False, True),
        ([[SEVERE, PENDING], [SEVERE]], True, False),
        ([[PENDING]] * 3, False, True),
    ],
)
def test_the_third_patient_holds_the_trial(groups, warn, hold):
    answer = figure(*groups)
    assert (answer.warn, answer.hold) == (warn, hold)


def test_confirmed_outweighs_pending_in_one_patient():
    answer = figure([PENDING, SEVERE])
    assert (answer.confirmed, answer.pending) == (("P0",), ())
    assert figure([PENDING, Reaction(1, Relatedness.DEFINITE)]).pending == ("P0",)
    assert not may_qualify(SEVERE, SafetyRules()), "what is decided is not pending"


@pytest.mark.req("TR-S1")
def test_unrecorded_reactions_are_no_zero():
    answer = safety_figure((patient(recorded=False), patient(code="Q")), SafetyRules())
    assert (answer.unrecorded, answer.confirmed_count) == (("P",), None)
    assert safety_figure((patient(),), SafetyRules()).confirmed_count == 0
    assert safety_figure((patient(SEVERE, recorded=False),), SafetyRules()).unrecorded == ()
    both = safety_figure((patient(recorded=False), patient(SEVERE, code="Q")), SafetyRules())
    assert (both.confirmed_count, both.unrecorded) == (1, ("P",))


@pytest.mark.req("TR-S1")
@pytest.mark.parametrize(
    "batch",
    [
        replace(BATCH, rejected=True, oos_supplied=True),
        replace(BATCH, infusions=(replace(INFUSION, given=Given.PARTIAL),)),
        replace(BATCH, infusions=(replace(INFUSION, against_verdict=True),)),
        replace(BATCH, late_oos=True),
    ],
)
def test_every_infusion_belongs_to_the_safety_set(batch):
    answer = safety_figure((patient(SEVERE, batch=batch),), SafetyRules())
    assert (answer.infused, answer.confirmed) == (("P",), ("P",))


def test_without_infusion_nothing_is_a_reaction_to_it():
    answer = safety_figure((patient(SEVERE, batch=replace(BATCH, infusions=())),), SafetyRules())
    assert answer.infused == answer.confirmed == ()


def test_limits_are_settings():
    strict = SafetyRules(grade_at_least=2, at_most_patients=0)
    assert safety_figure((patient(Reaction(2, Relatedness.DEFINITE)),), strict).hold


BEFORE, HELD, AFTER = START - timedelta(days=1), START, START + timedelta(days=1)
KNOWN, NEW = replace(SEVERE, recorded_at=BEFORE), replace(SEVERE, recorded_at=AFTER)
DISMISSED = Reaction(4, Relatedness.UNLIKELY, recorded_at=BEFORE)
LIKE_HELD = replace(SEVERE, recorded_at=HELD)
THREE = ([KNOWN], [KNOWN], [LIKE_HELD])


@pytest.mark.req("TR-S1")
@pytest.mark.parametrize(
    ("groups", "held_at", "held"),
    [
        (THREE[:2], None, False),
        (THREE, None, True),
        (THREE, HELD, False),
        ((*THREE, [NEW]), HELD, True),
        ((*THREE, [replace(NEW, pending_adjudication=True)]), HELD, True),
        ((*THREE, [Reaction(2, Relatedness.DEFINITE, recorded_at=AFTER)]), HELD, False),
        (([KNOWN, NEW], *THREE[1:]), HELD, False),
        (([KNOWN], [KNOWN], [LIKE_HELD, replace(NEW, pending_adjudication=True)]), HELD, False),
        (([DISMISSED, NEW], *THREE[1:]), HELD, True),
        (([DISMISSED], *THREE[1:]), HELD, False),
        (([DISMISSED], *THREE[1:], [NEW]), HELD, True),
        ((*THREE, [SEVERE]), HELD, True),
    ],
    ids=(
        *("two", "the third", "decided about three", "a fourth", "a fourth who waits", "a fourth who does not count"),
        *("another of one of them", "another of one of them that waits", "dismissed and then another"),
        *("one dismissed leaves two", "one dismissed and another patient", "nobody knows since when"),
    ),
)
def test_a_decision_is_about_the_patients_who_counted_then_and_each_one_more_holds_again(groups, held_at, held):
    patients = tuple(patient(*reactions, code=f"P{place}") for place, reactions in enumerate(groups))
    assert holds_now(patients, SafetyRules(), held_at) is held


@pytest.mark.req("TR-S1")
def test_what_happened_to_a_patient_without_infusion_holds_nothing_again():
    counted = [patient(*reactions, code=f"P{place}") for place, reactions in enumerate(THREE)]
    other = patient(NEW, code="Q", batch=replace(BATCH, infusions=()))
    assert not holds_now((*counted, other), SafetyRules(), HELD)
