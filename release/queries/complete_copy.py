"""Which records belong to the complete copy of a batch, and its printed records (P11-10b)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.copying.writing import AT_ONCE, Scope
from kernel.db import Audited
from kernel.files.tables import FileContentRow, FileRow
from kernel.web.i18n import Speech
from manufacturing.queries.batches import get_batch
from release.drawing.paper import draw_paper
from release.queries.analysis_certificate import analysis_certificate
from release.queries.batch_record import executed_record
from release.queries.decision_certificate import decision_certificate
from release.queries.records import all_behind, decisions_of, records_of_batch

ALL = Scope(about={"kind": "all records"}, rows=None)
Tables = Mapping[str, type[Audited]]


def scope_of_batch(
    session: Session, tables: Tables, batch_id: str, speech: Speech, by: str, at: datetime, *, demo: bool
) -> Scope:
    batch = get_batch(session, batch_id)
    return Scope(
        about={"kind": "batch", "id": batch_id, "number": batch.number},
        rows=records_for_copy(session, tables, batch_id),
        texts=(batch_id,),
        papers=papers_of(session, batch_id, speech, by=by, at=at, demo=demo),
    )


def records_for_copy(session: Session, tables: Tables, batch_id: str) -> list[Audited]:
    """What a release rests on, everything that refers to the batch, directly or through others, and the attached files."""
    behind = {row.id: row for row in (*records_of_batch(session, batch_id), *all_behind(session, batch_id))}
    found = behind | followers(session, tables, get_batch(session, batch_id))
    found |= attached(session, found)
    return list(found.values())


def followers(session: Session, tables: Tables, root: Audited) -> dict[str, Audited]:
    """The record and whatever refers to it by a foreign key, or to what does; and what names one as its record."""
    found: dict[str, Audited] = {root.id: root}
    fresh: dict[str, list[str]] = {root.__tablename__: [root.id]}
    while fresh:
        newer: dict[str, list[str]] = {}
        for name, kind in tables.items():
            for row in referring(session, kind, fresh):
                if row.id not in found:
                    found[row.id] = row
                    newer.setdefault(name, []).append(row.id)
        fresh = newer
    return found


def referring(session: Session, kind: type[Audited], fresh: Mapping[str, list[str]]) -> Iterator[Audited]:
    table = sa.inspect(kind).local_table
    for column in table.columns:
        targets = {key.column.table.name for key in column.foreign_keys if key.column.name == "id"}
        ids = [one for target in targets for one in fresh.get(target, ())]
        if column.name == "record_id" and not targets:
            ids = [one for some in fresh.values() for one in some]
        for start in range(0, len(ids), AT_ONCE):
            query = sa.select(kind).where(column.in_(ids[start : start + AT_ONCE]))
            yield from session.execute(query.order_by(table.c.id)).scalars()


def attached(session: Session, rows: Mapping[str, Audited]) -> dict[str, Audited]:
    """Files of any of the records, with their bytes."""
    ids, found = sorted(rows), {}
    for start in range(0, len(ids), AT_ONCE):
        query = sa.select(FileRow).where(FileRow.record_id.in_(ids[start : start + AT_ONCE]))
        found.update({row.id: row for row in session.execute(query).scalars()})
    digests = sorted({row.sha256 for row in found.values()})
    contents = sa.select(FileContentRow).where(FileContentRow.sha256.in_(digests))
    return {**found, **{row.id: row for row in session.execute(contents).scalars()}}


def papers_of(session: Session, batch_id: str, speech: Speech, **printed_by: Any) -> Iterable[tuple[str, bytes]]:
    """Record, analysis and every decision, as they are printed on a page; drawn one after another."""
    yield "record.pdf", draw_paper(executed_record(session, batch_id, speech, **printed_by))
    yield "analysis.pdf", draw_paper(analysis_certificate(session, batch_id, speech, **printed_by))
    for row in decisions_of(session, batch_id):
        printed = decision_certificate(session, row.id, speech, **printed_by)
        yield f"decision-{row.sequence:02}-{row.kind}.pdf", draw_paper(printed)
