"""A result out of a file: one cell of one scanned sample of the final product, verified by another, traced for ever."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

import pytest

from config.tables import audited_tables
from kernel.canonical import canonical, digest
from kernel.documents.tables import DocumentRow
from kernel.files.domain.refusals import Upload
from kernel.files.queries import attach_content
from kernel.files.services import attach_file
from kernel.files.tables import FileRow
from kernel.trail.verify import verify
from kernel.work import unit_of_work
from manufacturing.domain.imports.mapping import MAPPING
from manufacturing.domain.samples import sample_code
from manufacturing.tables.batches import StepRow
from manufacturing.tables.samples import SampleRow
from release.domain.readings import is_of_product, must_scan
from release.queries.sources import sources_of_test
from release.queries.testing import content_of_test, results_of
from release.services.reading import read_result
from release.tables.sources import ResultSourceRow
from tests.integration.release.factory import Made, refused, specification_body

D = Decimal
COLUMNS = [
    {"title": "NK %Parent", "field": "nk_percent", "unit": "%"},
    {"title": "Viable %", "field": "viability", "unit": "%"},
    {"title": "NK cells/uL", "field": "nk_per_ml", "unit": "cells/uL"},
]
BODY = {
    "instrument": "FLOW-1",
    "delimiter": "comma",
    "decimal_mark": "point",
    "sample": "Tube Name",
    "columns": COLUMNS,
}
NAMES = "Tube Name,NK %Parent,Viable %,NK cells/uL"


def sample(made, number, **source):
    code = sample_code(made.number, number)
    made.put(
        SampleRow(
            code=code,
            number=number,
            batch_id=made.batch_id,
            kind="flow_cytometry",
            volume_ml=D("0.5"),
            drawn_at=made.now,
            recorded_at=made.now,
            drawn_by=made.t1.id,
            **source,
        )
    )
    return code


@pytest.fixture
def made(database):
    """NK cells per mL are read out of the cytometer's file here, and not counted against beads."""
    body = specification_body()
    next(one for one in body["criteria"] if one["key"] == "nk_dose")["bead_count"] = False
    return Made(database, body=body)


@pytest.fixture
def lab(made):
    """The batch with a sample of its container and one of its first step, and a mapped cytometer."""
    text = canonical(BODY)
    about = {"kind": MAPPING, "code": "FLOW-1", "number": 1, "title": "FLOW-1", "author_id": made.t1.id}
    made.put(DocumentRow(**about, body=text, sha256=digest(BODY), status="effective"))
    step = next(one for one in made.rows(StepRow) if one.key == "inspect")
    tube, early = sample(made, 1, container_id=made.container_ids[0]), sample(made, 2, step_id=step.id)
    another = Made(made.database, number="NK-2026-002", subject="NK-02", trial=made.trial_id)
    other = sample(another, 1, container_id=another.container_ids[0])
    return SimpleNamespace(made=made, tube=tube, early=early, other=other)


def export(*rows):
    return Upload("flow.csv", "\n".join([NAMES, *rows, ""]).encode())


def read(lab, criterion, *rows, by=None, code=None, instrument="FLOW-1"):
    made, test_id = lab.made, lab.made.test_id(criterion)
    upload = export(*(rows or (f"{lab.tube},92.4,95.0,19300", "Unstained,0.1,99,3")))
    with made.act("result.read", by or made.t1, content_of_test, test_id) as work:
        return read_result(work, test_id, upload, instrument=instrument, sample=code or lab.tube, measured_at=made.now)


@pytest.mark.req("A11-5", "QC-2ND")
def test_a_result_out_of_a_file_has_its_cell_and_counts_when_another_verified_it(lab):
    made = lab.made
    read(lab, "purity")
    [row] = made.read(results_of, made.test_id("purity"))
    assert (row.number, row.unit, row.entered_by) == (D("92.4"), "%", made.t1.id)
    assert row.raw_data_reference.startswith("flow.csv, SHA-256 ")
    [source] = made.read(sources_of_test, made.test_id("purity"))
    assert (source["row"], source["column"], source["cell"]) == (2, "NK %Parent", "92.4")
    assert (source["sample"]["code"], source["mapping"]["code"]) == (lab.tube, "FLOW-1")
    assert refused(made.verify, "purity", by=made.t1) == ["SOD_RESULT", "RAW_DATA_NOT_OPENED"]
    open_files(made, made.t2)
    assert made.verify("purity").outcome == "pass"
    with made.database.reading() as session:
        assert not verify(session, audited_tables(), made.database.seal.public, None).faults


def open_files(made, person, *chosen):
    """The bytes are sent to this person, as the page does it."""
    for one in chosen or made.rows(FileRow):
        details = {"file": f"/files/{one.id}/content"}
        with unit_of_work(made.database, person, "file.content", details=details):
            pass


@pytest.mark.req("QC-2ND")
def test_nobody_verifies_before_every_file_of_the_raw_data_was_opened_by_himself(lab):
    made = lab.made
    read(lab, "purity")
    with made.act("file.attach", made.t1, attach_content, "test", made.test_id("purity")) as work:
        work.confirm(attach_content(work.session, "test", made.test_id("purity")))
        more = {"entity": "test", "record_id": made.test_id("purity"), "purpose": "raw_data"}
        attach_file(work, Upload("gates.csv", b"gate,share\nNK,92.4\n"), **more)
    first, second = made.rows(FileRow)
    assert refused(made.verify, "purity") == ["RAW_DATA_NOT_OPENED", "RAW_DATA_NOT_OPENED"]
    open_files(made, made.qa)
    open_files(made, made.t2, first)
    assert refused(made.verify, "purity") == ["RAW_DATA_NOT_OPENED"]
    made.change(FileRow, second.id, withdrawn_at=made.now, withdrawn_because="of another run")
    assert made.verify("purity").outcome == "pass"


@pytest.mark.req("LBL-SAMPLE", "QC-ALLSAMPLES")
def test_where_samples_were_drawn_a_result_names_the_tube_that_was_scanned(lab):
    made = lab.made
    assert refused(made.enter, "purity") == ["SAMPLE_NOT_SCANNED"]
    entry = {"value": D(95), "unit": "%"}
    for typed in (lab.early, lab.other, lab.tube[:-1] + ("0" if lab.tube[-1] != "0" else "1")):
        assert refused(made.enter, "purity", **entry, sample=typed) == ["RESULT_SAMPLE"]
    made.enter("purity", **entry, sample=lab.tube)
    assert made.read(content_of_test, made.test_id("purity"))["entries"][0]["sample"] == lab.tube
    made.enter("volume", value=D(50), unit="mL", of_container=True)
    assert refused(made.inoculate) == ["SAMPLE_NOT_SCANNED"]


def test_a_concentration_is_converted_exactly(lab):
    read(lab, "nk_dose")
    [row] = lab.made.read(results_of, lab.made.test_id("nk_dose"))
    assert (row.typed_number, row.typed_unit, row.number) == (D(19300), "cells/uL", D(19300000))


@pytest.mark.req("A11-5", "A11-6")
def test_what_does_not_belong_is_refused_and_nothing_is_kept(lab):
    made, tube = lab.made, lab.tube
    wrong = [
        ("purity", (), {"code": lab.early}, "RESULT_SAMPLE"),
        ("purity", (), {"code": tube[:-1] + ("0" if tube[-1] != "0" else "1")}, "RESULT_SAMPLE"),
        ("purity", (), {"code": lab.other}, "RESULT_SAMPLE"),
        ("b_percent", (), {}, "RESULT_NOT_IN_MAPPING"),
        ("purity", (), {"instrument": "FLOW-2"}, "NO_EFFECTIVE_DOCUMENT"),
        ("purity", (f"{tube},92.4,95,1", f"{tube},91.0,95,1"), {}, "IMPORT_SAMPLE_TWICE"),
        ("purity", ("Unstained,92.4,95,1",), {}, "IMPORT_NOTHING"),
        ("purity", (f"{tube},<92,95,1",), {}, "IMPORT_CENSORED"),
        ("purity", (f"{tube},924,95,1",), {}, "IMPORT_IMPLAUSIBLE"),
    ]
    for criterion, rows, given, code in wrong:
        assert refused(read, lab, criterion, *rows, **given) == [code], (criterion, rows, given)
    assert made.rows(ResultSourceRow) == []
    assert made.rows(FileRow) == []


@pytest.mark.parametrize(
    ("position", "formulated", "fits"), [(6, 7, False), (7, 7, True), (8, 7, True), (8, None, False)]
)
def test_a_sample_of_a_step_is_of_the_product_from_the_formulation_on(position, formulated, fits):
    assert is_of_product(position, formulated) is fits


@pytest.mark.parametrize(
    ("kinds", "must"),
    [((), False), (("in_process_control",), False), (("in_process_control", "sterility"), True)],
)
def test_a_tube_that_was_counted_at_the_bench_asks_for_no_scan_of_the_laboratory(kinds, must):
    assert must_scan(kinds) is must
