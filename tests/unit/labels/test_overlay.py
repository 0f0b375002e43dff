"""The overlay of a product out of specification: both languages, what failed, and nothing cut off."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pypdfium2
import pytest

from kernel.errors import Refused
from labels.domain.slots import DPI_203, DPI_300
from labels.drawing.overlay import OverlayFacts, draw_overlay, overlay_drawing_refusals, overlay_job
from tests.unit.labels.prints import of_pdf, of_zpl

FAILED = "NK cells (CD56+CD3-) of viable CD45+: 69.9 % (≥ 70 %)"
FACTS = OverlayFacts("NK-26-0001-01-X1", "NK-26-0001-01", "NK-26-0001", "NK-03", (FAILED,))


def text(facts):
    page = pypdfium2.PdfDocument(draw_overlay(facts))[0]
    return " ".join(page.get_textpage().get_text_bounded().split())


@pytest.mark.req("ATMP-11.5-LABEL")
def test_it_says_in_dutch_and_english_what_the_product_is_what_failed_and_whose_it_is():
    said = text(FACTS)
    for words in (
        "BUITEN SPECIFICATIE",
        "geleverd op verzoek van de behandelend arts",
        "OUT OF SPECIFICATION",
        "supplied at the request of the treating physician",
        FAILED,
        "NK-03",
        "NK-26-0001-01-X1",
        "Scan the label",
    ):
        assert words in said
    assert "DEMO" not in said
    assert "DO NOT USE" in text(replace(FACTS, demo=True))


def test_every_failed_result_stands_whole_or_the_overlay_is_refused():
    many = tuple(f"{number}: {FAILED}" for number in range(6))
    said = text(replace(FACTS, failed=many))
    assert all(one in said for one in many)
    for failed in (("x" * 300,), ("a result 猫",)):
        assert overlay_drawing_refusals(replace(FACTS, failed=failed)) != ()
        with pytest.raises(Refused):
            draw_overlay(replace(FACTS, failed=failed))


def test_the_same_facts_give_the_same_bytes():
    assert draw_overlay(FACTS) == draw_overlay(FACTS)


@pytest.mark.req("ATMP-11.5-LABEL")
@pytest.mark.parametrize("resolution", [DPI_203, DPI_300], ids=["203", "300"])
def test_the_job_of_a_thermal_printer_burns_what_the_print_file_shows(resolution):
    shown, burnt = (
        of_pdf(draw_overlay(FACTS, resolution=resolution), resolution),
        of_zpl(overlay_job(FACTS, resolution=resolution)),
    )
    assert shown.shape == burnt.shape
    blocks = [picture[: picture.shape[0] // 10 * 10, :].reshape(-1, 10, picture.shape[1]) for picture in (shown, burnt)]
    dark = [(255 - block.astype(float)).mean(axis=(1, 2)) for block in blocks]
    assert np.corrcoef(*dark)[0, 1] > 0.99
