"""Open holds over a record; they stack, and what is below a held record is held with it (decision 26)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.errors import NotFound
from kernel.rounds import for_each
from manufacturing.domain.holds import HoldCause, HoldScope
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.collections import CollectionRow
from manufacturing.tables.trial import HoldRow, SubjectRow, TrialRow


@dataclass(frozen=True, slots=True)
class OpenHold:
    """``record``: the code or number of the held record; ``set_by``: id of a person, or ``system``."""

    id: str
    scope: str
    record_id: str
    record: str
    cause: str
    reason: str
    since: datetime
    set_by: str

    def document(self) -> dict[str, Any]:
        return {
            "scope": self.scope,
            "record": self.record,
            "cause": self.cause,
            "reason": self.reason,
            "since": self.since,
            "id": self.id,
        }


HELD: dict[str, tuple[type[Any], str]] = {
    HoldScope.TRIAL: (TrialRow, "code"),
    HoldScope.SUBJECT: (SubjectRow, "code"),
    HoldScope.COLLECTION: (CollectionRow, "number"),
    HoldScope.BATCH: (BatchRow, "number"),
    HoldScope.CONTAINER: (ContainerRow, "code"),
}


def get_hold(session: Session, hold_id: str) -> HoldRow:
    row = session.get(HoldRow, hold_id)
    if row is None:
        raise NotFound(f"hold {hold_id}")
    return row


def held_record(session: Session, scope: str, record_id: str) -> str:
    """Code or number of the record a hold is on."""
    if scope not in HELD:
        raise NotFound(f"{scope} {record_id}")
    table, column = HELD[scope]
    row = session.get(table, record_id)
    if row is None:
        raise NotFound(f"{scope} {record_id}")
    return str(getattr(row, column))


def held_records(session: Session, rows: Sequence[HoldRow]) -> dict[str, str]:
    """Code or number of each held record, by the id of the hold; one query for each scope."""

    def named(scope: str) -> dict[str, str]:
        table, name = HELD[scope]
        held = [row for row in rows if row.scope == scope]
        query = sa.select(table.id, getattr(table, name)).where(table.id.in_({row.record_id for row in held}))
        records = dict(session.execute(query).all())
        return {row.id: records[row.record_id] for row in held}

    return {key: record for some in for_each(named, {row.scope for row in rows}) for key, record in some.items()}


def open_holds(
    session: Session,
    *,
    trial: str | None = None,
    subject: str | None = None,
    collection: str | None = None,
    batch: str | None = None,
    container: str | None = None,
    collections: Iterable[str] = (),
    containers: Iterable[str] = (),
    stood_at: datetime | None = None,
) -> list[OpenHold]:
    """Open holds on exactly these records (ids), the oldest first. ``collections``: all that a batch is made from;
    ``containers``: all that were filled of it. ``stood_at``: those too that stood then and are lifted since."""
    wanted = {
        HoldScope.TRIAL: trial,
        HoldScope.SUBJECT: subject,
        HoldScope.COLLECTION: collection,
        HoldScope.BATCH: batch,
        HoldScope.CONTAINER: container,
    }
    pairs = [(scope.value, record_id) for scope, record_id in wanted.items() if record_id is not None]
    pairs += [(HoldScope.COLLECTION.value, record_id) for record_id in collections]
    pairs += [(HoldScope.CONTAINER.value, record_id) for record_id in containers]
    if not pairs:
        return []
    stands = HoldRow.lifted_at.is_(None)
    if stood_at is not None:
        stands = sa.or_(stands, sa.and_(HoldRow.set_at <= stood_at, HoldRow.lifted_at > stood_at))
    query = (
        sa.select(HoldRow)
        .where(stands, sa.tuple_(HoldRow.scope, HoldRow.record_id).in_(pairs))
        .order_by(HoldRow.set_at, HoldRow.id)
    )
    return opened(session, session.execute(query).scalars().all())


def last_held(session: Session, record_id: str, cause: HoldCause) -> datetime | None:
    """When this record was last held for this cause, lifted or not."""
    query = sa.select(sa.func.max(HoldRow.set_at)).where(HoldRow.record_id == record_id, HoldRow.cause == cause)
    return session.execute(query).scalar()


def opened(session: Session, rows: Sequence[HoldRow]) -> list[OpenHold]:
    records = held_records(session, rows)
    return [
        OpenHold(row.id, row.scope, row.record_id, records[row.id], row.cause, row.reason, row.set_at, row.set_by)
        for row in rows
    ]


def list_open_holds(session: Session) -> list[OpenHold]:
    query = sa.select(HoldRow).where(HoldRow.lifted_at.is_(None)).order_by(HoldRow.set_at)
    return opened(session, session.execute(query).scalars().all())


def hold_content(session: Session, hold_id: str) -> dict[str, Any]:
    """What somebody who lifts a hold is shown and signs."""
    row = get_hold(session, hold_id)
    return {
        "title": held_record(session, row.scope, row.record_id),
        "version": row.version,
        "on": row.scope,
        "cause": row.cause,
        "reason": row.reason,
        "set by": names(session).get(row.set_by, row.set_by),
        "set at": row.set_at,
        "lifted at": row.lifted_at,
    }


def held_content(session: Session, scope: str, record_id: str) -> dict[str, Any]:
    """What somebody who sets a hold is shown: the record, and the holds it already has."""
    record = held_record(session, scope, record_id)
    held = {scope: record_id} if scope in set(HoldScope) else {}
    return {"title": record, "record": scope, "open holds": [hold.document() for hold in open_holds(session, **held)]}
