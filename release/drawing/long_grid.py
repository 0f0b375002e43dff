"""A table of many pages, drawn a page at a time: as one table all that is left would be measured anew for each page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from reportlab.platypus import Flowable, Table

MORE_THAN_A_PAGE = 64  # lines: more than one page can hold of the smallest type
ENDLESS = 1e6


@dataclass(frozen=True, slots=True)
class Line:
    """``looks``: commands of its style, their rows counted from this line on."""

    cells: list[Any]
    looks: tuple[tuple[Any, ...], ...]

    def placed(self, at: int) -> list[tuple[Any, ...]]:
        return [
            (name, (left, top + at), (right, bottom + at), *how)
            for name, (left, top), (right, bottom), *how in self.looks
        ]


class LongGrid(Flowable):  # type: ignore[misc]
    """``table_of``: these lines as a table under one line of header, which each page repeats."""

    def __init__(self, lines: Sequence[Line], table_of: Callable[[Sequence[Line]], Table]) -> None:
        super().__init__()
        self.lines, self.table_of = lines, table_of

    def wrap(self, available_width: float, _available_height: float) -> tuple[float, float]:
        """Never fits: it is always split."""
        return available_width, ENDLESS

    def split(self, available_width: float, available_height: float) -> list[Flowable]:
        """What this page holds, and the rest; nothing where not even one line fits."""
        ahead = self.table_of(self.lines[:MORE_THAN_A_PAGE])
        first, *_ = ahead.split(available_width, available_height) or [None]
        if first is None:
            return []
        drawn = first._nrows - 1  # noqa: SLF001  (without the header; the library says it nowhere else)
        rest = self.lines[drawn:]
        return [first, part(rest, self.table_of)] if rest else [first]


def part(lines: Sequence[Line], table_of: Callable[[Sequence[Line]], Table]) -> Flowable:
    return LongGrid(lines, table_of) if len(lines) > MORE_THAN_A_PAGE else table_of(lines)
