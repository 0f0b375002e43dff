"""The list of stations as pages and API."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate
from sqlalchemy.orm import Session

from kernel.accounts.permissions import AD, IN, QA
from kernel.permissions import permission
from kernel.refusals import N_
from kernel.stations.queries import list_stations, station_content
from kernel.stations.services import close_station, enrol_station, open_station
from kernel.web.registry import NAVIGATION, Done, Nav, act, view
from kernel.web.site import Viewer
from kernel.work import Work

STATIONS = "/administration/stations"
ONE = f"{STATIONS}/<station_id>"
permission("station:manage", QA)
permission("station:read", AD, QA, IN)
NAVIGATION.append(Nav(N_("Stations"), STATIONS, "station:read", 88, aside=True))


def words(label: str, longest: int, **about: str) -> fields.String:
    return fields.String(required=True, validate=validate.Length(2, longest), metadata={"label": label, **about})


class StationSchema(Schema):
    code = words(N_("Code of the station"), 20, help=N_("For example: PH-01."))
    title = words(N_("What it is"), 80)
    scanner = words(N_("Scanner"), 60, help=N_("Its number, as on the device."))
    printer = words(N_("Printer"), 60, help=N_("Its number, as on the device; “none” where there is none."))
    scanner_test_days = fields.Integer(
        load_default=31,
        validate=validate.Range(1, 366),
        metadata={
            "label": N_("A test of the scanner counts for"),
            "unit": N_("days"),
            "help": N_("Left empty: 31 days."),
        },
    )


@view("station.list", STATIONS, permission="station:read", template="kernel/stations.html", summary="Stations.")
def show_stations(session: Session, viewer: Viewer) -> dict[str, Any]:
    return {"stations": list_stations(session), "here": viewer.station}


@act(
    "station.open",
    f"{STATIONS}/new",
    permission="station:manage",
    title=N_("Open a station"),
    schema=StationSchema,
    signs=1,
    meaning=N_("This terminal, with this scanner and printer, may scan and print where it decides about a product."),
)
def open_it(work: Work, **fields: Any) -> Done:
    row = open_station(work, **fields)
    return Done(STATIONS, N_("Open. Enrol it on the terminal itself."), {"id": row.id, "code": row.code})


@act(
    "station.enrol",
    f"{ONE}/enrol",
    permission="station:manage",
    title=N_("This terminal is the station"),
    content=station_content,
    signs=1,
    meaning=N_("I stand at this terminal; from now on its browser is this station."),
    replay=False,
)
def enrol(work: Work, station_id: str) -> Done:
    row, key = enrol_station(work, station_id)
    told = {"id": row.id, "code": row.code, "station_key": key}
    return Done(STATIONS, N_("This browser is the station now."), told, station_key=key)


@act(
    "station.close",
    f"{ONE}/close",
    permission="station:manage",
    title=N_("Close the station"),
    content=station_content,
    signs=1,
    meaning=N_("This terminal is not used any more."),
    danger=True,
)
def close_it(work: Work, station_id: str) -> Done:
    row = close_station(work, station_id)
    return Done(STATIONS, N_("Closed."), {"id": row.id, "code": row.code})
