"""The trail of a handful of records, read once: what each act did to them, and what was changed after its entry."""

from __future__ import annotations

import json
from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.tables import TrailChangeRow, TrailRow
from manufacturing.domain.corrections import Correction, Link, corrections


def links_of(session: Session, record_ids: Collection[str]) -> list[Link]:
    """Every act that entered or changed one of these records, the oldest first."""
    wanted = set(record_ids)
    touched = sa.select(TrailChangeRow.seq).where(TrailChangeRow.record_id.in_(wanted))
    query = sa.select(TrailRow).where(TrailRow.seq.in_(touched)).order_by(TrailRow.seq)
    return [link_of(row, wanted) for row in session.execute(query).scalars()]


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
