"""The trail: every act one link, hashed with what it changed, written in the act's own transaction."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event, inspect
from sqlalchemy.orm import ORMExecuteState, Session

from kernel.canonical import canonical, plain
from kernel.db import Audited, Base
from kernel.tables import TrailHeadRow

GENESIS = "0" * 64
CHANGES = "trail_changes"
# Every act takes these steps, so each is put together once.
HEAD = sa.select(TrailHeadRow).where(TrailHeadRow.id == 1).with_for_update()
TABLES = Base.metadata.tables
NEXT_HEAD = sa.update(TABLES["trail_head"]).where(TrailHeadRow.id == 1)
LINK, CHANGE = sa.insert(TABLES["trail"]), sa.insert(TABLES["trail_change"])


def link_hash(prev_hash: str, payload: str) -> str:
    """``SHA-256(0x01 | prev | SHA-256(payload))``: domain-separated, 64 hex digits (hazards 4.1)."""
    inner = hashlib.sha256(payload.encode("utf-8")).digest()
    return hashlib.sha256(b"\x01" + bytes.fromhex(prev_hash) + inner).hexdigest()


def append(
    session: Session,
    *,
    at: datetime,
    actor: dict[str, Any],
    action: str,
    outcome: str,
    content: dict[str, Any],
) -> tuple[int, str, str]:
    """Lock the head, then write the next link. Returns its number, its hash and the hash before it."""
    head = session.execute(HEAD).scalar_one()
    seq = head.seq + 1
    before = head.hash
    payload = canonical(
        {"seq": seq, "at": at, "actor": actor, "action": action, "outcome": outcome, "prev": before, **content}
    )
    new_hash = link_hash(before, payload)
    link = {"seq": seq, "at": at, "actor_id": actor.get("id"), "action": action, "outcome": outcome}
    session.execute(LINK, {**link, "payload": payload, "prev_hash": before, "hash": new_hash})
    if changes := content.get("changes"):
        session.execute(
            CHANGE,
            [
                {"record_id": one["id"], "version": one["version"], "entity": one["entity"], "seq": seq}
                for one in changes
            ],
        )
    session.execute(NEXT_HEAD, {"seq": seq, "hash": new_hash})
    session.expire(head)
    return seq, new_hash, before


def changes_of(row: Audited, *, created: bool) -> dict[str, Any]:
    """Old and new value of every column that this flush writes."""
    state = inspect(row)
    new: dict[str, Any] = {}
    old: dict[str, Any] = {}
    for column in state.mapper.column_attrs:
        history = state.attrs[column.key].history
        if column.key in {"id", "version"} or not (created or history.has_changes()):
            continue
        new[column.key] = plain(getattr(row, column.key))
        if history.deleted and not created:
            old[column.key] = plain(history.deleted[0])
    return {"old": old, "new": new}


@event.listens_for(Session, "after_flush")
def collect(session: Session, _context: Any) -> None:
    """Every audited row that this flush wrote is noted; outside a unit of work nothing may be written."""
    dirty = [row for row in (*session.new, *session.dirty) if isinstance(row, Audited)]
    if any(isinstance(row, Audited) for row in session.deleted):
        raise RuntimeError("records are never deleted")
    noted = session.info.get(CHANGES)
    for row in dirty:
        created = row in session.new
        change = changes_of(row, created=created)
        if not created and not change["new"]:
            continue
        if noted is None:
            raise RuntimeError("records change only inside a unit of work")
        noted.append(
            {
                "entity": row.__tablename__,
                "id": row.id,
                "version": row.version,
                "op": "create" if created else "change",
                **change,
            }
        )


@event.listens_for(Session, "do_orm_execute")
def refuse_bulk(state: ORMExecuteState) -> None:
    """Bulk statements would pass the trail by."""
    if state.is_insert or state.is_update or state.is_delete:
        mapper = state.bind_mapper
        if mapper is not None and issubclass(mapper.class_, Audited):
            raise RuntimeError("bulk statements on records are refused")
