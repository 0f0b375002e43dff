"""Places, what lies in them, and the line of custody of a unit."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.errors import NotFound
from kernel.refusals import Refusal
from manufacturing.domain.collections import CollectionStatus
from manufacturing.domain.places import (
    EventFacts,
    PlaceClass,
    PlaceFacts,
    Unit,
    UnitKind,
    custody_refusals,
    limits_text,
    temperature_refusals,
    wrong_place,
)
from manufacturing.domain.plan import Limits
from manufacturing.domain.samples import read_sample_code
from manufacturing.ports import container_classes, labelled_container
from manufacturing.queries.batches import container_by_code
from manufacturing.queries.collections import collection_by_number, get_collection
from manufacturing.queries.parts import part_by_code
from manufacturing.queries.samples import sample_by_code
from manufacturing.tables.batches import ContainerRow
from manufacturing.tables.collections import CollectionPartRow, CollectionRow
from manufacturing.tables.places import CustodyRow, PlaceRow
from manufacturing.tables.samples import SampleRow

TABLES: dict[str, type[Any]] = {
    UnitKind.CONTAINER: ContainerRow,
    UnitKind.COLLECTION: CollectionRow,
    UnitKind.PART: CollectionPartRow,
    UnitKind.SAMPLE: SampleRow,
}
OPEN_STATES = {CollectionStatus.PLANNED, CollectionStatus.RECEIVED_QUARANTINE}


def get_place(session: Session, place_id: str) -> PlaceRow:
    row = session.get(PlaceRow, place_id)
    if row is None:
        raise NotFound(f"place {place_id}")
    return row


def place_by_code(session: Session, code: str) -> PlaceRow | None:
    return session.execute(sa.select(PlaceRow).where(PlaceRow.code == code)).scalar_one_or_none()


def get_event(session: Session, event_id: str) -> CustodyRow:
    row = session.get(CustodyRow, event_id)
    if row is None:
        raise NotFound(f"custody event {event_id}")
    return row


def column_of(kind: str) -> Any:
    return {
        UnitKind.CONTAINER: CustodyRow.container_id,
        UnitKind.COLLECTION: CustodyRow.collection_id,
        UnitKind.PART: CustodyRow.part_id,
        UnitKind.SAMPLE: CustodyRow.sample_id,
    }[UnitKind(kind)]


def events_of(session: Session, kind: str, unit_id: str) -> list[CustodyRow]:
    """The whole line of one unit, oldest first."""
    query = sa.select(CustodyRow).where(column_of(kind) == unit_id).order_by(CustodyRow.moved_at, CustodyRow.id)
    return list(session.execute(query).scalars())


def current_event(session: Session, kind: str, unit_id: str) -> CustodyRow | None:
    query = sa.select(CustodyRow).where(column_of(kind) == unit_id, CustodyRow.current.is_(sa.true()))
    return session.execute(query.execution_options(populate_existing=True)).scalar_one_or_none()


def in_place(session: Session, place_id: str) -> list[CustodyRow]:
    """The newest event of every unit that lies there."""
    query = sa.select(CustodyRow).where(CustodyRow.place_id == place_id, CustodyRow.current.is_(sa.true()))
    return list(session.execute(query.order_by(CustodyRow.unit)).scalars())


def find_unit(session: Session, code: str) -> tuple[UnitKind, str] | None:
    """What was scanned: a container's label or code, a donation number, the tube of a sample."""
    typed = code.strip()
    labelled = labelled_container(session, typed)
    if labelled:
        return UnitKind.CONTAINER, labelled
    if container := container_by_code(session, typed):
        return UnitKind.CONTAINER, container.id
    if collection := collection_by_number(session, typed):
        return UnitKind.COLLECTION, collection.id
    if part := part_by_code(session, typed):
        return UnitKind.PART, part.id
    sample = sample_by_code(session, read_sample_code(typed) or "")
    return (UnitKind.SAMPLE, sample.id) if sample else None


def unit_of(session: Session, kind: str, unit_id: str) -> Unit:
    """A unit with the status of places it belongs in, and where the record has it."""
    row = session.get(TABLES[kind], unit_id)
    if row is None:
        raise NotFound(f"{kind} {unit_id}")
    event = current_event(session, kind, unit_id)
    place = get_place(session, event.place_id).code if event else None
    moved_at = event.moved_at if event else None
    code = row.number if kind == UnitKind.COLLECTION else row.code
    return Unit(UnitKind(kind), unit_id, code, status_of(session, kind, row), place, moved_at)


def status_of(session: Session, kind: str, row: Any) -> str:
    if kind == UnitKind.SAMPLE:
        return PlaceClass.SAMPLES
    if kind == UnitKind.CONTAINER:
        return str(container_classes(session, [row.id])[row.id])
    if kind == UnitKind.PART:
        row = get_collection(session, row.collection_id)
    if row.status == CollectionStatus.REJECTED:
        return PlaceClass.REJECTED
    return PlaceClass.QUARANTINE if row.status in OPEN_STATES else PlaceClass.RELEASED


def place_facts(session: Session, place: PlaceRow) -> PlaceFacts:
    held = frozenset(
        unit_of(session, kind, unit_id).status
        for kind, unit_id in (unit_key(one) for one in in_place(session, place.id))
        if place.status_class == PlaceClass.WORKPLACE and kind != UnitKind.SAMPLE
    )
    return PlaceFacts(place.code, place.status_class, limits_of(place), place.closed_at is not None, held)


def unit_key(event: CustodyRow) -> tuple[UnitKind, str]:
    if event.container_id:
        return UnitKind.CONTAINER, event.container_id
    if event.collection_id:
        return UnitKind.COLLECTION, event.collection_id
    if event.part_id:
        return UnitKind.PART, event.part_id
    return UnitKind.SAMPLE, str(event.sample_id)


def limits_of(place: PlaceRow) -> Limits:
    return Limits(place.low_c, place.high_c)


def place_content(session: Session, place_id: str) -> dict[str, Any]:
    """What is shown when units are moved there or the place is closed."""
    row = get_place(session, place_id)
    return {
        "title": f"{row.code} · {row.title}",
        "place": row.code,
        "version": row.version,
        "status class": row.status_class,
        "temperature (°C)": limits_text(limits_of(row)),
        "closed at": row.closed_at,
    }


def event_content(session: Session, event_id: str) -> dict[str, Any]:
    row = get_event(session, event_id)
    return {"title": row.unit, "version": row.version, **event_view(row, places_by_id(session), names(session))}


def places_by_id(session: Session) -> dict[str, PlaceRow]:
    return {row.id: row for row in session.execute(sa.select(PlaceRow)).scalars()}


def event_view(row: CustodyRow, places: dict[str, PlaceRow], people: dict[str, str]) -> dict[str, Any]:
    codes = {key: places[key].code if key else None for key in (row.place_id, row.from_place_id, row.found_place_id)}
    return {
        "id": row.id,
        "unit": row.unit,
        "moved at": row.moved_at,
        "from": codes[row.from_place_id],
        "found in": codes[row.found_place_id],
        "to": codes[row.place_id],
        "handed by": people.get(row.handed_by, row.handed_by),
        "received by": people.get(row.received_by, row.received_by),
        "temperature (°C)": row.temperature_c,
        "allowed (°C)": limits_text(limits_of(places[row.place_id])),
        "device": row.device,
        "gap": row.gap,
        "excursion": row.excursion,
        "note": row.note,
        "assessment": row.assessment,
        "assessed by": people.get(row.assessed_by or ""),
    }


def custody_view(session: Session, kind: str, unit_id: str) -> dict[str, Any]:
    """The line of custody as the page of the unit shows it; empty where nothing is on record."""
    events = events_of(session, kind, unit_id)
    places = places_by_id(session) if events else {}
    people = names(session)
    current = next((one for one in events if one.current), None)
    found = None
    if current is not None:
        place = places[current.place_id]
        found = {"id": place.id, "code": place.code, "title": place.title, "status_class": place.status_class}
    told = unit_faults(session, kind, unit_id) if events else ()
    return {
        "place": found,
        "events": [{**event_view(one, places, people), "place_id": one.place_id} for one in events],
        "faults": list(told),
    }


def unit_faults(session: Session, kind: str, unit_id: str) -> tuple[Any, ...]:
    events = [event_facts(row, places_by_id(session)) for row in events_of(session, kind, unit_id)]
    return (*custody_refusals(events), *temperature_refusals(events), *misplaced(session, kind, unit_id))


def misplaced(session: Session, kind: str, unit_id: str) -> tuple[Any, ...]:
    event = current_event(session, kind, unit_id)
    if event is None:
        return ()
    return wrong_place(unit_of(session, kind, unit_id), get_place(session, event.place_id).status_class)


def event_facts(row: CustodyRow, places: dict[str, PlaceRow]) -> EventFacts:
    place = places[row.place_id]
    return EventFacts(
        unit=row.unit,
        at=row.moved_at,
        place=place.code,
        found=places[row.found_place_id].code if row.found_place_id else "–",
        recorded=places[row.from_place_id].code if row.from_place_id else "–",
        gap=row.gap,
        excursion=row.excursion,
        temperature=row.temperature_c,
        limits=limits_text(limits_of(place)),
        assessed=row.assessed_at is not None,
    )


def moves_of(session: Session, container_ids: Collection[str]) -> list[CustodyRow]:
    """Every move of these containers, the oldest first."""
    query = sa.select(CustodyRow).where(CustodyRow.container_id.in_(container_ids))
    return list(session.execute(query.order_by(CustodyRow.moved_at)).scalars())


def custody_of(session: Session, container_ids: Collection[str]) -> tuple[tuple[Any, ...], tuple[Any, ...]] | None:
    """Refusals of custody and of temperature over these containers.

    None, which is *not checked*, where nothing is found but not every container has a move on record: a release rests
    on all of them.
    """
    rows = moves_of(session, container_ids)
    if not rows:
        return None
    places = places_by_id(session)
    facts = [event_facts(row, places) for row in rows]
    found = (*custody_refusals(facts), *misplaced_containers(session, rows, places)), temperature_refusals(facts)
    return found if any(found) or {row.container_id for row in rows} == set(container_ids) else None


def misplaced_containers(
    session: Session, rows: Collection[CustodyRow], places: dict[str, PlaceRow]
) -> tuple[Refusal, ...]:
    """Containers that lie where their status does not belong; what they are is asked once for all of them."""
    current = {str(row.container_id): row for row in rows if row.current}
    classes = container_classes(session, sorted(current))
    return tuple(
        refusal
        for unit_id, row in sorted(current.items(), key=lambda one: one[1].unit)
        for refusal in wrong_place(
            Unit(UnitKind.CONTAINER, unit_id, row.unit, str(classes[unit_id]), places[row.place_id].code, row.moved_at),
            places[row.place_id].status_class,
        )
    )
