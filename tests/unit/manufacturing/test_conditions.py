"""When a part of the process is done, and what is computed of a step as an in-process control."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.permissions import PERMISSIONS
from kernel.quantities import exact
from manufacturing.domain.calculations import Calculated, calculated, judged, shown
from manufacturing.domain.conditions import (
    ConditionAnswer,
    ConditionFacts,
    Decision,
    Need,
    Trigger,
    deciding_refusals,
    need,
    performing_refusals,
)
from manufacturing.domain.plan import Calculation, Condition, Limits, Process
from manufacturing.domain.process import parse_process
from manufacturing.domain.steps import StepState, StepVerdict, order_refusals
from manufacturing.domain.yields import StepFigures, yield_table

PRESET = json.loads((Path(__file__).parents[3] / "config/presets/process.json").read_text(encoding="utf-8"))["body"]
OPEN, LEAVE_OUT = ConditionAnswer.OPEN, ConditionAnswer.NOT_NEEDED
PASS, ACTION = StepVerdict.PASS, StepVerdict.ACTION
D = Decimal


def part(*verdicts, by_choice=False, assessed=False, **changed):
    triggers = tuple(
        Trigger("deplete_cd3", {"en": f"value {place}"}, "0.2", "≤ 0.1", one, assessed)
        for place, one in enumerate(verdicts)
    )
    opens_on = tuple(("deplete_cd3", f"value_{place}") for place, _ in enumerate(verdicts))
    return ConditionFacts(Condition("again", {"en": "Again"}, opens_on, by_choice), triggers, **changed)


def codes(refusals):
    return [one.code for one in refusals]


@pytest.mark.req("ATMP-IPC")
@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (part(None, None), Need.WAITING),
        (part(PASS, None), Need.WAITING),
        (part(PASS, StepVerdict.ALERT), Need.NOT_NEEDED),
        (part(PASS, ACTION), Need.NEEDED),
        (part(None, ACTION), Need.NEEDED),
        (part(by_choice=True), Need.UNDECIDED),
        (part(by_choice=True, decision=Decision(OPEN, triggered=False)), Need.NEEDED),
        (part(by_choice=True, decision=Decision(LEAVE_OUT, triggered=False)), Need.NOT_NEEDED),
        (part(ACTION, decision=Decision(LEAVE_OUT, triggered=True)), Need.NOT_NEEDED),
        (part(ACTION, decision=Decision(LEAVE_OUT, triggered=False)), Need.NEEDED),
        (part(PASS, decision=Decision(LEAVE_OUT, triggered=True)), Need.NOT_NEEDED),
        (part(by_choice=True, outer=Need.NOT_NEEDED), Need.NOT_NEEDED),
        (part(by_choice=True, outer=Need.UNDECIDED), Need.WAITING),
        (part(by_choice=True, outer=Need.NEEDED), Need.UNDECIDED),
        (part(by_choice=True, outer=Need.NOT_NEEDED, begun="Day 9"), Need.NEEDED),
        (part(PASS, begun="Second depletion"), Need.NEEDED),
        (part(PASS, begun="x", decision=Decision(LEAVE_OUT, triggered=False)), Need.NEEDED),
    ],
)
def test_a_part_is_needed_when_done_decided_or_triggered(facts, expected):
    assert need(facts) is expected


@pytest.mark.req("ATMP-IPC", "ATMP-NOBLANK")
@pytest.mark.parametrize(
    ("facts", "answer", "expected"),
    [
        (part(ACTION), LEAVE_OUT, ["CONDITION_TRIGGERED"]),
        (part(ACTION, assessed=True), LEAVE_OUT, []),
        (part(PASS), LEAVE_OUT, ["STATE_NOT_ALLOWED"]),
        (part(PASS, begun="Second"), LEAVE_OUT, ["CONDITION_BEGUN"]),
        (part(ACTION, begun="Second"), LEAVE_OUT, ["CONDITION_BEGUN", "CONDITION_TRIGGERED"]),
        (part(PASS), OPEN, ["CONDITION_CLOSED"]),
        (part(PASS, passed="CD56 labelling"), OPEN, ["CONDITION_CLOSED", "CONDITION_PASSED"]),
        (part(PASS, by_choice=True), OPEN, []),
        (part(PASS, by_choice=True, passed="Fill"), OPEN, ["CONDITION_PASSED"]),
        (part(ACTION), OPEN, ["STATE_NOT_ALLOWED"]),
        (part(ACTION, decision=Decision(LEAVE_OUT, triggered=True)), OPEN, []),
        (part(by_choice=True), OPEN, []),
        (part(by_choice=True), LEAVE_OUT, []),
        (part(by_choice=True, outer=Need.UNDECIDED), LEAVE_OUT, ["STATE_NOT_ALLOWED"]),
        (part(by_choice=True, outer=Need.NOT_NEEDED), OPEN, ["STATE_NOT_ALLOWED"]),
        (part(by_choice=True, passed="Fill"), LEAVE_OUT, []),
    ],
)
def test_a_part_is_decided_only_where_the_process_leaves_a_choice(facts, answer, expected):
    assert codes(deciding_refusals(facts, answer)) == expected


def test_a_step_of_a_part_waits_for_the_choice_and_never_comes_after_what_followed_it():
    assert performing_refusals(None) == ()
    assert performing_refusals(part(ACTION)) == ()
    assert codes(performing_refusals(part(by_choice=True))) == ["CONDITION_UNDECIDED"]
    assert codes(performing_refusals(part(ACTION, passed="CD56 labelling"))) == ["CONDITION_PASSED"]


@pytest.mark.req("P11-10f")
def test_the_next_step_passes_over_what_is_not_needed_and_waits_for_a_choice():
    left_out = StepState(1, "Second", "not_needed", None)
    undecided = StepState(2, "Overnight", "pending", None, undecided="Activation")
    assert order_refusals((left_out,)) == ()
    assert codes(order_refusals((left_out, undecided))) == ["CONDITION_UNDECIDED"]


def figures(name, wbc, cd3):
    return StepFigures(name, D(100), D(wbc), D(100), D(10), D(cd3))


def depletion(wbc, cd3, low="3"):
    step = next(one for one in parse_process(copy.deepcopy(PRESET)).steps if one.key == "deplete_cd3")
    rows = yield_table((figures("apheresis", "100", "50"), figures("cd3_depleted", wbc, cd3))).rows
    assert step.calculations == (Calculation("step_log_depletion", Limits(), Limits(low=D(low))),)
    return calculated(step, rows)[0]


@pytest.mark.req("ATMP-CALC", "ATMP-IPC")
@pytest.mark.parametrize(
    ("wbc", "cd3", "verdict", "text"),
    [
        ("50", "0.1", PASS, "3"),
        ("50", "0.1000001", ACTION, "2.9999996"),
        ("50", "0.05", PASS, "3.301"),
        ("50", "0.2", ACTION, "2.699"),
        ("50", "0", PASS, ""),
    ],
)
def test_the_depletion_is_judged_unrounded_and_shown_on_its_side_of_the_limit(wbc, cd3, verdict, text):
    found = depletion(wbc, cd3)
    assert found.verdict is verdict
    assert shown(found).startswith(text)
    assert [name for name, _ in found.inputs] == ["viable T cells before", "viable T cells after"]
    assert found.inputs[0][1] == exact(5 * 10**9)
    assert found.formula_version == "1"


def test_nothing_to_begin_with_cannot_be_judged_and_counts_as_beyond():
    limits = Calculation("step_log_depletion", Limits(), Limits(low=D(3)))
    assert judged(limits, None, Fraction(0), Fraction(0)) is ACTION
    assert judged(limits, None, Fraction(5), Fraction(0)) is PASS


@given(st.decimals(min_value="0.01", max_value=9, places=9))
def test_what_is_shown_never_contradicts_the_verdict(value):
    limits = Limits(low=D(3))
    one = Calculated(Calculation("step_log_depletion", Limits(), limits), "x", value, PASS, ())
    assert limits.holds(D(shown(one))) is limits.holds(value)


def test_a_step_that_skips_a_stage_is_paired_with_the_one_before():
    process = parse_process(copy.deepcopy(PRESET))
    assert isinstance(process, Process)
    again = process.step(process.place_of("deplete_cd3_again"))
    assert (
        calculated(again, yield_table((figures("apheresis", "100", "50"), figures("cd3_depleted", "50", "0.2"))).rows)
        == ()
    )


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda b: b["conditions"][0].update(opens_on=[]), "second_depletion: it opens on a value, by choice, or both"),
        (
            lambda b: b["conditions"][0].update(opens_on=["deplete_cd3.viability_percent"]),
            "second_depletion: deplete_cd3.viability_percent has no action limit in a step before it",
        ),
        (
            lambda b: b["conditions"][0].update(opens_on=["enrich_cd56.cd3_percent"]),
            "second_depletion: enrich_cd56.cd3_percent has no action limit in a step before it",
        ),
        (lambda b: step(b, "deplete_cd3_again").pop("condition"), None),
        (lambda b: step(b, "label_cd56").update(condition="third"), "label_cd56: third is no condition"),
        (
            lambda b: step(b, "fill").update(condition="second_depletion"),
            "second_depletion: its steps follow one another",
        ),
        (lambda b: step(b, "formulate").update(condition="second_depletion"), "formulate: final is always counted"),
        (lambda b: step(b, "inspect").update(condition="second_depletion"), "inspect: apheresis is always counted"),
        (
            lambda b: step(b, "wash").update(calculations=[{"figure": "step_log_depletion", "action": {"low": "3"}}]),
            "wash.calculations: the step counts no stage after the first one",
        ),
        (
            lambda b: step(b, "deplete_cd3").update(
                calculations=[{"figure": "purity_percent", "action": {"low": "3"}}]
            ),
            "deplete_cd3.calculations: figure is one of",
        ),
        (
            lambda b: step(b, "deplete_cd3")["calculations"][0].pop("action"),
            "deplete_cd3.step_log_depletion: limits have low, high or both",
        ),
    ],
)
def test_a_fault_in_a_part_or_a_calculation_is_named(change, problem):
    body = copy.deepcopy(PRESET)
    change(body)
    parsed = parse_process(body)
    if problem is None:
        assert isinstance(parsed, Process)
    else:
        assert any(one.fact("problem").startswith(problem) for one in parsed)


def step(body, key):
    return next(one for one in body["steps"] if one["key"] == key)


def test_parts_are_decided_by_those_who_perform():
    assert PERMISSIONS["batch:perform"] == frozenset({"T"})
