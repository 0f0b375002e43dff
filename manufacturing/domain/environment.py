"""Rooms and the monitoring of their air, surfaces and gloves: what is taken where, with limits by grade (ATMP-4-EM).

A count at a limit is inside. Plates are read days later: what is pending is named, and the document says what waits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from kernel.documents.domain import DOCUMENT_INVALID, document_kind
from kernel.quantities import exact
from kernel.refusals import FUTURE_TIME, ID_FORMAT, N_, Refusal, kind
from kernel.words import Words
from manufacturing.domain.reading import Reader
from manufacturing.domain.trial import TIME_ORDER

ENVIRONMENT_MISSING = kind(
    "ENVIRONMENT_MISSING",
    409,
    N_("Nothing was taken of “%(sample)s” in step %(step)s."),
    resolver=N_("the technicians and QA"),
    next_step=N_("Enter the exposure, or have a deviation of the step assessed."),
)
ENVIRONMENT_PENDING = kind(
    "ENVIRONMENT_PENDING",
    409,
    N_("“%(sample)s” of step %(step)s is not read yet."),
    resolver=N_("the laboratory"),
    next_step=N_("Enter the result when the plate is read."),
)
ENVIRONMENT_ACTION = kind(
    "ENVIRONMENT_ACTION",
    409,
    N_("“%(sample)s” of step %(step)s is above its action limit (%(count)s %(unit)s) and its deviation is not closed."),
    resolver=N_("QA and the QP"),
    next_step=N_("Have the deviation assessed and closed."),
)
ENVIRONMENT_READ = kind(
    "ENVIRONMENT_READ",
    409,
    N_("This sample is read already."),
    resolver=N_("QA"),
    next_step=N_("QA corrects a result with its reason; the first one stays."),
)
ROOM_UNKNOWN = kind(
    "ROOM_UNKNOWN",
    422,
    N_("“%(room)s” is no room of the list in force."),
    resolver=N_("you; QA and the QP keep the list of rooms"),
    next_step=N_("Choose a room that is qualified for this work."),
)
ABOVE_ACTION = N_("%(sample)s (%(place)s, grade %(grade)s): %(count)s %(unit)s, action limit %(limit)s.")


class Reading(StrEnum):
    PENDING = "pending"
    PASS = "pass"  # noqa: S105
    ALERT = "alert"
    ACTION = "action"


@dataclass(frozen=True, slots=True)
class Monitored:
    """One kind of sample. ``steps``: keys of the steps in which it is taken. ``waits``: certification with results
    pending waits for it too."""

    key: str
    title: Words
    grade: str
    unit: str
    alert: Decimal
    action: Decimal
    steps: tuple[str, ...]
    waits: bool = False

    def reading(self, count: Decimal | None) -> Reading:
        if count is None:
            return Reading.PENDING
        for limit, found in ((self.action, Reading.ACTION), (self.alert, Reading.ALERT)):
            if exact(count) > exact(limit):
                return found
        return Reading.PASS


@dataclass(frozen=True, slots=True)
class Surroundings:
    """``rooms``: the grade of each room by its name, in capitals."""

    rooms: Mapping[str, str]
    samples: tuple[Monitored, ...]

    def sample(self, key: str) -> Monitored | None:
        return next((one for one in self.samples if one.key == key), None)


@dataclass(frozen=True, slots=True)
class SampleFacts:
    """One sample that was taken. ``settled``: a result above the action limit has its deviation closed."""

    key: str
    step: str
    count: Decimal | None
    settled: bool = False


def parse_surroundings(body: Mapping[str, Any]) -> Surroundings | tuple[Refusal, ...]:
    read = Reader()
    rooms: dict[str, str] = {}
    for one in read.entries(body.get("rooms"), "rooms"):
        code, grade = str(one.get("code", "")).strip().upper(), str(one.get("grade", "")).strip()
        if not code or not grade:
            read.fault("rooms", "a room has a code and a grade")
        if code in rooms:
            read.fault("rooms", f"{code} is written twice")
        rooms[code] = grade
    samples = tuple(_sample(one, read) for one in read.entries(body.get("samples"), "samples"))
    read.unique([one.key for one in samples], "samples")
    return tuple(DOCUMENT_INVALID(problem=problem) for problem in read.problems) or Surroundings(rooms, samples)


def _sample(entry: Mapping[str, Any], read: Reader) -> Monitored:
    key = read.key(entry.get("key"), "samples")
    alert, action = (read.number(entry.get(name), f"{key}.{name}") for name in ("alert", "action"))
    if alert is None or action is None or not 0 <= alert <= action:
        read.fault(key, "an alert limit from 0 and an action limit not below it are expected")
    steps = entry.get("steps")
    if not isinstance(steps, list) or not steps or not all(isinstance(one, str) for one in steps):
        read.fault(key, "steps is a list of keys of steps")
    unit, grade = entry.get("unit"), entry.get("grade")
    if not isinstance(unit, str) or not unit.strip() or not isinstance(grade, str) or not grade.strip():
        read.fault(key, "a unit and a grade are expected")
    return Monitored(
        key=key,
        title=read.words(entry.get("title"), f"{key}.title"),
        grade=str(grade),
        unit=str(unit),
        alert=alert or Decimal(0),
        action=action or Decimal(0),
        steps=tuple(str(one) for one in steps) if isinstance(steps, list) else (),
        waits=entry.get("waits") == "yes",
    )


def check_surroundings(body: dict[str, Any]) -> tuple[Refusal, ...]:
    parsed = parse_surroundings(body)
    return parsed if isinstance(parsed, tuple) else ()


ENVIRONMENT = document_kind(
    "environment", N_("rooms and environmental monitoring"), approvals=("QA", "QP"), check=check_surroundings
)


def room_refusals(room: str, around: Surroundings | None) -> tuple[Refusal, ...]:
    """Where a list of rooms is in force, work begins only in a room of it."""
    if around is None or room in around.rooms:
        return ()
    return (ROOM_UNKNOWN(room=room, field="room"),)


def exposure_refusals(
    since: datetime, until: datetime, started_at: datetime | None, now: datetime
) -> tuple[Refusal, ...]:
    refusals: list[Refusal] = []
    if until > now:
        refusals.append(FUTURE_TIME(name=N_("The end of the exposure"), field="exposed_until"))
    if until < since:
        earlier = N_("the beginning of the exposure")
        refusals.append(TIME_ORDER(name=N_("The end of the exposure"), earlier=earlier, field="exposed_until"))
    if started_at is not None and until < started_at:
        earlier = N_("the line clearance")
        refusals.append(TIME_ORDER(name=N_("The end of the exposure"), earlier=earlier, field="exposed_until"))
    return tuple(refusals)


def result_refusals(count: Decimal, read_at: datetime, until: datetime, now: datetime) -> tuple[Refusal, ...]:
    refusals: list[Refusal] = []
    if count < 0 or count != count.to_integral_value():
        refusals.append(ID_FORMAT(name=N_("The count"), expected=N_("a whole number from 0"), field="count"))
    if read_at > now:
        refusals.append(FUTURE_TIME(name=N_("The time of reading"), field="read_at"))
    if read_at < until:
        earlier = N_("the end of the exposure")
        refusals.append(TIME_ORDER(name=N_("The time of reading"), earlier=earlier, field="read_at"))
    return tuple(refusals)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the monitoring of a batch says: what is against every release, and what is pending (with whether a release
    with results pending waits for it)."""

    against: tuple[Refusal, ...] = ()
    pending: tuple[tuple[Refusal, bool], ...] = ()


def standing(around: Surroundings, steps: Iterable[tuple[str, Words, bool]], taken: Iterable[SampleFacts]) -> Standing:
    """``steps``: key, words, and whether the missing of something is covered by an assessed deviation of the step."""
    known = list(taken)
    against: list[Refusal] = []
    pending: list[tuple[Refusal, bool]] = []
    for key, words, covered in steps:
        for sample in around.samples:
            if key not in sample.steps:
                continue
            mine = [one for one in known if (one.key, one.step) == (sample.key, key)]
            about = {"sample": sample.title, "step": words}
            if not mine and not covered:
                against.append(ENVIRONMENT_MISSING(**about))
            for one in mine:
                found = sample.reading(one.count)
                if found is Reading.PENDING:
                    pending.append((ENVIRONMENT_PENDING(**about), sample.waits))
                elif found is Reading.ACTION and not one.settled:
                    against.append(ENVIRONMENT_ACTION(**about, count=one.count, unit=sample.unit))
    return Standing(tuple(against), tuple(pending))
