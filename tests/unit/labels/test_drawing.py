from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from itertools import combinations
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from qrcode.exceptions import DataOverflowError

from kernel.errors import Refused
from labels.domain.content import Bilingual
from labels.domain.statements import DonorStatus, StatementFacts
from labels.drawing.fonts import BOLD, CODE, REGULAR, text_width, unshowable
from labels.drawing.product_label import draw_label, label_drawing_refusals, lay_out
from labels.drawing.qr import qr_matrix
from labels.drawing.sheet import POINTS_PER_MM, Rect, Style, fit
from tests.unit.labels.example import FACTS, payload_of
from tests.unit.labels.prints import read_by_zxing

REACTIVE = StatementFacts(DonorStatus.REACTIVE, ("anti-CMV IgG", "anti-HBc"))
LABELS = {
    "plain": FACTS,
    "demo": replace(FACTS, demo=True),
    "hazard": replace(FACTS, warnings=REACTIVE),
    "not evaluated": replace(FACTS, warnings=StatementFacts(DonorStatus.NOT_EVALUATED)),
    "both alarms": replace(FACTS, warnings=StatementFacts(DonorStatus.NOT_EVALUATED, ("anti-HBc",))),
    "two leukaphereses": replace(FACTS, donation_number="A999926000006 + A999926000007", donation_check=""),
    "facility number": replace(FACTS, donation_number="LKA-2026-0007", donation_check="", containers=0),
    "long": replace(
        FACTS, batch="NK-2026-0001", subject_code="NK-OMON26066-012", viable_nk=Decimal(12_345_678_901), containers=99
    ),
}


def raster(pdf, dpi):
    return np.array(pypdfium2.PdfDocument(pdf)[0].render(scale=dpi / 72, grayscale=True).to_numpy()).squeeze()


def text_of(pdf):
    return pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_bounded()


@pytest.mark.req("QR-1")
@pytest.mark.parametrize("name", LABELS)
def test_the_code_of_every_kind_of_label_reads_also_on_a_printer_a_hair_coarser(name):
    payload = payload_of(LABELS[name])
    assert read_by_zxing(raster(draw_label(LABELS[name], payload), 203)) == [payload]


def test_the_symbol_is_always_version_three_and_a_longer_text_is_an_error():
    assert len(qr_matrix(payload_of())) == 29
    with pytest.raises(DataOverflowError):
        qr_matrix("N" * 48)


def test_small_letters_cannot_enter_the_symbol():
    with pytest.raises(ValueError, match="mode"):
        qr_matrix(payload_of().lower())


@pytest.mark.req("CTR-VI-A1")
def test_every_item_stands_on_the_label_as_text():
    text = " ".join(text_of(draw_label(FACTS, payload_of())).split())
    for part in (
        *("GMP-faciliteit celtherapie", "Voorbeeldweg 2, 2333 ZA Leiden", "+31 71 000 00 00"),
        *("NK-cellen van de donor (CD56⁺CD3⁻)", "486 × 10⁶", "50 mL", "Suspensie voor infusie", "intravenous"),
        *("NK-26-0001", "1/2", "NK-26-0001-01-01-5", "NL-OMON26066", "Leids Universitair Medisch Centrum", "NK-03"),
        *("onderzoekscentrum 01", "zie infusie-instructie versie 2", "see infusion instruction version 2"),
        *("Uitsluitend voor klinisch onderzoek", "For clinical trial use only", "2026-11-24 16:30 CET"),
        *("15–25 °C, niet koelen of invriezen", "do not refrigerate or freeze", "2026-11-24 15:30 UTC"),
        *("A9999 26 123456", "D-0017", "Niet bestralen", "Do not use leukoreduction filter", "FULL v1", "DEMO-7Q2K"),
        *("For use by intended recipient only", "Properly identify intended recipient and product"),
    ):
        assert part in text, part


def test_a_demo_label_says_so_and_another_does_not():
    demo = replace(FACTS, demo=True)
    assert "DEMO · NIET GEBRUIKEN · DO NOT USE" in text_of(draw_label(demo, payload_of(demo)))
    assert "DO NOT USE ·" not in text_of(draw_label(FACTS, payload_of()))


@pytest.mark.req("TC-86-E1f")
def test_the_hazard_and_its_markers_are_drawn():
    facts = LABELS["hazard"]
    text = text_of(draw_label(facts, payload_of(facts)))
    assert "BIOLOGISCH GEVAAR · BIOLOGICAL HAZARD" in text
    assert "anti-CMV IgG, anti-HBc" in text


@pytest.mark.parametrize("name", LABELS)
def test_no_two_texts_overlap_and_none_leaves_its_room_or_the_page(name):
    sheet = lay_out(LABELS[name])
    boxes = []
    for line in sheet.texts:
        width, height = text_width(line.text, line.font, line.size) / POINTS_PER_MM, line.size / POINTS_PER_MM
        left, top = line.x, line.y - 0.74 * height
        boxes.append((line.text, left, top, left + width, line.y))
        assert line.rect.x - 0.01 <= left
        assert left + width <= line.rect.x + line.rect.width + 0.01
        assert left + width <= 97.01
        assert line.y <= 97.5
    for one, other in combinations(boxes, 2):
        apart = one[3] <= other[1] or other[3] <= one[1] or one[4] <= other[2] or other[4] <= one[2]
        assert apart, (one, other)


def test_the_same_facts_give_the_same_bytes_in_another_process():
    here = Path(__file__).parent
    code = (
        "import sys; sys.path.insert(0, '.')\n"
        "from tests.unit.labels.example import FACTS, payload_of\nfrom labels.drawing.product_label import draw_label\n"
        "sys.stdout.buffer.write(draw_label(FACTS, payload_of()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=here.parents[2])
    assert done.stdout == draw_label(FACTS, payload_of())
    assert done.stdout == draw_label(FACTS, payload_of())


TEXT_FIELDS = (
    *("contact_name", "contact_address", "contact_phone", "product_name", "product_code", "trial_code", "sponsor"),
    *("subject_code", "investigator", "donor_code", "instance", "template_version"),
    *("form", "route", "additives", "directions", "storage"),
)
HOSTILE = {
    "zpl": "^XZ^XA",
    "markup": "<b>&amp;<script>",
    "pdf": "(\\) Tj ET",
    "formula": "=1+1",
    "percent": "%(name)s",
    "rtl": "A\u202eB",
    "rtl mark": "A\u200fB",
    "zero width": "A\u200bB",
    "no-break space": "A\u00a0B",
    "soft hyphen": "A\u00adB",
    "newline": "A\nB",
    "nul": "A\x00B",
    "chinese": "細胞",
    "emoji": "\U0001f600",
    "cyrillic": "НК-03",
    "full width": "\uff2e\uff2b",
    "combining": "e\u0301",
    "surrogate": "\ud800",
    "one long word": "W" * 4096,
    "many words": "cel " * 1024,
}


@pytest.mark.req("F-D7.2.3")
@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("field", TEXT_FIELDS)
def test_hostile_text_is_drawn_as_text_or_refused_whole(field, kind):
    text = HOSTILE[kind]
    value = Bilingual(text, text) if isinstance(getattr(FACTS, field), Bilingual) else text
    facts = replace(FACTS, **{field: value})
    refusals = label_drawing_refusals(facts)
    if refusals:
        assert {refusal.code for refusal in refusals} <= {"LABEL_GLYPH", "LABEL_TEXT_TOO_LONG"}
        assert kind not in {"zpl", "markup", "pdf", "formula", "percent"} or len(text) > 10
        return
    assert kind in {"zpl", "markup", "pdf", "formula", "percent"}
    assert text in " ".join(line.text for line in lay_out(facts).texts)


def test_hostile_text_reaches_the_page_literally_and_the_code_still_reads():
    facts = replace(
        FACTS, subject_code="^XZ^XA", sponsor="<script>&amp;", donor_code="(\\)", storage=Bilingual("%s", "=1")
    )
    pdf = draw_label(facts, payload_of(facts))
    assert all(part in text_of(pdf) for part in ("^XZ^XA", "<script>&amp;", "(\\)", "%s"))
    assert read_by_zxing(raster(pdf, 203)) == [payload_of(facts)]


@pytest.mark.parametrize(
    ("change", "code", "fact"),
    [
        ({"sponsor": "細胞"}, "LABEL_GLYPH", "U+7D30"),
        ({"subject_code": "NK-é"}, "LABEL_GLYPH", "U+00E9"),
        ({"subject_code": "N" * 60}, "LABEL_TEXT_TOO_LONG", "Subject code"),
        ({"contact_name": ""}, "MISSING_ITEM", "a"),
    ],
)
def test_a_label_that_cannot_be_whole_is_not_drawn(change, code, fact):
    facts = replace(FACTS, **change)
    with pytest.raises(Refused) as refused:
        draw_label(facts, payload_of())
    assert [refusal.code for refusal in refused.value.refusals] == [code]
    assert fact in dict(refused.value.refusals[0].facts).values()


def test_the_faces_show_what_dutch_and_english_labels_need():
    assert unshowable("ÀÉëïöüßçñ °C – · × µ ± ≥ ≤ ⁶⁺⁻ €", REGULAR) is None
    assert unshowable("ÀÉëïöüßçñ °C – · × µ ± ≥ ≤ ⁶⁺⁻ €", BOLD) is None
    assert unshowable("0123456789 ABCXYZabcxyz-*/:", CODE) is None
    assert unshowable("A ≥", CODE) == "U+2265"


def test_codes_are_set_in_a_fixed_width():
    assert len({text_width(character, CODE, 10) for character in "0O1Il8BMW-"}) == 1


def test_a_text_that_would_run_out_of_the_bottom_of_its_room_does_not_fit():
    style = Style(largest=8, smallest=6, lines=2)
    assert fit("twee woorden", Rect(0, 0, 14, 6.3), style) == (8, ["twee", "woorden"])
    assert fit("twee woorden", Rect(0, 0, 14, 4.7), style) == (6, ["twee", "woorden"])
    assert fit("twee woorden", Rect(0, 0, 14, 4.6), style) is None
