"""Verdicts at and around a limit, order of steps, times to the minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import manufacturing.permissions  # noqa: F401  (who may do what)
from kernel.permissions import PERMISSIONS
from kernel.words import Words
from manufacturing.domain.plan import FieldKind, Limits, PlannedField
from manufacturing.domain.steps import (
    PERFORMERS,
    VERIFIERS,
    EntryTimes,
    StepState,
    StepVerdict,
    assessed,
    blank_refusals,
    limits_text,
    number_value,
    order_refusals,
    read_values,
    role_refusals,
    time_refusals,
    verdict_of,
)

NOW = datetime(2026, 11, 23, 9, 30, 20, tzinfo=UTC)
E = Decimal("1e-12")


def planned(**changes):
    fields = {
        "key": "viability",
        "label": Words({"en": "Viability", "nl": "Viabiliteit"}),
        "kind": FieldKind.NUMBER,
        "required": True,
        "unit": "%",
        "analyte": "viability",
        "measure": "",
        "expected": "",
        "plausible": Limits(),
        "alert": Limits(low=Decimal(95)),
        "action": Limits(low=Decimal(90), high=Decimal(100)),
    }
    return PlannedField(**{**fields, **changes})


def times(**changes):
    fields = {"performed_at": NOW, "recorded_at": NOW, "started_at": NOW, "limit_minutes": 15, "late_reason": None}
    return EntryTimes(**{**fields, **changes})


def state(position=1, status="verified", **changes):
    return StepState(position, f"step {position}", status, NOW, **changes)


@pytest.mark.req("ATMP-IPC")
@pytest.mark.parametrize(
    ("number", "verdict"),
    [
        (Decimal(95), StepVerdict.PASS),
        (Decimal(95) - E, StepVerdict.ALERT),
        (Decimal(90), StepVerdict.ALERT),
        (Decimal(90) - E, StepVerdict.ACTION),
        (Decimal(100), StepVerdict.PASS),
        (Decimal(100) + E, StepVerdict.ACTION),
    ],
)
def test_a_value_at_a_limit_is_inside(number, verdict):
    assert verdict_of(planned(), number) is verdict


def test_a_field_without_limits_has_no_verdict():
    assert verdict_of(planned(alert=Limits(), action=Limits()), Decimal(1)) is StepVerdict.NONE


@given(st.decimals(min_value=0, max_value=100, places=6), st.decimals(min_value=0, max_value=100, places=6))
def test_a_verdict_never_gets_worse_as_the_value_moves_inward(one, other):
    worse = [StepVerdict.ACTION, StepVerdict.ALERT, StepVerdict.PASS]
    low, high = sorted((one, other))
    field = planned(action=Limits(low=Decimal(90)))
    assert worse.index(verdict_of(field, low)) <= worse.index(verdict_of(field, high))


@pytest.mark.req("P11-10f", "ATMP-IPC")
def test_order_names_the_first_waiting_step_and_every_breach_without_a_deviation():
    earlier = (
        state(1, breaches=("Viability",)),
        state(2, breaches=("Volume",), deviations=("open",)),
        state(3, "performed"),
        state(4, "pending"),
    )
    found = [(refusal.code, refusal.fact("position")) for refusal in order_refusals(earlier)]
    assert found == [("STEP_OUT_OF_ORDER", "3"), ("IPC_DEVIATION_MISSING", "1")]


@pytest.mark.parametrize(
    ("deviations", "dealt_with"), [((), False), (("open",), False), (("open", "assessed"), True), (("closed",), True)]
)
def test_a_breach_is_dealt_with_by_an_assessed_deviation(deviations, dealt_with):
    assert assessed(state(breaches=("Viability",), deviations=deviations)) is dealt_with


@pytest.mark.req("P11-10g")
@pytest.mark.parametrize(
    ("wanted", "roles", "expected"),
    [((), {"T"}, []), (("QA",), {"T"}, ["ROLE_NOT_ALLOWED"]), (("QA",), {"QA", "T"}, []), (("QA", "T"), {"T"}, [])],
)
def test_a_process_version_asks_for_a_role_on_top_of_the_permission(wanted, roles, expected):
    assert [one.code for one in role_refusals(frozenset(wanted), frozenset(roles))] == expected


def test_a_process_version_asks_only_for_roles_that_may_do_it_at_all():
    assert PERMISSIONS["batch:perform"] == PERFORMERS
    assert PERMISSIONS["batch:verify"] == VERIFIERS


@pytest.mark.req("ATMP-6.1-TIME")
def test_times_are_compared_as_people_type_them():
    minute = NOW.replace(second=0)
    assert time_refusals(times(performed_at=minute), (state(),)) == ()
    early = time_refusals(times(performed_at=minute - timedelta(minutes=1)), (state(),))
    assert [refusal.code for refusal in early] == ["TIME_ORDER", "TIME_ORDER"]


def test_an_answer_other_than_expected_is_a_breach():
    question = planned(kind=FieldKind.YES_NO, expected="yes", analyte="", unit="", alert=Limits(), action=Limits())
    for answer, verdict in ((True, StepVerdict.PASS), (False, StepVerdict.ACTION)):
        values, refusals = read_values((question,), {"viability": answer}, times())
        assert (values[0].verdict, refusals) == (verdict, ())


@pytest.mark.req("ATMP-NOBLANK")
@pytest.mark.parametrize(
    ("required", "typed", "expected"),
    [
        (True, {}, [("MISSING_FIELD", "viability")]),
        (True, {"viability": " "}, [("MISSING_FIELD", "viability")]),
        (True, {"viability_na": "instrument away"}, [("NA_NOT_ALLOWED", "viability")]),
        (False, {}, [("FIELD_BLANK", "viability")]),
        (False, {"viability_na": "  "}, [("FIELD_BLANK", "viability")]),
        (False, {"viability_na": "n/a"}, [("MISSING_REASON", "viability_na")]),
        (False, {"viability": Decimal(96), "viability_na": "not in the panel"}, [("NA_WITH_VALUE", "viability")]),
    ],
)
def test_a_field_has_a_value_or_says_why_it_does_not_apply(required, typed, expected):
    values, refusals = read_values((planned(required=required),), typed, times())
    assert ([(one.code, one.fact("field")) for one in refusals], values) == (expected, ())


@pytest.mark.req("ATMP-NOBLANK")
def test_not_applicable_is_kept_with_its_reason_and_without_a_value():
    values, refusals = read_values((planned(required=False),), {"viability_na": " not in the panel "}, times())
    assert refusals == ()
    assert (values[0].not_applicable, values[0].number, values[0].verdict) == (
        "not in the panel",
        None,
        StepVerdict.NONE,
    )


@pytest.mark.req("ATMP-NOBLANK")
def test_every_blank_field_is_named_with_its_step():
    wash, depletion, fill = (Words.same(text) for text in ("Wash", "Depletion", "Fill"))
    cells, volume, seals = Words({"en": "B cells", "nl": "B-cellen"}), Words.same("Volume"), Words.same("Seals")
    (found,) = blank_refusals({wash: (), depletion: (cells, volume), fill: (seals,)})
    assert [one["nl"] for one in found.fact("fields")] == ["Depletion (B-cellen, Volume)", "Fill (Seals)"]
    assert blank_refusals({wash: ()}) == ()


def test_a_time_after_recording_is_of_the_future():
    moment = planned(kind=FieldKind.MOMENT, analyte="", unit="", alert=Limits(), action=Limits())
    _, refusals = read_values((moment,), {"viability": NOW + timedelta(seconds=1)}, times())
    assert [refusal.code for refusal in refusals] == ["FUTURE_TIME"]


@pytest.mark.parametrize(
    ("limits", "text"),
    [
        (Limits(), ""),
        (Limits(low=Decimal(70)), "≥ 70"),
        (Limits(high=Decimal("0.1")), "≤ 0.1"),
        (Limits(Decimal(20), Decimal(45)), "20–45"),
    ],
)
def test_limits_read_as_people_write_them(limits, text):
    assert limits_text(limits) == text


@pytest.mark.parametrize(
    ("given", "unit", "code"), [("980", "%", "UNIT_IMPLAUSIBLE"), ("98", "mL", "UNIT_NOT_ALLOWED")]
)
def test_the_refusal_of_a_number_names_the_field_as_the_page_does(given, unit, code):
    refusal = number_value(
        planned(key="day_7", label=Words({"en": "Day 7: viability", "nl": "Dag 7: viabiliteit"})), Decimal(given), unit
    )
    facts = dict(refusal.facts)
    assert (refusal.code, facts["field"], facts["analyte"]["nl"]) == (code, "day_7", "Dag 7: viabiliteit")
