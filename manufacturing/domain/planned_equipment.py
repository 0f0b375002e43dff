"""Reading what equipment a process version asks for in a step: kind, words, whether it must be on record."""

from __future__ import annotations

from typing import Any

from manufacturing.domain.plan import PlannedEquipment
from manufacturing.domain.reading import Reader


def read_equipment(value: Any, step: str, read: Reader) -> tuple[PlannedEquipment, ...]:
    """The equipment of one step; a step may have none."""
    where = f"{step}.equipment"
    found = []
    for entry in read.optional(value, where):
        key = read.key(entry.get("kind"), where)
        title = read.words(entry.get("title"), f"{where}.{key}")
        found.append(PlannedEquipment(key, title, entry.get("required") is not False, entry.get("clean") is True))
    read.unique([one.kind for one in found], where)
    return tuple(found)
