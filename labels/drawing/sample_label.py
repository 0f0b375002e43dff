"""The label of a tube as PDF, 50 by 25 mm: its code as symbol and as text, what it is of, what for and since when."""

from __future__ import annotations

import io
from dataclasses import dataclass

from reportlab.pdfgen.canvas import Canvas

from kernel.errors import Refused
from labels.domain.refusals import LABEL_GLYPH
from labels.drawing.fonts import BOLD, CODE, REGULAR, register_fonts, text_width, unshowable
from labels.drawing.pdf import INSET, dark_stretches
from labels.drawing.qr import MODULES, QUIET_ZONE, qr_matrix

DOT = 72 / 203.2
WIDTH, HEIGHT = 400 * DOT, 200 * DOT
MODULE_DOTS = 4
LEFT = (MODULES + 2 * QUIET_ZONE) * MODULE_DOTS * DOT
SMALLEST = 4.0


@dataclass(frozen=True, slots=True)
class SampleLabelFacts:
    """``source``: container or step; ``kind`` and ``drawn_at`` in words, as people read them."""

    code: str
    batch: str
    source: str
    kind: str
    volume: str
    drawn_at: str
    demo: bool = False

    def lines(self) -> tuple[tuple[str, str, float], ...]:
        """Text, face and size, from the top."""
        demo = (("DEMO", BOLD, 8.0),) if self.demo else ()
        return (
            (self.code, CODE, 8.5),
            (self.batch, BOLD, 8.0),
            (self.source, REGULAR, 7.0),
            (self.kind, REGULAR, 7.0),
            (self.volume, REGULAR, 7.0),
            (self.drawn_at, REGULAR, 7.0),
            *demo,
        )


def draw_sample_label(facts: SampleLabelFacts) -> bytes:
    """The same facts give the same bytes; a text that a face cannot show whole is refused, never drawn as boxes."""
    register_fonts()
    room = WIDTH - LEFT - 2 * DOT
    for text, face, _size in facts.lines():
        if missing := unshowable(text, face):
            raise Refused(LABEL_GLYPH(name=text, character=missing))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(WIDTH, HEIGHT), invariant=True, lang="nl")
    canvas.setTitle(facts.code)
    canvas.setCreator("NKTrace")
    _symbol(canvas, facts.code)
    y = HEIGHT - 12.0
    for text, face, size in facts.lines():
        fitting = max(SMALLEST, min(size, size * room / max(text_width(text, face, size), 1)))
        canvas.setFont(face, fitting)
        canvas.drawString(LEFT, y, text)
        y -= 10.5 if face is CODE else 9.0
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _symbol(canvas: Canvas, code: str) -> None:
    edge = QUIET_ZONE * MODULE_DOTS
    top = 200 - round((200 - MODULES * MODULE_DOTS) / 2)
    path = canvas.beginPath()
    for x, y, columns, rows in dark_stretches(qr_matrix(code)):
        path.rect(
            (edge + x * MODULE_DOTS + INSET) * DOT,
            (top - (y + rows) * MODULE_DOTS + INSET) * DOT,
            (columns * MODULE_DOTS - 2 * INSET) * DOT,
            (rows * MODULE_DOTS - 2 * INSET) * DOT,
        )
    canvas.setFillGray(0)
    canvas.drawPath(path, stroke=0, fill=1, fillMode=1)
