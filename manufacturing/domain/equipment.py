"""Equipment: what happened to it decides what it may be used for at one moment (ATMP-5-CAL, ATMP-5-LOG).

Due days, state and cleaning are read from the events until that moment, so that a late entry is judged as it was then.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from kernel.lifecycle import Lifecycle, Transition, states
from kernel.refusals import FUTURE_TIME, ID_FORMAT, MISSING_FIELD, N_, Refusal, kind
from manufacturing.domain.expiry import local_day
from manufacturing.domain.plan import PlannedEquipment

EQUIPMENT_CODE = re.compile(r"[A-Z][A-Z0-9-]{1,18}[A-Z0-9]", re.ASCII)
SOON_DAYS = 14

EQUIPMENT_UNKNOWN = kind(
    "EQUIPMENT_UNKNOWN",
    422,
    N_("“%(typed)s” is no registered equipment."),
    resolver=N_("you; QA registers what is new"),
    next_step=N_("Scan the code on the device again; nothing is typed freely here."),
)
EQUIPMENT_NOT_IN_SERVICE = kind(
    "EQUIPMENT_NOT_IN_SERVICE",
    409,
    N_("%(code)s (%(title)s) was %(state)s at %(at)s."),
    resolver=N_("QA"),
    next_step=N_("Use another one; QA returns equipment to service after its repair."),
)
EQUIPMENT_OUT_OF_CAL = kind(
    "EQUIPMENT_OUT_OF_CAL",
    409,
    N_("%(what)s of %(code)s (%(title)s) was due on %(due)s; it was not used after that day."),
    resolver=N_("QA and the technicians"),
    next_step=N_("Use another one, or have the work done and recorded first."),
)
EQUIPMENT_NOT_CLEAN = kind(
    "EQUIPMENT_NOT_CLEAN",
    409,
    N_("%(code)s (%(title)s) was not cleaned since it was last used."),
    resolver=N_("the technicians"),
    next_step=N_("Clean it, record the cleaning on its page, then use it."),
)
EQUIPMENT_TWICE = kind(
    "EQUIPMENT_TWICE",
    409,
    N_("%(code)s is on record in this step already, or was scanned twice."),
    resolver=N_("you"),
    next_step=N_("Take the line out."),
)
EQUIPMENT_MISSING = kind(
    "EQUIPMENT_MISSING",
    409,
    N_("Step %(position)s (%(step)s) has no equipment on record of what it requires: %(kinds)s."),
    resolver=N_("the technicians of the batch"),
    next_step=N_("Scan the equipment on the page of the step."),
)
EQUIPMENT_TOLERANCE = kind(
    "EQUIPMENT_TOLERANCE",
    409,
    N_("The batch was made with equipment that was found out of tolerance: %(reason)s"),
    resolver=N_("QA and the QP"),
    next_step=N_("QA assesses the deviation; then the QP decides about the hold."),
)
EQUIPMENT_NOT_REPAIRED = kind(
    "EQUIPMENT_NOT_REPAIRED",
    409,
    N_("%(code)s has a fault that no repair or calibration followed."),
    resolver=N_("whoever repairs or calibrates it"),
    next_step=N_("Record the repair or the calibration; then return it to service."),
)
DOUBTED = N_("%(code)s (%(title)s) was found out of tolerance after its use in %(batch)s: %(finding)s")


class EquipmentStatus(StrEnum):
    IN_SERVICE = "in service"
    OUT_OF_SERVICE = "out of service"
    RETIRED = "retired"


class Happening(StrEnum):
    """``calibrated``, ``qualified`` and ``maintained`` set the next due day."""

    REGISTERED = "registered"
    CALIBRATED = "calibrated"
    QUALIFIED = "qualified"
    MAINTAINED = "maintained"
    CLEANED = "cleaned"
    FAULT = "fault"
    REPAIRED = "repaired"
    OUT_OF_TOLERANCE = "out of tolerance"
    TAKEN_OUT = "taken out of service"
    RETURNED = "returned to service"
    RETIRED = "retired for good"


DUE = {
    Happening.CALIBRATED: N_("The calibration"),
    Happening.QUALIFIED: N_("The qualification"),
    Happening.MAINTAINED: N_("The maintenance"),
}
ROUTINE = (*DUE, Happening.CLEANED, Happening.FAULT, Happening.REPAIRED)
STOPS = {Happening.FAULT, Happening.OUT_OF_TOLERANCE, Happening.TAKEN_OUT}
MENDS = {Happening.REPAIRED, Happening.CALIBRATED}

_S = EquipmentStatus
EQUIPMENT = Lifecycle(
    record="equipment",
    states=EquipmentStatus,
    transitions=(
        *(
            Transition("note", states(state), state, "equipment:record", meaning=("recorded",))
            for state in (_S.IN_SERVICE, _S.OUT_OF_SERVICE)
        ),
        Transition(
            "stop", states(_S.IN_SERVICE, _S.OUT_OF_SERVICE), _S.OUT_OF_SERVICE, "equipment:record", ("recorded",)
        ),
        Transition(
            "return",
            states(_S.OUT_OF_SERVICE),
            _S.IN_SERVICE,
            "equipment:manage",
            ("returned to service",),
        ),
        Transition(
            "retire", states(_S.IN_SERVICE, _S.OUT_OF_SERVICE), _S.RETIRED, "equipment:manage", ("retired for good",)
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class EquipmentEvent:
    """``what``: what happened. ``due_on``: the last day on which it may be used after that work."""

    what: str
    at: datetime
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class EquipmentFacts:
    """One device with its whole history. ``used``: when other batches used it. ``clean``: its kind is cleaned before
    each batch."""

    code: str
    title: str
    events: tuple[EquipmentEvent, ...]
    used: tuple[datetime, ...] = ()
    clean: bool = False

    def until(self, at: datetime) -> tuple[EquipmentEvent, ...]:
        """In their order; of two at one instant, what stops it counts last."""
        known = (one for one in self.events if one.at <= at)
        return tuple(sorted(known, key=lambda one: (one.at, one.what in STOPS)))

    def state(self, at: datetime) -> EquipmentStatus:
        """Nothing known yet is out of service."""
        found = EquipmentStatus.OUT_OF_SERVICE
        for one in self.until(at):
            if one.what in {Happening.REGISTERED, Happening.RETURNED}:
                found = EquipmentStatus.IN_SERVICE
            elif one.what in STOPS:
                found = EquipmentStatus.OUT_OF_SERVICE
            elif one.what == Happening.RETIRED:
                return EquipmentStatus.RETIRED
        return found

    def due(self, what: str, at: datetime) -> date | None:
        """The due day in force then; None where that work is not asked of it."""
        known = [one.due_on for one in self.until(at) if one.what == what]
        return known[-1] if known else None

    def is_clean(self, at: datetime) -> bool:
        cleaned = [one.at for one in self.until(at) if one.what in {Happening.CLEANED, Happening.REGISTERED}]
        used = [one for one in self.used if one <= at]
        return not used or (bool(cleaned) and max(cleaned) >= max(used))


def use_refusals(facts: EquipmentFacts, at: datetime, shown: str, *, field: str = "") -> tuple[Refusal, ...]:
    """Every reason why it was not used then; ``shown``: that time in words."""
    about = {"code": facts.code, "title": facts.title, **({"field": field} if field else {})}
    refusals: list[Refusal] = []
    if (state := facts.state(at)) is not EquipmentStatus.IN_SERVICE:
        refusals.append(EQUIPMENT_NOT_IN_SERVICE(**about, state=state.value, at=shown))
    for what, words in DUE.items():
        due = facts.due(what, at)
        if due is not None and local_day(at) > due:
            refusals.append(EQUIPMENT_OUT_OF_CAL(**about, what=words, due=due))
    if facts.clean and not facts.is_clean(at):
        refusals.append(EQUIPMENT_NOT_CLEAN(**about))
    return tuple(refusals)


def missing_kinds(planned: Iterable[PlannedEquipment], used: Iterable[str]) -> tuple[PlannedEquipment, ...]:
    """What a step requires and of which nothing is on record; ``used``: kinds."""
    known = set(used)
    return tuple(one for one in planned if one.required and one.kind not in known)


def register_refusals(code: str, dues: Iterable[tuple[str, date | None]], today: date) -> tuple[Refusal, ...]:
    """The code is what the scanner reads off the device; nothing enters that is overdue already."""
    refusals = []
    if not EQUIPMENT_CODE.fullmatch(code):
        expected = N_("3 to 20 capital letters, digits and hyphens, beginning with a letter")
        refusals.append(ID_FORMAT(name=N_("The code of the equipment"), expected=expected, field="code"))
    refusals += [past_due(field) for field, due in dues if due is not None and due < today]
    return tuple(refusals)


def past_due(field: str) -> Refusal:
    return ID_FORMAT(name=N_("The due day"), expected=N_("a day that is not past"), field=field)


def event_refusals(what: str, at: datetime, due_on: date | None, now: datetime) -> tuple[Refusal, ...]:
    refusals: list[Refusal] = []
    if at > now:
        refusals.append(FUTURE_TIME(name=N_("The time of the event"), field="at"))
    if what in DUE and due_on is None:
        refusals.append(MISSING_FIELD(name=N_("The next due day"), field="due_on"))
    if due_on is not None and due_on < local_day(at):
        refusals.append(past_due("due_on"))
    return tuple(refusals)


def return_refusals(facts: EquipmentFacts, at: datetime) -> tuple[Refusal, ...]:
    """After a fault or out of tolerance, only a later repair or calibration brings it back."""
    known = facts.until(at)
    faults = [one.at for one in known if one.what in {Happening.FAULT, Happening.OUT_OF_TOLERANCE}]
    mended = [one.at for one in known if one.what in MENDS]
    if faults and not any(one >= max(faults) for one in mended):
        return (EQUIPMENT_NOT_REPAIRED(code=facts.code),)
    return ()


def last_good(events: Sequence[EquipmentEvent], found_at: datetime) -> datetime | None:
    """Since when its measurements are in doubt: the last calibration before it was found; None for ever."""
    known = [one.at for one in events if one.what == Happening.CALIBRATED and one.at < found_at]
    return max(known, default=None)
