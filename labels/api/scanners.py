"""The set-up label of the scanners: printed, scanned at a station, judged, and shown beside the station."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.refusals import N_
from kernel.stations.domain import STATION_UNKNOWN
from kernel.stations.queries import get_station, station_by_code
from kernel.web.registry import Done, act, download, panel
from kernel.web.site import Viewer
from kernel.work import Work
from labels.domain.scanners import scanner_warnings
from labels.drawing.setup_label import draw_setup_label
from labels.queries.scanners import latest_test, scanner_facts
from labels.schemas.scanners import ScannerTestSchema
from labels.services.scanners import record_scanner_test

TEST = "/stations/scanner-test"
LABEL = "/stations/scanner-label.pdf"
TITLE = N_("Set-up label of the scanners")
LINES = (
    N_("Open “Test the scanner” at the station, put the cursor into the field and scan the code."),
    N_("The answer says whether every character arrives, or which keyboard layout is in the way."),
    N_("Every month, and whenever scanner, keyboard or computer change. This is no label of a product."),
)


def last_test(session: Session, station_id: str) -> dict[str, Any] | None:
    row = latest_test(session, station_id)
    if row is None:
        return None
    facts = ("layout", "caps_lock", "enter", "labels_read", "all_read", "data_matrix_read", "tested_at")
    return {**{name: getattr(row, name) for name in facts}, "tested_by": names(session).get(row.tested_by, "")}


def here(session: Session, viewer: Viewer) -> dict[str, Any]:
    station = station_by_code(session, viewer.station) if viewer.station else None
    if station is None:
        return {"refusals": (STATION_UNKNOWN(),), "station": "", "last": None}
    return {"station": station.code, "last": last_test(session, station.id)}


@act(
    "scanner.test",
    TEST,
    permission="scanner:test",
    title=N_("Test the scanner"),
    schema=ScannerTestSchema,
    prepare=here,
    template="labels/scanner_test.html",
)
def test(work: Work, **fields: str) -> Done:
    row = record_scanner_test(work, **fields)
    said = N_("Kept: product labels arrive whole.") if row.labels_read else N_("Kept: the scanner did not pass.")
    facts = ("layout", "caps_lock", "enter", "labels_read", "all_read", "data_matrix_read")
    return Done(TEST, said, {"id": row.id, **{name: getattr(row, name) for name in facts}}, 201)


@download("scanner.label", LABEL, permission="scanner:read", summary="Every printable character as QR and Data Matrix.")
def print_setup_label(_session: Session, viewer: Viewer) -> tuple[bytes, str, str]:
    lines = tuple(viewer.speech.say(line) for line in LINES)
    return draw_setup_label(viewer.speech.say(TITLE), lines), "application/pdf", "scanner-setup.pdf"


def station_panel(session: Session, _viewer: Viewer, station_id: str, **_ids: str) -> dict[str, Any]:
    """Beside a station in the list: when its scanner was tested, and with what result."""
    facts = scanner_facts(session, get_station(session, station_id).code)
    return {
        "template": "labels/scanner_state.html",
        "last": last_test(session, station_id),
        "until": facts and facts.until,
    }


def scan_panel(session: Session, viewer: Viewer, **_ids: str) -> dict[str, Any] | None:
    """On the page of the scans: whether this station's scanner may be believed."""
    facts = scanner_facts(session, viewer.station)
    if facts is None or not viewer.may("scanner:test"):
        return None
    return {
        "template": "labels/scanner_here.html",
        "warnings": scanner_warnings(facts, viewer.at),
        "until": facts.until,
    }


panel("station", station_panel)
panel("scan", scan_panel)
