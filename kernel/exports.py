"""CSV that a spreadsheet opens as text: no cell can become a formula (EXP-FORMULA); JSON that keeps every digit."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from kernel.canonical import plain

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # the last four are their wide forms


def cell(value: Any) -> str:
    text = "" if value is None else str(plain(value))
    return f"'{text}" if text.startswith(RISKY) and not is_number(text) else text


def is_number(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isascii() and text.removeprefix("-").replace(".", "", 1).isdigit()


def csv_bytes(header: list[str], rows: Iterable[Iterable[Any]]) -> bytes:
    """UTF-8 with a byte-order mark, as spreadsheets expect."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(header)
    writer.writerows([cell(value) for value in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def exact_json(value: Any) -> str:
    """JSON in which a decimal is a number with all its digits; a float is refused, instants are text."""
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError("not a finite number")
        return format(value, "f")
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(str(key))}:{exact_json(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(exact_json, value)) + "]"
    return json.dumps(plain(value), ensure_ascii=False)
