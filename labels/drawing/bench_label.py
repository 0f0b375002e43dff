"""Labels of the bench, 70 x 35 mm: what a lot, an opened piece or a part of a leukapheresis is, and its code to scan.

They say nothing about a status: that is in the record, and the scan asks it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from kernel.errors import refuse_any
from labels.domain.refusals import LABEL_TEXT_TOO_LONG
from labels.domain.slots import DPI_203, SLOTS, Resolution, SlotName
from labels.drawing.fonts import BOLD, CODE
from labels.drawing.pdf import draw_pdf
from labels.drawing.placed import Drawing, coded
from labels.drawing.sheet import Rect, Sheet, Style, fit
from labels.drawing.zpl import draw_zpl

LEFT, RIGHT = 2.0, 68.0
CODE_COLUMN = Rect(47.5, 8.0, 20.5, 20.5)
TEXT_WIDTH = CODE_COLUMN.x - LEFT - 1.0
LINE = 3.1
BOTTOM = 29.0
CAPTION = Style(largest=5.5, smallest=5.25)
VALUE = Style(largest=6.5, smallest=5.25)
STRONG = Style(font=BOLD, largest=7.0, smallest=5.25)
CAPTION_WIDTH = 17.5


@dataclass(frozen=True, slots=True)
class BenchLabel:
    """``code``: what a scanner types. ``title``: what it is; ``lines``: caption and value of each fact, in order.

    ``strong``: the last line, in bold: until when it may be used.
    """

    code: str
    title: str
    lines: tuple[tuple[str, str], ...]
    strong: tuple[str, str]
    demo: bool


def lay_out(label: BenchLabel) -> Sheet:
    sheet = Sheet()
    sheet.code(CODE_COLUMN)
    title = f"DEMO · {label.title}" if label.demo else label.title
    sheet.shape(Rect(LEFT, 1.8, RIGHT - LEFT, 5.2))
    sheet.put("title", title, Rect(LEFT + 1, 2.8, RIGHT - LEFT - 2, 3.6), Style(font=BOLD, largest=8.5, white=True))
    y = 8.2
    for caption, value in label.lines:
        y += _line(sheet, caption, value, y, VALUE)
    y += _line(sheet, *label.strong, y, STRONG)
    if y > BOTTOM:
        sheet.refusals.append(LABEL_TEXT_TOO_LONG(name=label.strong[0]))
    code = Rect(LEFT, 29.4, RIGHT - LEFT, 4.2)
    sheet.put("code", label.code, code, Style(font=CODE, largest=11.0, smallest=7.0, align="right"))
    return sheet


def _line(sheet: Sheet, caption: str, value: str, y: float, style: Style) -> float:
    """Caption and value, on two lines where one is too short; answers the height it took."""
    room = Rect(LEFT + CAPTION_WIDTH + 0.5, y, TEXT_WIDTH - CAPTION_WIDTH - 0.5, LINE)
    lines = 1 if fit(value, room, style) else 2
    sheet.put(caption, caption, Rect(LEFT, y + 0.2, CAPTION_WIDTH, LINE), CAPTION)
    sheet.put(caption, value, replace(room, height=LINE * lines), replace(style, lines=lines))
    return LINE * (1 if lines == 1 else 1.6)


def bench_drawing(label: BenchLabel) -> Drawing:
    """Raises ``Refused`` with every text that does not fit or cannot be shown."""
    sheet = lay_out(label)
    refuse_any(tuple(dict.fromkeys(sheet.refusals)))
    return coded(SLOTS[SlotName.BENCH], sheet, label.code, label.code)


def draw_bench_label(label: BenchLabel, *, resolution: Resolution = DPI_203) -> bytes:
    """The print file (PDF). The same facts give the same bytes."""
    return draw_pdf(bench_drawing(label), resolution)


def bench_job(label: BenchLabel, *, resolution: Resolution = DPI_203) -> bytes:
    """The print job (ZPL), of the same layout."""
    return draw_zpl(bench_drawing(label), resolution)
