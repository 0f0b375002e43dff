"""Reading an export for a batch: all of it or nothing, proposed by one person and confirmed by another (A11-5, A11-6)."""

from __future__ import annotations

from typing import Any

from kernel.canonical import canonical
from kernel.documents.services import draft_document
from kernel.documents.tables import DocumentRow
from kernel.errors import Refused, refuse_any
from kernel.files.domain.refusals import Upload
from kernel.files.queries import files_of, get_file
from kernel.files.services import attach_file
from kernel.files.tables import FileRow
from kernel.refusals import Refusal
from kernel.training.services import untrained
from kernel.work import Work
from manufacturing.domain.batches import BatchStatus
from manufacturing.domain.entries import EntryTime, whole_fields
from manufacturing.domain.imports.imports import IMPORT, ImportStatus, confirm_refusals
from manufacturing.domain.imports.mapping import MAPPING
from manufacturing.domain.imports.refusals import IMPORT_ALREADY, IMPORT_DECIDED, IMPORT_WAITING
from manufacturing.domain.imports.rows import Proposal, SampleFacts, header_of, read_rows
from manufacturing.domain.imports.table import read_table
from manufacturing.domain.procedures import MANUFACTURING
from manufacturing.domain.steps import UNIT
from manufacturing.queries.entries import saved_entries
from manufacturing.queries.imports import (
    effective_mapping,
    example_body,
    example_file,
    get_example,
    get_import,
    import_content,
    imports_of,
    mapping_of,
    propose_content,
    sample_facts,
    values_of_import,
)
from manufacturing.queries.record import Record, read_record
from manufacturing.queries.steps import get_step
from manufacturing.services.batches import in_state, in_step
from manufacturing.services.entries import follow
from manufacturing.tables.batches import BatchRow, StepRow
from manufacturing.tables.imports import ImportedValueRow, ImportExampleRow, ImportRow

EXPORT = "instrument_export"


def keep_example(work: Work, upload: Upload, *, instrument: str) -> ImportExampleRow:
    """An export of the instrument, by which its columns are mapped."""
    work.require("import:map")
    row = work.add(ImportExampleRow(instrument=instrument, person_id=work.actor.id, at=work.at))
    attach_file(work, upload, entity="import_example", record_id=row.id, purpose=EXPORT)
    return row


def draft_mapping(work: Work, example_id: str, body: dict[str, Any]) -> DocumentRow:
    """A new version of the mapping of this instrument, proven on its example; QA approves it before anything is read.

    ``body``: of the document, without the instrument, which the example names.
    """
    example = get_example(work.session, example_id)
    whole = {"instrument": example.instrument, **body}
    title = f"{example.instrument}, SHA-256 {example_file(work.session, example).sha256[:12]}"
    document = draft_document(work, kind=MAPPING, code=example.instrument, title=title, body=whole)
    mapping = mapping_of(document)
    table = read_table(example_body(work.session, example), mapping.delimiter)
    header = table if isinstance(table, Refusal) else header_of(table, mapping)
    if isinstance(header, Refusal):
        raise Refused(header)
    return document


def propose_import(work: Work, batch_id: str, upload: Upload, *, instrument: str, set_others_aside: bool) -> ImportRow:
    """Read the file and propose its values; a single fault, and nothing of it is kept but the refusal."""
    work.require("import:propose")
    batch = work.lock(BatchRow, batch_id)
    work.confirm(propose_content(work.session, batch_id))
    in_state(batch, "perform", BatchStatus.IN_PROCESS)
    refuse_any(untrained(work, MANUFACTURING, work.actor, document=batch.process_document_id))
    document, mapping = effective_mapping(work.session, instrument)
    refuse_any(again_refusals(work, batch_id, upload))
    record = read_record(work.session, batch_id)
    samples = sample_facts(work.session, record)
    table = read_table(upload.body, mapping.delimiter)
    if isinstance(table, Refusal):
        raise Refused(table)
    proposal, refusals = read_rows(table, mapping, samples, set_others_aside=set_others_aside)
    refuse_any(refusals)
    assert proposal is not None  # noqa: S101  (without a refusal there is a proposal)
    refuse_any(waiting_refusals(work, record, {samples[one.sample].step_id for one in proposal.values}))
    row = work.add(
        ImportRow(
            batch_id=batch_id,
            file_id=kept_file(work, upload, batch_id).id,
            document_id=document.id,
            encoding=table.encoding,
            header_row=proposal.header_row,
            others_aside=set_others_aside,
            aside=canonical([{"row": one.row, "sample": one.sample, "why": one.why} for one in proposal.aside]),
            imported_by=work.actor.id,
            imported_at=work.at,
        )
    )
    keep_values(work, row, proposal, samples)
    return row


def kept_file(work: Work, upload: Upload, batch_id: str) -> FileRow:
    """The file with the batch: attached now, or there since an import that was rejected."""
    there = (one for one in files_of(work.session, "batch", batch_id) if one.sha256 == upload.sha256)
    known = next((one for one in there if one.purpose == EXPORT and one.withdrawn_at is None), None)
    return known or attach_file(work, upload, entity="batch", record_id=batch_id, purpose=EXPORT)


def keep_values(work: Work, row: ImportRow, proposal: Proposal, samples: dict[str, SampleFacts]) -> None:
    for one in proposal.values:
        facts = samples[one.sample]
        work.add(
            ImportedValueRow(
                import_id=row.id,
                step_id=facts.step_id,
                sample_id=facts.sample_id,
                field=one.field,
                number=one.number,
                unit=one.unit,
                row=one.row,
                column_title=one.column,
                cell=one.cell,
            )
        )


def again_refusals(work: Work, batch_id: str, upload: Upload) -> list[Refusal]:
    """The very same bytes, unless the import of them was rejected."""
    return [
        IMPORT_ALREADY(field="file", sha256=upload.sha256[:12], location=f"/imports/{one.id}")
        for one in imports_of(work.session, batch_id)
        if one.status != ImportStatus.REJECTED and get_file(work.session, one.file_id).sha256 == upload.sha256
    ][:1]


def waiting_refusals(work: Work, record: Record, step_ids: set[str]) -> list[Refusal]:
    """Two proposals for one step would let the second person choose; one is decided first."""
    position = {step.id: step.position for step in record.steps}
    found = []
    for one in imports_of(work.session, record.batch.id):
        if one.status == ImportStatus.PROPOSED:
            both = {value.step_id for value in values_of_import(work.session, one.id)} & step_ids
            found += [IMPORT_WAITING(position=position[step], location=f"/imports/{one.id}") for step in both]
    return found[:1]


def waiting(work: Work, import_id: str) -> ImportRow:
    """The import under the locks of its batch, as the deciding person saw it, and not decided yet."""
    batch_id = get_import(work.session, import_id).batch_id
    work.lock(BatchRow, batch_id)
    row = work.lock(ImportRow, import_id)
    work.confirm(import_content(work.session, import_id))
    if row.status != ImportStatus.PROPOSED:
        raise Refused(IMPORT_DECIDED(status=row.status))
    return row


def decide(work: Work, row: ImportRow, action: str) -> ImportRow:
    work.move(row, IMPORT, action)
    row.decided_by, row.decided_at = work.signer().id, work.at
    return row


def confirm_import(work: Work, import_id: str) -> ImportRow:
    """The second person compared every value with the file: they are entries of their steps now."""
    row = waiting(work, import_id)
    refuse_any(confirm_refusals(work.signer().id, row.imported_by))
    record = read_record(work.session, row.batch_id)
    in_state(record.batch, "perform", BatchStatus.IN_PROCESS)
    refuse_any(untrained(work, MANUFACTURING, work.signer(), document=record.batch.process_document_id))
    values = values_of_import(work.session, import_id)
    for step in record.steps:
        own = [one for one in values if one.step_id == step.id]
        if own:
            enter_step(work, record, step, own, row.imported_by)
    return decide(work, row, "confirm")


def enter_step(work: Work, record: Record, step: StepRow, values: list[ImportedValueRow], importer: str) -> None:
    """The values as the importer's entries, over what stood there when the second person looked."""
    row = work.lock(StepRow, get_step(work.session, step.batch_id, step.position).id)
    in_step(row, "perform")
    plan = record.plan(row)
    newest = saved_entries(work.session, row, plan)
    given: dict[str, Any] = {one.field: one.number for one in values}
    given |= {one.field + UNIT: one.unit for one in values}
    given = whole_fields(plan, given)
    seen = {name: newest[name].number for name in given if name in newest}
    time = EntryTime(work.at, work.at, record.process.late_entry_minutes)
    cells = {one.field: one.id for one in values}
    follow(work, row, plan, newest, given, seen, time=time, late_reason=None, entered_by=importer, cells=cells)


def reject_import(work: Work, import_id: str) -> ImportRow:
    """Nothing of it is entered; file, values and reason stay, and the same file may be read again."""
    row = waiting(work, import_id)
    row.rejected_because = work.reason
    return decide(work, row, "reject")
