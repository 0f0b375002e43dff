"""How the export of one instrument is read: which column is the sample, which are values, in which unit.

A mapping is a controlled document, one series for each instrument (A11-5). Two layouts are known: one row for a sample
with a column for each value (counters, FACSDiva, FlowJo), and one row for a population of a sample (MACSQuantify,
Kaluza), where ``population`` names the column that says which.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as Fields
from dataclasses import dataclass
from typing import Any

from kernel.documents.domain import DOCUMENT_INVALID, document_kind
from kernel.refusals import N_, Refusal
from manufacturing.domain.imports.cells import MARKS
from manufacturing.domain.imports.refusals import IMPORT_UNIT_IN_HEADER
from manufacturing.domain.imports.table import DELIMITERS
from manufacturing.domain.plan import FIGURES, OPTIONAL_FIGURES
from manufacturing.domain.reading import Reader
from manufacturing.domain.units import ANALYTES

FIELDS = {**FIGURES, "volume": "volume", **OPTIONAL_FIGURES}
FIELDS.pop("volume_ml")
FIELDS["nk_per_ml"] = "nk_concentration"
WORDS = {
    "volume": N_("volume"),
    "wbc": N_("white cells"),
    "viability": N_("viability"),
    "nk_percent": N_("NK cells, share"),
    "cd3_percent": N_("T cells (CD3), share"),
    "b_percent": N_("B cells, share"),
    "monocyte_percent": N_("monocytes, share"),
    "nk_per_ml": N_("NK cells, concentration"),
    "sampled_ml": N_("volume sampled"),
    "added_ml": N_("volume added"),
    "waste_ml": N_("volume of waste"),
}
INSTRUMENT = re.compile(r"[A-Z0-9][A-Z0-9-]{1,23}", re.ASCII)
LONGEST = 200
RAISED = str.maketrans("³⁶⁹", "369")
PER = r"\s*(?:cells?)?\s*(?:/|per)\s*"
UNITS_IN_HEADERS = (
    ("10^6/mL", re.compile(rf"(?:10|x10|e)\s*[\^*e]?\s*6{PER}m[l]", re.IGNORECASE)),
    ("10^9/L", re.compile(rf"10\s*[\^*e]?\s*9{PER}l", re.IGNORECASE)),
    ("10^3/uL", re.compile(rf"(?:10\s*[\^*e]?\s*3|\bk){PER}[uµμ]l", re.IGNORECASE)),
    ("cells/uL", re.compile(r"(?:/|\bper\s*)\s*[uµμ]l", re.IGNORECASE)),
    ("cells/mL", re.compile(r"(?:/|\bper\s*)\s*ml", re.IGNORECASE)),
    ("%", re.compile(r"%|\bperc(?:ent)?\b|\bfreq\.? of\b", re.IGNORECASE)),
)


@dataclass(frozen=True, slots=True)
class Column:
    """``title``: the name of the column, or the population where ``Mapping.population`` is set. ``field``: the key that
    steps know the value by; ``unit``: in which it stands in the file."""

    title: str
    field: str
    unit: str

    @property
    def analyte(self) -> str:
        return FIELDS[self.field]


@dataclass(frozen=True, slots=True)
class ImportMapping:
    """``sample``: the column with the code of the sample. ``value``: the column of the value, with ``population``."""

    instrument: str
    delimiter: str
    decimal_mark: str
    sample: str
    columns: tuple[Column, ...]
    population: str = ""
    value: str = ""

    @property
    def titles(self) -> tuple[str, ...]:
        """The columns that the row of names must have."""
        if self.population:
            return (self.sample, self.population, self.value)
        return (self.sample, *(one.title for one in self.columns))


def read_mapping(body: Fields[str, Any]) -> tuple[ImportMapping | None, tuple[str, ...]]:
    """The mapping, or everything that is wrong with the document."""
    reader = Reader()
    instrument, sample = text(reader, body, "instrument"), text(reader, body, "sample")
    if not INSTRUMENT.fullmatch(instrument):
        reader.fault("instrument", "capitals, digits and dashes are expected")
    delimiter, mark = text(reader, body, "delimiter"), text(reader, body, "decimal_mark")
    if delimiter not in DELIMITERS:
        reader.fault("delimiter", f"one of {', '.join(DELIMITERS)} is expected")
    if mark not in MARKS:
        reader.fault("decimal_mark", f"one of {', '.join(MARKS)} is expected")
    if mark == "comma" and delimiter == "comma":
        reader.fault("decimal_mark", "a comma cannot separate columns and decimals")
    columns = tuple(
        read_column(reader, one, f"columns {place}")
        for place, one in enumerate(reader.entries(body.get("columns"), "columns"), start=1)
    )
    population, value = str(body.get("population", "")), str(body.get("value", ""))
    if bool(population) is not bool(value):
        reader.fault("population", "the column of the population and the column of the value go together")
    for place, one in enumerate(columns if value else (), start=1):
        titled_value(reader, value, one, f"columns {place}")
    found = ImportMapping(instrument, delimiter, mark, sample, columns, population, value)
    reader.unique(list(found.titles), "columns")
    reader.unique([one.field for one in columns], "columns")
    reader.unique([one.title for one in columns], "columns")
    return (None if reader.problems else found), tuple(reader.problems)


def text(reader: Reader, body: Fields[str, Any], name: str) -> str:
    given = body.get(name)
    if isinstance(given, str) and given.strip() == given and 0 < len(given) <= LONGEST:
        return given
    reader.fault(name, "a text without blanks around it is expected")
    return ""


def read_column(reader: Reader, body: Fields[str, Any], where: str) -> Column:
    found = Column(text(reader, body, "title"), str(body.get("field")), str(body.get("unit")))
    if found.field not in FIELDS:
        reader.fault(where, f"{found.field} is not a value of a step")
    elif ANALYTES[found.analyte].factor(found.unit) is None:
        reader.fault(where, f"{found.unit} is not a unit of {found.field}")
    else:
        titled_value(reader, found.title, found, where)
    return found


def titled_value(reader: Reader, title: str, column: Column, where: str) -> None:
    if column.field in FIELDS and (refusal := title_refusal(title, column)):
        reader.fault(where, str(refusal))


def title_refusal(title: str, column: Column) -> Refusal | None:
    """A title that names another unit than the mapping is a mistake that no window of plausible values would catch."""
    named, analyte = unit_in(title), ANALYTES[column.analyte]
    if named is None or analyte.factor(named) == analyte.factor(column.unit):
        return None
    return IMPORT_UNIT_IN_HEADER(field="file", column=title, found=named, unit=column.unit)


def unit_in(title: str) -> str | None:
    """The unit that a title names, in our spelling; the first that fits, powers before plain counts."""
    plain = title.translate(RAISED)
    return next((unit for unit, pattern in UNITS_IN_HEADERS if pattern.search(plain)), None)


def mapping_refusals(body: dict[str, Any]) -> tuple[Refusal, ...]:
    _, problems = read_mapping(body)
    return tuple(DOCUMENT_INVALID(problem=problem) for problem in problems)


MAPPING = document_kind(
    "import_mapping",
    N_("mapping of an instrument's export"),
    approvals=("QA",),
    check=mapping_refusals,
    drafts="import:map",
    by_code=True,
)
