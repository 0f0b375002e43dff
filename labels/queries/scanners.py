"""The newest test of a station's scanner."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.stations.queries import station_by_code
from labels.domain.scanners import ScannerFacts
from labels.tables.scanners import ScannerTestRow


def latest_test(session: Session, station_id: str) -> ScannerTestRow | None:
    query = sa.select(ScannerTestRow).where(ScannerTestRow.station_id == station_id)
    newest = query.order_by(ScannerTestRow.tested_at.desc(), ScannerTestRow.id.desc()).limit(1)
    return session.execute(newest).scalar_one_or_none()


def scanner_facts(session: Session, code: str) -> ScannerFacts | None:
    """``code``: of the station; None where the terminal is none."""
    station = station_by_code(session, code) if code else None
    if station is None:
        return None
    row = latest_test(session, station.id)
    if row is None:
        return ScannerFacts(station.code, station.scanner_test_days)
    isbt = bool(row.data_matrix_read)
    return ScannerFacts(station.code, station.scanner_test_days, row.tested_at, row.labels_read, isbt)
