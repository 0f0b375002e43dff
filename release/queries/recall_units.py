"""What one source went into, and every unit of it: where it is, in which status, for whom (ATMP-14-RECALL)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.errors import NotFound
from manufacturing.domain.batches import BatchStatus
from manufacturing.queries.batches import batch_by_number, get_batch
from manufacturing.queries.collections import (
    batches_made_of,
    collection_by_number,
    collections_of_batch,
    donor_by_code,
    get_collection,
    get_donor,
)
from manufacturing.queries.equipment import equipment_by_code, get_equipment
from manufacturing.queries.lookbacks import batches_of_donor, collections_of_donor
from manufacturing.queries.lot_uses import batches_with
from manufacturing.queries.materials import get_lot, lot_by_code
from manufacturing.queries.places import current_event, get_place
from manufacturing.tables.batches import BatchRow
from manufacturing.tables.collections import CollectionRow
from manufacturing.tables.equipment import EquipmentUseRow
from manufacturing.tables.trial import SubjectRow
from release.domain.recalls import RecallScope
from release.domain.reconciling import Unit
from release.queries.reconciling import units, ways_out
from release.queries.testing import containers_of
from release.tables.dispensing import AdministrationRow, DispensingRow, HandOverRow


@dataclass(frozen=True)
class ListedUnit:
    """One container with what the records say of its content and of its way."""

    id: str
    batch: BatchRow
    subject: str
    unit: Unit
    place: str | None
    way: str


@dataclass(frozen=True)
class Source:
    """What a recall starts from."""

    scope: RecallScope
    record_id: str
    record: str
    batches: tuple[BatchRow, ...]
    collections: tuple[CollectionRow, ...]


def find_source(session: Session, code: str) -> Source | None:
    """From the code of a batch, a lot, a donor, a collection or a device."""
    typed = code.strip()
    found = (
        (RecallScope.BATCH, batch_by_number(session, typed)),
        (RecallScope.LOT, lot_by_code(session, typed)),
        (RecallScope.DONOR, donor_by_code(session, typed)),
        (RecallScope.COLLECTION, collection_by_number(session, typed)),
        (RecallScope.EQUIPMENT, equipment_by_code(session, typed)),
    )
    return next((source_of(session, scope, row.id) for scope, row in found if row is not None), None)


def source_of(session: Session, scope: str, record_id: str) -> Source:
    """The record with every batch it went into, by number; a batch that was terminated gave nothing."""
    if scope not in set(RecallScope):
        raise NotFound(f"{scope} {record_id}")
    kind = RecallScope(scope)
    record, batches, collections = SOURCES[kind](session, record_id)
    made = tuple(one for one in batches if one.status != BatchStatus.TERMINATED)
    return Source(kind, record_id, record, made, tuple(collections))


Found = tuple[str, list[BatchRow], list[CollectionRow]]


def from_batch(session: Session, record_id: str) -> Found:
    row = get_batch(session, record_id)
    return row.number, [row], []


def from_lot(session: Session, record_id: str) -> Found:
    return get_lot(session, record_id).code, batches_with(session, record_id), []


def from_donor(session: Session, record_id: str) -> Found:
    row = get_donor(session, record_id)
    return row.code, batches_of_donor(session, record_id), collections_of_donor(session, record_id)


def from_collection(session: Session, record_id: str) -> Found:
    row = get_collection(session, record_id)
    return row.number, batches_made_of(session, record_id), [row]


def from_equipment(session: Session, record_id: str) -> Found:
    used = sa.select(EquipmentUseRow.batch_id).where(EquipmentUseRow.equipment_id == record_id)
    query = sa.select(BatchRow).where(BatchRow.id.in_(used)).order_by(BatchRow.number)
    return get_equipment(session, record_id).code, list(session.execute(query).scalars()), []


SOURCES = {
    RecallScope.BATCH: from_batch,
    RecallScope.LOT: from_lot,
    RecallScope.DONOR: from_donor,
    RecallScope.COLLECTION: from_collection,
    RecallScope.EQUIPMENT: from_equipment,
}


def units_in(session: Session, batches: Iterable[BatchRow]) -> list[ListedUnit]:
    """Every container of these batches, as the records stand now."""
    return [one for batch in batches for one in units_in_batch(session, batch)]


def units_in_batch(session: Session, batch: BatchRow) -> list[ListedUnit]:
    containers = containers_of(session, batch.id)
    found, ways = units(session, containers), ways_out(session, containers)
    handed = handed_over(session, [out.id for out, _ in ways.values()])
    subjects = subject_codes(session, {one.subject_id for one in containers})
    return [
        ListedUnit(
            id=one.id,
            batch=batch,
            subject=subjects[one.subject_id],
            unit=found[one.id],
            place=place_of(session, one.id),
            way=way_of(found[one.id], ways.get(one.id), handed),
        )
        for one in containers
    ]


def way_of(unit: Unit, way: tuple[DispensingRow, AdministrationRow | None] | None, handed: set[str]) -> str:
    """How far a container came, in one word."""
    if way is None:
        return "destroyed" if unit.destroyed > 0 and unit.left <= 0 else "not dispensed"
    out, given = way
    if given is not None:
        return "infused" if unit.given > 0 else "not_administered"
    return "handed_over" if out.id in handed else "dispensed"


def handed_over(session: Session, dispensing_ids: list[str]) -> set[str]:
    query = sa.select(HandOverRow.dispensing_id).where(HandOverRow.dispensing_id.in_(dispensing_ids))
    return set(session.execute(query).scalars())


def subject_codes(session: Session, subject_ids: Iterable[str]) -> dict[str, str]:
    query = sa.select(SubjectRow.id, SubjectRow.code).where(SubjectRow.id.in_(list(subject_ids)))
    return dict(session.execute(query).all())


def place_of(session: Session, container_id: str) -> str | None:
    """Where the record of custody has it."""
    event = current_event(session, "container", container_id)
    return get_place(session, event.place_id).code if event else None


def unit_document(one: ListedUnit) -> dict[str, Any]:
    return {
        "container": one.unit.code,
        "batch": one.batch.number,
        "subject": one.subject,
        "disposition": one.unit.disposition,
        "way": one.way,
        "place": one.place,
        "filled (mL)": one.unit.filled,
        "given (mL)": one.unit.given,
        "destroyed (mL)": one.unit.destroyed,
        "left (mL)": one.unit.left,
    }


def source_content(session: Session, scope: str, record_id: str) -> dict[str, Any]:
    """What whoever opens a recall or a drill is shown and signs: everything it will reach."""
    source = source_of(session, scope, record_id)
    return {
        "title": source.record,
        "from": source.scope.value,
        "collections": [{"collection": one.number, "status": one.status} for one in source.collections],
        "batches": [{"batch": one.number, "status": one.status} for one in source.batches],
        "units": [unit_document(one) for one in units_in(session, source.batches)],
    }


def material_of(session: Session, source: Source) -> list[CollectionRow]:
    """Every leukapheresis whose lock comes before those of the batches (decision 39)."""
    behind = {one.id: one for batch in source.batches for one in collections_of_batch(session, batch)}
    return sorted({**behind, **{one.id: one for one in source.collections}}.values(), key=lambda one: one.id)
