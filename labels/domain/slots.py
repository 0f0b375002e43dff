"""The sizes labels are printed in, in whole printer dots, and which of them a container carries.

A container carries one label on itself. A small one (CTR Annex VI A.2.2) has a full label on the outer package as well.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from kernel.refusals import Refusal
from labels.domain.refusals import LABEL_RESOLUTION


@dataclass(frozen=True, slots=True)
class Resolution:
    """A kind of printer. ``dots_per_mm``: of the page; 300 dpi is 11.811, and 100 mm are then 1180 whole dots."""

    name: str
    dpi: float
    dots_per_mm: Decimal

    @property
    def dot(self) -> float:
        """Points."""
        return 72 / self.dpi


DPI_203 = Resolution("203", 203.2, Decimal(8))
DPI_300 = Resolution("300", 300.0, Decimal("11.8"))
RESOLUTIONS = {one.name: one for one in (DPI_203, DPI_300)}


class SlotName(StrEnum):
    FULL = "FULL"
    BAG = "BAG"
    SYRINGE = "SYRINGE"
    OUTER = "OUTER"
    SAMPLE = "SAMPLE"
    BENCH = "BENCH"


@dataclass(frozen=True, slots=True)
class Slot:
    """``module_dots``: dots of one module of the code, by printer; a printer that is not there is too coarse."""

    name: SlotName
    width_mm: int
    height_mm: int
    module_dots: Mapping[str, int]

    def dots(self, resolution: Resolution) -> tuple[int, int]:
        """Width and height of the page; a size that is no whole number of dots is an error."""
        width, height = (Fraction(resolution.dots_per_mm) * mm for mm in (self.width_mm, self.height_mm))
        if width.denominator != 1 or height.denominator != 1:
            raise ValueError(f"{self.name} is no whole number of dots")
        return int(width), int(height)

    @property
    def size_text(self) -> str:
        return f"{self.width_mm} x {self.height_mm} mm"


SLOTS = {
    slot.name: slot
    for slot in (
        Slot(SlotName.FULL, 100, 100, {"203": 4, "300": 6}),
        Slot(SlotName.BAG, 70, 50, {"203": 3, "300": 4}),
        Slot(SlotName.SYRINGE, 60, 20, {"300": 3}),
        Slot(SlotName.OUTER, 100, 100, {"203": 4, "300": 6}),
        Slot(SlotName.SAMPLE, 50, 25, {"203": 4, "300": 6}),
        Slot(SlotName.BENCH, 70, 35, {"203": 4, "300": 6}),
    )
}
ON_CONTAINER = (SlotName.FULL, SlotName.BAG, SlotName.SYRINGE)
SMALL = (SlotName.BAG, SlotName.SYRINGE)
PRODUCT = (*ON_CONTAINER, SlotName.OUTER)


def resolution_refusals(slot: SlotName, resolution: Resolution) -> tuple[Refusal, ...]:
    """A code of less than 0.25 mm a module is not printed (ISBT 128 ST-001: minimum X)."""
    if resolution.name in SLOTS[slot].module_dots:
        return ()
    finer = ", ".join(SLOTS[slot].module_dots)
    return (LABEL_RESOLUTION(slot=slot.value, dpi=resolution.name, finer=finer),)


def slots_to_print(wanted: SlotName, live: Collection[SlotName]) -> tuple[SlotName, ...]:
    """What a container still lacks. ``wanted``: by its template; ``live``: slots of its labels that are not ended.

    A small label never stands alone (CTR-VI-A22).
    """
    on_it = [slot for slot in live if slot in ON_CONTAINER]
    missing = () if on_it else (wanted,)
    small = any(slot in SMALL for slot in (*on_it, *missing))
    return (*missing, SlotName.OUTER) if small and SlotName.OUTER not in live else missing
