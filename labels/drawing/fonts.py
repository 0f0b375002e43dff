"""The three typefaces of a label, which characters they can show, and how wide a text is.

All come with reportlab and are embedded, so a label looks the same on every machine. Codes are set in a fixed-width
face whose 0 and O, 1 and I differ. A missing glyph would be drawn as an empty box: it is refused instead.
"""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

import reportlab
from PIL import ImageFont
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

Given = ParamSpec("Given")
Drawn = TypeVar("Drawn")
DRAWING = threading.RLock()

REGULAR = "LabelText"
BOLD = "LabelTextBold"
CODE = "LabelCode"

FILES = {REGULAR: "Vera.ttf", BOLD: "VeraBd.ttf", CODE: "cob_____.pfb"}
FOLDER = Path(reportlab.__file__).parent / "fonts"

RAISED = {"⁰": "0", "¹": "1", "²": "2", "³": "3", "⁴": "4", "⁵": "5", "⁶": "6", "⁷": "7", "⁸": "8", "⁹": "9"} | {
    "⁺": "+",
    "⁻": "−",
}
RAISED_SIZE = 0.68
RAISED_BY = 0.36
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Mn", "Me"}


@cache
def register_fonts() -> None:
    """Once for each process; reportlab keeps fonts globally."""
    for name in (REGULAR, BOLD):
        pdfmetrics.registerFont(TTFont(name, FILES[name]))
    face = pdfmetrics.EmbeddedType1Face(str(FOLDER / "cob_____.afm"), str(FOLDER / FILES[CODE]))
    pdfmetrics.registerTypeFace(face)
    pdfmetrics.registerFont(pdfmetrics.Font(CODE, face.name, "WinAnsiEncoding"))


def one_at_a_time(draw: Callable[Given, Drawn]) -> Callable[Given, Drawn]:
    """Fonts, faces and what reportlab works out about them belong to the whole process: one thread draws, others wait."""

    @wraps(draw)
    def alone(*given: Given.args, **named: Given.kwargs) -> Drawn:
        with DRAWING:
            register_fonts()
            return draw(*given, **named)

    return alone


@cache
def dot_face(font: str, dots: float) -> ImageFont.FreeTypeFont:
    """The same face for drawing in dots. ``dots``: its size."""
    return ImageFont.truetype(str(FOLDER / FILES[font]), dots, layout_engine=ImageFont.Layout.BASIC)


def pieces(text: str) -> list[tuple[str, bool]]:
    """Stretches of plain and of raised characters; the faces have no superscripts of their own but ¹²³."""
    parts: list[tuple[str, bool]] = []
    for character in text:
        raised = character in RAISED
        shown = RAISED.get(character, character)
        if parts and parts[-1][1] is raised:
            parts[-1] = (parts[-1][0] + shown, raised)
        else:
            parts.append((shown, raised))
    return parts


def text_width(text: str, font: str, size: float) -> float:
    """Points."""
    register_fonts()
    return sum(
        float(pdfmetrics.stringWidth(part, font, size * (RAISED_SIZE if raised else 1.0)))
        for part, raised in pieces(text)
    )


def unshowable(text: str, font: str) -> str | None:
    """The first character that would be drawn as a box or not be seen at all, as ``U+0416``."""
    register_fonts()
    for character in text:
        if not _shows(RAISED.get(character, character), font):
            return f"U+{ord(character):04X}"
    return None


def _shows(character: str, font: str) -> bool:
    if font == CODE:
        return " " <= character <= "~"
    category = unicodedata.category(character)
    if category in _UNSEEN or (category == "Zs" and character != " "):
        return False
    return ord(character) in pdfmetrics.getFont(font).face.charToGlyph
