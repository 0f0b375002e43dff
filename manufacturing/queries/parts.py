"""Parts of a leukapheresis, and how long the material may be used."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.documents.queries import document_body, find_effective
from kernel.errors import NotFound
from manufacturing.domain.expiry import ShelfLife
from manufacturing.domain.parts import cells_of, read_part_code
from manufacturing.domain.yields import tnc
from manufacturing.queries.collections import collection_content, get_collection, holds_over, parts_of
from manufacturing.queries.trial import get_subject
from manufacturing.tables.batches import BatchRow
from manufacturing.tables.collections import CollectionPartRow, CollectionRow, CollectionUseRow


def get_part(session: Session, part_id: str) -> CollectionPartRow:
    row = session.get(CollectionPartRow, part_id)
    if row is None:
        raise NotFound(f"part {part_id}")
    return row


def part_by_code(session: Session, text: str) -> CollectionPartRow | None:
    """Only a code whose check character fits."""
    code = read_part_code(text)
    query = sa.select(CollectionPartRow).where(CollectionPartRow.code == code)
    return session.execute(query).scalar_one_or_none() if code else None


def use_of_part(session: Session, part_id: str) -> CollectionUseRow | None:
    """The one batch it went into, or its destruction; None while it is kept."""
    query = sa.select(CollectionUseRow).where(CollectionUseRow.part_id == part_id)
    return session.execute(query).scalar_one_or_none()


def kept_parts(session: Session, collection_id: str) -> list[CollectionPartRow]:
    """Those that are still here."""
    gone = sa.select(CollectionUseRow.part_id).where(CollectionUseRow.part_id.is_not(None))
    query = sa.select(CollectionPartRow).where(
        CollectionPartRow.collection_id == collection_id, CollectionPartRow.id.not_in(gone)
    )
    return list(session.execute(query.order_by(CollectionPartRow.number)).scalars())


def parts_in_batch(session: Session, batch_id: str) -> list[CollectionPartRow]:
    """What the batch is made from, where it is made from parts; of each leukapheresis one at most."""
    taken = sa.select(CollectionUseRow.part_id).where(CollectionUseRow.batch_id == batch_id)
    query = sa.select(CollectionPartRow).where(CollectionPartRow.id.in_(taken)).order_by(CollectionPartRow.code)
    return list(session.execute(query).scalars())


def number_on_bag(session: Session, batch: BatchRow) -> str:
    """What is scanned from the bag the batch was opened with: the code of the part, or the donation number."""
    part = next((one for one in parts_in_batch(session, batch.id) if one.collection_id == batch.collection_id), None)
    return part.code if part else get_collection(session, batch.collection_id).number


def use_by(session: Session, row: CollectionRow) -> datetime | None:
    """The end of the material's clock by the specification in force; None before the donation or without one."""
    document = find_effective(session, "specification")
    if document is None or row.ended_at is None:
        return None
    lasting = Decimal(document_body(document)["hours_after_apheresis"])
    return ShelfLife("apheresis", row.ended_at, lasting).ends_at()


def part_content(session: Session, part_id: str) -> dict[str, Any]:
    """What is shown and signed when something is done to a part: its own facts and those of its leukapheresis."""
    row = get_part(session, part_id)
    used = use_of_part(session, part_id)
    return {
        "title": row.code,
        "part": row.code,
        "volume (mL)": row.volume_ml,
        "gone": used.kind if used else None,
        "leukapheresis": collection_content(session, row.collection_id),
    }


def part_line(session: Session, row: CollectionPartRow, whole: CollectionRow, people: dict[str, str]) -> dict[str, Any]:
    """One part in the table of its leukapheresis, and the head of its page."""
    used = use_of_part(session, row.id)
    batch = session.get(BatchRow, used.batch_id) if used and used.batch_id else None
    cells = None if whole.volume_ml is None or whole.wbc is None else tnc(whole.volume_ml, whole.wbc)
    return {
        "id": row.id,
        "code": row.code,
        "volume_ml": row.volume_ml,
        "cells": cells_of(row.volume_ml, whole.volume_ml, cells),
        "split_at": row.split_at,
        "split_by": people.get(row.split_by, row.split_by),
        "verified_by": people.get(row.verified_by, row.verified_by),
        "state": "kept" if used is None else used.kind,
        "batch": {"id": batch.id, "number": batch.number, "status": batch.status} if batch else None,
        "gone_at": used.done_at if used else None,
        "words": used.words if used else None,
    }


def part_lines(session: Session, whole: CollectionRow) -> list[dict[str, Any]]:
    people = names(session)
    return [part_line(session, one, whole, people) for one in parts_of(session, whole.id)]


def part_view(session: Session, part_id: str) -> dict[str, Any]:
    """The page of a part: parent above, batch below."""
    row = get_part(session, part_id)
    whole = get_collection(session, row.collection_id)
    return {
        **part_line(session, row, whole, names(session)),
        "collection": {"id": whole.id, "number": whole.number, "status": whole.status, "volume_ml": whole.volume_ml},
        "subject": get_subject(session, whole.subject_id).code,
        "use_by": use_by(session, whole),
        "viability": whole.viability,
        "holds": [hold.document() for hold in holds_over(session, whole)],
    }
