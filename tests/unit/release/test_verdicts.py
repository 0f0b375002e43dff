"""What a verdict says beside its outcome: the value that counts, the digits shown, and everything it was computed from."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from release.domain.criteria import Comparison, Cumulation, Replicates
from release.domain.judgement import judge
from release.domain.results import Censoring, Measurement, Outcome, PriorExposure
from tests.unit.release.judging import CHILD, NOW, SPEC, D, F, counted, outcome, verdict

BETWEEN = {"comparison": Comparison.BETWEEN, "limit": D(1), "upper": D(5)}


def each(key, *values, context=CHILD, operator="", **change):
    numbers = tuple(map(D, values))
    measured = Measurement(numbers[0], Censoring(operator), replicates=numbers)
    criterion = replace(SPEC.criterion(key), replicates=len(numbers), replicate_rule=Replicates.EACH, **change)
    return judge(criterion, measured, context)


@pytest.mark.req("QC-NOAVG")
@pytest.mark.parametrize(
    ("key", "values", "want", "shown"),
    [
        ("viability", ("95", "92"), "pass", "92.0"),
        ("viability", ("0", "0.5"), "oos", "0"),
        ("endotoxin", ("0.1", "0.2"), "pass", "0.441"),
        ("volume", ("38.475", "44.955"), "oos", "111"),  # 95 and 111 % of the label: the one outside counts
        ("volume", ("42.525", "38.475"), "pass", "95.0"),
        ("b_percent", ("0.7", "0.5"), "report", "0.700"),
        ("b_percent", ("0.5", "1.1"), "alert", "1.10"),
    ],
)
def test_of_two_values_the_worse_one_counts_and_is_shown(key, values, want, shown):
    for found in (each(key, *values), each(key, *reversed(values))):
        assert (found.outcome.value, found.shown) == (want, shown)


@pytest.mark.req("QC-NOAVG")
def test_values_that_are_all_impossible_decide_nothing_and_stay_readable():
    found = each("viability", "101", "102")
    assert (found.outcome, found.reason) == (Outcome.UNDECIDABLE, "more than 100 %")
    assert found.inputs == (("single values", "101; 102"),)
    beside = each("viability", "95", "101", operator="<")
    assert (beside.outcome, beside.reason) == (Outcome.UNDECIDABLE, "more than 100 %")


@pytest.mark.req("ATMP-CALC")
def test_what_was_compared_stands_behind_the_single_values():
    assert each("viability", "95", "92").inputs == (("single values", "95; 92"), ("result", "92"))
    assert verdict("volume", "40").inputs == (("volume mL", "40"), ("label mL", "40.5"))


@pytest.mark.parametrize(
    ("key", "change", "value", "want"),
    [
        ("viability", {}, "100", "pass"),
        ("viability", {"unit": "mL"}, "100.0001", "pass"),
        ("volume", {"unit": "%"}, "101", "undecidable"),  # no label of that size
    ],
)
def test_only_a_measured_share_ends_at_a_hundred(key, change, value, want):
    context = replace(CHILD, label_volume_ml=None) if want == "undecidable" else CHILD
    found = verdict(key, value, context, **change)
    assert (found.outcome.value, found.reason) == (
        want,
        "no volume on the label" if want == "undecidable" else "within the limit",
    )


@pytest.mark.req("PHE-2.6.27-1")
def test_a_culture_without_result_says_so_beside_what_it_has_to_be():
    found = verdict("sterility")
    assert (found.outcome, found.reason, found.shown) == (Outcome.UNDECIDABLE, "no result", "")
    assert found.limit == "final_negative"
    running = verdict("sterility", text="in_test")
    assert (running.shown, running.reason) == ("in_test", "in_test")
    assert verdict("identity").reason == "no result"


@pytest.mark.req("PHE-FLOW")
def test_a_bound_of_a_count_is_shown_with_what_it_was_computed_from_and_reaches_no_minimum():
    at_bound = verdict("cd3_dose", count=counted(42))
    assert at_bound.compared == counted(42).upper_per_ml() * F(405, 184)
    shown = dict(at_bound.inputs)
    assert F(shown["concentration per mL"]) == counted(42).upper_per_ml()
    assert shown["weight kg"] == "18.4"
    assert at_bound.formula.startswith("concentration at the upper 95 % bound")
    low = {**BETWEEN, "limit": D(5000), "upper": D("1e9"), "alert": None}
    assert outcome("cd3_dose", count=counted(42), **low) == "oos"  # 4608 as counted, 5960 at the bound
    assert outcome("cd3_dose", count=counted(42), context=replace(CHILD, weight_kg=None)) == "undecidable"
    as_counted = {"counted_events": False, "bead_count": True, "alert": None}
    assert dict(verdict("cd3_dose", count=counted(0), **as_counted).inputs)["concentration per mL"] == "0"


@pytest.mark.req("PHE-KG")
@pytest.mark.parametrize(
    ("amount", "want"), [("-1", "undecidable"), ("-0.5", "undecidable"), ("0", "pass"), ("0.5", "pass")]
)
def test_an_earlier_exposure_below_zero_decides_nothing(amount, want):
    earlier = (PriorExposure("endotoxin", F(amount)),)
    assert outcome("endotoxin", "0.1", replace(CHILD, prior=earlier)) == want


@pytest.mark.req("PHE-2.6.14-1")
@pytest.mark.parametrize(
    ("starts_at", "sum_counts"),
    [(None, True), (NOW, False), (NOW - timedelta(microseconds=1), True)],
)
def test_a_window_ends_to_the_microsecond_and_without_a_start_everything_counts(starts_at, sum_counts):
    earlier = (PriorExposure("endotoxin", F("18.4"), until=NOW - timedelta(hours=1)),)
    context = replace(CHILD, volume_ml=D(50), prior=earlier, starts_at=starts_at)
    assert verdict("endotoxin", "1.84", context).compared == (6 if sum_counts else 5)


@pytest.mark.req("PHE-KG")
def test_a_minimum_is_of_this_infusion_and_in_a_range_only_what_is_too_low_shows_it():
    context = replace(CHILD, volume_ml=D("18.4"), prior=(PriorExposure("endotoxin", F("18.4")),))
    assert [verdict("endotoxin", value, context, **BETWEEN).compared for value in ("0.9", "1", "3")] == [F("0.9"), 2, 4]
    earlier = replace(context, prior=(PriorExposure("nk_dose_minimum", F(10**10)),))
    assert verdict("nk_dose_minimum", "4e6", earlier, cumulation=Cumulation()).compared == 4 * 10**6


@pytest.mark.req("PHE-ROUND")
@pytest.mark.parametrize(
    ("value", "change"),
    [
        ("70.0004", {"alert": None}),
        ("90.0004", {"limit": D(1)}),
        ("80.0004", {"comparison": Comparison.BETWEEN, "limit": D(1), "upper": D(80), "alert": None}),
        (
            "75.0004",
            {"comparison": Comparison.BETWEEN, "limit": D(1), "upper": D(99), "alert_upper": D(75), "alert": None},
        ),
    ],
)
def test_near_a_limit_so_many_digits_are_shown_that_the_side_is_seen(value, change):
    assert verdict("purity", value, **change).shown == value


@pytest.mark.req("PHE-CENS")
def test_what_is_only_reported_without_an_alert_limit_stays_calm_whatever_stands_before_it():
    assert outcome("b_percent", "0.1", operator=">", alert=None) == "report"


@pytest.mark.req("ATMP-CALC")
@pytest.mark.parametrize(
    ("concentration", "shown"),
    [("1.2345678901234567", "1.2345678901234567"), ("2.5e4", "25000")],
)
def test_an_input_is_shown_whole_where_it_ends(concentration, shown):
    assert dict(verdict("endotoxin", concentration).inputs)["concentration per mL"] == shown


def test_an_input_that_never_ends_is_shown_with_fifteen_digits():
    shown = dict(verdict("cd3_dose", count=counted(1, beads=11)).inputs)["concentration per mL"]
    assert len(shown.replace(".", "")) == 15
