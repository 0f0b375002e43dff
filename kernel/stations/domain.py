"""Which terminals may scan and print where it matters: none but the listed ones, once there is a list (P11-10h)."""

from __future__ import annotations

import re

from kernel.refusals import ID_FORMAT, N_, Refusal, kind

CODE = re.compile(r"[A-Z][A-Z0-9-]{1,18}[A-Z0-9]", re.ASCII)

STATION_UNKNOWN = kind(
    "STATION_UNKNOWN",
    403,
    N_("This terminal is not on the list of stations; scans and prints that decide about a product are refused here."),
    resolver=N_("QA"),
    next_step=N_("Use a listed station, or ask QA to enrol this one."),
)
STATION_CLOSED = kind(
    "STATION_CLOSED",
    409,
    N_("Station %(station)s is closed."),
    resolver=N_("QA"),
    next_step=N_("Open a station with another code."),
)


def code_refusals(code: str) -> tuple[Refusal, ...]:
    if CODE.fullmatch(code):
        return ()
    expected = N_("3 to 20 capital letters, digits and hyphens, beginning with a letter")
    return (ID_FORMAT(name=N_("The code of the station"), expected=expected, field="code"),)


def station_refusals(*, asked: bool, listed: bool, station: str) -> tuple[Refusal, ...]:
    """``asked``: the act decides by a scan or a print. ``listed``: there is a list. ``station``: code, empty if unknown."""
    return (STATION_UNKNOWN(),) if asked and listed and not station else ()
