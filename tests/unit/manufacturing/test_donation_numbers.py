from __future__ import annotations

import csv
from pathlib import Path

import pytest
from stdnum.iso7064 import mod_37_2 as independent

from kernel.refusals import Refusal
from kernel.web.i18n import Speech
from manufacturing.domain.donation_numbers import (
    CHECK_CHARACTERS,
    DonationNumber,
    check_character,
    donation_number_refusals,
    facility_number_refusals,
    parse_scanned_donation_number,
    parse_typed_donation_number,
    type_three_flag,
)

VECTORS = list(
    csv.DictReader((Path(__file__).parents[2] / "data" / "isbt128_vectors.csv").read_text("utf-8").splitlines())
)
PUBLISHED = [row for row in VECTORS if row["kind"] in {"published", "computed"}]
NEGATIVE = [row for row in VECTORS if row["kind"] == "negative"]
DIN = "A999926123456"


def codes(refusals):
    return [refusal.code for refusal in refusals]


@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: row["din"])
def test_every_published_check_character_is_ours(row):
    assert check_character(row["din"]) == row["check_char"]
    assert type_three_flag(row["din"]) == row["computed_type3_flag"]
    assert donation_number_refusals(row["din"], row["check_char"]) == ()
    assert independent.calc_check_digit(row["din"]) == row["check_char"]


@pytest.mark.parametrize("row", NEGATIVE, ids=lambda row: row["din"] + row["check_char"] + row["flag"])
def test_every_negative_vector_is_refused(row):
    if row["flag"] == "71":
        assert parse_scanned_donation_number(f"={row['din']}{row['flag']}").code == "DIN_CHECK"
    else:
        assert codes(donation_number_refusals(row["din"], row["check_char"])) == ["DIN_CHECK"]


def test_there_are_vectors():
    assert len(PUBLISHED) >= 20
    assert len(NEGATIVE) >= 4


def test_every_single_substitution_and_swap_of_a_number_is_noticed():
    right = check_character(DIN)
    substituted = {
        DIN[:at] + other + DIN[at + 1 :] for at in range(13) for other in CHECK_CHARACTERS[:36] if other != DIN[at]
    }
    swapped = {
        DIN[:one] + DIN[two] + DIN[one + 1 : two] + DIN[one] + DIN[two + 1 :]
        for one in range(13)
        for two in range(one + 1, 13)
        if DIN[one] != DIN[two]
    }
    assert len(substituted) == 455
    assert [din for din in substituted | swapped if check_character(din) == right] == []


@pytest.mark.parametrize(
    "din",
    [
        "",
        "A99992612345",
        "A9999261234560",
        "a999926123456",
        "A9O9926123456",
        "O999926123456",
        "0999926123456",
        "A99A926123456",
        "A9999 26 123456",
        "A999926123456\n",
        "A99992612345٦",
        "Ａ999926123456",
        "A9999261234*6",
    ],
)
def test_anything_else_than_thirteen_right_characters_is_refused_by_its_form(din):
    assert codes(donation_number_refusals(din, "T")) == ["ID_FORMAT"]


@pytest.mark.parametrize(
    ("din", "check"),
    [
        (DIN, "t"),
        (DIN, ""),
        (DIN, "TT"),
        ("A999926000005", "O"),
        ("A999926000198", "0"),
        ("A999926000079", "I"),
        ("A999926000289", "1"),
    ],
)
def test_the_check_character_is_compared_exactly_and_not_given_away(din, check):
    (refusal,) = donation_number_refusals(din, check)
    assert refusal.code == "DIN_CHECK"
    assert check_character(din) not in dict(refusal.facts).values()
    assert "0 and O, 1 and I are different" in Speech("en").refusal(refusal)["sentence"]


@pytest.mark.parametrize("text", ["A9999 26 123456 T", "A999926123456T", " A9999 26 123456T\r\n"])
def test_typed_entry_takes_the_printed_spaces(text):
    assert parse_typed_donation_number(text) == DonationNumber(DIN)


@pytest.mark.parametrize(
    ("text", "din"),
    [
        ("A9999 26 000088 *", "A999926000088"),
        ("9000 11 612345 6 E", None),
        ("9000 11 612345 6", None),
        ("90001 16 123456 E", "9000116123456"),
        ("WWW00 26 123456 9", "WWW0026123456"),
    ],
)
def test_typed_entry_takes_every_check_character_and_a_facility_of_digits_or_letters(text, din):
    found = parse_typed_donation_number(text)
    assert found == DonationNumber(din) if din else found.code == "ID_FORMAT"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("A9999 26 123465 T", "DIN_CHECK"),
        ("A9999  26 123456 T", "ID_FORMAT"),
        ("A99 9926123456T", "ID_FORMAT"),
        ("A999926123456", "ID_FORMAT"),
        ("a9999 26 123456 T", "ID_FORMAT"),
    ],
)
def test_typed_entry_is_refused_with_its_reason(text, code):
    assert parse_typed_donation_number(text).code == code


def test_a_scanned_number_keeps_its_flag_apart():
    scanned = parse_scanned_donation_number("=A99992612345605\r")
    assert isinstance(scanned, DonationNumber)
    assert (scanned.din, scanned.flag, scanned.check, scanned.grouped) == (DIN, "05", "T", "A9999 26 123456")


def test_a_facility_whose_number_begins_with_a_digit_or_holds_letters_is_read():
    assert parse_scanned_donation_number("=900011612345600") == DonationNumber("9000116123456")
    assert parse_scanned_donation_number("=WWW002612345600") == DonationNumber("WWW0026123456")


@pytest.mark.parametrize(
    "text",
    [
        "=A9999261234560",
        "=A999926123456000",
        "=A9O992612345600",
        "=O99992612345600",
        "=099992612345600",
        "=a99992612345600",
        "A99992612345600",
        "=A9999 26 12345600",
        "=92002202611231015",
        "=\\62000000000000",
        "=A999926123456I0",
        "==A99992612345600",
    ],
)
def test_a_scan_is_matched_whole_or_not_at_all(text):
    refusal = parse_scanned_donation_number(text)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "ID_FORMAT"


def test_the_right_type_three_flag_is_taken():
    assert parse_scanned_donation_number("=G12341765432170") == DonationNumber("G123417654321", "70")


def test_the_asterisk_is_never_part_of_a_number():
    with pytest.raises(ValueError, match="asterisk"):
        check_character("A9*")


@pytest.mark.parametrize("number", ["LKA-2026-0007", "ABC", "A" * 20])
def test_a_facility_number_has_capitals_digits_and_hyphens(number):
    assert facility_number_refusals(number) == ()


@pytest.mark.parametrize("number", ["", "AB", "-AB", "A" * 21, "lka-1", "LKA 1", "LKA=1", "LKA-1\n"])
def test_any_other_facility_number_is_refused(number):
    assert codes(facility_number_refusals(number)) == ["ID_FORMAT"]
