"""Text as a table: one delimiter that fits the whole file, quotes that close, rows as a spreadsheet counts them."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass

from kernel.refusals import Refusal
from manufacturing.domain.imports.refusals import IMPORT_DELIMITER, IMPORT_QUOTES, IMPORT_TOO_LONG
from manufacturing.domain.imports.text import Text, read_text

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t"}
MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 10_000, 500, 1_000


@dataclass(frozen=True, slots=True)
class Row:
    """``number`` as a spreadsheet shows it: 1 is the first row, blank ones count."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """``rows``: every row that is not blank, whatever it holds."""

    encoding: str
    delimiter: str
    rows: tuple[Row, ...]


def read_table(body: bytes, delimiter: str | None = None) -> Table | Refusal:
    """``delimiter``: a name of ``DELIMITERS``, or None to let the file prove which one it is."""
    text = read_text(body)
    if isinstance(text, Refusal):
        return text
    if delimiter is not None:
        return parsed(text, delimiter)
    tables = {name: parsed(text, name) for name in DELIMITERS}
    fitting = [one for one in tables.values() if isinstance(one, Table) and fits(one)]
    if len(fitting) == 1:
        return fitting[0]
    if refusal := next((one for one in tables.values() if isinstance(one, Refusal)), None):
        return refusal
    return IMPORT_DELIMITER(field="file")


def fits(table: Table) -> bool:
    """Most rows have the same number of cells, at least two, and none after the first such row has another."""
    widths = [len(row.cells) for row in table.rows]
    if not widths:
        return False
    usual, times = Counter(widths).most_common(1)[0]
    begin = widths.index(usual)
    return usual > 1 and (times > 1 or len(widths) == 1) and all(width == usual for width in widths[begin:])


def parsed(text: Text, delimiter: str) -> Table | Refusal:
    """Strictly: a quotation mark that does not close, or not in its line, is refused; so is a table too large."""
    rows: list[Row] = []
    reader = csv.reader(io.StringIO(text.text, newline=""), delimiter=DELIMITERS[delimiter], strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            if number > MOST_ROWS:
                return IMPORT_TOO_LONG(field="file", what=f"> {MOST_ROWS} rows")
            if len(cells) > MOST_COLUMNS:
                return IMPORT_TOO_LONG(field="file", what=f"> {MOST_COLUMNS} columns")
            if any(len(cell) > LONGEST_CELL for cell in cells):
                return IMPORT_TOO_LONG(field="file", what=f"> {LONGEST_CELL} characters in row {number}")
            if any("\n" in cell or "\r" in cell for cell in cells):
                return IMPORT_QUOTES(field="file", row=number)
            if any(cell.strip() for cell in cells):
                rows.append(Row(number, tuple(cell.strip() for cell in cells)))
    except csv.Error as error:
        if "limit" in str(error):
            return IMPORT_TOO_LONG(field="file", what=f"> {LONGEST_CELL} characters in row {number + 1}")
        return IMPORT_QUOTES(field="file", row=number + 1)
    return Table(text.encoding, delimiter, tuple(rows))
