"""A label on the screen at true size: the same sheet the print file is drawn from, as SVG without styles or scripts.

The screen shows no code a scanner could read in place of the print, except in a demo, where visitors have no printer.
"""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from labels.domain.content import LabelFacts
from labels.domain.slots import DPI_300, SLOTS, Slot
from labels.drawing.fonts import BOLD, CODE, RAISED_BY, RAISED_SIZE, pieces, text_width
from labels.drawing.placed import Symbol, dark_stretches, symbol_square
from labels.drawing.product_label import label_symbols, lay_out
from labels.drawing.sheet import POINTS_PER_MM, CodeRoom, Rect, Shape, TextLine

SANS = "Verdana, 'DejaVu Sans', Geneva, sans-serif"
FIXED = "'Courier New', Courier, 'DejaVu Sans Mono', monospace"
PREVIEW = "VOORBEELD · PREVIEW"
VOID = "ONGELDIG · VOID"
UNKNOWN = "A"
"""A text of the same symbol, for its size."""


def label_svg(facts: LabelFacts, *, payload: str | None = None, mark: str = "") -> bytes:
    """``payload``: draw its symbol; otherwise its place is an empty box. ``mark``: words across the label."""
    sheet, slot = lay_out(facts), SLOTS[facts.slot]
    wide, high = slot.width_mm, slot.height_mm
    symbols = label_symbols(facts, payload or UNKNOWN)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}mm" height="{high}mm" viewBox="0 0 {wide} {high}">',
        f'<rect width="{wide}" height="{high}" fill="#fff"/>',
        *(_shape(shape) for shape in sheet.shapes),
        *(part for line in sheet.texts for part in _text(line)),
        *(part for room in sheet.codes for part in _code(room, symbols[room.name], shown=bool(payload))),
        *([_mark(mark, slot)] if mark else []),
        "</svg>",
    ]
    return "\n".join(parts).encode("utf-8")


def _shape(shape: Shape) -> str:
    paint = f'fill="none" stroke="#000" stroke-width="{shape.line}"' if shape.line else 'fill="#000"'
    inset = shape.line / 2
    rect = shape.rect
    box = Rect(rect.x + inset, rect.y + inset, rect.width - shape.line, rect.height - shape.line)
    return f'<rect x="{box.x:.3f}" y="{box.y:.3f}" width="{box.width:.3f}" height="{box.height:.3f}" {paint}/>'


def _text(line: TextLine) -> list[str]:
    """One element for each stretch, stretched to the width it has in the print."""
    parts, x = [], line.x
    family, weight = (FIXED, "bold") if line.font == CODE else (SANS, "bold" if line.font == BOLD else "normal")
    for text, raised in pieces(line.text):
        width = text_width(text, line.font, line.size * (RAISED_SIZE if raised else 1.0)) / POINTS_PER_MM
        size = line.size * (RAISED_SIZE if raised else 1.0) / POINTS_PER_MM
        y = line.y - (line.size * RAISED_BY / POINTS_PER_MM if raised else 0.0)
        parts.append(
            f'<text x="{x:.3f}" y="{y:.3f}" font-family={quoteattr(family)} font-weight="{weight}" '
            f'font-size="{size:.3f}" textLength="{width:.3f}" lengthAdjust="spacingAndGlyphs" '
            f'fill="{"#fff" if line.white else "#000"}" xml:space="preserve">{escape(text)}</text>'
        )
        x += width
    return parts


def _code(room: CodeRoom, symbol: Symbol, *, shown: bool) -> list[str]:
    """The symbol, or an empty box of its size."""
    square = symbol_square(room, symbol, DPI_300)
    if not shown:
        box = f'x="{square.x:.3f}" y="{square.y:.3f}" width="{square.width:.3f}" height="{square.height:.3f}"'
        middle = f'x="{square.x + square.width / 2:.3f}" y="{square.y + square.height / 2:.3f}"'
        words = f'font-family={quoteattr(SANS)} font-size="3" text-anchor="middle" fill="#555"'
        return [
            f'<rect {box} fill="none" stroke="#555" stroke-width="0.3" stroke-dasharray="1 1"/>',
            f"<text {middle} {words}>{room.name}</text>",
        ]
    module = square.width / (len(symbol.modules) + 2 * symbol.quiet)
    left, top = square.x + symbol.quiet * module, square.y + symbol.quiet * module
    cells = "".join(f"M{x} {y}h{columns}v{rows}h-{columns}z" for x, y, columns, rows in dark_stretches(symbol.modules))
    return [f'<path transform="translate({left:.3f} {top:.3f}) scale({module:.4f})" d="{cells}" fill="#000"/>']


def _mark(words: str, slot: Slot) -> str:
    x, y = slot.width_mm / 2, slot.height_mm / 2
    size, turn = min(slot.width_mm, slot.height_mm) * 0.09, -35 if slot.height_mm == slot.width_mm else -15
    look = f'font-family={quoteattr(SANS)} font-size="{size:.1f}" font-weight="bold" text-anchor="middle"'
    place = f'x="{x:.1f}" y="{y + size / 3:.1f}" transform="rotate({turn} {x:.1f} {y:.1f})"'
    return f'<text {place} {look} fill="#000" fill-opacity="0.16">{escape(words)}</text>'
