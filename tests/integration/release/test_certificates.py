"""Certificates, dossier and the documents with a container, as a reader of the PDF finds them."""

from __future__ import annotations

import hashlib
import re
from decimal import Decimal

import pypdfium2
import pytest

import config.wiring  # noqa: F401  (which records take files)
from kernel.documents.tables import DocumentRow
from kernel.files.domain.refusals import Upload
from kernel.files.services import attach_file
from kernel.web.i18n import Speech
from kernel.work import unit_of_work
from labels.tables.labels import LabelRow
from manufacturing.tables.batches import ContainerRow
from manufacturing.tables.collections import CollectionRow
from release.domain.paper import Attached, Printed
from release.drawing.paper import draw_paper
from release.queries.accompanying import UNCERTIFIED, UNLABELLED, accompanying_documents
from release.queries.analysis_certificate import analysis_certificate
from release.queries.decision_certificate import decision_certificate
from release.queries.dossier import dossier
from release.queries.testing import parsed_specification
from release.services.oos import confirm_oos
from tests.integration.release.factory import tested_and_reviewed as ready
from tests.integration.release.printing import flat, pages_of
from tests.integration.release.recalling import reachable
from tests.integration.release.test_oos import Failed
from tests.integration.release.test_supply import REASON, Supplied

D = Decimal
NAME = "telling α + β, buis 3.csv"


def printed(made, query, record_id, language="en"):
    with made.database.reading() as session:
        return draw_paper(query(session, record_id, Speech(language), by="Person QA", at=made.now))


def text(made, query, record_id, language="en"):
    return flat(printed(made, query, record_id, language))


@pytest.mark.req("QC-COA")
def test_the_certificate_of_stage_one_is_provisional_and_names_what_is_pending(made):
    ready(made)
    made.stage_one()
    body = printed(made, analysis_certificate, made.batch_id)
    assert all(page.startswith("PROVISIONAL") for page in pages_of(body))
    said = flat(body)
    assert "Certificate of analysis NK-2026-001" in said
    assert "PENDING in_test" in said.replace("in test", "in_test")
    assert "Pending: Sterility" in said.partition("Results that are pending")[2]
    frozen = next(one for one in made.rows(DocumentRow) if one.kind == "specification")
    assert f"{frozen.code} v{frozen.number}" in said
    assert frozen.sha256 in said.replace(" ", "")


@pytest.mark.req("QC-COA")
def test_the_final_certificate_has_no_watermark_and_every_result_with_who_entered_and_verified_it(made):
    ready(made)
    made.stage_one()
    made.later(days=14)
    made.conclude("final_negative")
    made.verify("sterility")
    made.result("potency", value=D(50), unit="%")
    made.review()
    made.stage_two()
    said = text(made, analysis_certificate, made.batch_id)
    assert not said.startswith("PROVISIONAL")
    assert "PENDING" not in said
    assert "flow cytometry not done" in said, "the specification does not require the B cells"
    assert "entered by Person T" in said
    assert "verified by Person T" in said
    assert "Signed: result entered Person T" in said
    assert "Signed: verified Person T" in said
    assert "final certification after all results" in said


@pytest.mark.req("QC-SHOWALL")
@pytest.mark.req("QC-COA")
def test_a_failed_value_stays_on_the_certificate_with_its_record(made):
    failed = Failed(made)
    failed.laboratory(cause=False)
    failed.do(confirm_oos, failed.qa2, decision="no cause was found")
    said = text(made, analysis_certificate, made.batch_id)
    assert "OUT OF SPECIFICATION" in said
    assert "69.9 %" in said
    assert failed.oos().number in said
    assert "no cause was found" in said


@pytest.mark.req("P11-50b")
@pytest.mark.parametrize("language", ["en", "nl"])
def test_a_printed_decision_carries_name_time_and_meaning_of_its_signature(made, language):
    ready(made)
    made.stage_one()
    row = made.decisions()[-1]
    said = text(made, decision_certificate, row.id, language)
    assert Speech(language).moment(row.decided_at) in said
    assert f"{Speech(language).say('Meaning')} {Speech(language).word('certified, results pending')}" in said
    assert f"{Speech(language).say('Name')} Person QP" in said
    assert row.content_sha256 in said.replace(" ", "")
    assert said.startswith(Speech(language).say("PROVISIONAL"))


@pytest.mark.req("QC-COA")
def test_in_dutch_no_criterion_limit_or_finding_stands_in_english(made):
    ready(made)
    made.stage_one()
    dutch, decision = Speech("nl"), made.decisions()[-1]
    frozen = next(one for one in made.rows(DocumentRow) if one.kind == "specification")
    criteria = parsed_specification(frozen.body).criteria
    words = {each for one in criteria for each in (one.name, one.method, *one.texts) if dutch.word(each) != each}
    assert len(words) > 20
    for query, record_id in ((analysis_certificate, made.batch_id), (decision_certificate, decision.id)):
        said = text(made, query, record_id, "nl")
        assert sorted(one for one in words if re.search(rf"\b{re.escape(one)}(?![-\w])", said)) == [], query.__name__


@pytest.mark.req("P11-50b")
def test_a_review_and_a_release_of_the_sponsor_do_not_call_none_what_they_did_not_look_at(made):
    ready(made)
    made.stage_one()
    made.sponsor()
    found = {one.kind: text(made, decision_certificate, one.id) for one in made.decisions()}
    pending = {kind for kind, said in found.items() if "Results pending at this decision" in said}
    assert (set(found), pending) == ({"review", "stage1", "sponsor"}, {"stage1"})
    assert "Process version –" not in found["review"]


def test_a_certificate_that_a_rejection_has_overtaken_is_for_no_use(made):
    ready(made)
    made.stage_one()
    row = made.decisions()[-1]
    made.reject()
    assert text(made, decision_certificate, row.id).startswith("NOT FOR USE")


@pytest.mark.req("DSP-DOCS")
@pytest.mark.parametrize(("of", "query"), [("decision", decision_certificate), ("container", accompanying_documents)])
def test_a_certificate_and_the_documents_with_a_container_say_how_each_duty_is_reached_on_that_day(made, of, query):
    ready(made)
    made.stage_one()
    made.change(LabelRow, made.rows(LabelRow)[0].id, status="voided")
    reachable(made.database, "qp_deputy", "telephone 5502")
    said = text(made, query, made.decisions()[-1].id if of == "decision" else made.container_ids[0])
    assert "telephone 5502 (day and night)" in said
    assert "no contact on the list" in said


@pytest.mark.req("DSP-DOCS")
def test_with_a_container_go_its_certificate_and_its_analysis_and_a_missing_label_is_said(made):
    ready(made)
    made.change(LabelRow, made.rows(LabelRow)[0].id, status="voided")
    before = text(made, accompanying_documents, made.container_ids[0])
    made.change(LabelRow, made.rows(LabelRow)[0].id, status="applied")
    made.review()
    made.stage_one()
    made.change(LabelRow, made.rows(LabelRow)[0].id, status="voided")
    after = text(made, accompanying_documents, made.container_ids[0])
    assert UNCERTIFIED in before
    assert UNCERTIFIED not in after
    assert UNLABELLED in after
    for part in (
        "Certification, results pending",
        "I certify that this batch",
        "Pending: Sterility",
        "entered by Person T",
    ):
        assert part in after


@pytest.mark.req("TC-86-E1g", "DSP-DOCS")
def test_with_a_container_goes_where_and_as_which_donation_its_cells_were_given(made):
    ready(made)
    made.change(LabelRow, made.rows(LabelRow)[0].id, status="voided")
    before = text(made, accompanying_documents, made.container_ids[0])
    number = "A999926123456"
    sec = f"SEC: NL001499{number} A00S000000000000000"
    made.change(CollectionRow, made.rows(CollectionRow)[0].id, sec=sec)
    after = text(made, accompanying_documents, made.container_ids[0])
    assert f"NL001499{number}" in after
    assert "S0000000" not in after
    assert "NL001499" not in before


@pytest.mark.req("ATMP-HIST")
def test_the_dossier_is_one_file_with_every_part_and_every_attached_file_byte_for_byte(made):
    ready(made)
    made.stage_one()
    body = b"sample,cells\r\n" + b"NK,1234\r\n" * 4000
    with unit_of_work(made.database, made.t1, "file.attach") as work:
        attach_file(work, Upload(NAME, body), entity="test", record_id=made.test("purity").id, purpose="raw_data")
    document = pypdfium2.PdfDocument(printed(made, dossier, made.batch_id))
    try:
        files = [document.get_attachment(place) for place in range(document.count_attachments())]
        assert [bytes(one.get_data()) for one in files] == [body]
        assert files[0].get_name() == f"001 {NAME}"
    finally:
        document.close()
    said = text(made, dossier, made.batch_id)
    for part in (
        "Certificate of analysis",
        "QA review",
        "Certification, results pending",
        "Batch record",
        "Trail of the batch",
    ):
        assert part in said
    assert hashlib.sha256(body).hexdigest() in said.replace(" ", "")


def test_a_document_without_files_carries_no_list_of_them():
    bare = Printed("t", "s", "h", "f", "page %(page)s of %(of)s", "c", "cc", ())
    assert b"EmbeddedFiles" not in draw_paper(bare)


def test_files_are_named_in_the_order_readers_search_them():
    names = ["b", "é", "a", "10", "9"]
    files = tuple(Attached(name, "text/plain", "", name.encode()) for name in names)
    document = pypdfium2.PdfDocument(
        draw_paper(Printed("t", "s", "h", "f", "page %(page)s of %(of)s", "c", "cc", (), attached=files))
    )
    try:
        found = [document.get_attachment(place).get_name() for place in range(document.count_attachments())]
    finally:
        document.close()
    assert found == sorted(names)


@pytest.mark.req("ATMP-11.5-LABEL", "DSP-DOCS")
@pytest.mark.parametrize(
    ("language", "mark", "statement"),
    [
        ("en", "OUT OF SPECIFICATION", "OUT OF SPECIFICATION – supplied at the request of the treating physician"),
        ("nl", "BUITEN SPECIFICATIE", "BUITEN SPECIFICATIE – geleverd op verzoek van de behandelend arts"),
    ],
)
def test_what_goes_with_a_product_out_of_specification_says_so_on_every_page(made, language, mark, statement):
    Supplied(made).in_force()
    made.change(LabelRow, made.rows(LabelRow)[0].id, status="voided")  # the label of this batch has no facts
    container = made.rows(ContainerRow)[0].id
    papers = [
        printed(made, accompanying_documents, container, language),
        printed(made, decision_certificate, made.decisions()[-1].id, language),
    ]
    for body in papers:
        assert all(page.startswith(mark) for page in pages_of(body))
        said = flat(body)
        assert statement in said
        assert "69.9 %" in said
        assert said.count("Person Dr") >= 2
        assert "Person QA" in said
        assert "Person QP" in said
    assert REASON in flat(papers[1])
    assert UNCERTIFIED not in flat(papers[0])
