"""Everything of one donor, used or not, wherever it is (ATMPR-15.3), and what happened to the donor (TR-S5)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.errors import NotFound
from manufacturing.domain.material import remaining
from manufacturing.queries.collections import get_donor, uses_of
from manufacturing.queries.lookbacks import batches_of_donor, collections_of_donor, lookback_view, lookbacks_of
from manufacturing.queries.places import current_event, places_by_id
from manufacturing.queries.trial import get_subject
from manufacturing.tables.batches import ContainerRow
from manufacturing.tables.collections import CollectionRow, DonorRow
from manufacturing.tables.lookbacks import DonorEventRow
from manufacturing.tables.samples import SampleRow


def donor_view(session: Session, donor_id: str) -> dict[str, Any]:
    """Everything of a donor: material, what became of each part, batches, containers, samples, events (ATMPR-15.3)."""
    row = get_donor(session, donor_id)
    subject = get_subject(session, row.subject_id)
    people = names(session)
    return {
        "donor": {"id": row.id, "code": row.code, "type": row.donor_type, "grid": row.grid},
        "recipient": {"id": subject.id, "code": subject.code},
        **units_of_donor(session, row, people),
        "lookbacks": [lookback_view(session, one) for one in lookbacks_of(session, donor_id)],
        "events": [
            event_view(one, people)
            for collection in collections_of_donor(session, donor_id)
            for one in events_of_collection(session, collection.id)
        ],
    }


def units_of_donor(session: Session, row: DonorRow, people: dict[str, str]) -> dict[str, Any]:
    """Used, kept, destroyed and never used alike, each with where it is."""
    collections, batches = collections_of_donor(session, row.id), batches_of_donor(session, row.id)
    containers = children(session, ContainerRow, ContainerRow.batch_id, batches)
    samples = [
        *children(session, SampleRow, SampleRow.collection_id, collections),
        *children(session, SampleRow, SampleRow.batch_id, batches),
    ]
    numbers = {one.id: one.number for one in batches}
    return {
        "collections": [material_view(session, one, numbers, people) for one in collections],
        "batches": [{"id": one.id, "number": one.number, "status": one.status} for one in batches],
        "containers": [
            {
                "id": one.id,
                "code": one.code,
                "batch": numbers[one.batch_id],
                "volume_ml": one.volume_ml,
                "place": place_of(session, "container", one.id),
            }
            for one in containers
        ],
        "samples": [
            {
                "id": one.id,
                "code": one.code,
                "kind": one.kind,
                "status": one.status,
                "place": place_of(session, "sample", one.id) or one.kept_in,
            }
            for one in samples
        ],
    }


def children(session: Session, table: type[Any], column: Any, parents: list[Any]) -> list[Any]:
    query = sa.select(table).where(column.in_([one.id for one in parents])).order_by(table.code)
    return list(session.execute(query).scalars())


def material_view(
    session: Session, row: CollectionRow, batches: dict[str, str], people: dict[str, str]
) -> dict[str, Any]:
    uses = uses_of(session, row.id)
    return {
        "id": row.id,
        "number": row.number,
        "status": row.status,
        "volume_ml": row.volume_ml,
        "left_ml": remaining(row.volume_ml, (one.volume_ml for one in uses)),
        "place": place_of(session, "collection", row.id),
        "parts": [
            {
                "kind": one.kind,
                "volume_ml": one.volume_ml,
                "batch": batches.get(one.batch_id or ""),
                "words": one.words,
                "at": one.done_at,
                "by": people.get(one.done_by, one.done_by),
            }
            for one in uses
        ],
    }


def place_of(session: Session, kind: str, unit_id: str) -> str | None:
    """Code of the place where the unit lies now, as custody has it."""
    event = current_event(session, kind, unit_id)
    return None if event is None else places_by_id(session)[event.place_id].code


def get_donor_event(session: Session, event_id: str) -> DonorEventRow:
    row = session.get(DonorEventRow, event_id)
    if row is None:
        raise NotFound(f"donor event {event_id}")
    return row


def events_of_collection(session: Session, collection_id: str) -> list[DonorEventRow]:
    query = sa.select(DonorEventRow).where(DonorEventRow.collection_id == collection_id)
    return list(session.execute(query.order_by(DonorEventRow.happened_at, DonorEventRow.id)).scalars())


def unreported_events(session: Session) -> list[tuple[DonorEventRow, str]]:
    """Serious events that the tissue establishment does not know of, with the number of their collection."""
    query = (
        sa.select(DonorEventRow, CollectionRow.number)
        .join(CollectionRow, CollectionRow.id == DonorEventRow.collection_id)
        .where(DonorEventRow.serious.is_(sa.true()), DonorEventRow.reported_at.is_(None))
    )
    return [(row, number) for row, number in session.execute(query.order_by(DonorEventRow.happened_at))]


def event_view(row: DonorEventRow, people: dict[str, str]) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "grade": row.grade,
        "serious": row.serious,
        "description": row.description,
        "happened_at": row.happened_at,
        "recorded_by": people.get(row.recorded_by, row.recorded_by),
        "recorded_at": row.recorded_at,
        "reported_at": row.reported_at,
        "reference": row.reference,
        "reported_by": people.get(row.reported_by or ""),
    }


def event_content(session: Session, event_id: str) -> dict[str, Any]:
    """What is signed when a serious event is reported to the tissue establishment."""
    row = get_donor_event(session, event_id)
    collection = session.get_one(CollectionRow, row.collection_id)
    return {
        "title": collection.number,
        "version": row.version,
        "donor": get_donor(session, collection.donor_id).code,
        "kind of event": row.kind,
        "grade": row.grade,
        "serious": row.serious,
        "description": row.description,
        "happened at": row.happened_at,
        "reference": row.reference,
    }
