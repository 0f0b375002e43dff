"""The chain of one container, both ways: donor to subject and back, from whatever code is at hand (ATMPR-15.1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.database import ask_together
from kernel.rounds import for_each
from labels.queries.scanning import label_called
from labels.tables.labels import LabelRow
from manufacturing.queries.collections import batches_made_of, collections_of_batch, get_collection
from manufacturing.queries.equipment_pages import batch_equipment_view
from manufacturing.queries.lot_uses import used_in_batch
from manufacturing.queries.parts import get_part, part_lines, parts_in_batch, use_of_part
from manufacturing.queries.places import places_by_id
from manufacturing.queries.trial import of_code
from manufacturing.tables.batches import BatchRow, ContainerRow, StepRow
from manufacturing.tables.collections import CollectionPartRow, CollectionRow, DonorRow
from manufacturing.tables.places import CustodyRow
from manufacturing.tables.trial import SubjectRow
from release.queries.accountability import on_paper
from release.queries.testing import specification_of
from release.queries.trace_parts import Grouped, batch_part, collection_part, signatures_of
from release.tables.decisions import DecisionRow, DispositionRow
from release.tables.destructions import DestructionRow
from release.tables.dispensing import AdministrationRow, DispensingRow, HandOverRow, OrderRow
from release.tables.testing import QcTestRow, ResultRow


@dataclass(frozen=True)
class Found:
    """What a code names: the kind of record, and the batches its chain runs through."""

    kind: str
    record_id: str
    subject_id: str
    batch_ids: tuple[str, ...]


BY_CODE: tuple[tuple[str, Any, Any], ...] = (
    ("container", ContainerRow, ContainerRow.code),
    ("batch", BatchRow, BatchRow.number),
    ("collection", CollectionRow, CollectionRow.number),
    ("part", CollectionPartRow, CollectionPartRow.code),
    ("donor", DonorRow, DonorRow.code),
    ("subject", SubjectRow, SubjectRow.code),
    ("order", OrderRow, OrderRow.number),
)


def find_traced(session: Session, code: str) -> Found | None:
    """Any code of the chain; a label, scanned or typed, stands for its container."""
    wanted = code.strip()
    ask_together(session, ("traced", wanted), *(partial(called, session, *one, wanted) for _, *one in BY_CODE))
    for kind, table, column in BY_CODE:
        row = called(session, table, column, wanted)
        if row is not None:
            return found_of(session, kind, row)
    label = label_called(session, wanted)
    return found_of(session, "container", session.get_one(ContainerRow, label.container_id)) if label else None


def called(session: Session, table: type[Any], column: Any, code: str) -> Any:
    is_it = of_code(code) if table is SubjectRow else column == code
    return session.execute(sa.select(table).where(is_it)).scalar_one_or_none()


def found_of(session: Session, kind: str, row: Any) -> Found:
    if kind == "order":
        container = session.get(ContainerRow, row.container_id) if row.container_id else None
        return Found(kind, row.id, row.subject_id, (container.batch_id,) if container else ())
    if kind == "container":
        return Found(kind, row.id, row.subject_id, (row.batch_id,))
    if kind == "batch":
        return Found(kind, row.id, row.subject_id, (row.id,))
    if kind == "collection":
        return Found(kind, row.id, row.subject_id, tuple(one.id for one in batches_made_of(session, row.id)))
    if kind == "part":
        used = use_of_part(session, row.id)
        subject_id = get_collection(session, row.collection_id).subject_id
        return Found(kind, row.id, subject_id, (used.batch_id,) if used and used.batch_id else ())
    column = {"donor": BatchRow.donor_id, "subject": BatchRow.subject_id}[kind]
    query = sa.select(BatchRow.id).where(column == row.id).order_by(BatchRow.number)
    subject_id = row.id if kind == "subject" else row.subject_id
    return Found(kind, row.id, subject_id, tuple(session.execute(query).scalars()))


def trace_of(session: Session, found: Found, *, clinical: bool) -> dict[str, Any]:
    """The whole chain. Without ``clinical`` nothing about dispensing, infusion or orders is in it (TC-23-14)."""
    ask_together(session, ("trace", found, clinical), *questions(session, found, clinical=clinical))
    people = names(session)
    batches = batches_of(session, found)
    donors, collections = material_of(session, found, batches)
    grouped = children(session, found.batch_ids)
    subject = session.get_one(SubjectRow, found.subject_id)
    return {
        "kind": found.kind,
        "record_id": found.record_id,
        "subject": {"id": subject.id, "code": subject.code},
        "donors": [{"code": one.code, "id": one.id} for one in donors],
        "collections": [collection_part(one) for one in collections],
        "parts": parts_on_the_way(session, found, collections),
        "batches": [batch_part(session, one, grouped, people, clinical=clinical) for one in batches],
        "clinical": clinical,
        "orders": orders_without(session, found, people) if clinical else [],
    }


def batches_of(session: Session, found: Found) -> list[BatchRow]:
    return rows(session, BatchRow, BatchRow.id.in_(found.batch_ids), BatchRow.number)


def questions(session: Session, found: Found, *, clinical: bool) -> Iterator[Callable[[], object]]:
    """What the chain is put together from, to be asked side by side (docs/decisions/0023)."""
    ids = found.batch_ids
    yield partial(names, session)
    yield partial(places_by_id, session)
    yield lambda: session.get_one(SubjectRow, found.subject_id)
    yield lambda: parts_on_the_way(session, found, material_of(session, found, batches_of(session, found))[1])
    for one in (used_in_batch, batch_equipment_view, parts_in_batch):
        yield partial(for_each, partial(one, session), ids)
    yield lambda: for_each(lambda one: collections_of_batch(session, one), batches_of(session, found))
    yield lambda: for_each(lambda one: specification_of(session, one), batches_of(session, found))
    for name in (*BY_BATCH, *BY_CONTAINER, *BY_DISPENSING):
        yield partial(BELOW[name], session, ids, name)
    yield partial(results_of, session, ids)
    yield lambda: for_each(
        lambda one: signatures_of(session, one, children(session, ids), clinical=clinical), batches_of(session, found)
    )
    yield lambda: kits_of(session, ids)
    if clinical:
        yield lambda: orders_without(session, found, names(session))


def parts_on_the_way(session: Session, found: Found, collections: list[CollectionRow]) -> list[dict[str, Any]]:
    """Parts of the leukaphereses: from a batch or container upwards only those that went into it."""
    downwards = found.kind in {"collection", "donor", "subject"}
    return [
        {
            "code": part["code"],
            "id": part["id"],
            "collection_id": one.id,
            "state": part["state"],
            "batch": part["batch"],
        }
        for one in collections
        for part in part_lines(session, one)
        if downwards or part["id"] == found.record_id or (part["batch"] and part["batch"]["id"] in found.batch_ids)
    ]


def rows(session: Session, table: type[Any], where: Any, *order: Any) -> list[Any]:
    return list(session.execute(sa.select(table).where(where).order_by(*order)).scalars())


def material_of(session: Session, found: Found, batches: list[BatchRow]) -> tuple[list[DonorRow], list[CollectionRow]]:
    """From a batch upwards only its own material; from a subject or donor everything of them."""
    if found.kind == "part":
        collections = [get_collection(session, get_part(session, found.record_id).collection_id)]
    elif found.kind == "collection":
        collections = rows(session, CollectionRow, CollectionRow.id == found.record_id)
    elif found.kind == "donor":
        collections = rows(session, CollectionRow, CollectionRow.donor_id == found.record_id, CollectionRow.number)
    elif found.kind == "subject":
        collections = rows(session, CollectionRow, CollectionRow.subject_id == found.record_id, CollectionRow.number)
    else:
        collections = [one for batch in batches for one in collections_of_batch(session, batch)]
    if found.kind == "donor":
        return rows(session, DonorRow, DonorRow.id == found.record_id), collections
    donors = {one.donor_id for one in collections}
    where = DonorRow.subject_id == found.record_id if found.kind == "subject" else DonorRow.id.in_(donors)
    return rows(session, DonorRow, where, DonorRow.code), collections


def containers_in(session: Session, batch_ids: tuple[str, ...]) -> list[ContainerRow]:
    return rows(session, ContainerRow, ContainerRow.batch_id.in_(batch_ids), ContainerRow.number)


BY_BATCH: dict[str, tuple[type[Any], Any]] = {
    "steps": (StepRow, StepRow.position),
    "tests": (QcTestRow, QcTestRow.number),
    "decisions": (DecisionRow, DecisionRow.id),
}
BY_CONTAINER: dict[str, tuple[type[Any], Any]] = {
    "labels": (LabelRow, LabelRow.issue),
    "dispositions": (DispositionRow, DispositionRow.id),
    "destructions": (DestructionRow, DestructionRow.id),
    "dispensings": (DispensingRow, DispensingRow.dispensed_at),
    "moves": (CustodyRow, CustodyRow.moved_at),
}
BY_DISPENSING: dict[str, tuple[type[Any], Any]] = {
    "hand_overs": (HandOverRow, HandOverRow.id),
    "administrations": (AdministrationRow, AdministrationRow.id),
}


def below_batches(session: Session, batch_ids: tuple[str, ...], name: str) -> dict[str, list[Any]]:
    table, order = BY_BATCH[name]
    return by(rows(session, table, table.batch_id.in_(batch_ids), order, table.id), "batch_id")


def below_containers(session: Session, batch_ids: tuple[str, ...], name: str) -> dict[str, list[Any]]:
    table, order = BY_CONTAINER[name]
    ids = [one.id for one in containers_in(session, batch_ids)]
    return by(rows(session, table, table.container_id.in_(ids), order, table.id), "container_id")


def below_dispensings(session: Session, batch_ids: tuple[str, ...], name: str) -> dict[str, list[Any]]:
    table, order = BY_DISPENSING[name]
    left = [one.id for found in below_containers(session, batch_ids, "dispensings").values() for one in found]
    return by(rows(session, table, table.dispensing_id.in_(left), order), "dispensing_id")


BELOW: dict[str, Callable[[Session, tuple[str, ...], str], dict[str, list[Any]]]] = {
    **dict.fromkeys(BY_BATCH, below_batches),
    **dict.fromkeys(BY_CONTAINER, below_containers),
    **dict.fromkeys(BY_DISPENSING, below_dispensings),
}


def kits_of(session: Session, batch_ids: tuple[str, ...]) -> dict[str, list[Any]]:
    """By dispensing, hand-over or administration: the downtime kit on whose sheet it happened (DSP-DOWN)."""
    left = [one.id for found in below_containers(session, batch_ids, "dispensings").values() for one in found]
    return defaultdict(list, {record: [kit] for record, kit in on_paper(session, left).items()})


def results_of(session: Session, batch_ids: tuple[str, ...]) -> dict[str, list[Any]]:
    """By test."""
    tests = [one.id for found in below_batches(session, batch_ids, "tests").values() for one in found]
    return by(rows(session, ResultRow, ResultRow.test_id.in_(tests), ResultRow.id), "test_id")


def children(session: Session, batch_ids: tuple[str, ...]) -> Grouped:
    """Containers, steps, tests, decisions by batch; labels, moves and dispositions by container; results by test."""
    return {
        "containers": by(containers_in(session, batch_ids), "batch_id"),
        "lots": {batch_id: used_in_batch(session, batch_id) for batch_id in batch_ids},
        "equipment": {batch_id: batch_equipment_view(session, batch_id) for batch_id in batch_ids},
        **{name: below(session, batch_ids, name) for name, below in BELOW.items()},
        "results": results_of(session, batch_ids),
        "kits": kits_of(session, batch_ids),
        "places": {one.id: [one] for one in places_by_id(session).values()},
    }


def by(found: list[Any], key: str) -> dict[str, list[Any]]:
    grouped: dict[str, list[Any]] = defaultdict(list)
    for row in found:
        grouped[getattr(row, key)].append(row)
    return grouped


def orders_without(session: Session, found: Found, people: dict[str, str]) -> list[dict[str, Any]]:
    """Orders of the subject that no container was dispensed for."""
    query = sa.select(OrderRow).where(OrderRow.subject_id == found.subject_id, OrderRow.container_id.is_(None))
    return [
        {"id": one.id, "number": one.number, "status": one.status, "by": people.get(one.ordered_by)}
        for one in session.execute(query.order_by(OrderRow.number)).scalars()
    ]
