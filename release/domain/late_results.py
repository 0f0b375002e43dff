"""Who has to know of a failure that came out after the certification, and by when (QC-LATE-OOS, ATMP-11.3.2-4)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

# Preset clocks of the Work page, from the moment the failure was verified; the physician and the pharmacy at once.
KNOW_WITHIN: Mapping[str, timedelta] = {
    "Dr": timedelta(hours=1),
    "Ph": timedelta(hours=1),
    "QP": timedelta(hours=4),
    "Sp": timedelta(hours=24),
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A role that has not answered yet."""

    role: str
    due_at: datetime
    overdue: bool


def waiting(found_at: datetime, told: Collection[str], now: datetime) -> tuple[Waiting, ...]:
    """The roles that have not answered, the most urgent first."""
    open_roles = [(role, found_at + within) for role, within in KNOW_WITHIN.items() if role not in told]
    return tuple(Waiting(role, due, now > due) for role, due in sorted(open_roles, key=lambda one: one[1]))
