"""The print file of a record: what two decoders read off it is what the record holds."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pypdfium2
import pytest
import zxingcpp

from labels.domain.content import label_record
from labels.domain.payload import MODHEX
from labels.domain.slots import DPI_203, DPI_300
from labels.drawing.product_label import draw_label
from labels.pages.preview import label_svg
from labels.queries.facts import stored_facts
from labels.queries.labels import labels_of_container
from manufacturing.tables.trial import SubjectRow
from tests.integration.labels.factory import change, labelled, only, print_one, reprint_one


def raster(pdf, dpi):
    """The page as a printer of this resolution puts it on paper, one grey value per dot."""
    with pypdfium2.PdfDocument(pdf) as document:
        return np.array(document[0].render(scale=dpi / 72, grayscale=True).to_pil().convert("L"))


@pytest.mark.req("QR-1", "LBL-VERIFY")
@pytest.mark.parametrize(("resolution", "dpi"), [(DPI_203, 203.2), (DPI_203, 300), (DPI_300, 300)])
def test_two_decoders_read_the_payload_of_the_record_off_the_print(bench, resolution, dpi):
    label = print_one(bench, bench.containers[0])
    picture = raster(draw_label(stored_facts(label), label.payload, resolution=resolution), dpi)
    assert [one.text for one in zxingcpp.read_barcodes(picture)] == [label.payload]
    colour = cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
    assert cv2.QRCodeDetectorAruco().detectAndDecode(colour)[0] == label.payload


@pytest.mark.req("LBL-NOPII")
def test_the_code_holds_no_fact_about_product_or_person(bench):
    label = print_one(bench, bench.containers[0])
    facts = json.loads(label.facts)
    names = ("subject_code", "batch", "donor_code", "donation_number", "product_code", "instance")
    assert not any(facts[name] in label.payload for name in names)
    assert set(label.payload) <= set("NKTL" + MODHEX)


@pytest.mark.req("ATMP-11-QUAR")
def test_no_print_says_what_the_container_may_be_used_for(bench):
    """What is printed at the filling cannot know the decision; the state is asked of the server at each scan."""
    label = print_one(bench, bench.containers[0])
    drawn = label_svg(stored_facts(label)).decode().lower()
    assert "nk-03" in drawn
    words = ("quarantine", "quarantaine", "certified", "gecertificeerd", "released", "vrijgegeven", "approved")
    assert [word for word in words if word in drawn] == []


def test_the_print_is_drawn_from_what_was_stored_and_not_from_the_record_of_today(bench):
    label = print_one(bench, bench.containers[0])
    before = draw_label(stored_facts(label), label.payload)
    change(bench.database, SubjectRow, only(bench.database, SubjectRow), code="NK-04")
    with bench.database.reading() as session:
        (again,) = labels_of_container(session, label.container_id)
        assert draw_label(stored_facts(again), again.payload) == before


@pytest.mark.req("CTR-VI-k", "F-D7.2.3")
def test_the_stored_facts_are_the_whole_label_and_come_back_as_they_were(bench):
    first = labelled(bench, bench.containers[0])
    second = reprint_one(bench, first)
    for label in (first, second):
        facts = stored_facts(label)
        assert label_record(facts) == json.loads(label.facts)
        assert facts.expiry_text == "2026-11-24 10:00 CET"
        assert (facts.short_number, facts.instance, facts.demo) == (label.short_number, "DEMO-TEST22", True)
