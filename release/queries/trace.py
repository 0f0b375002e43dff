"""The chain of one container, both ways: donor to subject and back, from whatever code is at hand (ATMPR-15.1)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.refusals import Refusal
from labels.queries.scanning import find_label, read_label_text
from labels.tables.labels import LabelRow
from manufacturing.queries.collections import batches_made_of, collections_of_batch, get_collection
from manufacturing.queries.equipment_pages import batch_equipment_view
from manufacturing.queries.lot_uses import used_in_batch
from manufacturing.queries.parts import get_part, part_lines, use_of_part
from manufacturing.tables.batches import BatchRow, ContainerRow, StepRow
from manufacturing.tables.collections import CollectionPartRow, CollectionRow, DonorRow
from manufacturing.tables.trial import SubjectRow
from release.queries.trace_parts import Grouped, batch_part, collection_part
from release.tables.decisions import DecisionRow, DispositionRow
from release.tables.destructions import DestructionRow
from release.tables.dispensing import AdministrationRow, DispensingRow, HandOverRow, OrderRow
from release.tables.testing import QcTestRow


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
)


def find_traced(session: Session, code: str) -> Found | None:
    """Any code of the chain; a label, scanned or typed, stands for its container."""
    wanted = code.strip()
    for kind, table, column in BY_CODE:
        row = session.execute(sa.select(table).where(column == wanted)).scalar_one_or_none()
        if row is not None:
            return found_of(session, kind, row)
    order = session.execute(sa.select(OrderRow).where(OrderRow.number == wanted)).scalar_one_or_none()
    if order is not None:
        container = session.get(ContainerRow, order.container_id) if order.container_id else None
        return Found("order", order.id, order.subject_id, (container.batch_id,) if container else ())
    read = read_label_text(wanted)
    label = None if isinstance(read, Refusal) else find_label(session, read)
    return found_of(session, "container", session.get_one(ContainerRow, label.container_id)) if label else None


def found_of(session: Session, kind: str, row: Any) -> Found:
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
    people = names(session)
    batches = rows(session, BatchRow, BatchRow.id.in_(found.batch_ids), BatchRow.number)
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


def children(session: Session, batch_ids: tuple[str, ...]) -> Grouped:
    """Containers, steps, tests, decisions by batch; labels and dispositions by container."""
    containers = rows(session, ContainerRow, ContainerRow.batch_id.in_(batch_ids), ContainerRow.number)
    ids = [one.id for one in containers]
    dispensings = rows(session, DispensingRow, DispensingRow.container_id.in_(ids), DispensingRow.dispensed_at)
    left = [one.id for one in dispensings]
    return {
        "containers": by(containers, "batch_id"),
        "steps": by(rows(session, StepRow, StepRow.batch_id.in_(batch_ids), StepRow.position), "batch_id"),
        "tests": by(rows(session, QcTestRow, QcTestRow.batch_id.in_(batch_ids), QcTestRow.number), "batch_id"),
        "decisions": by(rows(session, DecisionRow, DecisionRow.batch_id.in_(batch_ids), DecisionRow.id), "batch_id"),
        "lots": {batch_id: used_in_batch(session, batch_id) for batch_id in batch_ids},
        "equipment": {batch_id: batch_equipment_view(session, batch_id) for batch_id in batch_ids},
        "labels": by(rows(session, LabelRow, LabelRow.container_id.in_(ids), LabelRow.issue), "container_id"),
        "dispositions": by(
            rows(session, DispositionRow, DispositionRow.container_id.in_(ids), DispositionRow.id), "container_id"
        ),
        "destructions": by(
            rows(session, DestructionRow, DestructionRow.container_id.in_(ids), DestructionRow.id), "container_id"
        ),
        "dispensings": by(dispensings, "container_id"),
        "hand_overs": by(
            rows(session, HandOverRow, HandOverRow.dispensing_id.in_(left), HandOverRow.id), "dispensing_id"
        ),
        "administrations": by(
            rows(session, AdministrationRow, AdministrationRow.dispensing_id.in_(left), AdministrationRow.id),
            "dispensing_id",
        ),
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
