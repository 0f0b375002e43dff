"""Who has to know of a failure that came out after the certification, and by when (QC-LATE-OOS, ATMP-11.3.2-4)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from manufacturing.domain.protocol import Protocol

# The setting of the protocol with each role's hours, from the moment the failure was verified.
HOURS: Mapping[str, str] = {
    "Dr": "late_result_hours_physician",
    "Ph": "late_result_hours_pharmacy",
    "QP": "late_result_hours_qp",
    "Sp": "late_result_hours_sponsor",
}
PRESETS: dict[str, Any] = {one.name: one.default for one in fields(Protocol) if one.name in HOURS.values()}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A role that has not answered yet."""

    role: str
    due_at: datetime
    overdue: bool


def clocks(protocol: Protocol | None) -> dict[str, timedelta]:
    """By role; as preset where the protocol does not say."""
    said = PRESETS if protocol is None else {name: getattr(protocol, name) for name in PRESETS}
    return {role: timedelta(hours=said[name]) for role, name in HOURS.items()}


def waiting(
    found_at: datetime, told: Collection[str], now: datetime, within: Mapping[str, timedelta]
) -> tuple[Waiting, ...]:
    """The roles that have not answered, the most urgent first."""
    open_roles = [(role, found_at + time) for role, time in within.items() if role not in told]
    return tuple(Waiting(role, due, now > due) for role, due in sorted(open_roles, key=lambda one: one[1]))
