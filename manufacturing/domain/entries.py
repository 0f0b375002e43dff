"""Fields of a step saved while it is being done: none lost, none overwritten unseen (DI-6.12, ATMP-6.1-TIME).

A field is one box, or a value with what is typed beside it, such as its unit. What is saved is not signed yet; the
signature on the step takes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from kernel.quantities import exact, expanded
from kernel.refusals import FUTURE_TIME, N_, Refusal, kind
from kernel.words import Words, phrase
from manufacturing.domain.collections import minute
from manufacturing.domain.expiry import local_text
from manufacturing.domain.numbering import field_numbers
from manufacturing.domain.plan import PlannedStep
from manufacturing.domain.steps import BESIDE, LATE_ENTRY_UNJUSTIFIED, SHORTEST_REASON, UNIT

PERFORMED_AT, LATE_REASON = "performed_at", "late_reason"
OF_THE_STEP = (PERFORMED_AT, LATE_REASON)
SEEN = "_seen"

ENTRY_CHANGED = kind(
    "ENTRY_CHANGED",
    409,
    N_("%(name)s: meanwhile %(who)s saved “%(value)s”. What you typed is not saved."),
    resolver=N_("you"),
    next_step=N_("Compare both with the original; if yours is right, save it again over the other one."),
)

ENTRY_UNSIGNED = kind(
    "ENTRY_UNSIGNED",
    409,
    N_("Values were left for a correction and nobody signed them: %(fields)s."),
    resolver=N_("the technicians of the batch"),
    next_step=N_("Sign the correction of that step; or put back what is recorded, if nothing is to be corrected."),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """The newest entry of a box. ``who``: the name of the person who left it so."""

    field: str
    number: int
    value: Any
    who: str
    late_reason: str | None = None


def is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def same(one: Any, other: Any) -> bool:
    """The same value; blank is blank, and numbers are compared as numbers."""
    if is_blank(one) or is_blank(other):
        return is_blank(one) and is_blank(other)
    if isinstance(one, Decimal) and isinstance(other, Decimal):
        return exact(one) == exact(other)
    return bool(one == other)


def boxes_of(key: str) -> tuple[str, ...]:
    """The boxes of the field ``key``: its value and what may be typed beside it."""
    return (key, *(key + suffix for suffix in BESIDE))


def whole_fields(plan: PlannedStep, given: Mapping[str, Any]) -> dict[str, Any]:
    """Whoever gives a value gives all of its field: a unit that is not named is the usual one, an N/A is gone; a unit
    without a value is none."""
    found = dict(given)
    for one in plan.fields:
        if one.key in found:
            for name in boxes_of(one.key):
                found.setdefault(name, None)
            if is_blank(found[one.key]):
                found[one.key + UNIT] = None
    return found


def touched(plan: PlannedStep, given: Mapping[str, Any]) -> tuple[str, ...]:
    """Keys of the planned fields of which a box is given."""
    return tuple(one.key for one in plan.fields if any(name in given for name in boxes_of(one.key)))


def changes(newest: Mapping[str, Entry], given: Mapping[str, Any]) -> dict[str, Any]:
    """The boxes that are not as they are saved; a box never saved and left blank is no change."""
    return {name: value for name, value in given.items() if not same(value, saved_value(newest, name))}


def saved_value(newest: Mapping[str, Entry], name: str) -> Any:
    return newest[name].value if name in newest else None


def box_name(name: str, position: int, plan: PlannedStep) -> Words | str:
    """What a box is called where it is refused or signed: the number on the screen and the label."""
    planned = plan.field(name)
    if planned is not None:
        return f"{field_numbers(position, plan)[name]} " + planned.label
    return {PERFORMED_AT: N_("Performed at"), LATE_REASON: N_("Reason of a late entry")}.get(name, name)


def unseen_refusals(
    newest: Mapping[str, Entry], changed: Mapping[str, Words | str], seen: Mapping[str, int]
) -> tuple[Refusal, ...]:
    """Every box whose newest entry is another than the one this person saw; ``changed``: names of boxes, with words."""
    return tuple(
        ENTRY_CHANGED(field=name, name=words, who=newest[name].who, value=as_text(newest[name].value))
        for name, words in changed.items()
        if name in newest and newest[name].number != seen.get(name, 0)
    )


def as_text(value: Any) -> str:
    if isinstance(value, Decimal):
        return expanded(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return local_text(value)
    return "–" if is_blank(value) else str(value)


def unsigned_fields(plan: PlannedStep, recorded: Mapping[str, Any], saved: Mapping[str, Entry]) -> tuple[str, ...]:
    """Keys of what was saved otherwise than it is recorded: a box of the step itself, or a field with what is beside it.

    A unit that is not named is the usual one; a time is written in minutes.
    """
    owner = {name: one.key for one in plan.fields for name in boxes_of(one.key)}
    usual = {one.key + UNIT: one.unit for one in plan.fields}
    left = {
        owner.get(name, name)
        for name, one in saved.items()
        if not same(_written(one.value, usual.get(name)), _written(recorded.get(name), usual.get(name)))
    }
    return tuple(one for one in (*OF_THE_STEP, *(field.key for field in plan.fields)) if one in left)


def _written(value: Any, usual: str | None) -> Any:
    if is_blank(value):
        return usual
    return minute(value) if isinstance(value, datetime) else value


def unsigned_refusals(unsigned: Mapping[Words, tuple[Words | str, ...]]) -> tuple[Refusal, ...]:
    """``unsigned``: names of fields by the title of their step."""
    found = tuple(one for step, fields in unsigned.items() for field in fields for one in phrase(step, field))
    return (ENTRY_UNSIGNED(fields=found),) if found else ()


def late_fields(newest: Mapping[str, Entry]) -> str | None:
    """Why fields of the step were recorded late, where any was."""
    reasons = dict.fromkeys(one.late_reason for one in newest.values() if one.late_reason)
    return "; ".join(reasons) or None


def as_sent(value: Any) -> str:
    """A value as a form of the step sends it again."""
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if is_blank(value) else as_text(value)


@dataclass(frozen=True, slots=True)
class EntryTime:
    """When a field was read or done and when it is recorded; after ``limit_minutes`` it is late."""

    performed_at: datetime
    recorded_at: datetime
    limit_minutes: int

    @property
    def late(self) -> bool:
        return self.recorded_at - self.performed_at > timedelta(minutes=self.limit_minutes)


def entry_time_refusals(time: EntryTime, late_reason: str | None, field: str) -> tuple[Refusal, ...]:
    """Not in the future, and late only with a reason (ATMP-6.1-TIME)."""
    if time.performed_at > time.recorded_at:
        return (FUTURE_TIME(name=N_("The time of the field"), field=field),)
    if time.late and len((late_reason or "").strip()) < SHORTEST_REASON:
        minutes = int((time.recorded_at - time.performed_at).total_seconds()) // 60
        return (LATE_ENTRY_UNJUSTIFIED(minutes=minutes, limit=time.limit_minutes, field=LATE_REASON),)
    return ()
