"""An example of an instrument's export as somebody who maps its columns needs to see it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from kernel.documents.queries import find_effective
from kernel.refusals import Refusal
from manufacturing.domain.imports.mapping import MAPPING
from manufacturing.domain.imports.table import DELIMITERS, Row, Table, read_table
from manufacturing.queries.imports import example_body, example_file, file_facts, get_example, mapping_of
from manufacturing.tables.imports import ImportExampleRow

SHOWN_ROWS = 12
MOST_TITLES = 300


@dataclass(frozen=True, slots=True)
class Example:
    """``titles``: what the columns are called; ``populations``: what stands in the column that names them."""

    row: ImportExampleRow
    table: Table | Refusal
    names: int
    titles: tuple[str, ...]
    populations: tuple[str, ...]


def read_example(session: Session, example_id: str, asked: Mapping[str, str]) -> Example:
    """``asked``: what the reader wants otherwise than recognised: ``delimiter``, ``names`` (a row), ``population``."""
    row = get_example(session, example_id)
    delimiter = asked.get("delimiter", "")
    table = read_table(example_body(session, row), delimiter if delimiter in DELIMITERS else None)
    if isinstance(table, Refusal):
        return Example(row, table, 0, (), ())
    names = row_of_names(table, asked.get("names", ""))
    titles = tuple(dict.fromkeys(cell for cell in names.cells if cell))[:MOST_TITLES]
    return Example(row, table, names.number, titles, populations_in(table, names, asked.get("population", "")))


def row_of_names(table: Table, asked: str) -> Row:
    """The row that was asked for, or the first that is as wide as most rows are."""
    for row in table.rows:
        if asked == str(row.number):
            return row
    usual = Counter(len(row.cells) for row in table.rows).most_common(1)
    return next((row for row in table.rows if len(row.cells) == usual[0][0]), Row(0, ()))


def populations_in(table: Table, names: Row, population: str) -> tuple[str, ...]:
    if population not in names.cells:
        return ()
    place = names.cells.index(population)
    below = (row.cells for row in table.rows if row.number > names.number and len(row.cells) > place)
    return tuple(dict.fromkeys(cells[place] for cells in below if cells[place]))[:MOST_TITLES]


def example_content(session: Session, example_id: str) -> dict[str, Any]:
    """What a mapping is drawn up by."""
    row = get_example(session, example_id)
    file = example_file(session, row)
    return {"title": row.instrument, "file": {"name of the file": file.filename, "sha256": file.sha256}}


def example_view(session: Session, example: Example) -> dict[str, Any]:
    """The first rows as they are read, and what was recognised."""
    table = example.table
    read = isinstance(table, Table)
    return {
        "id": example.row.id,
        "file": file_facts(example_file(session, example.row)),
        "encoding": table.encoding if isinstance(table, Table) else "",
        "delimiter": table.delimiter if isinstance(table, Table) else "",
        "names": example.names,
        "rows": [(row.number, row.cells) for row in table.rows[:SHOWN_ROWS]] if isinstance(table, Table) else [],
        "count": len(table.rows) if isinstance(table, Table) else 0,
        "read": read,
        "titles": example.titles,
    }


def known_mapping(session: Session, instrument: str) -> dict[str, str]:
    """The boxes as the mapping in force fills them."""
    document = find_effective(session, MAPPING, instrument)
    if document is None:
        return {}
    mapping = mapping_of(document)
    boxes = {name: getattr(mapping, name) for name in ("delimiter", "decimal_mark", "sample", "population", "value")}
    for one in mapping.columns:
        boxes |= {f"{one.field}_title": one.title, f"{one.field}_unit": one.unit}
    return boxes
