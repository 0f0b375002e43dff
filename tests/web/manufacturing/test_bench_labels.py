"""Labels of lots, opened pieces and parts: printed, read by a scanner, and taken by the field that asks for them."""

from __future__ import annotations

import re

import numpy as np
import pypdfium2
import pytest
import zxingcpp

from kernel.clock import PEOPLE
from tests.integration.manufacturing.lots import listed, ready_lot
from tests.integration.manufacturing.test_parts import split
from tests.unit.labels.prints import of_zpl, read_by_zxing


def read_off(answer, dpi):
    assert answer.mimetype == "application/pdf"
    with pypdfium2.PdfDocument(answer.data) as document:
        picture = np.array(document[0].render(scale=dpi / 72, grayscale=True).to_pil().convert("L"))
    (code,) = zxingcpp.read_barcodes(picture)
    return code.text


@pytest.mark.req("ATMP-7-LOT", "ATMP-7-SCAN", "ATMP-7-OPEN")
@pytest.mark.parametrize(("door", "language"), [("page", "nl"), ("api", "en")])
def test_what_a_scanner_reads_off_lot_and_piece_is_what_the_step_takes(story, browser, api, door, language):
    listed(story)
    lot = ready_lot(story, "buffer", "500")
    technician = browser("T") if door == "page" else api("T")
    send = technician.submit if door == "page" else technician.act
    now = story.now.astimezone(PEOPLE).strftime("%Y-%m-%d %H:%M")
    assert technician.codes(send(f"/lots/{lot.id}/open", {"opened_at": now})) == []
    pages = technician if door == "page" else browser("T")
    files = re.findall(
        r'href="(/(?:lots|pieces)/[^"]*label\.pdf)\?dpi=203"', pages.get(f"/lots/{lot.id}?lang={language}").text
    )
    scanned = [read_off(technician.get(path), 203.2) for path in files]
    assert scanned == [read_off(technician.get(f"{path}?dpi=300"), 300) for path in files]
    jobs = [technician.get(path.replace(".pdf", ".zpl")).data for path in files]
    assert [read_by_zxing(of_zpl(job)) for job in jobs] == [[one] for one in scanned]
    assert scanned[0] == lot.code
    used = {"performed_at": now, "other_lot": scanned[0], "other_piece": scanned[1], "other_quantity": "20"}
    step = f"/batches/{story.started().id}/steps/1"
    assert technician.codes(send(f"{step}/materials", used)) == []


@pytest.mark.req("ATMP-ID-SPLIT")
def test_the_code_on_the_bag_of_a_part_opens_its_page(story, browser):
    part = split(story, story.accepted())
    technician = browser("T")
    page = technician.get(f"/parts/{part.id}").text
    assert f"/parts/{part.id}/label.pdf" in page
    code = read_off(technician.get(f"/parts/{part.id}/label.pdf"), 203.2)
    assert code == part.code
    assert read_by_zxing(of_zpl(technician.get(f"/parts/{part.id}/label.zpl").data)) == [part.code]
    assert technician.get(f"/find?code={code}").location == f"/parts/{part.id}"
