"""All labels of a batch in one act: each a print of its own with its own guards and signature, all of them or none."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from kernel.errors import Refused
from kernel.tables import SignatureRow
from kernel.work import SYSTEM, unit_of_work
from labels.domain.slots import DPI_203, SlotName
from labels.drawing.product_label import draw_labels, label_jobs
from labels.queries.contents import batch_print_content
from labels.queries.facts import stored_facts
from labels.queries.labels import label_ledger, labels_of_batch, open_prints
from labels.services.printing import print_labels
from labels.tables.printers import PrinterRow
from manufacturing.tables.batches import ContainerRow
from tests.integration.labels.factory import act, change, labelled, print_one, verify_one, void_one
from tests.unit.labels.prints import of_zpl, pages_of_pdf, read_by_zxing


def print_all(bench, printer=""):
    shown = lambda session: batch_print_content(session, bench.batch_id)  # noqa: E731
    with act(bench, "label.print_all", shown, [bench.technician]) as work:
        return print_labels(work, bench.batch_id, printer=printer)


def refused(run, *given):
    with pytest.raises(Refused) as caught:
        run(*given)
    return [one.code for one in caught.value.refusals]


def printed(bench):
    with bench.database.reading() as session:
        return label_ledger(session, bench.batch_id).printed


@pytest.mark.req("LBL-SERIAL", "CTR-VI-A22")
def test_every_container_gets_its_own_print_signed_by_itself_and_one_file_holds_them_all(bench):
    change(bench.database, ContainerRow, bench.containers[1], container_type="syringe_50")
    rows = print_all(bench)
    assert [(row.slot, row.issue, row.status) for row in rows] == [
        ("FULL", 1, "printed"),
        ("SYRINGE", 1, "printed"),
        ("OUTER", 2, "printed"),
    ]
    assert len({row.label_id for row in rows}) == 3
    with bench.database.reading() as session:
        assert [row.id for row in labels_of_batch(session, bench.batch_id)] == [row.id for row in rows]
        for row, code in zip(rows, [bench.codes()[0], bench.codes()[1], bench.codes()[1]], strict=True):
            query = sa.select(SignatureRow).where(SignatureRow.record_id == row.id)
            signed = json.loads(session.execute(query).scalar_one().document)
            assert (signed["meaning"], signed["content"]["title"]) == ("printed", code)
            assert signed["content"]["list_sha256"]
        (full,) = open_prints(session, bench.batch_id, SlotName.FULL)
        assert [one.slot for one in open_prints(session, bench.batch_id, SlotName.OUTER)] == ["OUTER"]
        labels = [(stored_facts(row), row.payload) for row in (full, rows[2])]
    pdf, zpl = (draw(labels, "all", resolution=DPI_203) for draw in (draw_labels, label_jobs))
    read = [[read_by_zxing(page) for page in pages_of_pdf(pdf, DPI_203)]]
    read.append([read_by_zxing(of_zpl(job)) for job in zpl.splitlines(keepends=True)])
    assert read == [[[full.payload], [rows[2].payload]]] * 2


@pytest.mark.req("LBL-SERIAL")
def test_one_label_that_cannot_be_printed_keeps_those_before_it_from_being_printed(bench):
    change(bench.database, ContainerRow, bench.containers[1], container_type="syringe_50")
    with unit_of_work(bench.database, SYSTEM, "test.printer") as work:
        about = {"code": "ZPL-01", "title": "labels", "host": "127.0.0.1", "port": 9100, "dpi": "203", "slot": "FULL"}
        printer = work.add(PrinterRow(**about, opened_by=bench.qa.id)).id
    assert refused(print_all, bench, printer) == ["PRINTER_SLOT"]
    assert printed(bench) == 0
    assert len(print_all(bench)) == 3


@pytest.mark.req("LBL-SERIAL", "LBL-TWO")
def test_only_what_lacks_a_label_gets_one_and_never_while_another_is_in_hand(bench):
    first = labelled(bench, bench.containers[0])
    (row,) = print_all(bench)
    assert row.container_id == bench.containers[1]
    assert refused(print_all, bench) == ["LABELS_ALL_THERE"]
    verify_one(bench, row)
    void_one(bench, first)
    assert refused(print_all, bench) == ["LABEL_IN_PROGRESS"]
    with bench.database.reading() as session:
        assert open_prints(session, bench.batch_id, SlotName.FULL) == []
    assert printed(bench) == 2


@pytest.mark.req("SIG-WYSIWYS", "LBL-SERIAL")
def test_what_changed_since_the_list_was_shown_is_printed_only_after_another_look(bench):
    with bench.database.reading() as session:
        shown = batch_print_content(session, bench.batch_id)
    assert [len(size["labels"]) for size in shown["sizes"]] == [2]
    print_one(bench, bench.containers[0])
    with (
        pytest.raises(Refused, match="STALE_VERSION"),
        act(bench, "x", lambda _session: shown, [bench.technician]) as work,
    ):
        print_labels(work, bench.batch_id)
    assert printed(bench) == 1
