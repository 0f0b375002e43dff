"""Fields of forms: times as people write them become instants, also in the two nights of the year that are not clear."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError, fields, validate

from kernel.clock import PEOPLE
from kernel.web.fields import (
    TIME_SEASON,
    TIME_TEXT,
    TIME_TWICE,
    TIME_UNKNOWN,
    CalendarDay,
    Moment,
    Number,
    YesNo,
    without_blanks,
)
from labels.domain.content import local_text as printed
from manufacturing.domain.expiry import local_text as shown


class OneSchema(Schema):
    moment = Moment()
    day = CalendarDay()
    number = Number()
    answer = YesNo()
    text = fields.String(validate=validate.Length(1, 5))
    many = fields.List(fields.String())


def load(**sent):
    [value] = OneSchema().load(sent).values()
    return value


def problem(**sent):
    with pytest.raises(ValidationError) as raised:
        OneSchema().load(sent)
    [[text]] = raised.value.messages.values()
    return text


@pytest.mark.req("SIG-TIME")
@pytest.mark.parametrize(
    ("typed", "instant"),
    [
        ("2026-11-23 16:30", (2026, 11, 23, 15, 30)),
        ("2026-07-01T16:30", (2026, 7, 1, 14, 30)),
        ("2026-07-01T16:30:00Z", (2026, 7, 1, 16, 30)),
        ("2026-07-01T16:30-05:00", (2026, 7, 1, 21, 30)),
        ("2026-03-29 01:59", (2026, 3, 29, 0, 59)),
        ("2026-03-29 03:00", (2026, 3, 29, 1, 0)),
        ("2026-10-25 01:59", (2026, 10, 24, 23, 59)),
        ("2026-10-25 03:00", (2026, 10, 25, 2, 0)),
        ("2026-10-25 02:30+02:00", (2026, 10, 25, 0, 30)),
        ("2026-10-25 02:30+01:00", (2026, 10, 25, 1, 30)),
        ("2026-10-25 02:30 CEST", (2026, 10, 25, 0, 30)),
        ("2026-10-25 02:30 CET", (2026, 10, 25, 1, 30)),
        ("2026-11-23 16:30 CET", (2026, 11, 23, 15, 30)),
    ],
)
def test_a_time_is_the_instant_that_was_meant(typed, instant):
    assert load(moment=typed) == datetime(*instant, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("2026-03-29 02:00", TIME_UNKNOWN),
        ("2026-03-29 02:59", TIME_UNKNOWN),
        ("2026-10-25 02:00", TIME_TWICE),
        ("2026-10-25 02:59", TIME_TWICE),
        ("2026-03-29 02:30 CET", TIME_UNKNOWN),
        ("2026-11-23 16:30 CEST", TIME_SEASON),
        ("2026-07-01 16:30 CET", TIME_SEASON),
        ("2026-11-23 16:30 winter", TIME_TEXT),
        ("2026-11-23 16:30+01:00 CET", TIME_TEXT),
        ("2026-11-23 16:30+99:00", TIME_TEXT),
        ("0001-01-01 00:00+02:00", TIME_TEXT),
        ("9999-12-31 23:59", TIME_TEXT),
        ("2026-02-30 16:30", TIME_TEXT),
        ("2026-11-23", TIME_TEXT),
        ("23-11-2026 16:30", TIME_TEXT),
        ("2026-11-23 24:00", TIME_TEXT),
        ("2026-11-23 16:30:61", TIME_TEXT),
        ("٢٠٢٦-11-23 16:30", TIME_TEXT),
    ],
)
def test_a_time_that_is_not_clear_is_not_guessed(typed, said):
    assert problem(moment=typed) == said


@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_every_instant_can_be_written_with_its_offset(instant):
    local = instant.astimezone(PEOPLE)
    assert load(moment=local.isoformat()) == instant


@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_wall_clock_time_is_read_back_as_written_or_refused(instant):
    instant = instant.replace(second=0, microsecond=0)
    wall = instant.astimezone(PEOPLE).replace(tzinfo=None)
    try:
        read = load(moment=wall.isoformat(sep=" ", timespec="minutes"))
    except ValidationError as error:
        read, told = None, error.messages
    else:
        told = None
    twice = instant.month == 10 and wall.hour == 2
    assert read == instant or (twice and told == {"moment": [TIME_TWICE]})


@pytest.mark.req("CTR-VI-k")
@given(st.integers(0, 19_000_000))
def test_an_expiry_can_be_typed_as_label_and_page_show_it(minutes):
    instant = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    assert load(moment=printed(instant, "Europe/Amsterdam")) == load(moment=shown(instant)) == instant


@given(st.text(max_size=25))
def test_no_text_is_an_error_in_any_field(typed):
    for name in ("moment", "day", "number", "answer"):
        try:
            OneSchema().load({name: typed})
        except ValidationError as error:
            assert list(error.messages) == [name]  # noqa: PT017


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_a_day_is_read_as_written(day):
    assert load(day=day.isoformat()) == day


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9))
def test_a_number_is_read_as_written(number):
    assert load(number=format(number, "f")) == number


@pytest.mark.parametrize("sent", [5, 5.5, None, True, ["5"], Decimal(5)])
def test_a_number_comes_as_text(sent):
    with pytest.raises(ValidationError):
        OneSchema().load({"number": sent})


@pytest.mark.parametrize(("sent", "value"), [("yes", True), ("no", False), (True, True), (False, False)])
def test_an_answer_is_yes_or_no(sent, value):
    assert load(answer=sent) is value


@pytest.mark.parametrize("sent", ["", "Yes", "ja", "true", "1", 1, 0, None, "on"])
def test_an_answer_that_is_neither_is_not_taken_for_no(sent):
    with pytest.raises(ValidationError):
        OneSchema().load({"answer": sent})


def test_an_empty_box_is_a_box_left_out():
    sent = {"text": "", "number": "0", "many": "a", "other": ""}
    assert without_blanks(sent, OneSchema()) == {"number": "0", "many": ["a"]}


def test_what_is_entered_is_shown_again_as_it_was():
    shown = OneSchema().dump(
        {
            "moment": datetime(2026, 11, 23, tzinfo=UTC),
            "day": date(2026, 11, 23),
            "number": Decimal("1E+3"),
            "answer": False,
        }
    )
    assert shown == {"moment": "2026-11-23T00:00:00+00:00", "day": "2026-11-23", "number": "1000", "answer": False}


def test_hours_between_two_typed_times_are_real_hours():
    """Over the night in October a day has 25 hours (decision 12)."""
    assert load(moment="2026-10-25 12:00") - load(moment="2026-10-24 12:00") == timedelta(hours=25)
    assert load(moment="2026-03-29 12:00") - load(moment="2026-03-28 12:00") == timedelta(hours=23)
