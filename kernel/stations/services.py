"""Opening, enrolling and closing stations."""

from __future__ import annotations

from kernel.accounts.passwords import new_token, token_digest
from kernel.errors import Refused, refuse_any
from kernel.refusals import DUPLICATE_ID, N_
from kernel.stations.domain import STATION_CLOSED, code_refusals
from kernel.stations.queries import station_by_code, station_content
from kernel.stations.tables import StationRow
from kernel.work import Work


def open_station(
    work: Work, *, code: str, title: str, scanner: str, printer: str, scanner_test_days: int
) -> StationRow:
    """The first open station makes the list; from then on unlisted terminals are refused where it matters."""
    work.require("station:manage")
    work.confirm({})
    refusals = list(code_refusals(code))
    if station_by_code(work.session, code) is not None:
        refusals.append(DUPLICATE_ID(name=N_("The code of the station"), value=code, field="code"))
    refuse_any(refusals)
    row = StationRow(code=code, title=title.strip(), scanner=scanner.strip(), printer=printer.strip())
    row.opened_by, row.scanner_test_days = work.signer().id, scanner_test_days
    work.add(row)
    work.sign(row, "station opened")
    return row


def enrol_station(work: Work, station_id: str) -> tuple[StationRow, str]:
    """A new key for the terminal on which this is signed; an older one is worth nothing any more."""
    row, key = _open_row(work, station_id), new_token()
    row.key_sha256, row.enrolled_at, row.enrolled_by = token_digest(key), work.at, work.signer().id
    work.sign(row, "station enrolled")
    return row, key


def close_station(work: Work, station_id: str) -> StationRow:
    row = _open_row(work, station_id)
    row.closed_at, row.key_sha256 = work.at, None
    work.sign(row, "station closed")
    return row


def _open_row(work: Work, station_id: str) -> StationRow:
    work.require("station:manage")
    row = work.lock(StationRow, station_id)
    work.confirm(station_content(work.session, station_id))
    if row.closed_at is not None:
        raise Refused(STATION_CLOSED(station=row.code))
    return row
