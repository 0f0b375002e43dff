"""What is told outside when the count of infused subjects changes: figures before and after, who moved, and why.

Subjects are named by code only. A change is one of membership: a subject that leaves a list while another enters it is
told too, although the count is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from release.domain.histories import PatientHistory
from release.domain.patient_figures import StageKey, lost_by_late_failure, stages

FIGURES = ("infused", "F", "F_final", "supplied")
Counted = Mapping[str, Sequence[str]]
NOBODY: Counted = dict.fromkeys(FIGURES, ())


class CountEvent(StrEnum):
    """``STANDS``: where a receiver begins. ``CHANGED``: somebody entered a list and somebody left one."""

    STANDS = "count.stands"
    UP = "count.up"
    DOWN = "count.down"
    CHANGED = "count.changed"


class MoveReason(StrEnum):
    """What the records say about a subject that moved; ``RECORD_CHANGED`` where they say no more."""

    LATE_FAILURE = "late_failure"
    NOT_FINAL = "not_final"
    MET_CRITERIA = "infused_met_all_criteria"
    EVERY_RESULT = "certified_with_every_result"
    SUPPLIED = "supplied_out_of_specification"
    NOT_COUNTED = "infused_not_counted"
    RECORD_CHANGED = "record_changed"


@dataclass(frozen=True, slots=True)
class Standing:
    """``counted``: codes by figure. ``fell``: counted once, lost by a late failure."""

    counted: Counted
    fell: frozenset[str]


@dataclass(frozen=True, slots=True)
class Move:
    """One subject: figures it entered and left."""

    code: str
    entered: tuple[str, ...]
    left: tuple[str, ...]
    reason: MoveReason


def standing(patients: Iterable[PatientHistory]) -> Standing:
    """``infused``: with anything, for safety; F: with a product that met all criteria; ``supplied``: out of
    specification, never in F (decision 19)."""
    lists: dict[str, list[str]] = {key: [] for key in FIGURES}
    fell = set()
    for one in patients:
        reached = stages(one)
        counts = {
            "infused": one.infused,
            "F": StageKey.F in reached,
            "F_final": StageKey.F_FINAL in reached,
            "supplied": one.supplied,
        }
        for key, yes in counts.items():
            if yes:
                lists[key].append(one.code)
        if lost_by_late_failure(one, reached):
            fell.add(one.code)
    return Standing({key: tuple(sorted(codes)) for key, codes in lists.items()}, frozenset(fell))


def moves(before: Counted, after: Standing) -> tuple[Move, ...]:
    """Every subject that is in another list than before."""
    codes = sorted({code for lists in (before, after.counted) for key in FIGURES for code in lists[key]})
    found = []
    for code in codes:
        was = {key for key in FIGURES if code in before[key]}
        now = {key for key in FIGURES if code in after.counted[key]}
        if was != now:
            entered, left = (tuple(key for key in FIGURES if key in keys) for keys in (now - was, was - now))
            found.append(Move(code, entered, left, _reason(code, was, now, after.fell)))
    return tuple(found)


def _reason(code: str, was: set[str], now: set[str], fell: frozenset[str]) -> MoveReason:
    rules = (
        ("F" in was - now and code in fell, MoveReason.LATE_FAILURE),
        ("F_final" in was - now and "F" in now, MoveReason.NOT_FINAL),
        ("F_final" in now - was and "F" in was, MoveReason.EVERY_RESULT),
        ("F" in now - was and "infused" not in was, MoveReason.MET_CRITERIA),
        ("supplied" in now - was, MoveReason.SUPPLIED),
        ("infused" in now - was, MoveReason.NOT_COUNTED),
    )
    return next((reason for found, reason in rules if found), MoveReason.RECORD_CHANGED)


def event_of(moved: Iterable[Move]) -> CountEvent:
    entered, left = (any(getattr(one, side) for one in moved) for side in ("entered", "left"))
    if entered and left:
        return CountEvent.CHANGED
    return CountEvent.UP if entered else CountEvent.DOWN


def figures_part(before: Counted | None, after: Counted) -> dict[str, Any]:
    """Each figure before and after; None before where a receiver begins."""
    return {key: {"before": None if before is None else len(before[key]), "after": len(after[key])} for key in FIGURES}
