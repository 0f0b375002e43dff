"""What witnesses know that this trail does not, and whether anything may be decided by it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.database import Database
from kernel.signatures import Seal, seal_holds
from kernel.tables import TrailRow
from kernel.witness.domain import ToldHead
from kernel.witness.tables import MissedHeadRow, RecoveryRow

RECOVERIES = sa.select(sa.func.count(RecoveryRow.id)).scalar_subquery()
OPEN = sa.select(MissedHeadRow).where(MissedHeadRow.recovery_id.is_(None))
ANY_OPEN = OPEN.limit(1)


def tell_head(seal: Seal, head: tuple[int, str], recoveries: int) -> ToldHead:
    told = ToldHead(*head, recoveries)
    return ToldHead(*head, recoveries, seal.sign(told.sealed))


def is_genuine(seal: Seal, told: ToldHead) -> bool:
    return seal_holds(seal.public, told.sealed, told.seal)


def is_on_trail(session: Session, told: ToldHead) -> bool:
    return bool(session.execute(sa.select(TrailRow.hash).where(TrailRow.seq == told.seq)).scalar() == told.hash)


def is_accounted_for(session: Session, told: ToldHead) -> bool:
    """Lost, and QA has signed since that the lines it belongs to were lost."""
    query = sa.select(RecoveryRow.id).where(
        RecoveryRow.number > told.recoveries, RecoveryRow.kept_seq < told.seq, RecoveryRow.lost_until >= told.seq
    )
    return session.execute(query.limit(1)).first() is not None


def is_missed(session: Session, told: ToldHead) -> bool:
    return not is_on_trail(session, told) and not is_accounted_for(session, told)


def is_noted(session: Session, told: ToldHead) -> bool:
    query = OPEN.where(
        MissedHeadRow.seq == told.seq, MissedHeadRow.hash == told.hash, MissedHeadRow.recoveries == told.recoveries
    )
    return session.execute(query.limit(1)).first() is not None


def open_missed(session: Session) -> list[MissedHeadRow]:
    return list(session.execute(OPEN.order_by(MissedHeadRow.seq, MissedHeadRow.id)).scalars())


def records_are_behind(database: Database, session: Session) -> bool:
    """Whether anybody knows of a line that is not here: a browser, a client, or the file outside the database."""
    return database.head_is_behind(session) or session.execute(ANY_OPEN).first() is not None


def newest_seq(session: Session) -> int:
    return int(session.execute(sa.select(sa.func.max(TrailRow.seq))).scalar() or 0)


def missed_lines(database: Database, session: Session) -> tuple[list[dict[str, Any]], bool]:
    """Every missing line with who knows of it; and whether the file outside cannot be read."""
    people = names(session)
    lines = [
        {
            "line": row.seq,
            "hash": row.hash,
            "station": row.station,
            "noticed by": people.get(row.noticed_by, ""),
            "noticed at": row.noticed_at,
        }
        for row in open_missed(session)
    ]
    outside = database.remembered_head()
    if outside is not None and database.head_is_behind(session):
        lines.append({"line": outside[0], "hash": outside[1], "station": "", "noticed by": "", "noticed at": None})
    return lines, outside is None and database.head_is_behind(session)


def recovery_content(database: Database, session: Session) -> dict[str, Any]:
    lines, unread = missed_lines(database, session)
    number = session.execute(sa.select(sa.func.count(RecoveryRow.id))).scalar_one() + 1
    return {"recovery": number, "missing lines of the trail": lines, "head outside cannot be read": unread}


def list_recoveries(session: Session) -> list[dict[str, Any]]:
    people = names(session)
    rows = session.execute(sa.select(RecoveryRow).order_by(RecoveryRow.number.desc())).scalars()
    facts = ("id", "number", "kept_seq", "lost_until", "copy", "accounted", "signed_at")
    return [
        {**{name: getattr(one, name) for name in facts}, "signed_by": people.get(one.signed_by, "")} for one in rows
    ]
