"""A label with everything in its place: the one description that print file, printer's bitmap and screen are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import groupby

from labels.domain.slots import Resolution, Slot
from labels.drawing.qr import QUIET_ZONE, qr_matrix
from labels.drawing.sheet import POINTS_PER_MM, QR, CodeRoom, Rect, Sheet

Modules = tuple[tuple[bool, ...], ...]
MM_PER_INCH = 25.4


@dataclass(frozen=True, slots=True)
class Symbol:
    """``modules``: rows, True is dark, without the quiet zone of ``quiet`` modules. ``dots``: of a module, by printer."""

    modules: Modules
    quiet: int
    dots: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class PlacedSymbol:
    """``left``, ``top``: of the first module, in dots from the upper left corner of the page."""

    modules: Modules
    module_dots: int
    left: int
    top: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """``symbols``: by the name of their room; a room without one stays empty."""

    slot: Slot
    sheet: Sheet
    title: str
    symbols: Mapping[str, Symbol] = field(default_factory=dict)

    def placed(self, resolution: Resolution) -> list[PlacedSymbol]:
        dots_per_mm = POINTS_PER_MM / resolution.dot
        found = []
        for room in self.sheet.codes:
            if symbol := self.symbols.get(room.name):
                module = symbol.dots[resolution.name]
                edge = (len(symbol.modules) + 2 * symbol.quiet) * module
                middle = (room.rect.x + room.rect.width / 2) * dots_per_mm
                left = round(middle - edge / 2) + symbol.quiet * module
                top = round(room.rect.y * dots_per_mm) + symbol.quiet * module
                found.append(PlacedSymbol(symbol.modules, module, left, top))
        return found


def qr_symbol(text: str, slot: Slot) -> Symbol:
    return Symbol(qr_matrix(text), QUIET_ZONE, slot.module_dots)


def coded(slot: Slot, sheet: Sheet, title: str, text: str) -> Drawing:
    """A label with one code."""
    return Drawing(slot, sheet, title, {QR: qr_symbol(text, slot)})


def symbol_square(room: CodeRoom, symbol: Symbol, resolution: Resolution) -> Rect:
    """The symbol with its quiet zone, in millimetres."""
    edge = (len(symbol.modules) + 2 * symbol.quiet) * symbol.dots[resolution.name] * MM_PER_INCH / resolution.dpi
    return Rect(room.rect.x + (room.rect.width - edge) / 2, room.rect.y, edge, edge)


def dark_stretches(modules: Modules) -> list[tuple[int, int, int, int]]:
    """Column, row, columns, rows of every dark run of modules, horizontal and vertical."""
    runs: list[tuple[int, int, int, int]] = []
    for line, row in enumerate(modules):
        runs.extend((start, line, length, 1) for start, length in _runs(row))
    for line, column in enumerate(zip(*modules, strict=True)):
        runs.extend((line, start, 1, length) for start, length in _runs(column))
    return runs


def _runs(modules: tuple[bool, ...]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    at = 0
    for dark, group in groupby(modules):
        length = len(list(group))
        if dark:
            runs.append((at, length))
        at += length
    return runs
