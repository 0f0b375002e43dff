"""Codes of samples, what stands against a draw, and volumes that must balance."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from manufacturing.domain.balance import StageVolumes, balance_line, unexplained
from manufacturing.domain.donation_numbers import CHECK_CHARACTERS
from manufacturing.domain.samples import (
    DrawFacts,
    draw_refusals,
    earliest_disposal,
    read_sample_code,
    retention_refusals,
    sample_code,
    unaccounted,
    unended,
)

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DRAW = DrawFacts(
    volume_ml=Decimal(2),
    drawn_at=NOW - timedelta(minutes=5),
    now=NOW,
    source="NK26-0001-01",
    available_ml=Decimal(38),
    not_before=("The fill", NOW - timedelta(hours=1)),
    late_minutes=15,
)
LETTERS = CHECK_CHARACTERS[:-1] + "-"


def codes(**changed):
    return [one.code for one in draw_refusals(replace(DRAW, **changed))]


@pytest.mark.req("TC-86-9.1")
@given(number=some.integers(1, 99), place=some.integers(0, 14), letter=some.sampled_from(LETTERS))
def test_one_wrong_character_opens_nothing(number, place, letter):
    code = sample_code("NK26-0001", number)
    assert read_sample_code(f" {code}\r\n") == code
    typed = code[:place] + letter + code[place + 1 :]
    assert typed == code or read_sample_code(typed) is None


@pytest.mark.parametrize("typed", ["", "NK26-0001", "nk26-0001-s01-7", "NK26-0001-S1-7", "NK26-0001-S01-", "х" * 300])
def test_what_is_no_code_is_none(typed):
    assert read_sample_code(typed) is None


def test_a_plain_draw_is_accepted():
    assert codes() == []
    assert codes(volume_ml=Decimal(38), drawn_at=NOW) == []


@pytest.mark.req("ATMP-ID-SPLIT")
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"volume_ml": Decimal(0)}, "SAMPLE_VOLUME"),
        ({"volume_ml": Decimal("38.0001")}, "SAMPLE_VOLUME"),
        ({"drawn_at": NOW + timedelta(minutes=1)}, "FUTURE_TIME"),
        ({"not_before": ("The fill", NOW)}, "TIME_ORDER"),
        ({"drawn_at": NOW - timedelta(minutes=16)}, "LATE_ENTRY_UNJUSTIFIED"),
        ({"supernatant_only": True}, "MISSING_FIELD"),
        ({"supernatant_only": True, "remark": "the"}, "MISSING_FIELD"),
        ({"kind": "other", "remark": "x"}, "MISSING_FIELD"),
    ],
)
def test_one_fault_is_one_refusal(changed, code):
    assert codes(**changed) == [code]


def test_all_reasons_are_told_at_once():
    assert codes(volume_ml=Decimal(-1), drawn_at=NOW + timedelta(1), supernatant_only=True) == [
        "SAMPLE_VOLUME",
        "FUTURE_TIME",
        "MISSING_FIELD",
    ]


@pytest.mark.req("QC-ALLSAMPLES")
def test_only_what_ended_is_ended():
    every = (("a", "drawn"), ("b", "at_lab"), ("c", "tested"), ("d", "discarded"), ("e", "retained"))
    assert unaccounted(every) == ("a",)
    assert unended(every) == ("a", "b")


def test_a_retained_sample_goes_when_its_time_is_over_or_by_exemption():
    last, ended = date(2028, 1, 1), date(2025, 12, 31)
    assert [one.code for one in retention_refusals("retained", last, date(2027, 12, 31), None, ended)] == [
        "RETENTION_RUNNING"
    ]
    assert retention_refusals("retained", last, last, None, ended) == ()
    assert retention_refusals("retained", last, date(2027, 1, 1), "cells needed for the patient", ended) == ()
    assert retention_refusals("drawn", None, date(2027, 1, 1), None, ended) == ()


@pytest.mark.req("QC-RETAIN")
@pytest.mark.parametrize(
    ("kept", "ended", "earliest"),
    [
        (date(2028, 1, 1), None, None),
        (date(2028, 1, 1), date(2026, 3, 1), date(2028, 3, 1)),
        (date(2028, 3, 2), date(2026, 3, 1), date(2028, 3, 2)),
        (date(2028, 1, 1), date(2028, 2, 29), date(2030, 3, 1)),
    ],
)
def test_a_retained_sample_is_kept_two_years_after_the_end_of_the_trial_or_longer(kept, ended, earliest):
    assert earliest_disposal(kept, ended) == earliest
    day_before = date(2040, 1, 1) if earliest is None else earliest - timedelta(days=1)
    code = "RETENTION_TRIAL" if earliest is None else "RETENTION_RUNNING"
    assert [one.code for one in retention_refusals("retained", kept, day_before, None, ended)] == [code]


def stage(out="82", waste="10", deviations=()):
    waste_ml = None if waste is None else Decimal(waste)
    return StageVolumes("wash", Decimal(90), Decimal(10), Decimal(out), Decimal(6), waste_ml, deviations)


@pytest.mark.req("ATMP-ID-SPLIT")
@pytest.mark.parametrize(
    ("out", "within"), [("84", True), ("82", True), ("86", True), ("81.999", False), ("86.001", False)]
)
def test_the_balance_holds_up_to_its_tolerance_on_both_sides(out, within):
    assert balance_line(stage(out), Decimal(2)).within is within


def test_without_tolerance_or_waste_nothing_is_checked_and_nothing_is_green():
    assert balance_line(stage("1"), None).within is None
    assert balance_line(stage("1", waste=None), Decimal(2)).within is None


def test_only_an_assessed_deviation_explains_a_difference():
    assert unexplained(balance_line(stage("70"), Decimal(2)))
    assert unexplained(balance_line(stage("70", deviations=("open",)), Decimal(2)))
    assert not unexplained(balance_line(stage("70", deviations=("assessed",)), Decimal(2)))
