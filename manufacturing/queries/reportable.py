"""What a deviation can be about. Every package enters its kinds of records here, once, when it is loaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from kernel.errors import NotFound
from kernel.words import Words
from manufacturing.queries.collections import batches_made_of
from manufacturing.tables.batches import BatchRow, ContainerRow, StepRow
from manufacturing.tables.collections import CollectionRow
from manufacturing.tables.places import PlaceRow
from manufacturing.tables.samples import SampleRow


def belongs_to_none(_session: Session, _row: Any) -> str | None:
    return None


def went_into_none(_session: Session, _row: Any) -> Sequence[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Reportable:
    """One kind of record. ``name``: what people call the record; ``page``: where it is looked at; ``batch``: id of the
    batch it belongs to; ``batches``: ids of the batches it went into, which a deviation of it affects."""

    table: type[Any]
    name: Callable[[Session, Any], str | Words]
    page: Callable[[Session, Any], str]
    batch: Callable[[Session, Any], str | None] = belongs_to_none
    batches: Callable[[Session, Any], Sequence[str]] = went_into_none


@dataclass(frozen=True, slots=True)
class AboutRecord:
    """One record a deviation is about, read."""

    kind: str
    row: Any
    name: str | Words
    page: str
    batch_id: str | None


REPORTABLE: dict[str, Reportable] = {}


def reportable(kind: str, entry: Reportable) -> None:
    """Let deviations be about this kind of record; ``kind`` is a word people read and part of the address."""
    if REPORTABLE.setdefault(kind, entry) is not entry:
        raise ValueError(f"{kind} is entered twice")


def get_record(session: Session, kind: str, record_id: str) -> AboutRecord:
    entry = REPORTABLE.get(kind)
    row = session.get(entry.table, record_id) if entry else None
    if entry is None or row is None:
        raise NotFound(f"{kind} {record_id}")
    return AboutRecord(kind, row, entry.name(session, row), entry.page(session, row), entry.batch(session, row))


def affected_batches(session: Session, about: AboutRecord) -> list[str]:
    """Ids of the batches the record went into, its own left out; a terminated batch is affected as well."""
    found = REPORTABLE[about.kind].batches(session, about.row)
    return [one for one in dict.fromkeys(found) if one != about.batch_id]


def step_name(session: Session, row: StepRow) -> Words:
    return f"{session.get_one(BatchRow, row.batch_id).number} · {row.position} " + row.title


reportable(
    "batch", Reportable(BatchRow, lambda _, row: row.number, lambda _, row: f"/batches/{row.id}", lambda _, row: row.id)
)
reportable(
    "step",
    Reportable(
        StepRow,
        step_name,
        lambda _, row: f"/batches/{row.batch_id}/steps/{row.position}",
        lambda _, row: row.batch_id,
    ),
)
reportable(
    "container",
    Reportable(
        ContainerRow, lambda _, row: row.code, lambda _, row: f"/containers/{row.id}", lambda _, row: row.batch_id
    ),
)
reportable(
    "collection",
    Reportable(
        CollectionRow,
        lambda _, row: row.number,
        lambda _, row: f"/collections/{row.id}",
        batches=lambda session, row: [one.id for one in batches_made_of(session, row.id)],
    ),
)
reportable(
    "sample",
    Reportable(SampleRow, lambda _, row: row.code, lambda _, row: f"/samples/{row.id}", lambda _, row: row.batch_id),
)
reportable("place", Reportable(PlaceRow, lambda _, row: row.code, lambda _, row: f"/places/{row.id}"))
