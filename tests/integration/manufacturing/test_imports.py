"""From the file to the entries of a step: mapped, proposed whole or not at all, confirmed by another, traced for ever."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from config.tables import audited_tables
from kernel.canonical import digest
from kernel.documents.tables import DocumentRow
from kernel.errors import Refused
from kernel.files.domain.refusals import Upload
from kernel.files.queries import attach_content
from kernel.files.services import attach_file
from kernel.files.tables import FileContentRow, FileRow
from kernel.tables import TrailRow
from kernel.trail.verify import verify
from manufacturing.queries.batch_content import step_content
from manufacturing.queries.bench import bench_view
from manufacturing.queries.hands import people_of_batch
from manufacturing.queries.imports import fcs_of, import_content, sources_of_batch
from manufacturing.queries.steps import batch_steps, step_values
from manufacturing.services.entries import save_fields
from manufacturing.services.imports import confirm_import
from manufacturing.services.steps import correct_step, perform_step
from manufacturing.tables.entries import StepEntryRow
from manufacturing.tables.imports import ImportedValueRow, ImportRow
from tests.integration.manufacturing.importing import COUNTER, confirmed, drafted, export, mapped, proposed, rejected
from tests.integration.manufacturing.sampling import drawn
from tests.unit.manufacturing.fcs_files import fcs

D = Decimal
KEPT = (ImportRow, ImportedValueRow, FileRow, FileContentRow, StepEntryRow)


@pytest.fixture
def lab(story):
    """A batch at its first step with a sample of it, and a counter that is mapped."""
    batch = story.started()
    mapped(story)
    return SimpleNamespace(story=story, batch=batch, sample=drawn(story, batch, kind="in_process_control").code)


def counts(database):
    with database.reading() as session:
        return {table.__tablename__: session.scalar(sa.select(sa.func.count()).select_from(table)) for table in KEPT}


def refused(act, *args, **given):
    with pytest.raises(Refused) as caught:
        act(*args, **given)
    return [one.code for one in caught.value.refusals]


def field(lab, key):
    shown = lab.story.read(bench_view, lab.batch.id, "1", lab.story.now)
    return next(one for one in shown["fields"] if one["key"] == key)


@pytest.mark.req("A11-5", "A11-6")
def test_values_of_a_file_are_entries_only_when_a_second_person_confirmed_them(lab):
    row = proposed(lab.story, lab.batch, export(f"{lab.sample},98.6,99.1", "QC-1,7,99"))
    assert field(lab, "wbc")["number"] is None
    confirmed(lab.story, row)
    wbc = field(lab, "wbc")
    assert (wbc["number"], wbc["source"]["agrees"]) == (D("98.6"), True)
    source = wbc["source"]
    assert (source["file"]["filename"], source["row"], source["column"], source["cell"]) == (
        "counter.csv",
        2,
        "WBC(10^3/uL)",
        "98.6",
    )
    assert source["sample"] == lab.sample


@pytest.mark.req("A11-6", "S1")
def test_the_importer_does_not_confirm_and_counts_as_performer(lab):
    row = proposed(lab.story, lab.batch, export(f"{lab.sample},98.6,99.1"))
    assert refused(confirmed, lab.story, row, by=lab.story.t1) == ["SOD_IMPORT"]
    confirmed(lab.story, row, by=lab.story.t2)
    typed = {key: value for key, value in lab.story.values("inspect").items() if key not in {"wbc", "viability"}}
    with lab.story.act("step.perform", lab.story.t1, content=(step_content, lab.batch.id, "1")) as work:
        perform_step(work, lab.batch.id, "1", **typed)
    lab.story.verify(lab.batch, 1, by=lab.story.t2)
    assert lab.story.read(step_values, lab.batch.id)["apheresis.wbc"].number == D("98.6")


@pytest.mark.req("A11-6", "S3")
def test_who_compared_the_values_of_a_file_had_a_hand_in_the_batch_and_who_rejected_one_had_none(lab):
    story, rejecter, confirmer = lab.story, lab.story.qa2, lab.story.qa
    rejected(story, proposed(story, lab.batch, export(f"{lab.sample},98.5,99.1")), by=rejecter)
    confirmed(story, proposed(story, lab.batch, export(f"{lab.sample},98.6,99.1")), by=confirmer)
    found = story.read(people_of_batch, lab.batch.id)
    assert (story.t1.id in found, confirmer.id in found, rejecter.id in found) == (True, True, False)


@pytest.mark.req("A11-5")
def test_a_value_that_is_corrected_afterwards_says_that_the_file_says_another(lab):
    confirmed(lab.story, proposed(lab.story, lab.batch, export(f"{lab.sample},98.6,99.1")))
    typed = {key: value for key, value in lab.story.values("inspect").items() if key not in {"wbc", "viability"}}
    with lab.story.act("step.perform", lab.story.t1, content=(step_content, lab.batch.id, "1")) as work:
        perform_step(work, lab.batch.id, "1", **typed)
    whole = lab.story.values("inspect", wbc=D("96.8"))
    content = (step_content, lab.batch.id, "1")
    with lab.story.act("step.correct", lab.story.t1, content=content, reason="read from the wrong tube") as work:
        correct_step(work, lab.batch.id, "1", **whole)
    assert field(lab, "wbc")["source"]["agrees"] is False
    assert field(lab, "viability")["source"]["agrees"] is True


@pytest.mark.req("A11-5")
def test_a_value_typed_over_before_the_signature_came_out_of_no_file(lab):
    confirmed(lab.story, proposed(lab.story, lab.batch, export(f"{lab.sample},98.6,99.1")))
    with lab.story.act("step.save", lab.story.t2) as work:
        save_fields(work, lab.batch.id, "1", wbc=D("98.7"), wbc_seen=1, wbc_unit="10^3/uL", wbc_unit_seen=1)
    step = lab.story.read(batch_steps, lab.batch.id)[0]
    assert set(lab.story.read(sources_of_batch, lab.batch.id)[step.id]) == {"viability"}


@pytest.mark.req("A11-5")
def test_one_fault_and_nothing_of_the_file_is_kept_but_the_refusal(lab):
    before = counts(lab.story.database)
    rows = (f"{lab.sample},98.6,99.1", "NK26-0001-S77-0,1,1")
    assert refused(proposed, lab.story, lab.batch, export(*rows)) == ["IMPORT_SAMPLE_UNKNOWN"]
    assert counts(lab.story.database) == before
    with lab.story.database.reading() as session:
        last = session.query(TrailRow).order_by(TrailRow.seq.desc()).first()
    assert (last.action, last.outcome) == ("import.propose", "refused")


@pytest.mark.req("A11-5")
def test_the_same_bytes_again_point_to_their_import_and_other_bytes_are_a_new_version(lab):
    first = proposed(lab.story, lab.batch, export(f"{lab.sample},98.6,99.1"))
    with pytest.raises(Refused) as caught:
        proposed(lab.story, lab.batch, export(f"{lab.sample},98.6,99.1", name="renamed.csv"))
    [again] = caught.value.refusals
    assert (again.code, again.fact("location")) == ("IMPORT_ALREADY", f"/imports/{first.id}")
    assert refused(proposed, lab.story, lab.batch, export(f"{lab.sample},98.7,99.1")) == ["IMPORT_WAITING"]
    confirmed(lab.story, first)
    second = proposed(lab.story, lab.batch, export(f"{lab.sample},98.7,99.1"))
    confirmed(lab.story, second)
    source = field(lab, "wbc")["source"]
    assert (source["file"]["number"], source["cell"]) == (2, "98.7")
    assert field(lab, "wbc")["number"] == D("98.7")


@pytest.mark.req("A11-5")
def test_a_rejected_import_enters_nothing_and_its_file_may_be_read_again(lab):
    row = rejected(lab.story, proposed(lab.story, lab.batch, export(f"{lab.sample},98.6,99.1")))
    assert field(lab, "wbc")["number"] is None
    assert refused(confirmed, lab.story, row) == ["IMPORT_DECIDED"]
    again = proposed(lab.story, lab.batch, export(f"{lab.sample},98.6,99.1"), by=lab.story.t2)
    assert again.file_id == row.file_id
    assert counts(lab.story.database)["imported_value"] == 4


@pytest.mark.req("SIG-WYSIWYS")
def test_a_value_typed_while_the_second_person_looks_makes_the_page_stale(lab):
    row = proposed(lab.story, lab.batch, export(f"{lab.sample},98.6,99.1"))
    seen = digest(lab.story.read(import_content, row.id))
    with lab.story.act("step.save", lab.story.t2) as work:
        save_fields(work, lab.batch.id, "1", viability=D("90"))

    def late():
        with lab.story.act("import.confirm", lab.story.t2) as work:
            work.seen = seen
            confirm_import(work, row.id)

    assert refused(late) == ["STALE_VERSION"]
    confirmed(lab.story, row)
    assert field(lab, "viability")["number"] == D("99.1")


@pytest.mark.req("P11-10f")
def test_nothing_is_imported_into_a_signed_step_nor_confirmed_into_one(lab):
    row = proposed(lab.story, lab.batch, export(f"{lab.sample},98.6,99.1"))
    lab.story.perform(lab.batch, 1, "inspect")
    assert refused(confirmed, lab.story, row) == ["STATE_NOT_ALLOWED"]
    rejected(lab.story, row, by=lab.story.t1)
    assert refused(proposed, lab.story, lab.batch, export(f"{lab.sample},98.7,99.1")) == ["IMPORT_STEP_CLOSED"]


@pytest.mark.req("A11-5", "S8")
def test_nothing_is_read_by_a_draft_and_a_new_version_retires_only_its_own_instrument(story):
    batch = story.started()
    sample = drawn(story, batch, kind="in_process_control").code
    drafted(story)
    assert refused(proposed, story, batch, export(f"{sample},98.6,99.1")) == ["NO_EFFECTIVE_DOCUMENT"]
    other, first, second = mapped(story, instrument="COUNTER-2"), mapped(story), mapped(story)
    with story.database.reading() as session:
        states = {one.id: (one.status, one.number) for one in session.query(DocumentRow)}
    assert [states[one.id] for one in (other, first, second)] == [("effective", 1), ("retired", 2), ("effective", 3)]


def test_a_mapping_that_does_not_read_its_own_example_is_not_drafted(story):
    wrong = COUNTER | {"sample": "Specimen"}
    assert refused(drafted, story, wrong) == ["IMPORT_HEADER"]
    assert refused(drafted, story, COUNTER | {"columns": []}) == ["DOCUMENT_INVALID"]


@pytest.mark.req("A11-5")
def test_trail_and_tables_agree_about_everything_imported(lab):
    confirmed(lab.story, proposed(lab.story, lab.batch, export(f"{lab.sample},98.6,99.1", "Beads,1,1")))
    with lab.story.database.reading() as session:
        assert not verify(session, audited_tables(), lab.story.database.seal.public, None).faults


def attach(story, sample, upload):
    content = (attach_content, "sample", sample.id)
    with story.act("file.attach", story.t1, content=content) as work:
        return attach_file(work, upload, entity="sample", record_id=sample.id, purpose="instrument_export")


@pytest.mark.req("A11-5", "GDPR-4.5")
def test_an_fcs_file_is_kept_only_with_the_sample_it_names_whole_and_without_a_person(story):
    batch = story.started()
    sample = drawn(story, batch, kind="flow_cytometry")
    named = {"$SMNO": sample.code, "$FIL": f"{sample.code}_001.fcs"}
    for body, code in (
        (fcs(), "FCS_SAMPLE"),
        (fcs(changes=named)[:-1], "FCS_BROKEN"),
        (fcs(changes=named | {"$SRC": "somebody"}), "FCS_PERSONAL"),
    ):
        assert refused(attach, story, sample, Upload("tube.fcs", body)) == [code]
    row = attach(story, sample, Upload("tube.fcs", fcs(changes=named)))
    kept = story.read(fcs_of, row.id)
    assert (kept.sample_code, kept.cytometer, kept.events) == (sample.code, "FACSLyric", 10)
    with story.database.reading() as session:
        assert session.query(FileRow).filter(FileRow.entity == "sample").count() == 1
