"""CSV that a spreadsheet opens as text: no cell can become a formula (EXP-FORMULA)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
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
