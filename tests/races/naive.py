"""The planted defect: a dispensing that looks first and acts later, and holds nothing in between.

Served by the same server (``tests.races.naive:naive_app()``) on a database without the unique keys that would stop it too.
Every hostile test must catch a defect that was put there on purpose (hazards 3.0).
"""

from __future__ import annotations

import sqlite3
import time
from typing import Any

from flask import Flask, g, request

import release.api.dispensing
from config.app import create_app
from config.settings import Settings
from kernel.errors import refuse_any
from kernel.web.site import this_site
from kernel.work import Work
from manufacturing.tables.batches import ContainerRow
from release.queries.dispense_contents import dispense_content
from release.queries.dispensing import get_scan
from release.services.dispensing import already_dispensed, enter
from release.tables.dispensing import DispensingRow
from tests.databases import sqlite_url
from tests.races.installations import Installation

BETWEEN = 0.02
DISPENSE = "/api/v1/dispense/scans/"


def look_first() -> None:
    """Before anybody waits in line: has it been dispensed? The answer is a little old when it is used."""
    if request.method != "POST" or not request.path.startswith(DISPENSE):
        return
    with this_site().database.reading() as session:
        scan = get_scan(session, request.path.removeprefix(DISPENSE))
        g.looked = already_dispensed(session, session.get_one(ContainerRow, scan.container_id))
    time.sleep(BETWEEN)


def dispense_later(work: Work, scan_id: str, **_said: Any) -> DispensingRow:
    """No lock on the chain, no second look."""
    scan = get_scan(work.session, scan_id)
    refuse_any(g.looked)
    work.confirm(dispense_content(work.session, scan_id))
    row = enter(work, scan, work.session.get_one(ContainerRow, scan.container_id), pending=False)
    work.sign(row, "dispensed", 0)
    work.sign(row, "second check", 1)
    return row


def naive_app() -> Flask:
    release.api.dispensing.dispense = dispense_later
    made = create_app(Settings.from_environ())
    made.before_request(look_first)
    return made


def without_unique_keys(installation: Installation) -> None:
    """The database's own refusals of a second dispensing, taken away from a copy."""
    if installation.source is not None:
        installation.owner("DROP INDEX IF EXISTS uq_dispensing_container")
        installation.owner("ALTER TABLE dispensing DROP CONSTRAINT IF EXISTS uq_dispensing_order_id")
        return
    with sqlite3.connect(sqlite_url(installation.folder).removeprefix("sqlite:///")) as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        (made,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'dispensing'").fetchone()
        kept = [line for line in made.split("\n") if "UNIQUE (order_id)" not in line]
        connection.execute("DROP TABLE dispensing")
        connection.execute("\n".join(kept))
    connection.close()
