"""Verdicts around every limit of the preset, against an oracle of its own in fractions."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release.domain.criteria import Comparison, Criterion, Kind, Replicates, Rounding, Stage
from release.domain.judgement import judge
from release.domain.results import Measurement, Outcome
from tests.unit.release.judging import CHILD, EPS, SPEC, D, F, outcome, verdict

# What the preset promises, written once more and independently: (limit, sign, alert, value -> number compared).
ORACLE = {
    "purity": (F(70), 1, F(90), lambda x: x),
    "viability": (F(70), 1, F(80), lambda x: x),
    "nk_dose_minimum": (F(3 * 10**6), 1, None, lambda x: x * F(405, 184)),
    "nk_dose_maximum": (F(10**8), -1, None, lambda x: x * F(405, 184)),
    "endotoxin": (F(5), -1, None, lambda x: x * F(405, 184)),
}


def expected(key, value):
    limit, sign, alert, compared = ORACLE[key]
    number = compared(F(value))
    if sign * (number - limit) < 0:
        return "oos"
    return "alert" if alert is not None and sign * (number - alert) < 0 else "pass"


@pytest.mark.req("PHE-ROUND", "ATMP-CALC", "PHE-KG")
@pytest.mark.parametrize("key", ORACLE)
@pytest.mark.parametrize("at", ["limit", "alert"])
@pytest.mark.parametrize("epsilon", [-EPS, D(0), EPS])
def test_around_every_limit_with_a_representable_quotient(key, at, epsilon):
    """18.4 kg and 36.8 mL: the quotient is 2, so the limit itself can be met exactly."""
    limit, sign, alert, _compared = ORACLE[key]
    edge = alert if at == "alert" and alert is not None else limit
    context = replace(CHILD, volume_ml=D("36.8"))
    factor = 1 if key in {"purity", "viability"} else 2
    value = D(edge.numerator) / factor + epsilon
    number = F(value) * factor
    if sign * (number - limit) < 0:
        want = "oos"
    else:
        want = "alert" if alert is not None and sign * (number - alert) < 0 else "pass"
    assert outcome(key, value, context) == want


@pytest.mark.req("PHE-ROUND")
@pytest.mark.parametrize("key", ["nk_dose_minimum", "nk_dose_maximum", "endotoxin"])
def test_a_quotient_that_does_not_terminate_is_compared_exactly(key):
    """The nearest 12-digit decimals on both sides of limit × 18.4 / 40.5."""
    edge = ORACLE[key][0] * F(184, 405)
    below = D(int(edge * 10**12)) / D(10**12)
    for value in (below, below + EPS):
        assert outcome(key, value) == expected(key, value)
    assert {outcome(key, below), outcome(key, below + EPS)} == {"pass", "oos"}


@given(st.sampled_from(sorted(ORACLE)), st.decimals(0, D("1e9"), places=9))
def test_any_value_agrees_with_the_oracle(key, value):
    value = value % 100 if key in {"purity", "viability"} else value
    answer = verdict(key, value)
    assert answer.outcome.value == expected(key, value)


@pytest.mark.req("PHE-CENS")
@pytest.mark.parametrize(
    ("key", "operator", "value", "want"),
    [
        ("endotoxin", "<", "0.5", "pass"),
        ("endotoxin", "<", "3", "oos"),
        ("endotoxin", ">", "0.5", "undecidable"),
        ("viability", ">", "95", "pass"),
        ("viability", ">", "75", "alert"),
        ("viability", ">", "60", "oos"),
        ("viability", "<", "95", "undecidable"),
        ("volume", "<", "40.5", "undecidable"),
        ("b_percent", "<", "1", "report"),
        ("b_percent", "<", "1.1", "alert"),
        ("b_percent", ">", "0.1", "alert"),
    ],
)
def test_a_censored_value_counts_as_itself_on_one_side_only(key, operator, value, want):
    answer = verdict(key, value, operator=operator)
    assert answer.outcome.value == want
    assert answer.fails == (want in {"oos", "undecidable"})


@pytest.mark.req("PHE-CENS")
def test_a_censored_value_never_becomes_zero():
    answer = verdict("endotoxin", "0.5", operator="<")
    assert answer.compared == F("0.5") * F(405, 184)
    assert answer.shown.startswith("<1.")


@pytest.mark.req("PHE-ROUND")
@pytest.mark.parametrize(
    ("value", "rounding", "want"),
    [
        ("69.5", "none", "oos"),
        ("69.5", "half_up_to_limit", "pass"),
        ("69.4", "none", "oos"),
        ("69.4", "half_up_to_limit", "oos"),
        ("69.499999999", "half_up_to_limit", "oos"),
        ("70", "none", "pass"),
    ],
)
def test_rounding_rule(value, rounding, want):
    answer = verdict("viability", value, rounding=Rounding(rounding), alert=None)
    assert answer.outcome.value == want
    assert (D(answer.shown) >= 70) == (want == "pass")


def test_rounding_keeps_the_decimals_of_the_limit():
    half_up = {"rounding": Rounding.HALF_UP_TO_LIMIT, "alert": None}
    assert outcome("viability", "69.95", limit=D("70.0"), **half_up) == "pass"
    assert outcome("viability", "69.94", limit=D("70.0"), **half_up) == "oos"


@pytest.mark.parametrize(
    ("comparison", "below", "at", "above"),
    [
        ("at_least", "oos", "pass", "pass"),
        ("more_than", "oos", "oos", "pass"),
        ("at_most", "pass", "pass", "oos"),
        ("less_than", "pass", "oos", "oos"),
    ],
)
def test_strict_and_inclusive_limits_differ_at_the_limit_only(comparison, below, at, above):
    found = [
        outcome("viability", D(70) + step, comparison=Comparison(comparison), alert=None) for step in (-EPS, D(0), EPS)
    ]
    assert found == [below, at, above]


@pytest.mark.parametrize(("percent", "want"), [("90", "pass"), ("110", "pass"), ("89.999", "oos"), ("110.001", "oos")])
def test_volume_within_ten_percent_of_the_label(percent, want):
    assert outcome("volume", D("0.405") * D(percent)) == want


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "-1", "-0.0001", "100.0001"])
def test_hostile_numbers_never_pass(value):
    assert outcome("viability", value) == "undecidable"
    assert not verdict("purity", value).meets


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "-5"])
def test_hostile_numbers_never_pass_an_upper_limit(value):
    assert outcome("endotoxin", value) == "undecidable"


def test_negative_zero_is_zero():
    assert outcome("endotoxin", "-0") == "pass"
    assert outcome("viability", "-0") == "oos"


@pytest.mark.parametrize("key", [criterion.key for criterion in SPEC.criteria])
def test_a_missing_result_never_counts_as_met(key):
    assert judge(SPEC.criterion(key), None, CHILD).fails
    assert not judge(SPEC.criterion(key), Measurement(), CHILD).meets


def test_a_volume_needs_its_label():
    assert outcome("volume", "40", replace(CHILD, label_volume_ml=None)) == "undecidable"


@pytest.mark.parametrize(
    ("key", "text", "want"),
    [
        ("identity", "match", "pass"),
        ("identity", "mismatch", "oos"),
        ("identity", "Match", "oos"),
        ("donor_markers", "risk assessed", "alert"),
        ("culture", "growth", "oos"),
    ],
)
def test_results_in_words(key, text, want):
    assert outcome(key, text=text) == want


def test_words_that_are_only_reported():
    change = {"report_only": True, "texts": ("clear", "hazy"), "alert_texts": ("hazy",)}
    assert [outcome("gram", text=text, **change) for text in ("clear", "hazy", "pink")] == ["report", "alert", "report"]


@pytest.mark.req("PHE-2.6.27-1")
@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("not_sampled", "pending"),
        ("in_test", "pending"),
        ("negative_to_date", "pending"),
        ("final_negative", "pass"),
        ("positive", "oos"),
        ("sterile", "undecidable"),
    ],
)
def test_negative_to_date_is_no_pass(text, want):
    answer = verdict("sterility", text=text)
    assert answer.outcome.value == want
    assert answer.meets == (text == "final_negative")


def test_the_verdict_explains_itself():
    answer = verdict("nk_dose_minimum", "1e6")
    assert answer.formula == "concentration × volume / weight"
    assert dict(answer.inputs) == {
        "concentration per mL": "1000000",
        "volume mL": "40.5",
        "weight kg": "18.4",
        "earlier per kg": "0",
    }
    assert (answer.limit, answer.shown, answer.reason) == ("≥ 3000000 cells/kg", "2.20e6", "outside the limit")


def test_a_criterion_without_limit_passes_nothing():
    empty = Criterion("x", "x", Kind.NUMERIC, Comparison.AT_LEAST, "%", "flow", Stage.PRE)
    assert judge(empty, Measurement(D(99)), CHILD).outcome is Outcome.OOS


PURITY = replace(SPEC.criterion("purity"), replicates=3)


def several(rule, *values, criterion=PURITY, context=CHILD):
    numbers = tuple(map(D, values))
    return judge(replace(criterion, replicate_rule=rule), Measurement(numbers[0], replicates=numbers), context)


@pytest.mark.req("QC-NOAVG")
def test_no_good_value_carries_a_bad_one_unless_the_method_defines_the_mean():
    assert several(Replicates.EACH, "95", "95", "69.9").outcome is Outcome.OOS
    assert several(Replicates.MEAN, "95", "95", "69.9").outcome is Outcome.ALERT
    assert several(Replicates.EACH, "95", "89", "99").shown == "89.0"


@pytest.mark.req("ATMP-CALC", "PHE-ROUND")
def test_a_mean_is_compared_exactly_and_every_single_value_is_shown():
    third = several(Replicates.MEAN, "70", "70", "69.999999999999")
    assert third.outcome is Outcome.OOS
    assert several(Replicates.MEAN, "70", "70", "70").outcome is not Outcome.OOS
    assert third.inputs[0] == ("single values", "70; 70; 69.999999999999")


@pytest.mark.req("QC-NOAVG")
def test_one_value_less_or_an_impossible_one_is_no_result():
    assert several(Replicates.MEAN, "95", "95").outcome is Outcome.UNDECIDABLE
    assert several(Replicates.MEAN, "95", "95", "101").outcome is Outcome.UNDECIDABLE
    assert judge(PURITY, Measurement(D(95)), CHILD).outcome is Outcome.UNDECIDABLE


def test_of_doses_per_kg_the_highest_counts_against_an_upper_limit():
    dose = replace(SPEC.criterion("nk_dose_maximum"), replicates=3)
    worst = several(Replicates.EACH, "1e7", "3e7", "2e7", criterion=dose)
    assert worst.amount == F(3 * 10**7) * F("40.5")
