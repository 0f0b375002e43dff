"""A label of the bench: read by a scanner at both resolutions, silent about a status, and never cut off."""

from __future__ import annotations

from dataclasses import replace

import pypdfium2
import pytest

from kernel.errors import Refused
from labels.domain.slots import DPI_203, DPI_300
from labels.drawing.bench_label import BenchLabel, bench_job, draw_bench_label, lay_out
from tests.unit.labels.prints import of_pdf, of_zpl, read_by_opencv, read_by_zxing

LOT = BenchLabel(
    "M26-0001-7",
    "Human serum albumin 20 %",
    (("Supplier", "Plasma Products"), ("Lot", "HSA-21M07"), ("Store at", "2–25 °C, dark")),
    ("Expires", "2027-12-31"),
    demo=True,
)
PIECE = replace(LOT, code="M26-0001-P02-8", strong=("Use before", "2026-11-23 16:30 CET"), demo=False)
PART = replace(LOT, code="A999926123456-P1-*", title="Part of a leukapheresis")


@pytest.mark.req("ATMP-7-LOT", "ATMP-7-SCAN", "ATMP-7-OPEN")
@pytest.mark.parametrize("label", [LOT, PIECE, PART], ids=lambda one: one.code)
@pytest.mark.parametrize("resolution", [DPI_203, DPI_300], ids=["203", "300"])
def test_two_decoders_read_the_code_of_every_label_at_both_resolutions(label, resolution):
    pdf, zpl = (draw(label, resolution=resolution) for draw in (draw_bench_label, bench_job))
    for picture in (of_pdf(pdf, resolution), of_zpl(zpl)):
        assert read_by_zxing(picture) == [label.code]
        assert read_by_opencv(picture) == label.code


def test_the_same_facts_give_the_same_bytes_and_every_line_is_there():
    assert draw_bench_label(LOT) == draw_bench_label(LOT)
    with pypdfium2.PdfDocument(draw_bench_label(LOT)) as document:
        text = document[0].get_textpage().get_text_bounded()
    for words in ("DEMO", LOT.title, LOT.code, *(value for _, value in LOT.lines), *LOT.strong):
        assert words in text
    for status in ("approved", "quarantine", "released"):
        assert status not in text.lower()


def test_texts_stay_in_their_room_and_one_that_does_not_fit_is_refused():
    for line in lay_out(LOT).texts:
        assert line.rect.x <= line.x
        assert line.rect.x + line.rect.width <= 68.01
    with pytest.raises(Refused) as refused:
        draw_bench_label(replace(LOT, title="Human serum albumin " * 6))
    assert [one.code for one in refused.value.refusals] == ["LABEL_TEXT_TOO_LONG"]
