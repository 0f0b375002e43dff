"""A table of many pages: every line once, under its header on each page, and measured a page at a time."""

from __future__ import annotations

import re

import pypdfium2
import pytest
from reportlab.platypus import Paragraph

from release.domain.paper import Grid, Printed, Row, Section
from release.drawing import long_grid
from release.drawing.long_grid import MORE_THAN_A_PAGE, LongGrid
from release.drawing.paper import CELL, WIDTH, draw_paper, drawn, paragraph

ROWS = tuple(
    Row((f"line {n}", "value"), ("CHANGED",) if n % 7 == 0 else (), (f"note {n}", f"why {n}") if n % 5 == 0 else ())
    for n in range(400)
)


def grid(rows=ROWS):
    return Grid(("Name", "Value"), (1.0, 2.0), rows, marked="Mark")


def pages(rows):
    printed = Printed("t", "s", "h", "f", "%(page)s/%(of)s", "code", "c", (Section("Trail", (grid(rows),)),))
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(draw_paper(printed))]


def test_every_line_and_note_is_printed_once_in_order_and_each_page_repeats_the_header():
    found = pages(ROWS)
    assert len(found) > 5
    said = re.findall(r"line \d+|note \d+|why \d+", " ".join(found))
    assert said == [word for row in ROWS for word in (row.cells[0], *row.notes)]
    assert all("Name" in text for text in found)


def test_it_breaks_where_one_table_of_all_lines_would(monkeypatch):
    by_page = pages(ROWS)
    monkeypatch.setattr(long_grid, "MORE_THAN_A_PAGE", 10_000)
    assert pages(ROWS) == by_page


def test_a_row_and_its_first_note_stand_on_one_page():
    for text in pages(ROWS):
        for number in re.findall(r"line (\d*[05])\b", text):
            assert f"note {number}" in text


@pytest.mark.parametrize("rows", [ROWS[:3], ROWS])
def test_no_more_lines_are_measured_at_once_than_a_page_can_hold(rows, monkeypatch):
    (flowable, _space) = drawn(grid(rows), WIDTH)
    assert isinstance(flowable, LongGrid) == (len(rows) > MORE_THAN_A_PAGE)
    measured = []
    if isinstance(flowable, LongGrid):
        table_of = flowable.table_of
        monkeypatch.setattr(flowable, "table_of", lambda lines: measured.append(len(lines)) or table_of(lines))
        _first, rest = flowable.split(WIDTH, 500)
        assert (type(rest), measured) == (LongGrid, [MORE_THAN_A_PAGE])
        assert flowable.split(WIDTH, 5) == []


def test_words_are_broken_into_lines_anew_only_for_another_width_however_often_their_height_is_asked(monkeypatch):
    broken, plainly = [], Paragraph.breakLines
    monkeypatch.setattr(Paragraph, "breakLines", lambda self, width: broken.append(self) or plainly(self, width))
    assert pages(ROWS)
    assert 0 < len(broken) <= 1.5 * len(set(map(id, broken)))
    words = paragraph("a value of some length that takes two lines in a narrow column", CELL)
    narrow, wide = words.wrap(60, 500), words.wrap(400, 500)
    assert narrow[1] > wide[1]
    assert words.wrap(60, 500) == narrow
