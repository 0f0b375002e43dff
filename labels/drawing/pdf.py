"""A label as PDF at true size, page and code modules in whole dots of the printer it is for."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable

from reportlab.pdfgen.canvas import Canvas

from labels.domain.slots import Resolution
from labels.drawing.fonts import RAISED, RAISED_BY, RAISED_SIZE, one_at_a_time, pieces, text_width
from labels.drawing.placed import Drawing, PlacedSymbol, dark_stretches
from labels.drawing.sheet import POINTS_PER_MM, Shape, TextLine

INSET = 0.1
PLAIN = {"−": "⁻", "+": "⁺"} | {base: sign for sign, base in RAISED.items()}


def draw_pdf(drawing: Drawing, resolution: Resolution) -> bytes:
    """The same drawing gives the same bytes."""
    return draw_pages([drawing], resolution, title=drawing.title)


@one_at_a_time
def draw_pages(drawings: Iterable[Drawing], resolution: Resolution, *, title: str) -> bytes:
    """A page for each, in one file."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=True, lang="nl")
    canvas.setTitle(title)
    canvas.setCreator("NKTrace")
    for drawing in drawings:
        _draw_page(canvas, drawing, resolution)
    canvas.save()
    return buffer.getvalue()


def _draw_page(canvas: Canvas, drawing: Drawing, resolution: Resolution) -> None:
    wide, high = drawing.slot.dots(resolution)
    size = _points(wide, resolution), _points(high, resolution)
    canvas.setPageSize(size)
    for shape in drawing.sheet.shapes:
        _draw_shape(canvas, shape, size[1])
    for line in drawing.sheet.texts:
        _draw_text(canvas, line, size[1])
    for symbol in drawing.placed(resolution):
        _draw_symbol(canvas, symbol, resolution, high)
    canvas.showPage()


def _points(dots: int, resolution: Resolution) -> float:
    """A hair under whole dots: rounded up, a page would be rasterised with one dot too many."""
    return math.floor(dots * resolution.dot * 1000 - 0.5) / 1000


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


def _draw_symbol(canvas: Canvas, symbol: PlacedSymbol, resolution: Resolution, high: int) -> None:
    """One path of all dark stretches, across and down, each 0.1 dot short of its edges. ``high``: the page, in dots.

    The rasteriser then never adds or loses a dot, and no seams show between rows.
    """
    module, dot = symbol.module_dots, resolution.dot
    path = canvas.beginPath()
    for x, y, columns, rows in dark_stretches(symbol.modules):
        path.rect(
            (symbol.left + x * module + INSET) * dot,
            (high - symbol.top - (y + rows) * module + INSET) * dot,
            (columns * module - 2 * INSET) * dot,
            (rows * module - 2 * INSET) * dot,
        )
    canvas.setFillGray(0)
    canvas.drawPath(path, stroke=0, fill=1, fillMode=1)
