"""The overlay beside the label of a product that is supplied out of specification: Dutch first, English beside it.

It carries no code and covers nothing: the label under it stays the one that is scanned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kernel.errors import refuse_any
from kernel.refusals import N_, Refusal
from labels.domain.slots import DPI_203, SLOTS, Resolution, SlotName
from labels.drawing.fonts import BOLD, CODE
from labels.drawing.full_label import DEMO, LEFT, WIDTH
from labels.drawing.pdf import draw_pdf
from labels.drawing.placed import Drawing
from labels.drawing.sheet import Rect, Sheet, Style
from labels.drawing.zpl import draw_zpl

DUTCH = ("BUITEN SPECIFICATIE", "geleverd op verzoek van de behandelend arts")
ENGLISH = ("OUT OF SPECIFICATION", "supplied at the request of the treating physician")
BESIDE = (
    "Naast het etiket plakken, niets bedekken. Scan het etiket. / Put beside the label, cover nothing. Scan the label."
)


@dataclass(frozen=True, slots=True)
class OverlayFacts:
    """Every printed fact. ``failed``: what is out of specification, one line each."""

    number: str
    container: str
    batch: str
    subject_code: str
    failed: tuple[str, ...]
    demo: bool = False


def overlay_drawing_refusals(facts: OverlayFacts) -> tuple[Refusal, ...]:
    """What keeps these facts from being drawn whole: glyphs and room."""
    return tuple(dict.fromkeys(lay_out(facts).refusals))


def overlay_drawing(facts: OverlayFacts) -> Drawing:
    """Raises ``Refused`` with all reasons if it cannot be whole."""
    refuse_any(overlay_drawing_refusals(facts))
    return Drawing(SLOTS[SlotName.FULL], lay_out(facts), f"{facts.number}{' DEMO' if facts.demo else ''}")


def draw_overlay(facts: OverlayFacts, *, resolution: Resolution = DPI_203) -> bytes:
    """The print file (PDF). The same facts give the same bytes."""
    return draw_pdf(overlay_drawing(facts), resolution)


def overlay_job(facts: OverlayFacts, *, resolution: Resolution = DPI_203) -> bytes:
    """The print job (ZPL), of the same layout."""
    return draw_zpl(overlay_drawing(facts), resolution)


def lay_out(facts: OverlayFacts) -> Sheet:
    sheet = Sheet()
    top = _statement(sheet, DUTCH, 3.0)
    top = _statement(sheet, ENGLISH, top + 1.0)
    if facts.demo:
        style = Style(font=BOLD, largest=9.0, smallest=6.0, align="centre")
        sheet.put("banner", DEMO, Rect(LEFT, top, WIDTH, 4.0), style)
    top = _failed(sheet, facts.failed, top + 5.0)
    _identity(sheet, facts, top + 1.0)
    return sheet


def _statement(sheet: Sheet, words: tuple[str, str], top: float) -> float:
    sheet.shape(Rect(LEFT, top, WIDTH, 9.0))
    big = Style(font=BOLD, largest=20.0, smallest=12.0, align="centre", white=True)
    sheet.put(N_("Statement"), words[0], Rect(LEFT + 1, top + 0.9, WIDTH - 2, 7.5), big)
    small = Style(font=BOLD, largest=10.0, smallest=7.0, align="centre")
    sheet.put(N_("Statement"), words[1], Rect(LEFT, top + 9.8, WIDTH, 4.2), small)
    return top + 14.5


def _failed(sheet: Sheet, failed: Sequence[str], top: float) -> float:
    caption = Style(largest=6.5)
    sheet.put(N_("Result"), "Wat niet voldoet / What does not meet it", Rect(LEFT, top, WIDTH, 2.6), caption)
    pitch = min(7.0, 26.0 / max(len(failed), 1))
    for number, text in enumerate(failed):
        room = Rect(LEFT, top + 3.0 + pitch * number, WIDTH, pitch - 0.2)
        sheet.put(N_("Result"), text, room, Style(font=BOLD, largest=9.0, smallest=5.25, lines=2))
    return top + 3.0 + pitch * len(failed)


def _identity(sheet: Sheet, facts: OverlayFacts, top: float) -> None:
    code = Style(font=CODE, largest=14.0, smallest=7.0)
    third = WIDTH / 3
    for place, (name, caption, text) in enumerate(
        (
            (N_("Subject code"), "Proefpersoon / Subject", facts.subject_code),
            (N_("Container"), "Container", facts.container),
            (N_("Label number"), "Nummer / Number", facts.number),
        )
    ):
        x = LEFT + third * place
        sheet.put(name, caption, Rect(x, top, third - 1, 2.4), Style(largest=5.5))
        sheet.put(name, text, Rect(x, top + 2.5, third - 1, 5.5), code)
    sheet.put(N_("Statement"), BESIDE, Rect(LEFT, top + 9.0, WIDTH, 6.0), Style(largest=6.0, lines=2))
