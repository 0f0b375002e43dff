"""Rules that need no records: the donor's window and markers, the receipt's temperature, drawing of limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manufacturing.domain.batches import BATCH, STEP
from manufacturing.domain.collections import COLLECTION, donation_number
from manufacturing.domain.donation_numbers import DonationNumber
from manufacturing.domain.donor_window import DonorFacts, donor_refusals, window_day
from manufacturing.domain.donors import ALWAYS
from manufacturing.domain.plan import Limits, PlannedField
from manufacturing.domain.receipt import temperature_reason
from manufacturing.domain.trial import SUBJECT
from manufacturing.queries.bars import limit_bar, window_bar

DAY = date(2026, 11, 23)
GOOD = DonorFacts(
    results={marker.value: "non_reactive" for marker in ALWAYS},
    donated_on=DAY,
    sampled_on=DAY,
    htlv_risk=False,
    blood_or_colloids_48h=False,
    crystalloids_1h=False,
    interview_suitable=True,
    examination_suitable=True,
    assessment=None,
)


def codes(**changes):
    return [refusal.code for refusal in donor_refusals(replace(GOOD, **changes))]


@pytest.mark.req("TC-17-II.2.5")
@given(st.integers(-60, 60))
def test_the_window_is_day_zero_to_seven(day):
    expected = [] if 0 <= day <= 7 else ["DONOR_TEST_WINDOW"]
    assert codes(sampled_on=DAY + timedelta(days=day)) == expected
    assert window_day(DAY, DAY + timedelta(days=day)) == day


@pytest.mark.parametrize("question", ["blood_or_colloids_48h", "crystalloids_1h"])
def test_unanswered_is_never_no_also_with_an_assessment(question):
    assert codes(**{question: None}) == ["HAEMODILUTION"]
    assert codes(**{question: None}, assessment="Nothing was given.") == ["HAEMODILUTION"]
    assert codes(htlv_risk=None) == ["DONOR_TEST_MISSING"]


@pytest.mark.req("TC-17-II.1.3")
def test_a_reactive_hbsag_is_no_matter_of_assessment():
    results = {**GOOD.results, "anti_hbc": "reactive", "hbsag": "reactive"}
    assert codes(results=results, assessment="Seen by virology.") == ["DONOR_NOT_ELIGIBLE"]


def test_blank_words_are_no_assessment():
    assert codes(results={**GOOD.results, "anti_hbc": "reactive"}, assessment="   ") == ["DONOR_RISK_ASSESSMENT"]


@pytest.mark.req("DSP-TEMP")
@pytest.mark.parametrize(("degrees", "held"), [("1.99", True), ("2", False), ("25", False), ("25.01", True)])
def test_a_temperature_outside_names_itself(degrees, held):
    reason = temperature_reason(Decimal(degrees), Limits(Decimal(2), Decimal(25)))
    assert (reason is not None) is held
    assert not held or degrees in reason


def test_a_scanned_din_is_the_typed_one():
    assert donation_number("din", "=A99992612345600", "") == DonationNumber("A999926123456", "00")
    typed = donation_number("din", "A9999 26 123456", DonationNumber("A999926123456").check)
    assert typed == DonationNumber("A999926123456")
    assert donation_number("facility", " LA-2026-0041 ", "") == "LA-2026-0041"


@pytest.mark.parametrize("lifecycle", [BATCH, STEP, COLLECTION, SUBJECT], ids=lambda one: one.record)
def test_what_is_not_in_the_table_is_refused(lifecycle):
    allowed = {(one.action, source) for one in lifecycle.transitions for source in one.sources}
    for state in lifecycle.states:
        for action in lifecycle.actions():
            found = lifecycle.transition(action, state)
            assert hasattr(found, "target") is ((action, state) in allowed)


def test_rejected_material_and_terminated_batches_stay_so():
    ways = {one.target for one in COLLECTION.transitions if "rejected" in one.sources}
    assert ways == {"disposed"}
    assert COLLECTION.terminal() == {"disposed"}
    assert "terminated" in BATCH.terminal()


def field(**limits):
    return PlannedField(
        key="f",
        label={},
        kind="number",
        required=True,
        unit="%",
        analyte="",
        measure="",
        expected="",
        plausible=Limits(),
        alert=limits.get("alert", Limits()),
        action=limits.get("action", Limits()),
    )


@given(st.decimals(min_value=0, max_value=100, places=3), st.decimals(min_value=0, max_value=100, places=3))
def test_a_bar_stays_on_its_scale_and_agrees_with_the_limit(limit, number):
    bar = limit_bar(field(action=Limits(low=limit)), number)
    start, width, marker = int(bar["good"]["x"]), int(bar["good"]["width"]), int(bar["marker"])
    assert 0 <= marker <= 100
    assert 0 <= start <= start + width <= 100
    if number >= limit:
        assert marker >= start
    else:
        assert marker <= start


def test_no_limit_no_bar():
    assert limit_bar(field(), Decimal(5)) is None


@pytest.mark.parametrize(
    ("day", "inside"), [(None, False), (-1, False), (0, True), (7, True), (8, False), (-400, False)]
)
def test_the_window_is_drawn_as_it_is_judged(day, inside):
    bar = window_bar(day)
    assert bar["inside"] is inside
    assert bar["marker"] is None or 0 <= int(bar["marker"]) <= 100
