"""The label of a tube, 50 x 25 mm: its code as symbol and as text, what it is of, what for and since when."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.errors import refuse_any
from kernel.refusals import N_
from labels.domain.slots import DPI_203, SLOTS, Resolution, SlotName
from labels.drawing.fonts import BOLD, CODE
from labels.drawing.pdf import draw_pdf
from labels.drawing.placed import Drawing, coded
from labels.drawing.sheet import Rect, Sheet, Style
from labels.drawing.zpl import draw_zpl

CODE_COLUMN = Rect(0.0, 3.0, 19.0, 19.0)
LEFT, RIGHT = 19.0, 49.5
PITCH = 3.3


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


def lay_out(facts: SampleLabelFacts) -> Sheet:
    sheet = Sheet()
    sheet.code(CODE_COLUMN)
    plain = Style(largest=7.0, smallest=4.0)
    lines = [
        (N_("Sample"), facts.code, Style(font=CODE, largest=8.5, smallest=4.0)),
        (N_("Batch"), facts.batch, Style(font=BOLD, largest=8.0, smallest=4.0)),
        (N_("Taken from"), facts.source, plain),
        (N_("Kind of sample"), facts.kind, plain),
        (N_("Volume"), facts.volume, plain),
        (N_("Taken at"), facts.drawn_at, plain),
    ]
    if facts.demo:
        lines.append(("banner", "DEMO", Style(font=BOLD, largest=7.0)))
    for number, (name, text, style) in enumerate(lines):
        sheet.put(name, text, Rect(LEFT, 1.2 + PITCH * number, RIGHT - LEFT, PITCH), style)
    return sheet


def sample_drawing(facts: SampleLabelFacts) -> Drawing:
    """Raises ``Refused`` with every text that does not fit or cannot be shown."""
    sheet = lay_out(facts)
    refuse_any(tuple(dict.fromkeys(sheet.refusals)))
    return coded(SLOTS[SlotName.SAMPLE], sheet, facts.code, facts.code)


def draw_sample_label(facts: SampleLabelFacts, *, resolution: Resolution = DPI_203) -> bytes:
    """The print file (PDF). The same facts give the same bytes."""
    return draw_pdf(sample_drawing(facts), resolution)


def sample_job(facts: SampleLabelFacts, *, resolution: Resolution = DPI_203) -> bytes:
    """The print job (ZPL), of the same layout."""
    return draw_zpl(sample_drawing(facts), resolution)
