"""Fonts belong to the whole process: whatever draws with them does so alone, however many requests are served."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from labels.drawing.bitmap import draw_bitmap
from labels.drawing.fonts import one_at_a_time
from labels.drawing.pdf import draw_pages
from labels.drawing.setup_label import draw_setup_label
from release.drawing.paper import draw_paper

THREADS = 4


def test_while_one_draws_the_others_wait():
    busy: list[int] = []
    met: list[int] = []

    @one_at_a_time
    def draw(number: int) -> int:
        busy.append(number)
        time.sleep(0.02)  # long enough for whoever does not wait
        met.append(len(busy))
        busy.remove(number)
        return number

    with ThreadPoolExecutor(THREADS) as people:
        assert list(people.map(draw, range(THREADS))) == [*range(THREADS)]
    assert met == [1] * THREADS


@pytest.mark.parametrize("draw", [draw_bitmap, draw_pages, draw_paper, draw_setup_label])
def test_everything_that_draws_with_those_fonts_waits_its_turn(draw):
    assert draw.__code__ is one_at_a_time(draw).__code__
