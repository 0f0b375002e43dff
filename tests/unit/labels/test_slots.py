"""Every label in every size on every printer: what is printed is what the record says, dot by dot."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, groupby

import numpy as np
import pytest

from kernel.errors import Refused
from labels.domain.slots import (
    DPI_203,
    DPI_300,
    ON_CONTAINER,
    PRODUCT,
    RESOLUTIONS,
    SLOTS,
    SMALL,
    SlotName,
    resolution_refusals,
    slots_to_print,
)
from labels.domain.statements import DonorStatus, StatementFacts
from labels.drawing.fonts import text_width
from labels.drawing.placed import qr_symbol
from labels.drawing.product_label import draw_label, label_drawing_refusals, label_job, lay_out, product_drawing
from labels.drawing.qr import MODULES
from labels.drawing.sample_label import SampleLabelFacts, draw_sample_label, sample_drawing, sample_job
from labels.drawing.sheet import POINTS_PER_MM
from tests.unit.labels.example import FACTS, payload_of
from tests.unit.labels.prints import of_pdf, of_zpl, read_by_opencv, read_by_zxing

SAMPLE = SampleLabelFacts("S26-0001-7", "NK-26-0001", "NK-26-0001-01", "sterility", "2 mL", "2026-11-23 16:30 CET")
DONORS = {
    "calm": FACTS.warnings,
    "hazard": StatementFacts(DonorStatus.REACTIVE, ("anti-CMV IgG", "anti-HBc")),
    "not evaluated": StatementFacts(DonorStatus.NOT_EVALUATED),
    "both": StatementFacts(DonorStatus.NOT_EVALUATED, ("anti-HBc",)),
}
ALL = [
    (slot, resolution, kind)
    for slot in (*PRODUCT, SlotName.SAMPLE)
    for resolution in (DPI_203, DPI_300)
    for kind in ("pdf", "zpl")
    if not resolution_refusals(slot, resolution)
]


def printed(slot, resolution, kind, facts=FACTS):
    """The dots on paper, the text of the code, and the drawing they come from."""
    if slot is SlotName.SAMPLE:
        draw, text, drawing = {"pdf": draw_sample_label, "zpl": sample_job}[kind], SAMPLE.code, sample_drawing(SAMPLE)
        made = draw(SAMPLE, resolution=resolution)
    else:
        facts = replace(facts, slot=slot)
        text, drawing = payload_of(facts), product_drawing(facts, payload_of(facts), resolution)
        made = {"pdf": draw_label, "zpl": label_job}[kind](facts, text, resolution=resolution)
    return (of_pdf(made, resolution) if kind == "pdf" else of_zpl(made)), text, drawing


@pytest.mark.req("QR-1", "LBL-VERIFY", "LBL-SAMPLE")
@pytest.mark.parametrize(("slot", "resolution", "kind"), ALL, ids=lambda one: getattr(one, "name", one))
def test_two_decoders_read_the_code_byte_for_byte_and_every_module_is_whole_dots(slot, resolution, kind):
    image, text, drawing = printed(slot, resolution, kind)
    assert image.shape == SLOTS[slot].dots(resolution)[::-1]
    assert (read_by_zxing(image), read_by_opencv(image)) == ([text], text)
    module = SLOTS[slot].module_dots[resolution.name]
    (place,) = drawing.placed(resolution)
    edge, quiet = MODULES * module, 4 * module
    around = image[place.top - quiet : place.top + edge + quiet, place.left - quiet : place.left + edge + quiet] < 128
    symbol = around[quiet : quiet + edge, quiet : quiet + edge]
    assert around.sum() == symbol.sum()
    assert np.array_equal(symbol, np.kron(np.array(qr_symbol(text, SLOTS[slot]).modules), np.ones((module, module))))
    timing = symbol[6 * module + module // 2, 8 * module : -8 * module]
    assert {len(list(run)) for _dark, run in groupby(timing)} == {module}


@pytest.mark.parametrize("slot", [*PRODUCT, SlotName.SAMPLE])
def test_the_print_file_and_the_print_job_are_one_label(slot):
    """Edges of letters apart, ink stands where ink stands: no square of 2 mm is much darker in one of them."""
    pdf, zpl = (squares(printed(slot, DPI_300, kind)[0] < 128) for kind in ("pdf", "zpl"))
    assert np.abs(pdf - zpl).max() < 0.2


def squares(dark, edge=24):
    height, width = (size // edge for size in dark.shape)
    return dark[: height * edge, : width * edge].reshape(height, edge, width, edge).mean(axis=(1, 3))


def test_sizes_are_whole_dots_and_codes_fit_their_labels():
    assert {name: SLOTS[name].dots(DPI_203) for name in SLOTS} == {
        "FULL": (800, 800),
        "BAG": (560, 400),
        "SYRINGE": (480, 160),
        "OUTER": (800, 800),
        "SAMPLE": (400, 200),
        "BENCH": (560, 280),
    }
    assert [SLOTS[name].dots(DPI_300) for name in ("FULL", "BAG", "SYRINGE")] == [(1180, 1180), (826, 590), (708, 236)]
    smallest = [
        dots * 25.4 / RESOLUTIONS[name].dpi for slot in SLOTS.values() for name, dots in slot.module_dots.items()
    ]
    assert min(smallest) >= 0.25
    with pytest.raises(ValueError, match="whole number of dots"):
        replace(SLOTS[SlotName.BAG], width_mm=71).dots(DPI_300)


@pytest.mark.req("QR-1")
def test_the_flag_of_a_syringe_needs_a_fine_printer():
    facts = replace(FACTS, slot=SlotName.SYRINGE)
    for draw in (draw_label, label_job):
        with pytest.raises(Refused) as refused:
            draw(facts, payload_of(facts), resolution=DPI_203)
        assert [one.code for one in refused.value.refusals] == ["LABEL_RESOLUTION"]
        assert dict(refused.value.refusals[0].facts) == {"slot": "SYRINGE", "dpi": "203", "finer": "300"}
    assert [slot for slot in SLOTS if resolution_refusals(slot, DPI_203)] == ["SYRINGE"]


@pytest.mark.req("CTR-VI-A22")
@pytest.mark.parametrize(
    ("wanted", "live", "expected"),
    [
        ("FULL", [], ["FULL"]),
        ("FULL", ["FULL"], []),
        ("FULL", ["OUTER"], ["FULL"]),
        ("BAG", [], ["BAG", "OUTER"]),
        ("SYRINGE", [], ["SYRINGE", "OUTER"]),
        ("BAG", ["BAG"], ["OUTER"]),
        ("BAG", ["OUTER"], ["BAG"]),
        ("BAG", ["BAG", "OUTER"], []),
        ("BAG", ["FULL"], []),
        ("FULL", ["SYRINGE"], ["OUTER"]),
    ],
)
def test_a_small_label_never_stands_without_the_full_one_of_the_outer_package(wanted, live, expected):
    assert list(slots_to_print(SlotName(wanted), [SlotName(one) for one in live])) == expected


@pytest.mark.req("TC-86-E1f", "F-LBL-NE")
@pytest.mark.parametrize("slot", PRODUCT)
@pytest.mark.parametrize("donor", DONORS)
def test_an_alarm_and_its_markers_stand_on_every_size_and_nothing_overlaps(slot, donor):
    facts = replace(FACTS, slot=slot, warnings=DONORS[donor], subject_code="NK-OMON26066-012", demo=donor == "calm")
    assert label_drawing_refusals(facts) == ()
    sheet = lay_out(facts)
    text = " ".join(line.text for line in sheet.texts)
    assert ("BIOLOGICAL HAZARD" in text) == (donor in {"hazard", "both"})
    assert ("NOT EVALUATED FOR INFECTIOUS SUBSTANCES" in text) == (donor in {"not evaluated", "both"})
    assert all(marker in text for marker in DONORS[donor].reactive_markers)
    assert ("DO NOT USE" in text) == (donor == "calm")
    assert ("OUTER PACKAGE" in text) == (slot is SlotName.OUTER)
    boxes = [box(line) for line in sheet.texts]
    boxes += [(room.name, room.rect.x, room.rect.y, *corner(room.rect)) for room in sheet.codes]
    for one, other in combinations(boxes, 2):
        assert one[3] <= other[1] or other[3] <= one[1] or one[4] <= other[2] or other[4] <= one[2], (one, other)
    assert all(one[1] >= 0 and one[3] <= SLOTS[slot].width_mm and one[4] <= SLOTS[slot].height_mm for one in boxes)


def box(line):
    width, height = text_width(line.text, line.font, line.size) / POINTS_PER_MM, line.size / POINTS_PER_MM
    return line.text, line.x, line.y - 0.74 * height, line.x + width, line.y


def corner(rect):
    return rect.x + rect.width, rect.y + rect.height


LONG = "W" * 4096
HOSTILE = ("^XZ^XA", "~JR^XA^XZ", "<script>", "=HYPERLINK(", "\u202eB", "A\nB", LONG)
FIELDS = ("contact_name", "product_name", "trial_code", "subject_code", "instance", "template_version")


@pytest.mark.parametrize("slot", ON_CONTAINER)
@pytest.mark.parametrize("field", FIELDS)
def test_a_hostile_text_stands_there_letter_by_letter_or_is_refused_by_name(slot, field):
    for text in HOSTILE:
        facts = replace(FACTS, slot=slot, **{field: text})
        refusals = label_drawing_refusals(facts)
        said = " ".join(line.text for line in lay_out(facts).texts)
        assert {one.code for one in refusals} <= {"LABEL_GLYPH", "LABEL_TEXT_TOO_LONG"}
        assert bool(refusals) != (text in said), text
        assert refusals or text not in {LONG, "\u202eB", "A\nB"}


def test_no_text_of_a_record_becomes_a_command_of_the_printer():
    hostile = dict.fromkeys(FIELDS, "^XZ^XA") | {
        "donor_code": "~JR",
        "sponsor": "^FS^XZ^XA",
        "product_code": "^PQ9",
    }
    facts = replace(FACTS, **hostile)
    job = label_job(facts, payload_of(facts), resolution=DPI_203)
    assert [job.count(one) for one in (b"^XA", b"^XZ", b"^PQ1", b"^PQ", b"~", b"^")] == [1, 1, 1, 1, 0, 9]
    assert read_by_zxing(of_zpl(job)) == [payload_of(facts)]


def test_small_is_what_cannot_hold_everything():
    assert [slot for slot in PRODUCT if SLOTS[slot].height_mm < 100] == list(SMALL)
