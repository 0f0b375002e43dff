"""Numbers people type: one grammar, kept exactly; everything else is refused, never guessed (decisions 11 and 41)."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kernel.quantities import exact, expanded, parse_number, significant, to_decimal
from kernel.refusals import Refusal

WRITTEN = st.from_regex(r"-?[0-9]{1,15}(\.[0-9]{1,12})?([eE][+-]?[0-9]{1,2})?", fullmatch=True)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("0.5", "0.5"),
        ("1.2e6", "1200000"),
        ("1.2E+06", "1200000"),
        ("-3", "-3"),
        (" 12 ", "12"),
        ("007", "7"),
        ("5e-3", "0.005"),
        ("1e18", "1000000000000000000"),
        ("0e99", "0"),
    ],
)
def test_a_number_in_the_grammar_is_understood(typed, value):
    assert parse_number(typed) == Decimal(value)


@pytest.mark.parametrize(
    "typed",
    [
        "1,5",
        "1,234",
        "1.234,5",
        "<0.5",
        ">100",
        "≥2",
        "5 %",
        "1 000",
        "1_000",
        "+5",
        ".5",
        "5.",
        "1e",
        "e5",
        "1e400",
        "1e19",
        "1.1e18",
        "-1e19",
        "0x10",
        "NaN",
        "nan",
        "inf",
        "-Infinity",
        "١٢",
        "１２",
        "²",
        "½",
        "5\u00a0",
        "--5",
        "−5",
        "1.2.3",
        "",
        "  ",
        "1" * 16,
        "0." + "1" * 13,
        "5\n6",
        "\0",
        "None",
    ],
)
def test_anything_else_is_refused_and_repeated_to_the_person(typed):
    refusal = parse_number(typed)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "NUMBER_FORMAT"
    assert refusal.fact("typed") == typed.strip(" \t\r\n")[:40]


@given(WRITTEN)
@example("999999999999999.999999999999")
def test_nothing_is_lost_between_typing_and_value(typed):
    value = parse_number(typed)
    if isinstance(value, Refusal):
        assert abs(Fraction(typed)) > 10**18
    else:
        assert exact(value) == Fraction(typed)
        assert Fraction(expanded(value)) == Fraction(typed)
        assert re.fullmatch(r"-?\d+(\.\d*[1-9])?", expanded(value))


@given(st.text(max_size=30))
def test_no_text_is_an_error(typed):
    value = parse_number(typed)
    assert isinstance(value, Refusal | Decimal)


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "sNaN"])
def test_what_is_not_a_finite_number_is_compared_with_nothing(value):
    with pytest.raises(ValueError, match="finite"):
        exact(Decimal(value))


@pytest.mark.parametrize("value", [3, Fraction(3), Decimal("3.0")])
def test_whole_numbers_fractions_and_decimals_are_all_compared_exactly(value):
    assert exact(value) == Fraction(3)


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (Decimal(57123456), 3, "5.71e+7"),
        (Decimal("0.0499"), 3, "0.0499"),
        (Decimal("0.00004567"), 2, "4.6e-5"),
        (Decimal("99.96"), 3, "100"),
        (Decimal("2.5"), 1, "3"),
        (Decimal(123456), 3, "123000"),
        (Decimal(0), 3, "0"),
        (Decimal("0.00"), 3, "0"),
        (Decimal(1), 3, "1"),
        (Decimal(-1), 3, "-1"),
        (Decimal("70.00"), 3, "70.0"),
        (Decimal("0.0001234"), 3, "0.000123"),
        (Decimal("0.00001234"), 3, "1.23e-5"),
        (Decimal(1234567), 3, "1.23e+6"),
        (Fraction(2, 3), 3, "0.667"),
        (Fraction(-200, 3), 3, "-66.7"),
    ],
)
def test_a_number_is_shown_with_its_significant_digits(value, digits, text):
    assert significant(value, digits) == text


def test_a_quotient_without_end_is_cut_after_sixty_digits():
    assert to_decimal(Fraction(1, 3)) == Decimal("0." + "3" * 60)
    assert to_decimal(Fraction(1, 8)) == Decimal("0.125")


def test_a_long_mistake_is_repeated_to_forty_characters():
    refusal = parse_number("1" * 41)
    assert isinstance(refusal, Refusal)
    assert refusal.fact("typed") == "1" * 40
