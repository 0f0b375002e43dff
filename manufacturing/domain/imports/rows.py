"""Rows of an export as values of steps: all of them, or every reason why none (A11-5, A11-6)."""

from __future__ import annotations

import re
from collections.abc import Mapping as Facts
from dataclasses import dataclass
from decimal import Decimal

from kernel.quantities import expanded
from kernel.refusals import N_, Refusal
from manufacturing.domain.batches import StepStatus
from manufacturing.domain.imports.cells import SHOWN, read_cell
from manufacturing.domain.imports.mapping import Column, ImportMapping
from manufacturing.domain.imports.refusals import (
    IMPORT_FIELD,
    IMPORT_HEADER,
    IMPORT_HEADER_TWICE,
    IMPORT_IMPLAUSIBLE,
    IMPORT_MORE,
    IMPORT_NO_ROWS,
    IMPORT_NOTHING,
    IMPORT_POPULATION,
    IMPORT_RAGGED,
    IMPORT_SAMPLE_TWICE,
    IMPORT_SAMPLE_UNKNOWN,
    IMPORT_STEP_CLOSED,
)
from manufacturing.domain.imports.table import Row, Table
from manufacturing.domain.units import converted

MOST_FAULTS = 100
CONTROL = re.compile(
    r"([a-z]{1,2}-?check|qc|controls?|contr|ctrl|ctl|beads?|blank|wash|rinse|prime|calib\w*|cal|std|standards?|background\w*|bg|comp\w*"
    r"|fmo\w*|iso(type)?|unstained|rainbow|cs&?t|cst|check|level|mean|median|sd|s\.d\.|cv|%cv|n|min|max|average|sum"
    r"|all|total)(?![a-z])",
    re.IGNORECASE,
)
ANYWHERE = re.compile(
    r"(?<![a-z])(qc|control|beads?|blank|background|unstained|fmo|isotype|calibrator)(?![a-z])", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class SampleFacts:
    """A sample of the batch: the step it was drawn in, whether values of that step may still be entered, its numbers."""

    sample_id: str
    step_id: str
    position: int
    status: str
    fields: frozenset[str]


@dataclass(frozen=True, slots=True)
class Proposed:
    """One value and where it stands. ``number`` in ``unit``, as in the file; ``cell``: exactly what stands there."""

    sample: str
    field: str
    number: Decimal
    unit: str
    row: int
    column: str
    cell: str


@dataclass(frozen=True, slots=True)
class Aside:
    """A row that was not entered, and why."""

    row: int
    sample: str
    why: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """``header_row``: where the names of the columns stand."""

    header_row: int
    values: tuple[Proposed, ...]
    aside: tuple[Aside, ...]


def read_rows(
    table: Table, mapping: ImportMapping, samples: Facts[str, SampleFacts], *, set_others_aside: bool
) -> tuple[Proposal | None, tuple[Refusal, ...]]:
    """The proposal, or every fault with its row and column. ``samples``: those of this batch, by their code.

    Controls, beads and summaries are never values; rows of other samples are set aside only where a person said so.
    """
    header = header_of(table, mapping)
    if isinstance(header, Refusal):
        return None, (header,)
    below = tuple(row for row in table.rows if row.number > header.number)
    if not below:
        return None, (IMPORT_NO_ROWS(field="file"),)
    faults = shape_refusals(header, below, mapping)
    if faults:
        return None, shortened(faults)
    places = {title: header.cells.index(title) for title in mapping.titles}
    ours, aside, faults = sorted_out(below, places[mapping.sample], samples, set_others_aside=set_others_aside)
    values: list[Proposed] = []
    for row in ours:
        for column, place in wanted(row, mapping, places):
            found = read_value(row, column, row.cells[place], row.cells[places[mapping.sample]], mapping)
            if isinstance(found, Proposed):
                values.append(found)
            else:
                faults.append(found)
    faults += [*place_refusals(values, samples), *twice_refusals(values, samples)]
    if not faults:
        faults += missing_refusals(values, mapping, samples)
    if not faults and not values:
        faults.append(IMPORT_NOTHING(field="file", aside=len(aside)))
    return (None, shortened(faults)) if faults else (Proposal(header.number, tuple(values), tuple(aside)), ())


def header_of(table: Table, mapping: ImportMapping) -> Row | Refusal:
    """The first row that names every column of the mapping; whatever stands above it is a preamble."""
    wanted_titles = set(mapping.titles)
    best: set[str] = set()
    for row in table.rows:
        found = wanted_titles & set(row.cells)
        if found == wanted_titles:
            twice = next((title for title in mapping.titles if row.cells.count(title) > 1), None)
            return row if twice is None else IMPORT_HEADER_TWICE(field="file", column=twice[:SHOWN], row=row.number)
        best = max(best, found, key=len)
    missing = [title for title in mapping.titles if title not in best]
    return IMPORT_HEADER(field="file", missing=", ".join(title[:SHOWN] for title in missing))


def shape_refusals(header: Row, below: tuple[Row, ...], mapping: ImportMapping) -> list[Refusal]:
    """Rows that are longer or shorter than the names, and names that come again."""
    place = header.cells.index(mapping.sample)
    faults: list[Refusal] = []
    for row in below:
        if len(row.cells) != len(header.cells):
            cells = {"cells": len(row.cells), "columns": len(header.cells)}
            faults.append(IMPORT_RAGGED(field="file", row=row.number, **cells))
        elif row.cells[place] == mapping.sample:
            faults.append(IMPORT_HEADER_TWICE(field="file", column=mapping.sample[:SHOWN], row=row.number))
    return faults


def sorted_out(
    below: tuple[Row, ...], place: int, samples: Facts[str, SampleFacts], *, set_others_aside: bool
) -> tuple[list[Row], list[Aside], list[Refusal]]:
    """Rows of this batch; rows that are none of its samples; and those that must be explained first."""
    ours: list[Row] = []
    aside: list[Aside] = []
    faults: list[Refusal] = []
    for row in below:
        sample = row.cells[place]
        if sample in samples:
            ours.append(row)
        elif is_control(sample):
            aside.append(Aside(row.number, sample[:SHOWN], N_("control, beads or summary")))
        elif set_others_aside:
            aside.append(Aside(row.number, sample[:SHOWN], N_("no sample of this batch")))
        else:
            faults.append(IMPORT_SAMPLE_UNKNOWN(field="file", row=row.number, sample=sample[:SHOWN]))
    return ours, aside, faults


def is_control(sample: str) -> bool:
    """Whatever is measured beside samples: controls, beads, blanks, and the summaries that software adds (hazard 11)."""
    return CONTROL.match(sample) is not None or ANYWHERE.search(sample) is not None


def wanted(row: Row, mapping: ImportMapping, places: Facts[str, int]) -> list[tuple[Column, int]]:
    """The columns of the mapping with the place of their cell; in a table of populations, that of this row."""
    if not mapping.population:
        return [(one, places[one.title]) for one in mapping.columns]
    population = row.cells[places[mapping.population]]
    return [(one, places[mapping.value]) for one in mapping.columns if one.title == population]


def read_value(row: Row, column: Column, cell: str, sample: str, mapping: ImportMapping) -> Proposed | Refusal:
    """The number of one cell, possible in its unit."""
    number = read_cell(cell, column.unit, mapping.decimal_mark, row=row.number, column=column.title)
    if isinstance(number, Refusal):
        return number
    possible = converted(column.analyte, number, column.unit)
    if isinstance(possible, Refusal):
        facts = dict(possible.facts)
        limits = {name: facts.get(name, "") for name in ("low", "high")}
        about = {"row": row.number, "column": column.title[:SHOWN], "value": facts.get("value", expanded(number))}
        return IMPORT_IMPLAUSIBLE(field="file", **about, unit=facts["unit"], **limits)
    return Proposed(sample, column.field, number, column.unit, row.number, column.title, cell)


def place_refusals(values: list[Proposed], samples: Facts[str, SampleFacts]) -> list[Refusal]:
    """Values whose step has no such field, or is signed already."""
    faults: list[Refusal] = []
    for value in values:
        facts = samples[value.sample]
        about = {"field": "file", "row": value.row, "sample": value.sample}
        if facts.status != StepStatus.PENDING:
            faults.append(IMPORT_STEP_CLOSED(**about, position=facts.position))
        elif value.field not in facts.fields:
            faults.append(IMPORT_FIELD(**about, value=value.field))
    return list(dict.fromkeys(faults))


def twice_refusals(values: list[Proposed], samples: Facts[str, SampleFacts]) -> list[Refusal]:
    """Two numbers for one value of one step, whether they agree or not (process 6.12)."""
    found: dict[tuple[str, str], list[Proposed]] = {}
    for value in values:
        found.setdefault((samples[value.sample].step_id, value.field), []).append(value)
    faults = []
    for rivals in (one for one in found.values() if len(one) > 1):
        codes, rows = dict.fromkeys(one.sample for one in rivals), (str(one.row) for one in rivals)
        faults.append(IMPORT_SAMPLE_TWICE(field="file", sample=", ".join(codes), rows=", ".join(rows)))
    return list(dict.fromkeys(faults))


def missing_refusals(values: list[Proposed], mapping: ImportMapping, samples: Facts[str, SampleFacts]) -> list[Refusal]:
    """A population that the mapping names and a sample of the table lacks: half a sample is not entered."""
    there: dict[str, set[str]] = {}
    for value in values:
        there.setdefault(value.sample, set()).add(value.field)
    return [
        IMPORT_POPULATION(field="file", sample=sample, population=column.title[:SHOWN])
        for sample in samples
        for column in mapping.columns
        if sample in there and column.field not in there[sample]
    ]


def shortened(faults: list[Refusal]) -> tuple[Refusal, ...]:
    """At most so many that a person reads; how many more there are is said."""
    if len(faults) <= MOST_FAULTS:
        return tuple(faults)
    return (*faults[:MOST_FAULTS], IMPORT_MORE(field="file", count=len(faults) - MOST_FAULTS))
