"""One cell as an exact number, by the mark that the mapping names; whatever else stands there is refused with why."""

from __future__ import annotations

import re
from decimal import Decimal

from kernel.quantities import parse_number
from kernel.refusals import N_, Refusal
from manufacturing.domain.imports.refusals import IMPORT_CELL, IMPORT_CENSORED, IMPORT_DECIMAL_MARK, IMPORT_PERCENT

POINT, COMMA = "point", "comma"
MARKS = {POINT: ".", COMMA: ","}
SHOWN = 40
NOTHING = re.compile(
    r"|-+|\*+|\.+|#+|n\.?[ad]\.?|n/a|nan|null|none|inf(inity)?|[+-]inf|#[a-z/0!]+|err(or)?", re.IGNORECASE
)
MARKED = re.compile(r"[+-]?[0-9][0-9.,' ]*([eE][+-]?[0-9]+)?", re.ASCII)


def read_cell(cell: str, unit: str, decimal_mark: str, *, row: int, column: str) -> Decimal | Refusal:
    """``unit`` of the mapping: a percent sign is taken only where the unit is %."""
    about = {"field": "file", "row": row, "column": column[:SHOWN], "cell": cell[:SHOWN]}
    text = cell.strip()
    if text.endswith("%"):
        if unit != "%":
            return IMPORT_PERCENT(**about, unit=unit)
        text = text[:-1].rstrip(" \N{NO-BREAK SPACE}")
    if text[:1] in {"<", ">", "≤", "≥", "~"}:
        return IMPORT_CENSORED(**about)
    if NOTHING.fullmatch(text):
        return IMPORT_CELL(**about, why=N_("nothing was measured"))
    if text[:1] in {"=", "@"}:
        return IMPORT_CELL(**about, why=N_("a formula"))
    own, other = MARKS[decimal_mark], MARKS[COMMA if decimal_mark == POINT else POINT]
    if MARKED.fullmatch(text) and (other in text or text.count(own) > 1 or " " in text or "'" in text):
        return IMPORT_DECIMAL_MARK(**about)
    number = parse_number(text.replace(own, "."))
    return IMPORT_CELL(**about, why=N_("other characters than a number has")) if isinstance(number, Refusal) else number
