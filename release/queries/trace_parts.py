"""One batch of a chain with everything below it: steps, tests, decisions, labels, where it went, who signed."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.db import Audited
from kernel.tables import SignatureRow
from manufacturing.domain.materials import total
from manufacturing.queries.collections import collections_of_batch
from manufacturing.queries.lot_uses import Used
from manufacturing.queries.parts import parts_in_batch
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.collections import CollectionRow
from manufacturing.tables.places import CustodyRow
from release.queries.testing import specification_of
from release.tables.destructions import DestructionRow
from release.tables.dispensing import DispensingRow

Grouped = dict[str, dict[str, list[Any]]]


def collection_part(row: CollectionRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "number": row.number,
        "donor_id": row.donor_id,
        "status": row.status,
        "received_at": row.received_at,
        "accepted_at": row.accepted_at,
    }


def batch_part(
    session: Session, row: BatchRow, grouped: Grouped, people: dict[str, str], *, clinical: bool
) -> dict[str, Any]:
    containers = grouped["containers"][row.id]
    signatures = signatures_of(session, row, grouped, clinical=clinical)
    called = {one.key: one.name for one in specification_of(session, row).criteria}
    return {
        "id": row.id,
        "number": row.number,
        "collection_ids": [one.id for one in collections_of_batch(session, row)],
        "status": row.status,
        "expires_at": row.expires_at,
        "steps": [
            {
                "position": one.position,
                "title": one.title,
                "status": one.status,
                "by": people.get(one.performed_by or ""),
                "verified_by": people.get(one.verified_by or ""),
                "at": one.performed_at,
            }
            for one in grouped["steps"][row.id]
        ],
        "lots": lot_parts(grouped["lots"][row.id]),
        "equipment": grouped["equipment"][row.id],
        "tests": [
            {
                "number": one.number,
                "criterion": one.criterion,
                "name": called.get(one.criterion, one.criterion),
                "status": one.status,
                "outcome": one.outcome,
            }
            for one in grouped["tests"][row.id]
        ],
        "decisions": [
            {"kind": one.kind, "by": people.get(one.decided_by, "NKTrace"), "at": one.decided_at}
            for one in grouped["decisions"][row.id]
        ],
        "containers": [container_part(one, grouped, people, clinical=clinical) for one in containers],
        "closed": next((one for one in signatures if one["meaning"] == "closed"), None),
        "signatures": signatures,
        "people": people_in(signatures),
    }


def people_in(signatures: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Everybody who signed, by name, with what for, each meaning once."""
    found: dict[str, list[str]] = {}
    for one in signatures:
        meanings = found.setdefault(one["name"], [])
        if one["meaning"] not in meanings:
            meanings.append(one["meaning"])
    return [{"name": name, "signed": meanings} for name, meanings in sorted(found.items())]


def lot_parts(used: list[Used]) -> list[dict[str, Any]]:
    """Every lot that went into the batch, once, with how much of it; in the order of their codes (ATMPR-15.1)."""
    found: dict[str, dict[str, Any]] = {}
    for one in used:
        if one.use.quantity <= 0:
            continue
        line = found.setdefault(
            one.lot.code,
            {
                "id": one.lot.id,
                "code": one.lot.code,
                "material": one.kind.title,
                "supplier": one.lot.supplier,
                "manufacturer_lot": one.lot.manufacturer_lot,
                "expires_at": one.lot.expires_at,
                "state": one.decided,
                "unit": one.lot.unit,
                "quantities": [],
            },
        )
        line["quantities"].append(one.use.quantity)
    return [{**line, "quantity": total(line.pop("quantities"))} for _, line in sorted(found.items())]


def container_part(row: ContainerRow, grouped: Grouped, people: dict[str, str], *, clinical: bool) -> dict[str, Any]:
    dispositions = grouped["dispositions"][row.id]
    return {
        "id": row.id,
        "code": row.code,
        "volume_ml": row.volume_ml,
        "disposition": dispositions[0].status if dispositions else None,
        "destruction": next((destruction_part(one, people) for one in grouped["destructions"][row.id]), None),
        "labels": [
            {"id": one.id, "number": one.short_number, "status": one.status} for one in grouped["labels"][row.id]
        ],
        "moves": [move_part(one, grouped, people) for one in grouped["moves"][row.id]],
        "dispensings": [dispensing_part(one, grouped, people) for one in grouped["dispensings"][row.id]]
        if clinical
        else [],
    }


def move_part(row: CustodyRow, grouped: Grouped, people: dict[str, str]) -> dict[str, Any]:
    """One event of custody (F-COC-1)."""
    places = {key: one[0].code for key, one in grouped["places"].items()}
    return {
        "at": row.moved_at,
        "from": places.get(row.from_place_id or ""),
        "to": places[row.place_id],
        "place_id": row.place_id,
        "handed_by": people.get(row.handed_by, row.handed_by),
        "received_by": people.get(row.received_by, row.received_by),
        "temperature_c": row.temperature_c,
        "gap": row.gap,
        "excursion": row.excursion,
        "current": row.current,
    }


def destruction_part(row: DestructionRow, people: dict[str, str]) -> dict[str, Any]:
    """The end of what was not given (ATMPR-15.3)."""
    return {
        "at": row.destroyed_at,
        "by": people.get(row.destroyed_by),
        "witnessed_by": people.get(row.witnessed_by),
        "volume_ml": row.volume_ml,
        "lost_ml": row.lost_ml,
        "method": row.method,
    }


def dispensing_part(row: DispensingRow, grouped: Grouped, people: dict[str, str]) -> dict[str, Any]:
    given = grouped["administrations"][row.id]
    handed = grouped["hand_overs"][row.id]
    return {
        "order_id": row.order_id,
        "at": row.dispensed_at,
        "kit": kit_on(row, grouped),
        "hand_over_kit": kit_on(handed[0], grouped) if handed else None,
        "infusion_kit": kit_on(given[0], grouped) if given else None,
        "out_of_specification": row.out_of_specification,
        "by": people.get(row.dispensed_by),
        "checked_by": people.get(row.checked_by),
        "cancelled_at": row.cancelled_at,
        "handed_over_at": handed[0].handed_over_at if handed else None,
        "received_by": people.get(handed[0].received_by) if handed else None,
        "outcome": given[0].outcome if given else None,
        "started_at": given[0].started_at if given else None,
        "volume_given_ml": given[0].volume_given_ml if given else None,
        "recorded_by": people.get(given[0].recorded_by) if given else None,
    }


def kit_on(row: Audited, grouped: Grouped) -> str | None:
    """The number of the downtime kit it was entered from; None for what was recorded as it happened."""
    return next(iter(grouped["kits"][row.id]), None)


def signatures_of(session: Session, batch: BatchRow, grouped: Grouped, *, clinical: bool) -> list[dict[str, Any]]:
    """Every signature on the batch and on what belongs to it, in time."""
    containers = [one.id for one in grouped["containers"][batch.id]]
    tests = [one.id for one in grouped["tests"][batch.id]]
    ids = {batch.id, *(one.id for one in collections_of_batch(session, batch)), *containers, *tests}
    ids |= {one.id for one in parts_in_batch(session, batch.id)}
    ids |= {one.id for name in ("steps", "decisions") for one in grouped[name][batch.id]}
    ids |= {one.id for key in containers for name in ("labels", "destructions", "moves") for one in grouped[name][key]}
    ids |= {one.id for key in tests for one in grouped["results"][key]}
    if clinical:
        left = [one for key in containers for one in grouped["dispensings"][key]]
        ids |= {one.id for one in left} | {one.order_id for one in left}
        ids |= {one.id for row in left for name in ("hand_overs", "administrations") for one in grouped[name][row.id]}
    query = (
        sa.select(SignatureRow)
        .where(SignatureRow.record_id.in_(ids))
        .order_by(SignatureRow.signed_at, SignatureRow.record_version)
    )
    return [
        {"name": one.signer_name, "meaning": one.meaning, "at": one.signed_at, "record": one.record_entity}
        for one in session.execute(query).scalars()
    ]
