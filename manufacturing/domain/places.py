"""Storage places and custody: where a unit is, who handed it to whom, how warm it was (F-COC-1, F-COC-2)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from kernel.quantities import expanded
from kernel.refusals import FUTURE_TIME, ID_FORMAT, N_, Refusal, kind
from manufacturing.domain.expiry import local_text
from manufacturing.domain.plan import Limits
from manufacturing.domain.trial import TIME_ORDER

PLACE_CODE = re.compile(r"[A-Z][A-Z0-9-]{1,18}[A-Z0-9]", re.ASCII)
MOST_UNITS = 60

PLACE_STATUS = kind(
    "PLACE_STATUS",
    409,
    N_("%(unit)s is %(status)s; %(place)s takes only what is %(wanted)s."),
    resolver=N_("you"),
    next_step=N_("Scan a place of the unit's own status. Quarantined, released and rejected units never share one."),
)
PLACE_CLOSED = kind(
    "PLACE_CLOSED",
    409,
    N_("%(place)s is closed; nothing is put there any more."),
    resolver=N_("QA"),
    next_step=N_("Use another place."),
)
PLACE_NOT_EMPTY = kind(
    "PLACE_NOT_EMPTY",
    409,
    N_("%(count)s units are still in %(place)s."),
    resolver=N_("you"),
    next_step=N_("Move them first; then close the place."),
)
PLACE_UNKNOWN = kind(
    "PLACE_UNKNOWN",
    422,
    N_("“%(typed)s” is no storage place."),
    resolver=N_("you"),
    next_step=N_("Scan the code on the door or the shelf."),
)
UNIT_UNKNOWN = kind(
    "UNIT_UNKNOWN",
    422,
    N_("“%(typed)s” is no container, leukapheresis or sample."),
    resolver=N_("you"),
    next_step=N_("Scan the label again; nothing was moved."),
)
UNIT_TWICE = kind(
    "UNIT_TWICE",
    422,
    N_("%(unit)s was scanned twice."),
    resolver=N_("you"),
    next_step=N_("Take one of the two lines out; if two units carry this code, stop and call QA."),
)
UNIT_COUNT = kind(
    "UNIT_COUNT",
    422,
    N_("1 to %(most)s units are moved at once."),
    resolver=N_("you"),
    next_step=N_("Move them in several goes."),
)
CUSTODY_GAP = kind(
    "CUSTODY_GAP",
    409,
    N_("The custody of %(unit)s has a gap: on %(at)s it was found in %(found)s, the record had it in %(recorded)s."),
    resolver=N_("QA"),
    next_step=N_("QA finds out where it was in between and assesses the event, on the page of the unit."),
)
CUSTODY_TEMPERATURE = kind(
    "CUSTODY_TEMPERATURE",
    409,
    N_("%(unit)s was moved at %(temperature)s °C on %(at)s; %(place)s allows %(limits)s °C."),
    resolver=N_("QA"),
    next_step=N_("QA reads the logger and assesses the event, on the page of the unit."),
)
PLACE_WRONG = kind(
    "PLACE_WRONG",
    409,
    N_("%(unit)s is %(status)s and still lies in %(place)s, a place for what is %(wanted)s."),
    resolver=N_("the technicians or the pharmacist"),
    next_step=N_("Move it to a place of its status; two people sign the move."),
)
CUSTODY_SETTLED = kind(
    "CUSTODY_SETTLED",
    409,
    N_("There is nothing to assess about this event, or it is assessed already."),
    resolver=N_("nobody"),
    next_step=N_("Open the unit; its custody line shows every event."),
)


class PlaceClass(StrEnum):
    """``workplace``: a bench or a transport box, which holds units of one status at a time."""

    QUARANTINE = "quarantine"
    RELEASED = "released"
    REJECTED = "rejected"
    SAMPLES = "samples"
    WORKPLACE = "workplace"


class UnitKind(StrEnum):
    CONTAINER = "container"
    COLLECTION = "collection"
    PART = "part"
    SAMPLE = "sample"


@dataclass(frozen=True, slots=True)
class Unit:
    """Something that is moved. ``status``: the class of places it belongs in. ``place``: where the record has it."""

    kind: UnitKind
    id: str
    code: str
    status: str
    place: str | None = None
    moved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    code: str
    status_class: str
    limits: Limits
    closed: bool
    holds: frozenset[str]


@dataclass(frozen=True, slots=True)
class EventFacts:
    """One custody event as a release sees it. ``gap`` and ``excursion`` until somebody assessed them."""

    unit: str
    at: datetime
    place: str
    found: str
    recorded: str
    gap: bool
    excursion: bool
    temperature: Decimal | None
    limits: str
    assessed: bool


def place_code_refusals(code: str, limits: Limits) -> tuple[Refusal, ...]:
    """The code is what the scanner reads from the door; a range has its lower end below the upper one."""
    refusals = []
    if not PLACE_CODE.fullmatch(code):
        expected = N_("3 to 20 capital letters, digits and hyphens, beginning with a letter")
        refusals.append(ID_FORMAT(name=N_("The code of the place"), expected=expected, field="code"))
    if limits.low is not None and limits.high is not None and limits.low > limits.high:
        expected = N_("the lower end below the upper one")
        refusals.append(ID_FORMAT(name=N_("The temperature range"), expected=expected, field="low_c"))
    return tuple(refusals)


def limits_text(limits: Limits) -> str:
    low = "" if limits.low is None else expanded(limits.low)
    high = "" if limits.high is None else expanded(limits.high)
    return f"{low} – {high}".strip()


def move_refusals(place: PlaceFacts, units: tuple[Unit, ...], moved_at: datetime, now: datetime) -> tuple[Refusal, ...]:
    """Why these units may not be put there, every one of them with its reasons; one refused unit stops all."""
    refusals = [PLACE_CLOSED(place=place.code)] if place.closed else []
    if not 1 <= len(units) <= MOST_UNITS:
        refusals.append(UNIT_COUNT(most=MOST_UNITS, field="codes"))
    if moved_at > now:
        refusals.append(FUTURE_TIME(name=N_("The move"), field="moved_at"))
    codes = [one.code for one in units]
    refusals.extend(UNIT_TWICE(unit=code, field="codes") for code in sorted({c for c in codes if codes.count(c) > 1}))
    refusals.extend(_status_refusals(place, units))
    refusals.extend(
        TIME_ORDER(name=N_("The move"), earlier=one.code, field="moved_at")
        for one in units
        if one.moved_at is not None and moved_at < one.moved_at
    )
    return tuple(refusals)


def _status_refusals(place: PlaceFacts, units: tuple[Unit, ...]) -> Iterable[Refusal]:
    """A place has one status; a workplace takes the status of what lies there, or of the first unit."""
    wanted = place.status_class
    if wanted == PlaceClass.WORKPLACE:
        present = sorted(place.holds | {one.status for one in units} - {PlaceClass.SAMPLES})
        wanted = next(iter(sorted(place.holds) or present), PlaceClass.SAMPLES)
    for one in units:
        passes = place.status_class == PlaceClass.WORKPLACE and one.status == PlaceClass.SAMPLES
        if one.status != wanted and not passes:
            yield PLACE_STATUS(unit=one.code, status=one.status, place=place.code, wanted=wanted, field="codes")


def has_gap(recorded: str | None, found: str | None) -> bool:
    """Whether a unit was found elsewhere than the record has it; nothing said means: where it should be."""
    return found is not None and recorded is not None and found != recorded


def custody_refusals(events: Iterable[EventFacts]) -> tuple[Refusal, ...]:
    return tuple(
        CUSTODY_GAP(unit=one.unit, at=local_text(one.at), found=one.found, recorded=one.recorded)
        for one in events
        if one.gap and not one.assessed
    )


def temperature_refusals(events: Iterable[EventFacts]) -> tuple[Refusal, ...]:
    return tuple(
        CUSTODY_TEMPERATURE(
            unit=one.unit,
            at=local_text(one.at),
            place=one.place,
            limits=one.limits,
            temperature="?" if one.temperature is None else expanded(one.temperature),
        )
        for one in events
        if one.excursion and not one.assessed
    )


def wrong_place(unit: Unit, place_class: str) -> tuple[Refusal, ...]:
    """Its status changed and nobody moved it."""
    if unit.place is None or place_class in {unit.status, PlaceClass.WORKPLACE}:
        return ()
    return (PLACE_WRONG(unit=unit.code, status=unit.status, place=unit.place, wanted=place_class),)
