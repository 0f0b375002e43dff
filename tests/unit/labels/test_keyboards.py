"""Six keyboard layouts and Caps Lock: a product label survives them all, an ISBT 128 code is told from one it did not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pypdfium2
import pytest
import zxingcpp

from labels.domain.foreign_codes import CAPS_LOCK, SEVERAL
from labels.domain.keyboards import (
    AGREES,
    LAYOUTS,
    SETUP_TEXT,
    UNKNOWN,
    SetupResult,
    judge_setup,
    key_map,
    meant,
    other_case,
    typed,
)
from labels.domain.payload import MAGIC, MODHEX, ScannedLabel, read_scan
from labels.domain.scanners import ScannerFacts, isbt_scanner_refusals, scanner_warnings
from labels.drawing.setup_label import draw_setup_label
from tests.unit.labels.example import payload_of

LETTERS = MAGIC + MODHEX
UNHARMED = {"British", "US-International"}  # for ISBT 128: its signs stay where they are
ISBT = [
    "=A99992612345600",
    "=G12341765432170",
    "=90001161234560E",
    "=+04000=A99992612345600=<S0000V00&>0263271630&/CHA999926ABC123",
    "=<S1128V00",
    "01095212345432131726112310NK260001",
]
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def layout(title):
    return next(one for one in LAYOUTS if one.title == title)


@pytest.mark.req("QR-2")
@pytest.mark.parametrize("one", LAYOUTS, ids=lambda one: one.title)
def test_a_product_label_survives_every_layout_and_caps_lock(one):
    payload = payload_of()
    assert typed(payload, one) == payload
    for text in (payload, payload.swapcase()):
        assert read_scan(typed(text, one) + "\r\n") == ScannedLabel(payload)


@pytest.mark.req("QR-2")
@pytest.mark.parametrize("one", LAYOUTS, ids=lambda one: one.title)
@pytest.mark.parametrize("dead_keys", [True, False])
@pytest.mark.parametrize("text", ISBT)
def test_a_code_that_a_layout_changed_names_the_layout(one, dead_keys, text):
    shown = typed(text, one, dead_keys=dead_keys)
    refusal = read_scan(shown)
    if shown == text:
        assert refusal.code == "NOT_A_LABEL"
        return
    assert one.title not in UNHARMED
    assert (refusal.code, refusal.fact("layout")) == ("LAYOUT_MISMATCH", one.title)


def test_a_dead_key_makes_one_letter_with_the_next_where_europe_has_it():
    shown = [typed("=A9", layout("German")), typed("=G1", layout("German")), typed("~a ~b", layout("US-International"))]
    assert shown == ["Á9", "´G1", "ã ~b"]
    assert typed("= ", layout("German")) == "´"


@pytest.mark.parametrize("title", ["German", "Italian", "Spanish"])
def test_where_three_layouts_do_the_same_all_three_are_named(title):
    refusal = read_scan(typed("&>0263661200", layout(title)))
    assert (refusal.code, refusal.fact("layout")) == ("LAYOUT_MISMATCH", SEVERAL)


def test_caps_lock_that_turned_a_code_is_named_and_nothing_is_folded():
    for text in ("=a99992612345600", "=<s0000v00"):
        assert read_scan(text).fact("layout") == CAPS_LOCK


def test_prose_with_accents_is_no_code():
    for text in ("Übergabe an Schwester", "à 9 h 30", "ìsola 12345678", "¡Ojo! 0123456789", "=som(a1)"):
        assert read_scan(text).code == "NOT_A_LABEL"


def test_every_layout_is_told_whole_and_can_be_turned_back():
    for one in LAYOUTS:
        assert len(key_map(one)) == 95
        shown = [value for value in key_map(one).values() if value != "\x00"]
        assert len(set(shown)) == len(shown), one.title
        if one.title != "French":  # one key of it types nothing
            assert meant(typed(SETUP_TEXT, one), one) == SETUP_TEXT


def test_the_set_up_text_has_every_printable_character_once():
    assert sorted(SETUP_TEXT) == [chr(code) for code in range(32, 127)]
    assert SETUP_TEXT.strip() == SETUP_TEXT


@pytest.mark.req("P11-10h")
def test_the_set_up_label_names_the_layout_the_suffix_and_caps_lock():
    good = SetupResult(AGREES, caps_lock=False, enter=True, labels_read=True, all_read=True)
    assert judge_setup(SETUP_TEXT + "\r\n", LETTERS) == good
    assert not judge_setup(SETUP_TEXT, LETTERS).enter
    turned = judge_setup(SETUP_TEXT.swapcase() + "\n", LETTERS)
    assert (turned.caps_lock, turned.labels_read, turned.all_read) == (True, True, False)
    for one in LAYOUTS:
        for dead_keys in (True, False):
            for caps_lock in (False, True):
                shown = typed(SETUP_TEXT, one, dead_keys=dead_keys)
                found = judge_setup((other_case(shown) if caps_lock else shown) + "\n", LETTERS)
                assert found == SetupResult(one.title, caps_lock, enter=True, labels_read=True, all_read=False) or (
                    shown == SETUP_TEXT and found.layout == AGREES
                )


@pytest.mark.parametrize("text", [SETUP_TEXT[:-1], SETUP_TEXT + "x", SETUP_TEXT.replace("N", "M"), "NKTL", "x" * 512])
def test_half_a_set_up_label_passes_nothing(text):
    assert judge_setup(text + "\n", LETTERS) == SetupResult(
        UNKNOWN, caps_lock=False, enter=True, labels_read=False, all_read=False
    )


def test_the_printed_set_up_label_is_read_back_in_both_codes():
    page = pypdfium2.PdfDocument(draw_setup_label("Set-up label", ("one", "two")))[0]
    picture = np.array(page.render(scale=200 / 72, grayscale=True).to_numpy()).squeeze()
    found = {one.symbology_identifier: one.text for one in zxingcpp.read_barcodes(picture)}
    assert found == {"]Q1": SETUP_TEXT, "]d1": SETUP_TEXT}


@pytest.mark.req("P11-10h")
def test_a_scanner_is_warned_of_until_it_passed_and_when_that_is_too_long_ago():
    tested = ScannerFacts("PH-01", 31, NOW - timedelta(days=31) + timedelta(seconds=1), passed=True)
    assert scanner_warnings(None, NOW) == scanner_warnings(tested, NOW) == ()
    for wrong in (
        ScannerFacts("PH-01", 31),
        ScannerFacts("PH-01", 31, NOW - timedelta(days=31), passed=True),
        ScannerFacts("PH-01", 31, NOW, passed=False),
    ):
        assert [one.code for one in scanner_warnings(wrong, NOW)] == ["SCANNER_UNTESTED"]


@pytest.mark.req("P11-10h")
def test_an_isbt_code_is_not_scanned_where_no_whole_set_up_label_was_read():
    whole = ScannerFacts("PH-01", 31, NOW, passed=True, isbt_passed=True)
    assert isbt_scanner_refusals(None, NOW) == isbt_scanner_refusals(whole, NOW) == ()
    assert [one.code for one in isbt_scanner_refusals(whole, NOW + timedelta(days=31))] == ["SCANNER_UNTESTED"]
    only_letters = ScannerFacts("PH-01", 31, NOW, passed=True)
    assert [one.code for one in isbt_scanner_refusals(only_letters, NOW)] == ["SCANNER_UNTESTED"]
