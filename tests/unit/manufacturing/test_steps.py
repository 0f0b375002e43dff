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
    BESIDE,
    PERFORMERS,
    PERFORMING,
    VERIFIERS,
    EntryTimes,
    StepState,
    StepVerdict,
    Value,
    assessed,
    blank_refusals,
    limits_text,
    number_value,
    order_refusals,
    read_values,
    role_refusals,
    time_refusals,
    verdict_of,
    verifier_refusals,
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


def minutes_late(minutes, reason=None, **more):
    found = times(recorded_at=NOW + timedelta(minutes=minutes, **more), late_reason=reason)
    return [(one.code, one.fact("minutes"), one.fact("limit")) for one in time_refusals(found, ())]


@pytest.mark.req("ATMP-6.1-TIME")
def test_an_entry_is_late_after_its_limit_and_then_needs_a_reason():
    assert minutes_late(15) == []
    unjustified = [("LATE_ENTRY_UNJUSTIFIED", "15", "15")]
    assert minutes_late(15, microseconds=1) == minutes_late(15, "  away ", seconds=1) == unjustified
    assert minutes_late(75) == [("LATE_ENTRY_UNJUSTIFIED", "75", "15")]
    assert minutes_late(75, "phone") == []


@pytest.mark.req("ATMP-6.1-TIME")
@pytest.mark.parametrize(
    ("changes", "earlier", "expected"),
    [
        ({"recorded_at": NOW - timedelta(microseconds=1)}, (), ["FUTURE_TIME"]),
        ({"started_at": None}, (StepState(1, "step", "verified", None),), []),
        ({"started_at": NOW + timedelta(minutes=1)}, (), ["TIME_ORDER"]),
        ({}, (state(), StepState(2, "later", "verified", NOW + timedelta(minutes=1))), ["TIME_ORDER"]),
    ],
)
def test_a_step_is_neither_of_the_future_nor_before_what_came_before(changes, earlier, expected):
    assert [one.code for one in time_refusals(times(**changes), earlier)] == expected


@pytest.mark.req("S1")
def test_nobody_who_ever_performed_a_step_verifies_it():
    assert [one.code for one in verifier_refusals("p1", frozenset({"p1", "p2"}))] == ["SOD_STEP"]
    assert verifier_refusals("p3", frozenset({"p1", "p2"})) == ()


def test_what_stands_beside_a_field_and_which_signatures_perform_a_step():
    assert BESIDE == ("_unit", "_na")
    assert PERFORMING == ("performed", "corrected", "transcribed", "measured again", "measurement chosen")


def plain(kind, **changes):
    return planned(kind=kind, analyte="", unit="", alert=Limits(), action=Limits(), **changes)


def read(field, given, beside=None, **changes):
    values, refusals = read_values((field,), {"viability": given, **(beside or {})}, times(**changes))
    return [one.code for one in refusals] or values[0]


@pytest.mark.parametrize("required", [True, False])
def test_a_value_is_kept_as_its_kind_asks(required):
    words, moment, question = (
        plain(kind, required=required) for kind in (FieldKind.TEXT, FieldKind.MOMENT, FieldKind.YES_NO)
    )
    assert read(words, " clear ") == Value("viability", text="clear")
    assert read(question, True) == Value("viability", text="yes")
    assert read(question, False) == Value("viability", text="no")
    assert read(moment, NOW) == Value("viability", moment=NOW)
    assert read(moment, NOW, started_at=None) == Value("viability", moment=NOW)
    assert read(moment, NOW.replace(second=0)) == Value("viability", moment=NOW.replace(second=0))
    assert read(moment, NOW.replace(second=0) - timedelta(microseconds=1)) == ["TIME_ORDER"]


def test_a_number_is_taken_in_the_unit_that_was_typed_with_it():
    volume = planned(analyte="volume", unit="mL", alert=Limits(), action=Limits())
    assert read(volume, Decimal("0.2"), {"viability_unit": "L"}).number == 200
    assert read(volume, Decimal(200)).number == 200


@pytest.mark.parametrize("reason", ["four", "enough"])
def test_a_reason_has_five_letters_or_more(reason):
    assert read(planned(required=False), None, {"viability_na": reason}) == (
        ["MISSING_REASON"] if reason == "four" else Value("viability", not_applicable="enough")
    )
    assert read(planned(required=False), None, {"viability_na": "fives"}).not_applicable == "fives"


@pytest.mark.parametrize(
    ("plausible", "low", "high"),
    [(Limits(low=Decimal(97)), "97", ""), (Limits(high=Decimal(95)), "", "95")],
)
def test_a_number_outside_what_is_plausible_is_refused_with_the_ends(plausible, low, high):
    refusal = number_value(planned(plausible=plausible), Decimal(96), "%")
    assert [refusal.fact(name) for name in ("value", "unit", "low", "high")] == ["96", "%", low, high]


def test_an_alert_limit_alone_gives_a_verdict():
    assert verdict_of(planned(action=Limits()), Decimal(94)) is StepVerdict.ALERT
    assert verdict_of(planned(action=Limits()), Decimal(95)) is StepVerdict.PASS


def test_without_a_breach_there_is_nothing_to_assess():
    assert assessed(state())


def test_an_answer_other_than_expected_is_a_breach():
    question = plain(FieldKind.YES_NO, expected="yes")
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
