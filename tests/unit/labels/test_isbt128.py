"""ISBT 128: read exactly or refused, and on a label only for a facility with its own number."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st

from kernel.refusals import Refusal
from labels.domain.isbt128 import compound_refusals, parse_compound, parse_structures
from labels.domain.isbt_label import IsbtSetting, compound_message, division, isbt_moment, structures_of
from labels.domain.slots import DPI_203, DPI_300, SlotName
from labels.drawing.bitmap import draw_bitmap
from labels.drawing.data_matrix import MODULE_DOTS, QUIET_ZONE, data_matrix
from labels.drawing.pdf import draw_pdf
from labels.drawing.product_label import label_drawing_refusals, lay_out, product_drawing
from tests.unit.labels.example import FACTS, payload_of
from tests.unit.labels.prints import of_pdf

WORKED = "=+04000=A99992612345600=<S0000V00&>0263271630&/CHA999926ABC123"
SETTING = IsbtSetting("A9999", "S0000", "V")
REGISTERED = replace(FACTS, isbt_product=SETTING.product(1), chain_of_identity=SETTING.chain(FACTS.batch))
# Published by ICCBBA in ST-012 v1.4.0 and ST-017, as quoted in public test files.
PUBLISHED = {
    "=+05000=Z54991712345600=%T300=<T0416003&>0183652359&,4PL001499Z549917123456A00T041600320181231": [
        ("001", "Z54991712345600"),
        ("002", "T300"),
        ("003", "T0416003"),
        ("005", "0183652359"),
        ("038", "PL001499Z549917123456A00T041600320181231"),
    ],
    "=+04000=/A9997XYZ100T0479=A99991712345600=,000012=>019031": [
        ("034", "A9997XYZ100T0479"),
        ("001", "A99991712345600"),
        ("032", "000012"),
        ("004", "019031"),
    ],
    "=+04035=/A9997XYZ100T0479=,000012=A99991712345600=>019031": [
        ("034", "A9997XYZ100T0479"),
        ("032", "000012"),
        ("001", "A99991712345600"),
        ("004", "019031"),
    ],
    "=+06000=/A9999XYZ100T0476=,000025=A99971712345600=>019032=}017032&,1000000000000XYZ123": [
        ("034", "A9999XYZ100T0476"),
        ("032", "000025"),
        ("001", "A99971712345600"),
        ("004", "019032"),
        ("008", "017032"),
        ("035", "000000000000XYZ123"),
    ],
}


def codes(found):
    return [one.code for one in ((found,) if isinstance(found, Refusal) else found)]


@pytest.mark.parametrize("text", PUBLISHED)
def test_the_published_messages_are_read_part_by_part(text):
    for given_text in (text, f"]d1{text}", f"\t{text}\r\n"):
        assert [(one.number, one.content) for one in parse_compound(given_text)] == PUBLISHED[text]


def test_the_message_of_a_label_is_built_as_it_is_read():
    expires = datetime(2026, 11, 23, 15, 30, 59, tzinfo=UTC)
    structures = structures_of("A999926123456", "S0000V00", expires, "Europe/Amsterdam", "CHA999926ABC123")
    assert compound_message(structures) == WORKED
    assert {one.number: one.content for one in parse_compound(WORKED)} == structures
    assert compound_refusals(WORKED, structures) == ()


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("=+04000", "=+05000", "ISBT_COUNT"),
        ("=+04000", "=+03000", "ISBT_COUNT"),
        ("&/CHA999926ABC123", "", "ISBT_COUNT"),
        ("ABC123", "ABC1234", "ISBT_FORM"),
        ("ABC123", "ABC123&xlocal", "ISBT_FORM"),
        ("ABC123", "ABC123=>019031", "ISBT_COUNT"),
        ("&>0263271630", "&>0263271630&>0263271630", "ISBT_FORM"),
        ("=+04000", "+04000", "ISBT_FORM"),
        ("=+04000", "x=+04000", "ISBT_FORM"),
        ("=+04000", "=+4000", "ISBT_FORM"),
        ("=A9", "=a9", "ISBT_FORM"),
        ("A99992612345600", "A9999261234560", "ISBT_FORM"),
        ("A99992612345600", "A999926123456000", "ISBT_FORM"),
        ("A99992612345600", "A99992612345671", "DIN_CHECK"),
        ("=A9999", "=A9O99", "ID_FORMAT"),
        ("S0000V00", "S0000V0", "ISBT_FORM"),
        ("S0000V00", "S0000V0A", "ISBT_FORM"),
        ("S0000V00", "s0000V00", "ISBT_FORM"),
        ("S0000V00", "S0000V99", "DIVISION_MISSING"),
        ("&>0263271630", "&>0263661630", "ISBT_DATE"),
        ("&>0263271630", "&>0260001630", "ISBT_DATE"),
        ("&>0263271630", "&>0263272460", "ISBT_DATE"),
        ("&>0263271630", "&>0263272400", "ISBT_DATE"),
        ("&>0263271630", "&>0263271660", "ISBT_DATE"),
        ("&>0263271630", "&>2263271630", "ISBT_DATE"),
        ("&/CH", "&/ch", "ISBT_FORM"),
        ("&/CHA999926ABC123", "=#0120260101", "ISBT_FORM"),
        ("=<S", " =<S", "ISBT_FORM"),
        ("=<S", "\n=<S", "ISBT_FORM"),
        ("=A9999", "=A９999", "ISBT_FORM"),
    ],
)
def test_a_message_that_is_not_whole_and_exact_is_refused(old, new, code):
    assert WORKED.count(old) == 1
    assert codes(parse_compound(WORKED.replace(old, new))) == [code]


@pytest.mark.parametrize("text", ["", "=", "&", "=+", "=+00000", WORKED * 5, "]Q1" + WORKED, WORKED + WORKED])
def test_what_is_no_message_is_refused(text):
    assert codes(parse_compound(text)) == ["ISBT_FORM"] if text != "=+00000" else parse_compound(text) == ()


def test_a_leap_day_and_a_year_of_the_last_century_exist():
    for text in ("&>0283661200", "=>999365", "=(2001202611231015", "&:9991000000000012360"):
        found = parse_structures(text)
        assert isinstance(found, tuple) or text.startswith("&:"), text
    assert codes(parse_structures("=(2001202611311015")) == ["ISBT_DATE"]
    assert codes(parse_structures("=92002202611231015")) == ["ISBT_FORM"]
    assert codes(parse_structures("=A99992612345600=<S1128V99")) == ["DIVISION_MISSING"]
    assert codes(parse_structures("=<S0000V00=,000012")) == ["ISBT_FORM"]
    assert [one.number for one in parse_structures("=A99992612345600=%6200")] == ["001", "002"]


def test_a_keyboard_of_another_layout_is_named():
    assert codes(parse_compound("´`04000´A9999")) == ["LAYOUT_MISMATCH"]


@given(st.text(alphabet="=+&<>/,0123456789ACHSV", max_size=80))
def test_no_text_is_an_error_and_what_is_read_is_the_whole_text(text):
    found = parse_structures(text)
    if not isinstance(found, Refusal):
        assert sum(len(one.content) for one in found) < len(text) or not text


@pytest.mark.parametrize(
    ("number", "content"),
    [
        ("001", "A99992612345700"),
        ("001", "A99992612345605"),
        ("003", "S0000VB0"),
        ("005", "0263281631"),
        ("040", "CHA999926260002"),
    ],
)
def test_a_code_that_differs_from_the_label_in_one_part_is_refused_and_the_part_named(number, content):
    expected = REGISTERED.isbt_structures
    (refusal,) = compound_refusals(compound_message(expected | {number: content}), expected)
    assert refusal.code == "ISBT_MISMATCH"
    assert content not in str(refusal.facts)


def test_a_part_too_many_or_too_few_is_a_difference():
    expected = REGISTERED.isbt_structures
    less = {number: content for number, content in expected.items() if number != "040"}
    assert codes(compound_refusals(compound_message(less), expected)) == ["ISBT_MISMATCH"]
    assert codes(compound_refusals(compound_message(expected), less)) == ["ISBT_MISMATCH"]
    assert codes(compound_refusals("", expected)) == ["ISBT_FORM"]


def test_every_container_of_a_batch_is_a_division_of_its_own():
    assert [division(number) for number in (1, 26, 27, 52, 53, 99)] == ["A0", "Z0", "Aa", "Az", "Ba", "Cu"]
    assert len({division(number) for number in range(1, 100)}) == 99
    for number in range(1, 100):
        assert isinstance(parse_structures(f"=<{SETTING.product(number)}"), tuple)
    assert SETTING.chain("NK-26-0001") == "CHA999926260001"
    assert isinstance(parse_structures(f"&/{SETTING.chain('NK1')}"), tuple)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 11, 23, 15, 30, 59, tzinfo=UTC), "0263271630"),
        (datetime(2018, 12, 31, 22, 59, tzinfo=UTC), "0183652359"),
        (datetime(2028, 12, 31, 22, 59, tzinfo=UTC), "0283662359"),
        (datetime(1999, 12, 31, 22, 59, tzinfo=UTC), "9993652359"),
    ],
)
def test_a_moment_is_the_local_time_that_is_printed(moment, text):
    assert isbt_moment(moment, "Europe/Amsterdam") == text


@pytest.mark.parametrize("slot", [SlotName.FULL, SlotName.OUTER])
@pytest.mark.parametrize("resolution", [DPI_203, DPI_300], ids=["203", "300"])
def test_the_data_matrix_on_the_print_says_the_message_and_is_square_in_whole_dots(slot, resolution):
    facts = replace(REGISTERED, slot=slot)
    drawing = product_drawing(facts, payload_of(facts), resolution)
    pdf, job = draw_pdf(drawing, resolution), draw_bitmap(drawing, resolution)
    for image in (of_pdf(pdf, resolution), np.array(job.convert("L"))):
        read = {one.symbology_identifier: one.text for one in zxingcpp.read_barcodes(image)}
        assert read == {"]Q1": payload_of(facts), "]d1": compound_message(facts.isbt_structures)}
        assert compound_refusals(read["]d1"], facts.isbt_structures) == ()
        matrix = drawing.placed(resolution)[0]
        module, quiet = MODULE_DOTS[resolution.name], QUIET_ZONE * MODULE_DOTS[resolution.name]
        edge = len(matrix.modules) * module
        around = image[matrix.top - quiet : matrix.top + edge + quiet, matrix.left - quiet : matrix.left + edge + quiet]
        expected = np.pad(np.kron(np.array(matrix.modules), np.ones((module, module))), quiet)
        assert np.array_equal(around < 128, expected.astype(bool))
    text = [line.text for line in lay_out(facts).texts]
    assert {"T", "A9999 26 123456", "S0000VA0", "Donatienummer (DIN) / Donation number"} <= set(text)


def test_longer_messages_stay_square():
    for length in (10, 40, 62, 90, 120):
        symbol = data_matrix("=" + "A" * length)
        assert {len(row) for row in symbol.modules} == {len(symbol.modules)}


def test_without_a_number_of_its_own_a_facility_claims_nothing():
    assert FACTS.isbt_structures == {}
    assert label_drawing_refusals(FACTS) == ()
    text = " ".join(line.text for line in lay_out(FACTS).texts)
    assert "DIN" not in text
    assert "=" not in text
    assert [room.name for room in lay_out(FACTS).codes] == ["QR"]
    assert replace(REGISTERED, slot=SlotName.BAG).isbt_structures == {}
