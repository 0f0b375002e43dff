"""A label on the screen at true size: the same sheet the print file is drawn from, as SVG without styles or scripts.

The screen shows no code a scanner could read in place of the print, except in a demo, where visitors have no printer.
"""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from labels.domain.content import LabelFacts
from labels.drawing.fonts import BOLD, CODE, RAISED_BY, RAISED_SIZE, pieces, text_width
from labels.drawing.full_label import CODE_COLUMN, lay_out
from labels.drawing.pdf import dark_stretches
from labels.drawing.qr import MODULES, QUIET_ZONE, qr_matrix
from labels.drawing.sheet import POINTS_PER_MM, Rect, Shape, TextLine

EDGE = 100
SYMBOL = 18.5
SANS = "Verdana, 'DejaVu Sans', Geneva, sans-serif"
FIXED = "'Courier New', Courier, 'DejaVu Sans Mono', monospace"
PREVIEW = "VOORBEELD · PREVIEW"
VOID = "ONGELDIG · VOID"


def label_svg(facts: LabelFacts, *, payload: str | None = None, mark: str = "") -> bytes:
    """``payload``: draw its symbol; otherwise its place is an empty box. ``mark``: words across the label."""
    sheet = lay_out(facts)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{EDGE}mm" height="{EDGE}mm" viewBox="0 0 {EDGE} {EDGE}">',
        f'<rect width="{EDGE}" height="{EDGE}" fill="#fff"/>',
        *(_shape(shape) for shape in sheet.shapes),
        *(part for line in sheet.texts for part in _text(line)),
        *(_symbol(payload) if payload else _no_symbol()),
        *([_mark(mark)] if mark else []),
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


def _symbol(payload: str) -> list[str]:
    module = SYMBOL / (MODULES + 2 * QUIET_ZONE)
    left = CODE_COLUMN.x + (CODE_COLUMN.width - SYMBOL) / 2 + QUIET_ZONE * module
    top = CODE_COLUMN.y + QUIET_ZONE * module
    cells = "".join(
        f"M{x} {y}h{columns}v{rows}h-{columns}z" for x, y, columns, rows in dark_stretches(qr_matrix(payload))
    )
    return [f'<path transform="translate({left:.3f} {top:.3f}) scale({module:.4f})" d="{cells}" fill="#000"/>']


def _no_symbol() -> list[str]:
    left = CODE_COLUMN.x + (CODE_COLUMN.width - SYMBOL) / 2
    box = f'x="{left:.3f}" y="{CODE_COLUMN.y:.3f}" width="{SYMBOL}" height="{SYMBOL}"'
    middle = CODE_COLUMN.y + SYMBOL / 2
    words = f'font-family={quoteattr(SANS)} font-size="3" text-anchor="middle" fill="#555"'
    return [
        f'<rect {box} fill="none" stroke="#555" stroke-width="0.3" stroke-dasharray="1 1"/>',
        f'<text x="{left + SYMBOL / 2:.3f}" y="{middle:.3f}" {words}>QR</text>',
    ]


def _mark(words: str) -> str:
    look = f'font-family={quoteattr(SANS)} font-size="9" font-weight="bold" text-anchor="middle"'
    return f'<text x="50" y="53" transform="rotate(-35 50 50)" {look} fill="#000" fill-opacity="0.16">{escape(words)}</text>'
