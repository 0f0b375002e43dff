"""The label of a container in its slot: checked, placed, and as print file or print job."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from kernel.errors import refuse_any
from kernel.refusals import Refusal
from labels.domain.content import LabelFacts, content_refusals
from labels.domain.isbt_label import compound_message
from labels.domain.slots import DPI_203, SLOTS, Resolution, SlotName, resolution_refusals
from labels.drawing import full_label
from labels.drawing.data_matrix import data_matrix
from labels.drawing.pdf import draw_pages, draw_pdf
from labels.drawing.placed import Drawing, Symbol, qr_symbol
from labels.drawing.sheet import DATA_MATRIX, QR, Sheet
from labels.drawing.small_labels import lay_out_bag, lay_out_syringe
from labels.drawing.zpl import draw_jobs, draw_zpl

Coded = tuple[LabelFacts, str]
"""The facts of a label and what its code says."""
LAYOUTS: Mapping[SlotName, Callable[[LabelFacts], Sheet]] = {
    SlotName.FULL: full_label.lay_out,
    SlotName.OUTER: full_label.lay_out,
    SlotName.BAG: lay_out_bag,
    SlotName.SYRINGE: lay_out_syringe,
}


def lay_out(facts: LabelFacts) -> Sheet:
    return LAYOUTS[facts.slot](facts)


def label_drawing_refusals(facts: LabelFacts) -> tuple[Refusal, ...]:
    """Everything that keeps these facts from being drawn whole: content first, then glyphs and room."""
    return content_refusals(facts) or tuple(dict.fromkeys(lay_out(facts).refusals))


def product_drawing(facts: LabelFacts, payload: str, resolution: Resolution) -> Drawing:
    """Raises ``Refused`` with all reasons if it cannot be whole, or the printer is too coarse for its code."""
    refuse_any([*label_drawing_refusals(facts), *resolution_refusals(facts.slot, resolution)])
    title = f"{facts.short_number}{' DEMO' if facts.demo else ''}"
    return Drawing(SLOTS[facts.slot], lay_out(facts), title, label_symbols(facts, payload))


def label_symbols(facts: LabelFacts, payload: str) -> dict[str, Symbol]:
    """The code of every label, and the Data Matrix of a facility that is registered with ICCBBA."""
    symbols = {QR: qr_symbol(payload, SLOTS[facts.slot])}
    if structures := facts.isbt_structures:
        symbols[DATA_MATRIX] = data_matrix(compound_message(structures))
    return symbols


def draw_label(facts: LabelFacts, payload: str, *, resolution: Resolution = DPI_203) -> bytes:
    """The print file (PDF). The same facts and payload give the same bytes."""
    return draw_pdf(product_drawing(facts, payload, resolution), resolution)


def label_job(facts: LabelFacts, payload: str, *, resolution: Resolution = DPI_203) -> bytes:
    """The print job (ZPL), of the same layout."""
    return draw_zpl(product_drawing(facts, payload, resolution), resolution)


def draw_labels(labels: Sequence[Coded], title: str, *, resolution: Resolution = DPI_203) -> bytes:
    """One print file of many labels of one size; none of it where one of them cannot be drawn whole."""
    return draw_pages([product_drawing(*one, resolution) for one in labels], resolution, title=title)


def label_jobs(labels: Sequence[Coded], _title: str, *, resolution: Resolution = DPI_203) -> bytes:
    """The same as print jobs in one file."""
    return draw_jobs([product_drawing(*one, resolution) for one in labels], resolution)
