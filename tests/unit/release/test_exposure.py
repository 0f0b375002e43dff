"""What is judged per kg of this child: counted T cells, endotoxin, and the sum of what was given before."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from manufacturing.domain.bead_counts import CountedEvents
from manufacturing.domain.poisson import UPPER_95
from release.domain.criteria import Comparison
from release.domain.results import Outcome, PriorExposure
from tests.unit.release.judging import CHILD, EPS, NOW, D, F, counted, outcome, verdict


@pytest.mark.req("ATMP-CALC", "PHE-FLOW")
def test_zero_t_cell_events_are_judged_by_their_upper_bound():
    answer = verdict("cd3_dose", count=counted(0))
    per_ml = F("2.9958") / 20000 * 49850 / 50 * 1000
    assert abs(per_ml / F("149.3") - 1) < F(1, 1000)
    assert answer.compared == per_ml * F(405, 184)
    assert answer.outcome is Outcome.PASS
    assert answer.amount == per_ml * F("40.5")


@pytest.mark.req("PHE-FLOW")
@pytest.mark.parametrize("events", range(0, 301, 7))
def test_t_cells_are_judged_by_the_bound_at_every_count(events):
    per_kg = F(UPPER_95[events]) / 20000 * 49850 / 50 * 1000 * F(405, 184)
    want = "pass" if per_kg <= 10000 else "alert" if per_kg <= 25000 else "oos"
    assert outcome("cd3_dose", count=counted(events)) == want


@pytest.mark.req("PHE-FLOW")
def test_the_t_cell_verdict_turns_exactly_at_the_limit():
    """Beads, sample and dilution of one make the bound of 0 events 2,995.8 per mL; 1 mL and a weight decide."""
    count = CountedEvents(0, 1, D(1), D(1))
    at = replace(CHILD, volume_ml=D(1))
    weight = D("0.119832")
    assert outcome("cd3_dose", count=count, context=replace(at, weight_kg=weight)) == "alert"
    assert outcome("cd3_dose", count=count, context=replace(at, weight_kg=weight - EPS)) == "oos"
    assert outcome("cd3_dose", count=count, context=replace(at, weight_kg=D("0.29958"))) == "pass"


@pytest.mark.parametrize(
    "measurement",
    [
        {"value": "1"},
        {"count": counted(0), "operator": "<"},
        {"count": counted(-1)},
        {"count": counted(0, beads=0)},
        {"count": counted(0, dilution="NaN")},
        {"count": counted(0, dilution="0")},
    ],
)
def test_a_count_that_cannot_be_decides_nothing(measurement):
    answer = verdict("cd3_dose", **measurement)
    assert answer.outcome is Outcome.UNDECIDABLE
    assert answer.fails
    assert not answer.meets


@pytest.mark.req("PHE-2.6.14-1")
@pytest.mark.parametrize(("weight", "shown", "want"), [("12", "8.34", "oos"), ("70", "1.43", "pass")])
def test_endotoxin_is_judged_for_this_recipient(weight, shown, want):
    answer = verdict("endotoxin", "2", replace(CHILD, weight_kg=D(weight), volume_ml=D(50)))
    assert (answer.outcome.value, answer.shown) == (want, shown)


@pytest.mark.req("PHE-2.6.14-1")
def test_an_order_can_only_make_endotoxin_stricter():
    slow = replace(CHILD, volume_ml=D(50), ordered_volume_ml=D(50), ordered_hours=D(2))
    assert verdict("endotoxin", "1.84", slow).compared == 5
    more = replace(slow, ordered_volume_ml=D(150))
    assert verdict("endotoxin", "1.84", more).compared == F("7.5")
    assert verdict("endotoxin", "1.84", replace(more, ordered_hours=D("0.5"))).compared == 15


@pytest.mark.req("PHE-KG")
@pytest.mark.parametrize(
    "change", [{"weight_kg": None}, {"weight_kg": D(0)}, {"weight_kg": D("NaN")}, {"volume_ml": None}]
)
def test_without_weight_or_volume_nothing_per_kg_is_decided(change):
    context = replace(CHILD, **change)
    assert outcome("nk_dose_minimum", "1e7", context) == "undecidable"
    assert outcome("viability", "95", context) == "pass"


def prior(amount, **fields):
    return PriorExposure("endotoxin", None if amount is None else F(amount), **fields)


@pytest.mark.req("PHE-2.6.14-1")
@pytest.mark.parametrize(("minutes_ago", "counts"), [(0, True), (59, True), (60, False), (61, False), (None, True)])
def test_an_earlier_exposure_counts_within_its_window(minutes_ago, counts):
    until = None if minutes_ago is None else NOW - timedelta(minutes=minutes_ago)
    context = replace(CHILD, volume_ml=D(50), prior=(prior("18.4", until=until),))
    assert verdict("endotoxin", "1.84", context).compared == (6 if counts else 5)


@pytest.mark.req("PHE-KG")
def test_t_cells_are_summed_over_the_whole_trial_and_the_minimum_is_not():
    long_ago = NOW - timedelta(days=300)
    first = verdict("cd3_dose", count=counted(40))
    assert first.outcome is Outcome.PASS or first.outcome is Outcome.ALERT
    earlier = tuple(PriorExposure("cd3_dose", first.amount, until=long_ago) for _ in range(5))
    assert verdict("cd3_dose", count=counted(40), context=replace(CHILD, prior=earlier)).compared == 6 * first.compared
    assert outcome("cd3_dose", count=counted(40), context=replace(CHILD, prior=earlier)) == "oos"
    nk = (PriorExposure("nk_dose_minimum", F(10**10)),)
    assert outcome("nk_dose_minimum", "1e6", replace(CHILD, prior=nk)) == "oos"


def test_the_smaller_of_both_weights_counts():
    for then, total in (("36.8", 6), ("9.2", 7)):
        context = replace(CHILD, volume_ml=D(50), prior=(prior("18.4", weight_kg=D(then)),))
        assert verdict("endotoxin", "1.84", context).compared == total


def test_an_unknown_earlier_exposure_decides_nothing():
    assert outcome("endotoxin", "0.1", replace(CHILD, prior=(prior(None),))) == "undecidable"
    other = PriorExposure("cd3_dose", None)
    assert outcome("endotoxin", "0.1", replace(CHILD, prior=(other,))) == "pass"


def test_a_range_compares_its_own_dose_below_and_the_sum_above():
    rest = {"comparison": Comparison.BETWEEN, "limit": D(1), "upper": D(5)}
    context = replace(CHILD, volume_ml=D("18.4"), prior=(prior("18.4"),))
    assert [outcome("endotoxin", value, context, **rest) for value in ("0.9", "1", "4", "4.1")] == [
        "oos",
        "pass",
        "pass",
        "oos",
    ]
    assert verdict("endotoxin", "0.9", context, **rest).shown == "0.900"


BEADS = {
    "counted_events": False,
    "bead_count": True,
    "comparison": Comparison.BETWEEN,
    "limit": D(1000),
    "upper": D(5000),
}


@pytest.mark.req("ATMP-CALC", "PHE-FLOW")
def test_a_bead_count_is_judged_as_counted_with_the_events_among_its_inputs():
    answer = verdict("cd3_dose", count=counted(42), alert=None, **BEADS)
    assert answer.compared == F(42) / 20000 * 49850 / 50 * 1000 * F(405, 184)
    assert dict(answer.inputs)["counted events"] == "42"
    assert answer.outcome is Outcome.PASS


@pytest.mark.req("PHE-CENS", "PHE-FLOW")
def test_a_bead_count_of_nothing_reaches_no_minimum_and_still_adds_its_bound_to_the_sum():
    answer = verdict("cd3_dose", count=counted(0), alert=None, **{**BEADS, "limit": D(100)})
    assert answer.outcome is Outcome.OOS
    assert answer.amount == counted(0).upper_per_ml() * F("40.5") > 0


def test_the_events_of_a_count_stand_beside_its_verdict():
    inputs = dict(verdict("cd3_dose", count=counted(42)).inputs)
    assert inputs["upper 95 % bound of the events"] == "54.324"
    assert inputs["beads per tube"] == "49850"
