"""The trail of a handful of records, read once: what each act did to them, and what was changed after its entry."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import asked_once
from kernel.tables import TrailChangeRow, TrailRow
from manufacturing.domain.corrections import Correction, Link, corrections
from manufacturing.queries.steps import batch_steps, values_of_batch


def links_of(session: Session, record_ids: Collection[str]) -> list[Link]:
    """Every act that entered or changed one of these records, the oldest first."""
    wanted = sorted(record_ids)
    touched = sa.select(TrailChangeRow.seq).where(TrailChangeRow.record_id.in_(wanted))
    query = sa.select(TrailRow).where(TrailRow.seq.in_(touched)).order_by(TrailRow.seq)
    return [link_of(row, set(wanted)) for row in session.execute(query).scalars()]


@asked_once
def links_of_values(session: Session, batch_id: str) -> list[Link]:
    """Of the steps of a batch and everything recorded in them."""
    values = (one.id for rows in values_of_batch(session, batch_id).values() for one in rows)
    return links_of(session, {*values, *(one.id for one in batch_steps(session, batch_id))})


def newest_link(session: Session, record_ids: Collection[str]) -> dict[str, Any]:
    """How many lines of the trail these records have, and the newest with its hash: nothing can be added between."""
    touched = sa.select(TrailChangeRow.seq).where(TrailChangeRow.record_id.in_(sorted(record_ids)))
    query = sa.select(sa.func.count().over(), TrailRow.seq, TrailRow.hash).where(TrailRow.seq.in_(touched))
    found = session.execute(query.order_by(TrailRow.seq.desc()).limit(1)).first()
    lines, newest, hashed = found or (0, 0, "")
    return {"lines": lines, "newest": newest, "hash": hashed}


def link_of(row: TrailRow, wanted: set[str]) -> Link:
    content = json.loads(row.payload)
    changes = tuple(one for one in content.get("changes", ()) if one["id"] in wanted)
    return Link(row.seq, row.at, content["actor"]["name"], row.action, content.get("reason"), row.hash, changes)


def corrections_of(links: Collection[Link]) -> dict[str, list[Correction]]:
    """By record id."""
    found: dict[str, list[Correction]] = {}
    for one in corrections(links):
        found.setdefault(one.record_id, []).append(one)
    return found
