"""A label as PDF at true size, page and code modules in whole dots of the printer it is for."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from itertools import groupby

from reportlab.pdfgen.canvas import Canvas

from kernel.errors import refuse_any
from kernel.refusals import Refusal
from labels.domain.content import LabelFacts, content_refusals
from labels.drawing.fonts import RAISED, RAISED_BY, RAISED_SIZE, pieces, register_fonts, text_width
from labels.drawing.full_label import CODE_COLUMN, lay_out
from labels.drawing.qr import MODULES, QUIET_ZONE, qr_matrix, symbol_dots
from labels.drawing.sheet import POINTS_PER_MM, Shape, Sheet, TextLine

INSET = 0.1
PLAIN = {"−": "⁻", "+": "⁺"} | {base: sign for sign, base in RAISED.items()}


@dataclass(frozen=True, slots=True)
class Resolution:
    """A label printer: dots per inch, the page's edge and a code module in whole dots."""

    dpi: float
    page_dots: int
    module_dots: int

    @property
    def dot(self) -> float:
        """Points."""
        return 72 / self.dpi


DPI_203 = Resolution(203.2, 800, 4)
DPI_300 = Resolution(300.0, 1180, 6)


def label_drawing_refusals(facts: LabelFacts) -> tuple[Refusal, ...]:
    """Everything that keeps these facts from being drawn whole: content first, then glyphs and room."""
    return content_refusals(facts) or tuple(dict.fromkeys(lay_out(facts).refusals))


def draw_label(facts: LabelFacts, payload: str, *, resolution: Resolution = DPI_203) -> bytes:
    """The same facts and payload give the same bytes. Raises ``Refused`` with all reasons if it cannot be whole."""
    refuse_any(label_drawing_refusals(facts))
    buffer = io.BytesIO()
    canvas, edge = new_page(buffer, f"{facts.short_number}{' DEMO' if facts.demo else ''}", resolution)
    draw_sheet(canvas, lay_out(facts), edge)
    dots_per_mm = POINTS_PER_MM / resolution.dot
    width = symbol_dots(resolution.module_dots)
    left = (
        round((CODE_COLUMN.x + CODE_COLUMN.width / 2) * dots_per_mm - width / 2) + QUIET_ZONE * resolution.module_dots
    )
    top = resolution.page_dots - round(CODE_COLUMN.y * dots_per_mm) - QUIET_ZONE * resolution.module_dots
    draw_symbol(canvas, payload, resolution, left, top)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def new_page(buffer: io.BytesIO, title: str, resolution: Resolution) -> tuple[Canvas, float]:
    """The canvas of one square label and its edge in points."""
    register_fonts()
    # A page a hair under whole dots: rounded up, it would be rasterised with one dot too many.
    edge = math.floor(resolution.page_dots * resolution.dot * 1000 - 0.5) / 1000
    canvas = Canvas(buffer, pagesize=(edge, edge), invariant=True, lang="nl")
    canvas.setTitle(title)
    canvas.setCreator("NKTrace")
    return canvas, edge


def draw_sheet(canvas: Canvas, sheet: Sheet, edge: float) -> None:
    """``edge``: height of the page in points."""
    for shape in sheet.shapes:
        _draw_shape(canvas, shape, edge)
    for line in sheet.texts:
        _draw_text(canvas, line, edge)


def _draw_shape(canvas: Canvas, shape: Shape, edge: float) -> None:
    rect, inset = shape.rect, shape.line / 2
    canvas.setLineWidth(shape.line * POINTS_PER_MM)
    canvas.setFillGray(0)
    canvas.rect(
        (rect.x + inset) * POINTS_PER_MM,
        edge - (rect.y + rect.height - inset) * POINTS_PER_MM,
        (rect.width - 2 * inset) * POINTS_PER_MM,
        (rect.height - 2 * inset) * POINTS_PER_MM,
        stroke=int(shape.line > 0),
        fill=int(shape.line == 0),
    )


def _draw_text(canvas: Canvas, line: TextLine, edge: float) -> None:
    canvas.setFillGray(1 if line.white else 0)
    x, y = line.x * POINTS_PER_MM, edge - line.y * POINTS_PER_MM
    for part, raised in pieces(line.text):
        size = line.size * (RAISED_SIZE if raised else 1.0)
        canvas.setFont(line.font, size)
        if raised:
            # Whoever copies or reads the text aloud must get 10⁶, not 106.
            actual = "".join(PLAIN[character] for character in part).encode("utf-16-be").hex().upper()
            canvas.addLiteral(f"/Span <</ActualText <FEFF{actual}>>> BDC")
        canvas.drawString(x, y + (line.size * RAISED_BY if raised else 0.0), part)
        if raised:
            canvas.addLiteral("EMC")
        x += text_width(part, line.font, size)


def draw_symbol(canvas: Canvas, payload: str, resolution: Resolution, left: int, top: int) -> None:
    """One path of all dark stretches, across and down, each 0.1 dot short of its edges. ``left``, ``top``: in dots.

    The rasteriser then never adds or loses a dot, and no seams show between rows.
    """
    module, dot = resolution.module_dots, resolution.dot
    path = canvas.beginPath()
    for x, y, columns, rows in dark_stretches(qr_matrix(payload)):
        path.rect(
            (left + x * module + INSET) * dot,
            (top - (y + rows) * module + INSET) * dot,
            (columns * module - 2 * INSET) * dot,
            (rows * module - 2 * INSET) * dot,
        )
    canvas.setFillGray(0)
    canvas.drawPath(path, stroke=0, fill=1, fillMode=1)


def dark_stretches(matrix: tuple[tuple[bool, ...], ...]) -> list[tuple[int, int, int, int]]:
    """Column, row, columns, rows of every dark run of modules, horizontal and vertical."""
    runs: list[tuple[int, int, int, int]] = []
    for line in range(MODULES):
        runs.extend((start, line, length, 1) for start, length in _runs(matrix[line]))
        runs.extend((line, start, 1, length) for start, length in _runs(tuple(row[line] for row in matrix)))
    return runs


def _runs(modules: tuple[bool, ...]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    at = 0
    for dark, group in groupby(modules):
        length = len(list(group))
        if dark:
            runs.append((at, length))
        at += length
    return runs
