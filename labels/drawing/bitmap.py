"""A label as the printer's own dots, one bit each: what a thermal printer burns, with nothing left for it to decide."""

from __future__ import annotations

from PIL import Image, ImageDraw

from labels.domain.slots import Resolution
from labels.drawing.fonts import RAISED_BY, RAISED_SIZE, dot_face, one_at_a_time, pieces, text_width
from labels.drawing.placed import Drawing, PlacedSymbol, dark_stretches
from labels.drawing.sheet import POINTS_PER_MM, Shape, TextLine

BLACK, WHITE = 0, 1


@one_at_a_time
def draw_bitmap(drawing: Drawing, resolution: Resolution) -> Image.Image:
    """Of mode ``1``, one pixel for each dot of the page."""
    image = Image.new("1", drawing.slot.dots(resolution), WHITE)
    pen = ImageDraw.Draw(image)
    pen.fontmode = "1"
    for shape in drawing.sheet.shapes:
        _draw_shape(pen, shape, resolution)
    for line in drawing.sheet.texts:
        _draw_text(pen, line, resolution)
    for symbol in drawing.placed(resolution):
        _draw_symbol(pen, symbol)
    return image


def _draw_shape(pen: ImageDraw.ImageDraw, shape: Shape, resolution: Resolution) -> None:
    rect, dots = shape.rect, POINTS_PER_MM / resolution.dot
    left, top = round(rect.x * dots), round(rect.y * dots)
    right, bottom = (
        max(left, round((rect.x + rect.width) * dots) - 1),
        max(top, round((rect.y + rect.height) * dots) - 1),
    )
    if shape.line:
        pen.rectangle((left, top, right, bottom), outline=BLACK, width=max(1, round(shape.line * dots)))
    else:
        pen.rectangle((left, top, right, bottom), fill=BLACK)


def _draw_text(pen: ImageDraw.ImageDraw, line: TextLine, resolution: Resolution) -> None:
    """Character by character where the measure of the text has it, so that both prints have one layout."""
    x, y = line.x * POINTS_PER_MM, line.y * POINTS_PER_MM
    for part, raised in pieces(line.text):
        size = line.size * (RAISED_SIZE if raised else 1.0)
        face = dot_face(line.font, size / resolution.dot)
        baseline = round((y - (line.size * RAISED_BY if raised else 0.0)) / resolution.dot)
        for character in part:
            place = round(x / resolution.dot), baseline
            pen.text(place, character, font=face, fill=WHITE if line.white else BLACK, anchor="ls")
            x += text_width(character, line.font, size)


def _draw_symbol(pen: ImageDraw.ImageDraw, symbol: PlacedSymbol) -> None:
    module = symbol.module_dots
    for x, y, columns, rows in dark_stretches(symbol.modules):
        left, top = symbol.left + x * module, symbol.top + y * module
        pen.rectangle((left, top, left + columns * module - 1, top + rows * module - 1), fill=BLACK)
