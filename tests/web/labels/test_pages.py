"""Labels as people meet them: pages, print file, scan field, Work page; and the same through the API."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET

import numpy as np
import pypdfium2
import pytest
import zxingcpp
from flask import g

from kernel.canonical import canonical, digest
from kernel.documents.queries import get_effective
from kernel.documents.tables import DocumentRow
from kernel.web.i18n import Speech
from kernel.web.rendering import panels
from kernel.web.site import Viewer
from labels.domain.payload import LabelKeys
from labels.domain.slots import DPI_203, DPI_300
from labels.ports import label_keys
from labels.queries.labels import labels_of_container
from labels.tables.printers import PrintJobRow
from manufacturing.tables.batches import ContainerRow
from manufacturing.tables.trial import TrialRow
from tests.integration.labels.factory import change, new_bench, only
from tests.places import remembered
from tests.unit.labels.prints import of_zpl, read_by_zxing

SEEN = {"reason": "the printer tore the label"}


@pytest.fixture
def bench(app, database, person, people):
    """The installation's own label keys; two technicians, T and T2."""

    def set_up():
        person("T", login="T2")
        return new_bench(database, person)

    return remembered(database, "bench", set_up)


def read_off(pdf, dpi=203.2):
    with pypdfium2.PdfDocument(pdf) as document:
        picture = np.array(document[0].render(scale=dpi / 72, grayscale=True).to_pil().convert("L"))
    (code,) = zxingcpp.read_barcodes(picture)
    return code.text


def newest(bench, place=0):
    with bench.database.reading() as session:
        return labels_of_container(session, bench.containers[place])[0]


@pytest.mark.req("LBL-VERIFY", "LBL-REPRINT", "CTR-VI-A1")
def test_the_way_of_a_label_through_the_pages(bench, browser, codes):
    technician, colleague = browser("T"), browser("T2")
    path = f"/containers/{bench.containers[0]}/print-label"
    page = technician.get(path)
    assert page.status_code == 200
    assert "label-preview.svg" in page.text
    answer = technician.submit(path)
    label = newest(bench)
    assert (answer.status_code, answer.location) == (303, f"/labels/{label.id}")
    scanned = read_off(technician.get(f"/labels/{label.id}/label.pdf").data)
    assert read_off(technician.get(f"/labels/{label.id}/label.pdf?dpi=300").data, 300) == scanned == label.payload
    own = technician.submit(f"/labels/{label.id}/verify", {"scanned": scanned})
    assert (own.status_code, codes(own)) == (403, ["SOD_LABEL"])
    assert colleague.submit(f"/labels/{label.id}/verify", {"scanned": scanned + "\r\n"}).status_code == 303
    late = technician.get(f"/labels/{label.id}/label.pdf")
    assert (late.status_code, codes(late)) == (409, ["STATE_NOT_ALLOWED"])
    applied = technician.submit(f"/labels/{label.id}/apply", {"container_code": bench.codes()[0]}, second="T2")
    assert applied.status_code == 303
    again = technician.submit(f"/labels/{label.id}/reprint", SEEN, second="T2")
    assert again.location == f"/labels/{newest(bench).id}"
    dead = technician.get(f"/labels/{label.id}/label.pdf")
    assert (dead.status_code, codes(dead)) == (409, ["LABEL_VOID"])
    assert technician.submit(f"/labels/{label.id}/destroy", second="T2").status_code == 303


@pytest.mark.req("CTR-VI-A22", "LBL-VERIFY")
def test_the_two_labels_of_a_syringe_are_seen_printed_and_read_as_a_job_of_the_printer(bench, browser, codes):
    change(bench.database, ContainerRow, bench.containers[0], container_type="syringe_50")
    technician = browser("T")
    path = f"/containers/{bench.containers[0]}/print-label"
    page = technician.get(path).text
    for slot, size in (("SYRINGE", "60mm"), ("OUTER", "100mm")):
        preview = f"/containers/{bench.containers[0]}/label-preview.svg?slot={slot}"
        assert preview in page
        assert f'width="{size}"' in technician.get(preview).text
    technician.submit(path)
    with bench.database.reading() as session:
        outer, small = labels_of_container(session, bench.containers[0])[:2]
    for label, resolution in ((small, DPI_300), (outer, DPI_203)):
        where = f"/labels/{label.id}/label.zpl?dpi={resolution.name}"
        assert where in technician.get(f"/labels/{label.id}").text
        assert read_by_zxing(of_zpl(technician.get(where).data)) == [label.payload]
    coarse = f"/labels/{small.id}/label.zpl?dpi=203"
    assert coarse not in technician.get(f"/labels/{small.id}").text
    refused = [technician.get(one) for one in (coarse, f"/labels/{small.id}/label.pdf")]
    assert [(one.status_code, codes(one)) for one in refused] == [(409, ["LABEL_RESOLUTION"])] * 2


PRINTER = {"code": "ZPL-01", "title": "labels", "host": "127.0.0.1", "port": "9100", "dpi": "203", "slot": "FULL"}


@pytest.mark.req("LBL-SERIAL", "LBL-REPRINT")
def test_a_label_is_sent_to_a_printer_and_seen_there_and_no_file_makes_a_second_one(bench, browser, api, codes):
    qa, technician = browser("QA"), browser("T")
    path = f"/containers/{bench.containers[0]}/print-label"
    assert 'name="printer"' not in technician.get(path).text
    assert qa.submit("/administration/printers/new", PRINTER | {"port": "80"}).status_code == 422
    assert qa.submit("/administration/printers/new", PRINTER).status_code == 303
    (one,) = api("QA").get("/administration/printers").json["printers"]
    bags = api("QA").act("/administration/printers/new", PRINTER | {"code": "ZPL-02", "slot": "BAG"}).json["id"]
    assert codes(technician.submit(path, {"printer": bags})) == ["PRINTER_SLOT"]
    page = technician.get(path).text
    assert bags not in page
    assert f'value="{one["id"]}"' in page
    assert 'name="outer_printer"' not in page
    technician.submit(path, {"printer": one["id"]})
    label = newest(bench)
    shown = technician.get(f"/labels/{label.id}?lang=en").text
    assert "ZPL-01" in shown
    assert "label.pdf" not in shown
    for kind in ("pdf", "zpl"):
        refused = technician.get(f"/labels/{label.id}/label.{kind}")
        assert (refused.status_code, codes(refused)) == (409, ["LABEL_AT_PRINTER"])
    (job,) = api("In").get("/administration/printers").json["jobs"]
    assert (job["status"], job["label"]["number"], job["printer"]) == ("unsent", label.short_number, "ZPL-01")
    early = technician.submit(f"/print-jobs/{job['id']}/send-again")
    assert (early.status_code, codes(early)) == (409, ["STATE_NOT_ALLOWED"])
    change(bench.database, PrintJobRow, job["id"], status="uncertain", problem="the printer broke the connection off")
    again = f"/print-jobs/{job['id']}/send-again"
    assert again in technician.get("/").text
    assert again in technician.get(f"/labels/{label.id}").text
    assert technician.submit(again).location == f"/labels/{label.id}"
    for language in ("nl", "en"):
        assert "ZPL-01" in qa.get(f"/administration/printers?lang={language}").text
    assert qa.submit(f"/administration/printers/{one['id']}/close").status_code == 303
    assert 'name="printer"' not in technician.get(f"/containers/{bench.containers[1]}/print-label").text


@pytest.mark.req("LBL-SERIAL")
@pytest.mark.parametrize("door", ["page", "api"])
def test_all_labels_of_a_batch_are_printed_at_once_and_their_file_is_closed_when_one_is_verified(
    bench, browser, api, codes, door
):
    pages = browser("T")
    technician = pages if door == "page" else api("T")
    send = technician.submit if door == "page" else technician.act
    files, path = f"/labels/batches/{bench.batch_id}", f"/batches/{bench.batch_id}/print-labels"
    early = technician.get(f"{files}/labels.pdf")
    assert (early.status_code, codes(early)) == (409, ["LABELS_NONE_OPEN"])
    for language in ("nl", "en"):
        assert bench.codes()[1] in pages.get(f"{path}?lang={language}").text
    assert path in pages.get(files).text
    assert send(path).status_code in {200, 303}
    assert codes(send(path)) == ["LABELS_ALL_THERE"]
    assert f"{files}/labels.zpl?slot=FULL" in pages.get(files).text
    payloads = [newest(bench, place).payload for place in (0, 1)]
    with pypdfium2.PdfDocument(technician.get(f"{files}/labels.pdf").data) as document:
        assert len(document) == 2
    jobs = technician.get(f"{files}/labels.zpl?dpi=300").data.splitlines(keepends=True)
    assert [read_by_zxing(of_zpl(job)) for job in jobs] == [[one] for one in payloads]
    assert codes(technician.get(f"{files}/labels.pdf?slot=SYRINGE")) == ["LABEL_RESOLUTION"]
    browser("T2").submit(f"/labels/{newest(bench).id}/verify", {"scanned": payloads[0]})
    with pypdfium2.PdfDocument(technician.get(f"{files}/labels.pdf").data) as document:
        assert len(document) == 1


@pytest.mark.req("F-D7.2.3", "F-D7.2.4")
def test_the_page_of_a_template_shows_every_size_it_holds(bench, browser):
    page = browser("QA").get(f"/administration/documents/{bench.template_id}?lang=en").text
    for slot in ("FULL", "BAG", "SYRINGE", "OUTER"):
        path = f"/administration/documents/{bench.template_id}/label-{slot}.svg"
        assert path in page
        assert "PREVIEW" in browser("QA").get(path).text
    assert browser("QA").get(f"/administration/documents/{bench.template_id}/label-SAMPLE.svg").status_code == 404


@pytest.mark.req("LBL-VERIFY", "F-D7.2.3")
def test_the_way_of_a_label_through_the_api(bench, api, codes):
    technician, colleague = api("T"), api("T2")
    printed = technician.act(f"/containers/{bench.containers[0]}/print-label")
    assert printed.status_code == 200
    label = printed.json["id"]
    scanned = read_off(technician.get(f"/labels/{label}/label.pdf").data)
    assert codes(technician.act(f"/containers/{bench.containers[0]}/print-label")) == ["LABEL_EXISTS"]
    for matrix, code in (("=+02000=A99992612345600", "ISBT_COUNT"), ("=+01000=A99992612345600", "ISBT_MISMATCH")):
        wrong = colleague.act(f"/labels/{label}/verify", {"scanned": scanned, "data_matrix": matrix})
        assert codes(wrong) == [code]
    assert colleague.act(f"/labels/{label}/verify", {"scanned": scanned}).json["status"] == "verified"
    wrong = technician.act(f"/labels/{label}/apply", {"container_code": bench.codes()[1]}, second="T2")
    assert (wrong.status_code, codes(wrong)) == (409, ["LABEL_CONTAINER"])
    applied = technician.act(f"/labels/{label}/apply", {"container_code": bench.codes()[0]}, second="T2")
    assert applied.json["status"] == "applied"
    shown = technician.get(f"/labels/{label}").json
    assert (shown["label"]["status"], shown["label"]["changed_since_print"]) == ("applied", [])
    ledger = technician.get(f"/labels/batches/{bench.batch_id}").json["ledger"]
    assert (ledger["printed"], ledger["applied"], ledger["difference"]) == (1, 1, 0)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_page_of_the_labels_opens_in_both_languages(bench, browser, language):
    technician = browser("T")
    technician.submit(f"/containers/{bench.containers[0]}/print-label")
    label = newest(bench)
    pages = ["/labels", "/labels?state=waiting&q=NK-26&sort=-number", f"/labels/batches/{bench.batch_id}"]
    pages += [f"/labels/{label.id}{tail}" for tail in ("", "/verify", "/apply", "/reprint", "/void", "/destroy")]
    pages += [f"/containers/{one}/print-label" for one in bench.containers]
    for path in pages:
        page = technician.get(f"{path}{'&' if '?' in path else '?'}lang={language}")
        assert page.status_code == 200, path
        assert not re.search(r"style=\"|<script>|%\(\w+\)s", page.text), path
    technician.submit(f"/labels/{label.id}/void", SEEN, second="T2")
    assert "LABEL_VOID" not in technician.get(f"/labels/{label.id}").text
    assert "void" in technician.get(f"/labels/{label.id}?lang=en").text


@pytest.mark.req("F-D7.2.3", "EXP-FORMULA")
def test_text_of_a_template_is_text_on_the_page_in_the_preview_and_in_the_print_job(bench, browser):
    """Whatever stands on the label: never markup, and no command of a printer."""
    hostile = ("<script>x</script>", "^XZ^XA", '=HYPERLINK("x")')
    with bench.database.reading() as session:
        template = get_effective(session, "label_template")
    body = json.loads(template.body)
    body["contact"] |= {"name": hostile[0]}
    body["trial"] |= {"sponsor": hostile[1], "investigator": hostile[2]}
    change(bench.database, DocumentRow, template.id, body=canonical(body), sha256=digest(body))
    technician = browser("T")
    technician.submit(f"/containers/{bench.containers[0]}/print-label")
    label = newest(bench)
    page = technician.get(f"/labels/{label.id}").text
    drawing = technician.get(f"/labels/{label.id}/preview.svg")
    job = technician.get(f"/labels/{label.id}/label.zpl").data
    assert "<script>x" not in page
    assert "<script" not in drawing.text
    assert "&lt;script&gt;x" in page
    assert all(text in "".join(ET.fromstring(drawing.data).itertext()) for text in hostile)  # noqa: S314
    assert [job.count(one) for one in (b"^XA", b"^XZ")] == [1, 1]


@pytest.mark.req("LBL-VERIFY")
@pytest.mark.parametrize(("instance", "symbols"), [("DEMO-22ABCD", 1), ("NKT-22ABCD", 0)])
def test_only_a_demo_shows_a_code_on_the_screen(bench, browser, monkeypatch, instance, symbols):
    monkeypatch.setattr(label_keys, "answer", lambda: LabelKeys({"B": bytes(range(32))}, "B", instance))
    technician = browser("T")
    technician.submit(f"/containers/{bench.containers[0]}/print-label")
    label = newest(bench)
    drawing = technician.get(f"/labels/{label.id}/preview.svg")
    root = ET.fromstring(drawing.data)  # noqa: S314  (our own drawing)
    assert (drawing.mimetype, root.get("width"), root.get("height")) == ("image/svg+xml", "100mm", "100mm")
    assert label.short_number in "".join(root.itertext())
    assert len(root.findall("{*}path")) == symbols
    assert technician.get(f"/labels/{label.id}").text.count(label.payload) == symbols
    assert read_off(technician.get(f"/labels/{label.id}/label.pdf").data) == label.payload


def test_no_preview_before_the_print_holds_a_code(bench, browser):
    drawing = browser("T").get(f"/containers/{bench.containers[1]}/label-preview.svg")
    root = ET.fromstring(drawing.data)  # noqa: S314  (our own drawing)
    assert not root.findall("{*}path")
    assert not re.search(r"style=|<script|<style", drawing.text)


def test_an_item_that_is_missing_is_named_before_anybody_signs(bench, browser, api):
    change(bench.database, TrialRow, only(bench.database, TrialRow), eu_trial_number="")
    path = f"/containers/{bench.containers[0]}/print-label"
    page = browser("T").get(path + "?lang=en").text
    assert "MISSING_ITEM" in page
    assert "label-preview.svg" not in page
    told = api("T").get(path).json["refusals"]
    assert [(one["code"], one["facts"]["letter"]) for one in told] == [("MISSING_ITEM", "e")]


@pytest.mark.req("QR-2")
def test_the_scan_field_opens_a_label_also_a_void_one(bench, browser):
    technician = browser("T")
    technician.submit(f"/containers/{bench.containers[0]}/print-label")
    label = newest(bench)
    technician.submit(f"/labels/{label.id}/void", SEEN, second="T2")
    for code in (label.payload, f"]Q1{label.payload}", label.short_number):
        assert technician.get("/find", query_string={"code": code}).location == f"/labels/{label.id}"
    assert technician.get("/find", query_string={"code": label.payload[:-1]}).status_code == 404


@pytest.mark.req("LBL-VERIFY")
def test_the_work_page_offers_each_step_to_those_who_may_take_it(bench, browser):
    technician, colleague, pharmacist = browser("T"), browser("T2"), browser("Ph")
    path = f"/containers/{bench.containers[0]}/print-label"
    assert path in technician.get("/").text
    assert path not in pharmacist.get("/").text
    technician.submit(path)
    label = newest(bench)
    assert path not in technician.get("/").text
    verify, apply = (f"/labels/{label.id}/{action}" for action in ("verify", "apply"))
    assert verify in colleague.get("/").text
    assert verify not in technician.get("/").text
    colleague.submit(verify, {"scanned": label.payload})
    assert apply in technician.get("/").text


def test_panels_show_the_labels_on_pages_of_the_packages_below(bench, app, database):
    with app.test_request_context("/"):
        g.viewer = Viewer(bench.technician, database.clock.now(), Speech("en"))
        batch = panels("batch", batch_id=bench.batch_id)
        assert bench.codes()[0] in batch
        assert f"/containers/{bench.containers[0]}/print-label" in batch
        assert bench.codes()[0] in panels("container", container_id=bench.containers[0])


def test_a_pharmacist_reads_labels_and_prints_none(bench, browser, codes):
    pharmacist = browser("Ph")
    assert pharmacist.get("/labels").status_code == 200
    refused = pharmacist.submit(f"/containers/{bench.containers[0]}/print-label")
    assert (refused.status_code, codes(refused)) == (403, ["ROLE_NOT_ALLOWED"])
