"""Stations: the list, and the one a key belongs to."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.passwords import token_digest
from kernel.accounts.queries import names
from kernel.errors import NotFound
from kernel.stations.tables import StationRow


def get_station(session: Session, station_id: str) -> StationRow:
    row = session.get(StationRow, station_id)
    if row is None:
        raise NotFound(f"station {station_id}")
    return row


def station_by_code(session: Session, code: str) -> StationRow | None:
    return session.execute(sa.select(StationRow).where(StationRow.code == code)).scalar_one_or_none()


def station_of_key(session: Session, key: str) -> StationRow | None:
    """The open station that carries this key."""
    query = sa.select(StationRow).where(StationRow.key_sha256 == token_digest(key), StationRow.closed_at.is_(None))
    return session.execute(query).scalar_one_or_none()


def stations_are_listed(session: Session) -> bool:
    return session.execute(sa.select(StationRow.id).where(StationRow.closed_at.is_(None)).limit(1)).first() is not None


def list_stations(session: Session) -> list[dict[str, Any]]:
    people = names(session)
    rows = session.execute(sa.select(StationRow).order_by(StationRow.code)).scalars()
    facts = ("id", "code", "title", "scanner", "printer", "enrolled_at", "closed_at")
    return [
        {**{name: getattr(one, name) for name in facts}, "enrolled_by": people.get(one.enrolled_by or "")}
        for one in rows
    ]


def station_content(session: Session, station_id: str) -> dict[str, Any]:
    row = get_station(session, station_id)
    tested = {"a test of the scanner counts for": f"{row.scanner_test_days} d"}
    facts = {
        "scanner": row.scanner,
        "printer": row.printer,
        **tested,
        "enrolled at": row.enrolled_at,
        "closed at": row.closed_at,
    }
    return {"title": row.code, "version": row.version, "station": row.code, "what it is": row.title, **facts}
