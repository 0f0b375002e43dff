"""Defects with all that is known around the container: its way, its siblings, the same lots elsewhere, reactions."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.errors import NotFound
from manufacturing.queries.batches import deviations_of, get_batch
from manufacturing.queries.collections import batches_made_of, collections_of_batch
from manufacturing.queries.lot_uses import batches_with, used_in_batch
from manufacturing.queries.trial import paged
from manufacturing.tables.batches import BatchRow, ContainerRow
from release.domain.defects import DefectStatus, FollowUp
from release.queries.oos import oos_of_batch
from release.queries.recall_units import unit_document, units_in_batch
from release.queries.recalls import recalls_of_batch
from release.queries.reconciling import get_container
from release.tables.defects import DefectRow
from release.tables.dispensing import AdministrationRow, DispensingRow, ReactionRow

SORTS = {"number": DefectRow.number, "status": DefectRow.status, "reported": DefectRow.reported_at}


def get_defect(session: Session, defect_id: str) -> DefectRow:
    row = session.get(DefectRow, defect_id)
    if row is None:
        raise NotFound(f"defect {defect_id}")
    return row


def defect_by_number(session: Session, number: str) -> DefectRow | None:
    return session.execute(sa.select(DefectRow).where(DefectRow.number == number)).scalar_one_or_none()


def defects_of_batch(session: Session, batch_id: str) -> list[DefectRow]:
    query = sa.select(DefectRow).where(DefectRow.batch_id == batch_id)
    return list(session.execute(query.order_by(DefectRow.reported_at)).scalars())


def open_defects(session: Session) -> list[DefectRow]:
    query = sa.select(DefectRow).where(DefectRow.status != DefectStatus.CLOSED)
    return list(session.execute(query.order_by(DefectRow.reported_at)).scalars())


def context(session: Session, container_id: str) -> dict[str, Any]:
    """What is filled in for whoever reports, and looked at by whoever assesses."""
    container = get_container(session, container_id)
    batch = get_batch(session, container.batch_id)
    units = units_in_batch(session, batch)
    return {
        "container": next(unit_document(one) for one in units if one.id == container_id),
        "expires at": container.expires_at,
        "other containers of the batch": [f"{one.unit.code}: {one.way}" for one in units if one.id != container_id],
        "other batches of the same lots": same_lots(session, batch),
        "other batches of the same leukapheresis": same_material(session, batch),
        "reactions": reactions_of(session, batch),
    }


def same_lots(session: Session, batch: BatchRow) -> list[str]:
    lots = {one.lot.id: one.lot.code for one in used_in_batch(session, batch.id) if one.use.quantity > 0}
    found: dict[str, list[str]] = {}
    for lot_id, code in lots.items():
        for other in batches_with(session, lot_id):
            if other.id != batch.id:
                found.setdefault(other.number, []).append(code)
    return [f"{number}: {', '.join(sorted(codes))}" for number, codes in sorted(found.items())]


def same_material(session: Session, batch: BatchRow) -> list[str]:
    others = {
        other.number
        for one in collections_of_batch(session, batch)
        for other in batches_made_of(session, one.id)
        if other.id != batch.id
    }
    return sorted(others)


def reactions_of(session: Session, batch: BatchRow) -> list[dict[str, Any]]:
    """Reactions after an infusion of any container of the batch."""
    query = (
        sa.select(ReactionRow, ContainerRow.code)
        .join(AdministrationRow, AdministrationRow.id == ReactionRow.administration_id)
        .join(DispensingRow, DispensingRow.id == AdministrationRow.dispensing_id)
        .join(ContainerRow, ContainerRow.id == DispensingRow.container_id)
        .where(ContainerRow.batch_id == batch.id)
        .order_by(ReactionRow.onset_at)
    )
    return [
        {"after": code, "reaction": row.term, "grade": row.grade, "began at": row.onset_at}
        for row, code in session.execute(query)
    ]


def report_content(session: Session, container_id: str) -> dict[str, Any]:
    container = get_container(session, container_id)
    return {"title": container.code, "version": container.version, **context(session, container_id)}


def defect_content(session: Session, defect_id: str) -> dict[str, Any]:
    """What whoever assesses or closes is shown and signs."""
    row, people = get_defect(session, defect_id), names(session)
    return {
        "title": row.number,
        "version": row.version,
        "status": row.status,
        "kind of defect": row.kind,
        "description": row.description,
        "seen at": row.seen_at,
        "reported by": people.get(row.reported_by, row.reported_by),
        "class": row.classification,
        "assessment": row.assessment,
        "follow-up": " ".join(one for one in (row.follow_up, row.follow_number) if one) or None,
        **context(session, row.container_id),
    }


def follow_ups(session: Session, batch_id: str, follow_up: FollowUp) -> frozenset[str]:
    """Numbers of the records of that kind about the batch."""
    found: dict[FollowUp, list[Any]] = {
        FollowUp.DEVIATION: list(deviations_of(session, batch_id)),
        FollowUp.OOS: list(oos_of_batch(session, batch_id)),
        FollowUp.RECALL: list(recalls_of_batch(session, batch_id)),
    }
    return frozenset(one.number for one in found.get(follow_up, []))


def defect_line(session: Session, row: DefectRow, people: dict[str, str]) -> dict[str, Any]:
    return {
        "id": row.id,
        "number": row.number,
        "container_id": row.container_id,
        "container": get_container(session, row.container_id).code,
        "batch_id": row.batch_id,
        "batch": get_batch(session, row.batch_id).number,
        "kind": row.kind,
        "description": row.description,
        "seen_at": row.seen_at,
        "stopped": row.hold_id is not None,
        "status": row.status,
        "reported_by": people.get(row.reported_by, row.reported_by),
        "reported_at": row.reported_at,
        "classification": row.classification,
        "assessment": row.assessment,
        "follow_up": row.follow_up,
        "follow_number": row.follow_number,
        "assessed_by": people.get(row.assessed_by or ""),
        "assessed_at": row.assessed_at,
        "conclusion": row.conclusion,
        "closed_by": people.get(row.closed_by or ""),
        "closed_at": row.closed_at,
    }


def list_defects(session: Session, args: dict[str, str]) -> tuple[list[dict[str, Any]], dict[str, int]]:
    query = sa.select(DefectRow)
    if args.get("status") in set(DefectStatus):
        query = query.where(DefectRow.status == args["status"])
    rows, page = paged(session, query, args, SORTS, "-reported")
    people = names(session)
    return [defect_line(session, row, people) for row in rows], page
