"""A page on which every text is measured before it is placed: it fits its rectangle, or the page says which does not.

Lengths in millimetres from the upper left corner; type sizes in points.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from kernel.refusals import Refusal
from labels.domain.refusals import LABEL_GLYPH, LABEL_TEXT_TOO_LONG
from labels.drawing.fonts import REGULAR, text_width, unshowable

POINTS_PER_MM = 72 / 25.4
LEADING = 1.2
ASCENT = 0.80
SIZE_STEP = 0.25
QR = "QR"
DATA_MATRIX = "DM"


@dataclass(frozen=True, slots=True)
class Rect:
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class TextLine:
    """``x``, ``y``: left end of the baseline; ``rect``: the room it was given."""

    name: str
    text: str
    x: float
    y: float
    font: str
    size: float
    white: bool
    rect: Rect


@dataclass(frozen=True, slots=True)
class Shape:
    """A filled rectangle, or its outline when ``line`` (mm) is given."""

    rect: Rect
    line: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """``smallest``: the size below which the text is refused rather than shrunk."""

    font: str = REGULAR
    largest: float = 6.5
    smallest: float = 5.25
    lines: int = 1
    align: str = "left"
    white: bool = False


@dataclass(frozen=True, slots=True)
class CodeRoom:
    """Where a symbol stands, in the middle of the upper edge. ``name``: which symbol."""

    name: str
    rect: Rect


@dataclass(slots=True)
class Sheet:
    texts: list[TextLine] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)
    codes: list[CodeRoom] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)

    def put(self, name: str, text: str, rect: Rect, style: Style) -> None:
        """``name``: what the text is, for a refusal. Empty texts leave their room empty."""
        if not text:
            return
        if character := unshowable(text, style.font):
            self.refusals.append(LABEL_GLYPH(name=name, character=character))
            return
        fitted = fit(text, rect, style)
        if fitted is None:
            self.refusals.append(LABEL_TEXT_TOO_LONG(name=name))
            return
        size, lines = fitted
        for number, line in enumerate(lines):
            baseline = rect.y + size * (ASCENT + LEADING * number) / POINTS_PER_MM
            self.texts.append(
                TextLine(name, line, _left(line, rect, style, size), baseline, style.font, size, style.white, rect)
            )

    def shape(self, rect: Rect, *, line: float = 0.0) -> None:
        self.shapes.append(Shape(rect, line))

    def code(self, rect: Rect, *, name: str = QR) -> None:
        self.codes.append(CodeRoom(name, rect))


def fit(text: str, rect: Rect, style: Style) -> tuple[float, list[str]] | None:
    """The largest size at which the text stands whole in its room, broken only between words."""
    size = style.largest
    while size >= style.smallest:
        lines = wrapped(text, rect.width * POINTS_PER_MM, style, size)
        needed = size * (1 + LEADING * (len(lines) - 1)) / POINTS_PER_MM if lines else 0.0
        if lines and len(lines) <= style.lines and needed <= rect.height + 0.01:
            return size, lines
        size -= SIZE_STEP
    return None


def wrapped(text: str, width: float, style: Style, size: float) -> list[str]:
    """Lines no wider than ``width`` points, or none when a single word is wider or there are too many lines."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, style.font, size) <= width:
            lines[-1] = longer
        elif text_width(word, style.font, size) > width or len(lines) == style.lines:
            return []
        else:
            lines.append(word)
    return lines


def _left(line: str, rect: Rect, style: Style, size: float) -> float:
    room = rect.width - text_width(line, style.font, size) / POINTS_PER_MM
    return rect.x + {"left": 0.0, "centre": room / 2, "right": room}[style.align]
