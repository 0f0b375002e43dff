"""What people read: times with their zone, numbers with a decimal point, sentences in their language."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from marshmallow import Schema, ValidationError, fields, validate

from kernel.quantities import NUMBER_FORMAT, parse_number
from kernel.refusals import MISSING_FIELD, STATE_NOT_ALLOWED
from kernel.web.fields import Number
from kernel.web.i18n import PROBLEMS, Speech
from tests.contracts.messages import catalogue

DUTCH, ENGLISH = Speech("nl"), Speech("en")


@pytest.mark.req("AT-TZ", "SIG-TIME")
@pytest.mark.parametrize(
    ("instant", "dutch", "english"),
    [
        ((2026, 11, 23, 15, 30), "ma 23 nov 2026 16:30 CET", "Mon 23 Nov 2026 16:30 CET"),
        ((2026, 7, 1, 14, 30), "wo 1 jul 2026 16:30 CEST", "Wed 1 Jul 2026 16:30 CEST"),
        ((2026, 10, 25, 0, 30), "zo 25 okt 2026 02:30 CEST", "Sun 25 Oct 2026 02:30 CEST"),
        ((2026, 10, 25, 1, 30), "zo 25 okt 2026 02:30 CET", "Sun 25 Oct 2026 02:30 CET"),
        ((2026, 12, 31, 23, 30), "vr 1 jan 2027 00:30 CET", "Fri 1 Jan 2027 00:30 CET"),
    ],
)
def test_a_moment_is_local_and_names_its_zone(instant, dutch, english):
    at = datetime(*instant, tzinfo=UTC)
    assert (DUTCH.moment(at), ENGLISH.moment(at)) == (dutch, english)


def test_a_day_and_a_time_to_type():
    assert (DUTCH.day(date(2026, 11, 23)), ENGLISH.day(date(2026, 11, 23))) == ("ma 23 nov 2026", "Mon 23 Nov 2026")
    assert DUTCH.clock(datetime(2026, 11, 23, 15, 30, tzinfo=UTC)) == "2026-11-23 16:30"


def test_nothing_is_a_dash():
    assert {DUTCH.moment(None), DUTCH.day(None), DUTCH.number(None)} == {"–"}
    assert (DUTCH.clock(None), DUTCH.say(""), DUTCH.word("")) == ("", "", "")


@pytest.mark.parametrize(
    ("amount", "dutch"),
    [
        ("≥ 3 × 10⁶ cells/kg", "≥ 3 × 10⁶ cellen/kg"),
        ("3 × 10⁶ – 1 × 10⁸ cells/kg", "3 × 10⁶ – 1 × 10⁸ cellen/kg"),
        ("1.2e6 cells/mL", "1.2e6 cellen/mL"),
        ("cells/kg", "cellen/kg"),
        ("cells/uL", "cells/uL"),
        ("somebody typed 5 cells/kg", "somebody typed 5 cells/kg"),
        ("0.5 10^6/mL", "0.5 10^6/mL"),
    ],
)
def test_the_unit_of_an_amount_is_a_word_and_what_people_typed_is_not_translated(amount, dutch):
    assert (DUTCH.word(amount), ENGLISH.word(amount)) == (dutch, amount)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal(57100000), "5.71 × 10⁷"),
        (Decimal("0.5"), "0.5"),
        (Fraction(1, 3), "0.333"),
        (Decimal("0.0000123"), "1.23 × 10⁻⁵"),
        (12, "12"),
    ],
)
def test_a_number_has_a_decimal_point_in_both_languages(value, text):
    assert DUTCH.number(value) == ENGLISH.number(value) == text


def test_a_refusal_speaks_the_readers_language_facts_included():
    refusal = STATE_NOT_ALLOWED(action="approve", record="person", state="identity_verified")
    said = DUTCH.refusal(refusal)
    assert said["sentence"] == "“goedkeuren” is niet mogelijk zolang de status “identiteit vastgesteld” is (gebruiker)."
    assert ENGLISH.refusal(refusal)["sentence"].endswith("“identity verified”.")
    assert said["facts"]["state"] == "identity_verified"
    assert (said["code"], said["resolver"].partition(",")[0]) == ("STATE_NOT_ALLOWED", "u")


def test_facts_that_look_like_places_stay_text():
    assert DUTCH.refusal(MISSING_FIELD(name="%(x)s %d"))["sentence"] == "%(x)s %d ontbreekt."


def test_an_unknown_language_is_dutch_and_an_unknown_word_stays():
    assert Speech("fr").language == "nl"
    assert DUTCH.word("Xyzzy") == "Xyzzy"


def test_a_document_speaks_the_readers_language():
    words = {"nl": "Cellen", "en": "Cells"}
    assert (DUTCH.word(words), ENGLISH.word(words), DUTCH.word({"en": "Cells"})) == ("Cellen", "Cells", "Cells")


class OneSchema(Schema):
    text = fields.String(required=True, validate=validate.Length(2, 5))
    short = fields.String(validate=validate.Length(max=3))
    long = fields.String(validate=validate.Length(min=9))
    one = fields.String(validate=validate.OneOf(["a", "b"]))
    count = fields.Integer(validate=validate.Range(1, 9))
    least = fields.Integer(validate=validate.Range(min=1))
    most = fields.Integer(validate=validate.Range(max=9))
    number = Number()
    many = fields.List(fields.String())
    flag = fields.Boolean()


@pytest.mark.parametrize(
    ("sent", "dutch"),
    [
        ({}, "Vul dit veld in."),
        ({"text": None}, "Vul dit veld in."),
        ({"text": 5}, "Geef een tekst."),
        ({"text": "x"}, "Vul 2 tot 5 tekens in."),
        ({"text": "xx", "short": "xxxx"}, "Vul hoogstens 3 tekens in."),
        ({"text": "xx", "long": "x"}, "Vul minstens 9 tekens in."),
        ({"text": "xx", "one": "c"}, "Kies een van: a, b."),
        ({"text": "xx", "count": 10}, "Van 1 tot en met 9."),
        ({"text": "xx", "least": 0}, "Minstens 1."),
        ({"text": "xx", "most": 10}, "Hoogstens 9."),
        ({"text": "xx", "count": "x"}, "Geef een geheel getal."),
        ({"text": "xx", "many": "x"}, "Geef een lijst."),
        ({"text": "xx", "flag": "x"}, "Antwoord ja of nee."),
        ({"text": "xx", "other": "x"}, "Dit veld bestaat niet."),
    ],
    ids=str,
)
def test_the_form_librarys_words_are_ours(sent, dutch):
    with pytest.raises(ValidationError) as raised:
        OneSchema().load(sent)
    [[text]] = raised.value.messages.values()
    assert DUTCH.problem(text) == dutch
    assert text not in catalogue() or ENGLISH.problem(text)


def test_a_refused_number_is_explained_in_dutch_with_what_was_typed():
    assert DUTCH.problem(str(parse_number("1,5"))).startswith("“1,5” is geen getal dat dit systeem aanvaardt")
    assert NUMBER_FORMAT.sentence in [ours for _theirs, ours in PROBLEMS]


def test_a_problem_of_our_own_is_translated_too():
    assert DUTCH.problem("Write the day as 2026-11-23.") == "Schrijf de dag als 2026-11-23."
