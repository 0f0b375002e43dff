"""Keeping what arrived when a station's scanner read the set-up label."""

from __future__ import annotations

from kernel.errors import Refused
from kernel.stations.domain import STATION_UNKNOWN
from kernel.stations.queries import station_by_code
from kernel.work import Work
from labels.domain.keyboards import judge_setup
from labels.domain.payload import MAGIC, MODHEX
from labels.tables.scanners import ScannerTestRow


def record_scanner_test(work: Work, *, qr_text: str, data_matrix_text: str) -> ScannerTestRow:
    """Passed or not, it is kept: of the station at which it was scanned (P11-10h)."""
    work.require("scanner:test")
    work.confirm({})
    code = str(work.details.get("station", ""))
    station = station_by_code(work.session, code) if code else None
    if station is None:
        raise Refused(STATION_UNKNOWN())
    letters = MAGIC + MODHEX
    found = judge_setup(qr_text, letters)
    row = ScannerTestRow(station_id=station.id, layout=found.layout, caps_lock=found.caps_lock, enter=found.enter)
    row.labels_read, row.all_read = found.labels_read, found.all_read
    row.data_matrix_read = judge_setup(data_matrix_text, letters).all_read if data_matrix_text else None
    row.tested_by, row.tested_at = work.actor.id, work.at
    return work.add(row)
