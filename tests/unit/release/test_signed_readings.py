"""Where the registry's text leaves a choice, the signed setting decides: each alternative comes to another answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from release.domain.administration import Adjudication, first_adjudication
from release.domain.histories import Reaction, Relatedness
from release.domain.metrics import Denominator, InfusionReading, TrialRules, feasibility, infusion_reachable, sums_of
from release.domain.other_readings import other_readings
from release.domain.safety import SafetyCount, SafetyRules, holds_now, safety_figure
from tests.conftest import START
from tests.unit.release.test_metrics import GOOD, INCLUDED, patient

PATIENTS, EVENTS, SERIOUS = SafetyCount.PATIENTS, SafetyCount.EVENTS, SafetyCount.SERIOUS
SEVERE = Reaction(3, Relatedness.PROBABLE, recorded_at=START)
MILD_BUT_SERIOUS = Reaction(2, Relatedness.PROBABLE, recorded_at=START, serious=True)


def infused(code, *reactions):
    return replace(patient(GOOD), code=code, reactions=reactions)


def trial(infused_ones, included):
    return tuple(
        replace(patient(GOOD) if place < infused_ones else INCLUDED, code=f"P{place:02}") for place in range(included)
    )


@pytest.mark.req("TR-F1")
@pytest.mark.parametrize(
    ("denominator", "counts"), [(Denominator.ALL, (1, 2, False)), (Denominator.ACCEPTED, (1, 1, True))]
)
def test_the_setting_says_of_whom_the_included_are_counted(denominator, counts):
    too_old = replace(INCLUDED, code="P99", included_at=None, eligible=False)
    rules = TrialRules(denominator=denominator)
    found = feasibility((INCLUDED, too_old), rules)
    assert (found.inclusion.k, found.inclusion.n, found.inclusion.met) == counts
    table = other_readings(sums_of((INCLUDED, too_old), rules), found, rules).inclusion
    decides = [(one.k, one.n) for one in table for each in one.verdicts if each.in_force]
    assert decides == [counts[:2]]
    assert len({(one.k, one.n) for one in table}) == 2, "both stand on the page"


@pytest.mark.req("TR-F2")
@pytest.mark.parametrize(
    ("reading", "eight_of_twelve", "nine_of_twelve", "reachable"),
    [
        (InfusionReading.PERCENT, True, True, True),
        (InfusionReading.MORE, False, True, False),
        (InfusionReading.AT_LEAST, True, True, True),
    ],
)
def test_the_setting_says_how_two_thirds_are_read(reading, eight_of_twelve, nine_of_twelve, reachable):
    rules = TrialRules(reading=reading)
    met = [feasibility(trial(count, 12), rules).infusion.met for count in (8, 9)]
    assert met == [eight_of_twelve, nine_of_twelve]
    assert infusion_reachable(12, 4, rules) is reachable
    assert feasibility(trial(67, 101), rules).infusion.met is (reading is InfusionReading.PERCENT), "66.3 %"


@pytest.mark.req("TR-S1", "TR-S2")
@pytest.mark.parametrize(
    ("reactions", "holds"),
    [
        ([(SEVERE, SEVERE), (SEVERE,)], {EVENTS}),
        ([(SEVERE,), (SEVERE,), (SEVERE,)], {PATIENTS, EVENTS}),
        ([(MILD_BUT_SERIOUS,)] * 3, {SERIOUS}),
        ([(replace(MILD_BUT_SERIOUS, relatedness=Relatedness.UNLIKELY),)] * 3, set()),
        ([(replace(MILD_BUT_SERIOUS, pending_adjudication=True),)] * 3, {SERIOUS}),
    ],
)
def test_the_setting_says_whether_patients_events_or_serious_reactions_hold_the_trial(reactions, holds):
    patients = tuple(infused(f"P{place}", *own) for place, own in enumerate(reactions))
    for counted in (PATIENTS, EVENTS, SERIOUS):
        rules = SafetyRules(counted=counted)
        figure = safety_figure(patients, rules)
        assert figure.hold is holds_now(patients, rules, None) is (counted in holds)
        assert feasibility(patients, TrialRules(safety=rules)).safety == figure


@pytest.mark.req("TR-S1")
def test_counted_by_events_another_event_of_a_patient_who_was_decided_about_holds_again():
    later = replace(SEVERE, recorded_at=START + timedelta(days=1))
    patients = (infused("P1", SEVERE, SEVERE, SEVERE, later),)
    assert holds_now(patients, SafetyRules(counted=EVENTS), START)
    assert not holds_now((infused("P1", SEVERE, SEVERE, SEVERE),), SafetyRules(counted=EVENTS), START)


@pytest.mark.req("TR-S2")
@pytest.mark.parametrize(("grade", "serious"), [(3, False), (2, True)])
def test_the_sponsor_is_asked_about_what_is_counted(grade, serious):
    waits = {
        counted: first_adjudication(grade, "probable", SafetyRules(counted=counted), serious=serious)
        is Adjudication.PENDING
        for counted in (PATIENTS, EVENTS, SERIOUS)
    }
    assert waits == {PATIENTS: not serious, EVENTS: not serious, SERIOUS: serious}
