"""Reading what a process version plans to use in a step: kind, quantity with its unit, whether it must be on record."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from manufacturing.domain.plan import PlannedMaterial
from manufacturing.domain.reading import Reader


def read_materials(value: Any, step: str, read: Reader) -> tuple[PlannedMaterial, ...]:
    """The materials of one step; a step may have none."""
    where = f"{step}.materials"
    found = []
    for entry in read.optional(value, where):
        kind = read.key(entry.get("kind"), where)
        quantity = read.number(entry.get("quantity"), f"{where}.{kind}")
        unit = entry.get("unit")
        if quantity is None or quantity <= 0 or not isinstance(unit, str) or not unit.strip():
            read.fault(f"{where}.{kind}", "a quantity above 0 and its unit are expected")
        found.append(PlannedMaterial(kind, quantity or Decimal(1), str(unit), entry.get("required") is not False))
    read.unique([one.kind for one in found], where)
    return tuple(found)
