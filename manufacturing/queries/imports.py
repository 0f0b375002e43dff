"""Imports as rules, signatures and pages need them; and for every value that came out of a file, which cell."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.database import asked_once
from kernel.db import Audited
from kernel.documents.queries import document_body, get_document, get_effective
from kernel.documents.tables import DocumentRow
from kernel.errors import NotFound, Refused
from kernel.files.queries import body_of, files_of, get_file
from kernel.files.tables import FileRow
from kernel.quantities import expanded
from kernel.refusals import Refusal
from kernel.words import Words
from manufacturing.domain.imports.imports import ImportStatus
from manufacturing.domain.imports.mapping import FIELDS, MAPPING, WORDS, ImportMapping, mapping_refusals, read_mapping
from manufacturing.domain.imports.rows import SampleFacts
from manufacturing.domain.plan import FieldKind
from manufacturing.domain.units import converted
from manufacturing.queries.entries import saved_entries
from manufacturing.queries.record import Record, read_record
from manufacturing.queries.samples import samples_of_batch
from manufacturing.tables.batches import StepRow
from manufacturing.tables.entries import StepEntryRow
from manufacturing.tables.imports import FcsFileRow, ImportedValueRow, ImportExampleRow, ImportRow
from manufacturing.tables.samples import SampleRow


def get_import(session: Session, import_id: str) -> ImportRow:
    row = session.get(ImportRow, import_id)
    if row is None:
        raise NotFound(f"import {import_id}")
    return row


def get_example(session: Session, example_id: str) -> ImportExampleRow:
    row = session.get(ImportExampleRow, example_id)
    if row is None:
        raise NotFound(f"example {example_id}")
    return row


def example_file(session: Session, example: ImportExampleRow) -> FileRow:
    return files_of(session, "import_example", example.id)[-1]


def example_body(session: Session, example: ImportExampleRow) -> bytes:
    return body_of(session, example_file(session, example))


@asked_once
def imports_of(session: Session, batch_id: str) -> list[ImportRow]:
    query = sa.select(ImportRow).where(ImportRow.batch_id == batch_id).order_by(ImportRow.imported_at, ImportRow.id)
    return list(session.execute(query).scalars())


def waiting_imports(session: Session) -> list[ImportRow]:
    query = sa.select(ImportRow).where(ImportRow.status == ImportStatus.PROPOSED).order_by(ImportRow.imported_at)
    return list(session.execute(query).scalars())


def values_of_import(session: Session, import_id: str) -> list[ImportedValueRow]:
    """By their row, and within it as steps ask for them."""
    query = sa.select(ImportedValueRow).where(ImportedValueRow.import_id == import_id)
    return sorted(session.execute(query).scalars(), key=lambda one: (one.row, list(FIELDS).index(one.field)))


def import_records(session: Session, batch_id: str) -> list[Audited]:
    """Every record that values out of files rest on: imports, values, mappings, and the files without their bytes."""
    imports = imports_of(session, batch_id)
    if not imports:
        return []
    values = sa.select(ImportedValueRow).where(ImportedValueRow.import_id.in_([one.id for one in imports]))
    documents = {one.document_id: get_document(session, one.document_id) for one in imports}
    files = {one.file_id: get_file(session, one.file_id) for one in imports}
    return [*imports, *session.execute(values).scalars(), *documents.values(), *files.values()]


def mapping_of(document: DocumentRow) -> ImportMapping:
    body = document_body(document)
    found, _problems = read_mapping(body)
    if found is None:
        raise Refused(*mapping_refusals(body))
    return found


def effective_mapping(session: Session, instrument: str) -> tuple[DocumentRow, ImportMapping]:
    """The mapping in force for the instrument, or ``NO_EFFECTIVE_DOCUMENT``: nothing is read by a draft."""
    document = get_effective(session, MAPPING, instrument)
    return document, mapping_of(document)


def sample_facts(session: Session, record: Record) -> dict[str, SampleFacts]:
    """The samples drawn in the steps of this batch, by their code, with the numbers their step asks for."""
    steps = {step.id: step for step in record.steps}
    return {
        row.code: SampleFacts(row.id, step.id, step.position, step.status, numbers_of(record, step))
        for row in samples_of_batch(session, record.batch.id)
        if row.step_id is not None and (step := steps.get(row.step_id)) is not None
    }


def numbers_of(record: Record, step: StepRow) -> frozenset[str]:
    """Fields of the step that a file can answer: typed numbers of the same analyte as the mapping means by the name."""
    fields = [one for one in record.plan(step).fields if one.computed is None]
    return frozenset(one.key for one in fields if one.kind is FieldKind.NUMBER and FIELDS.get(one.key) == one.analyte)


def propose_content(session: Session, batch_id: str) -> dict[str, Any]:
    """What somebody who imports sees: the samples of the batch with their steps, and the imports so far."""
    record = read_record(session, batch_id)
    samples = sample_facts(session, record)
    return {
        "title": record.batch.number,
        "samples": [
            {
                "sample": code,
                "step": one.position,
                "status": one.status,
                "values": sorted(WORDS[field] for field in one.fields),
            }
            for code, one in samples.items()
        ],
        "imports": [
            {"file": get_file(session, one.file_id).sha256, "status": one.status}
            for one in imports_of(session, batch_id)
        ],
    }


def import_content(session: Session, import_id: str) -> dict[str, Any]:
    """What the second person compares with the file, and signs: every value, its cell, and what stands there now."""
    row = get_import(session, import_id)
    record, file = read_record(session, row.batch_id), get_file(session, row.file_id)
    document = get_document(session, row.document_id)
    return {
        "title": f"{record.batch.number} · {file.filename}",
        "version": row.version,
        "status": row.status,
        "file": {"name of the file": file.filename, "sha256": file.sha256, "size": file.size, "number": file.number},
        "mapping": f"{document.code} v{document.number} ({document.sha256[:12]})",
        "imported by": names(session).get(row.imported_by, row.imported_by),
        "values": [signed_value(one) for one in value_views(session, record, row)],
        "set aside": json.loads(row.aside),
    }


def signed_value(view: dict[str, Any]) -> dict[str, Any]:
    """One value among those that are signed: the words of the field instead of its label in two languages."""
    return {"field": WORDS[view["field"]]} | {name: one for name, one in view.items() if name not in {"field", "label"}}


def value_views(session: Session, record: Record, row: ImportRow) -> list[dict[str, Any]]:
    """Every value of the import with its cell, in the unit of the step too, and what is saved or recorded there now."""
    steps = {step.id: step for step in record.steps}
    found = values_of_import(session, row.id)
    samples = codes_of(session, found)
    saved = {
        step_id: saved_entries(session, steps[step_id], record.plan(steps[step_id]))
        for step_id in {one.step_id for one in found}
    }
    views = []
    for one in found:
        step = steps[one.step_id]
        planned = record.plan(step).field(one.field)
        stands = saved[one.step_id].get(one.field)
        result = converted(FIELDS[one.field], one.number, one.unit)
        views.append(
            {
                "step": step.position,
                "field": one.field,
                "label": planned.label if planned else Words.same(one.field),
                "sample": samples[one.sample_id],
                "value": f"{expanded(one.number)} {one.unit}",
                "entered as": one.cell if isinstance(result, Refusal) else f"{expanded(result.value)} {result.unit}",
                "row": one.row,
                "column": one.column_title,
                "cell": one.cell,
                "stands now": None if stands is None or stands.value is None else str(stands.value),
            }
        )
    return views


def codes_of(session: Session, values: list[ImportedValueRow]) -> dict[str, str]:
    query = sa.select(SampleRow.id, SampleRow.code).where(SampleRow.id.in_({one.sample_id for one in values}))
    return {sample_id: code for sample_id, code in session.execute(query)}  # noqa: C416  (a row is not a pair)


def import_view(session: Session, row: ImportRow, people: Mapping[str, str]) -> dict[str, Any]:
    """One import without its values."""
    file, document = get_file(session, row.file_id), get_document(session, row.document_id)
    return {
        "id": row.id,
        "version": row.version,
        "batch_id": row.batch_id,
        "status": row.status,
        "file": file_facts(file),
        "mapping": {"id": document.id, "code": document.code, "number": document.number},
        "encoding": row.encoding,
        "header_row": row.header_row,
        "aside": json.loads(row.aside),
        "imported_by": people.get(row.imported_by, row.imported_by),
        "imported_by_id": row.imported_by,
        "imported_at": row.imported_at,
        "decided_by": people.get(row.decided_by) if row.decided_by else None,
        "decided_at": row.decided_at,
        "rejected_because": row.rejected_because,
    }


def file_facts(file: FileRow) -> dict[str, Any]:
    return {"id": file.id, "filename": file.filename, "number": file.number, "sha256": file.sha256, "size": file.size}


def sources_of_batch(session: Session, batch_id: str) -> dict[str, dict[str, dict[str, Any]]]:
    """By step and field: the cell of the file that the newest entry of the field came out of; one query.

    A field that was typed over afterwards has none: its newest entry names no cell.
    """
    newest = (
        sa.select(StepEntryRow.step_id, StepEntryRow.field, sa.func.max(StepEntryRow.number).label("number"))
        .join(StepRow, StepRow.id == StepEntryRow.step_id)
        .where(StepRow.batch_id == batch_id)
        .group_by(StepEntryRow.step_id, StepEntryRow.field)
        .subquery()
    )
    query = (
        sa.select(StepEntryRow.step_id, ImportedValueRow, FileRow, SampleRow.code)
        .join(
            newest,
            sa.and_(
                newest.c.step_id == StepEntryRow.step_id,
                newest.c.field == StepEntryRow.field,
                newest.c.number == StepEntryRow.number,
            ),
        )
        .join(ImportedValueRow, ImportedValueRow.id == StepEntryRow.imported_value_id)
        .join(ImportRow, ImportRow.id == ImportedValueRow.import_id)
        .join(FileRow, FileRow.id == ImportRow.file_id)
        .join(SampleRow, SampleRow.id == ImportedValueRow.sample_id)
        .where(StepEntryRow.field == ImportedValueRow.field)
    )
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for step_id, value, file, code in session.execute(query):
        found.setdefault(step_id, {})[value.field] = source_view(value, file, code)
    return found


def sources_of_step(session: Session, step: StepRow, left: Sequence[StepEntryRow]) -> dict[str, dict[str, Any]]:
    """The same of one step, by field; nothing is asked where no entry of it came out of a file. ``left``: its entries."""
    if all(one.imported_value_id is None for one in left):
        return {}
    return sources_of_batch(session, step.batch_id).get(step.id, {})


def fcs_of(session: Session, file_id: str) -> FcsFileRow | None:
    return session.execute(sa.select(FcsFileRow).where(FcsFileRow.file_id == file_id)).scalar_one_or_none()


def source_view(value: ImportedValueRow, file: FileRow, sample: str) -> dict[str, Any]:
    """From which file, row and column; ``number`` in the unit of the step, to compare with what is recorded now."""
    result = converted(FIELDS[value.field], value.number, value.unit)
    return {
        "import_id": value.import_id,
        "file": file_facts(file),
        "row": value.row,
        "column": value.column_title,
        "cell": value.cell,
        "sample": sample,
        "number": None if isinstance(result, Refusal) else result.value,
    }
