"""ISBT 128 texts, read exactly: data structures and compound messages after ICCBBA ST-001 v6.2.2.

Structure rules only: no reference table and no product code of ICCBBA is in this project. Identifier and exact length
are checked before any content, and no letter is ever folded: the case of a division is part of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from kernel.refusals import N_, Refusal
from labels.domain.foreign_codes import likely_layout
from labels.domain.refusals import (
    DIVISION_MISSING,
    ISBT_COUNT,
    ISBT_DATE,
    ISBT_FORM,
    ISBT_MISMATCH,
    LAYOUT_MISMATCH,
)
from manufacturing.domain.coding import GRID
from manufacturing.domain.donation_numbers import mod_37_2, parse_scanned_donation_number

DIN_LENGTH = 13  # of a donation number without its flag
DONATION, PRODUCT, EXPIRY, DIVISIONS, CHAIN = "001", "003", "005", "032", "040"
LONGEST = 256
_FIN = "[A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{2}"
_DAY, _MOMENT = "[0-9]{6}", "[0-9]{10}"
_TEN = "[0-9A-Z]{10}"


@dataclass(frozen=True, slots=True)
class Kind:
    """A data structure of ST-001. ``content``: pattern of exactly what follows the identifier."""

    number: str
    identifier: str
    name: str
    content: str


# Birth date and number of a patient (024, 025) are not here: they are refused as whatever else is unknown, unread.
KINDS = (
    Kind("002", "=%", N_("blood group"), "[0-9A-Za-z]{3}0"),
    Kind(PRODUCT, "=<", N_("product code"), "[A-Z][0-9A-Z]{4}[0-9A-Za-z](?:[0-9A-Z][0-9a-z])"),
    Kind("004", "=>", N_("expiry date"), _DAY),
    Kind(EXPIRY, "&>", N_("expiry date and time"), _MOMENT),
    Kind("006", "=*", N_("collection date"), _DAY),
    Kind("007", "&*", N_("collection date and time"), _MOMENT),
    Kind("008", "=}", N_("production date"), _DAY),
    Kind("009", "&}", N_("production date and time"), _MOMENT),
    Kind("017", "=)", N_("container manufacturer"), _TEN),
    Kind("018", "&)", N_("container lot"), _TEN),
    Kind("019", "=;", N_("donor identification number"), f"{_FIN}[0-9A-Z]{{16}}"),
    Kind("020", "='", N_("staff number"), f"{_FIN}[0-9A-Z]{{6}}"),
    Kind("021", "=-", N_("manufacturer of another item"), _TEN),
    Kind("022", "&-", N_("lot of another item"), _TEN),
    Kind("026", "=]", N_("expiry month"), "[0-9]{4}(?:0[1-9]|1[0-2])"),
    Kind("027", '&"', N_("infection markers"), "[0-9]{18}"),
    Kind("031", "=(", N_("flexible date and time"), "[12]00[1-6][0-9]{12}"),
    Kind(DIVISIONS, "=,", N_("product divisions"), "[0-9A-Z]{6}"),
    Kind("033", "&+", N_("processing facility"), f"{_FIN}[0-9A-Z]{{6}}"),
    Kind("034", "=/", N_("processor product code"), f"{_FIN}[0-9A-Z]{{6}}[A-Z][0-9A-Z]{{4}}"),
    Kind("035", "&,1", N_("lot number"), "[0-9A-Z]{18}"),
    Kind("036", "&,2", N_("supplemental number"), "[0-9A-Z]{18}"),
    Kind("038", "&,4", N_("Single European Code"), "[A-Z]{2}[0-9A-Z]{19}[ABE][0-9A-Z]{7}[0-9A-Za-z]{3}[0-9]{8}"),
    Kind("039", "&:", N_("GRID of the donor"), "[0-9]{4}[0-9A-Z]{13}[0-9]{2}"),
    Kind(CHAIN, "&/", N_("chain of identity"), f"CH{_FIN}[0-9]{{2}}[0-9A-Z]{{6}}"),
)
BY_NUMBER: Mapping[str, Kind] = {kind.number: kind for kind in KINDS}
_DIN = re.compile(r"=[A-NP-Z1-9][0-9A-Z]{14}", re.ASCII)
_COMPOUND = re.compile(r"=\+([0-9]{2})([0-9]{3})(.*)", re.ASCII | re.DOTALL)
_AIM = re.compile(r"\]d1", re.ASCII)


@dataclass(frozen=True, slots=True)
class Structure:
    """``content``: without the identifier; of a donation number its thirteen characters and the flag."""

    number: str
    content: str


def parse_compound(text: str) -> tuple[Structure, ...] | Refusal:
    """A whole compound message (023): nothing before it, nothing after it, and as many structures as it announces."""
    if len(text) > LONGEST:
        return ISBT_FORM(part=N_("the whole text"))
    body = text.strip(" \t\r\n")
    body = body[3:] if _AIM.match(body) else body
    if layout := likely_layout(body):
        return LAYOUT_MISMATCH(layout=layout)
    match = _COMPOUND.fullmatch(body)
    if match is None:
        return ISBT_FORM(part=N_("the whole text"))
    found = parse_structures(match[3])
    if isinstance(found, Refusal):
        return found
    if len(found) != int(match[1]):
        return ISBT_COUNT(announced=int(match[1]), found=len(found))
    return found


def parse_structures(text: str) -> tuple[Structure, ...] | Refusal:
    """Structures one after another without separators, as linear codes come when two are read at once."""
    found: list[Structure] = []
    rest = text
    while rest:
        taken = _first(rest)
        if isinstance(taken, Refusal):
            return taken
        structure, rest = taken
        if any(one.number == structure.number for one in found):
            return ISBT_FORM(part=N_("a structure that comes twice"))
        found.append(structure)
    return _division_fault(found) or tuple(found)


def _first(text: str) -> tuple[Structure, str] | Refusal:
    if match := _DIN.match(text):
        donation = parse_scanned_donation_number(match[0])
        return donation if isinstance(donation, Refusal) else (Structure(DONATION, match[0][1:]), text[16:])
    for kind in KINDS:
        if not text.startswith(kind.identifier):
            continue
        match = re.compile(kind.content, re.ASCII).match(text, len(kind.identifier))
        if match is None:
            return ISBT_FORM(part=kind.name)
        fault = _content_fault(kind, match[0])
        return fault or (Structure(kind.number, match[0]), text[match.end() :])
    return ISBT_FORM(part=N_("a structure that is not accepted"))


def _content_fault(kind: Kind, content: str) -> Refusal | None:
    if kind.content in {_DAY, _MOMENT} and not _is_date(content):
        return ISBT_DATE(part=kind.name)
    if kind.number == "031" and not _is_calendar(content[4:]):
        return ISBT_DATE(part=kind.name)
    grid = GRID.fullmatch(content) if kind.number == "039" else None
    if grid and f"{mod_37_2(grid[1] + grid[2]):02d}" != grid[3]:
        return ISBT_FORM(part=kind.name)
    return None


def _division_fault(found: list[Structure]) -> Refusal | None:
    """A product code that ends in 99 names its division in a structure of its own, and no other does."""
    held = {one.number: one.content for one in found}
    product = held.get(PRODUCT)
    if product is None or (product[6:] == "99") == (DIVISIONS in held):
        return None
    return DIVISION_MISSING() if product[6:] == "99" else ISBT_FORM(part=BY_NUMBER[DIVISIONS].name)


def _is_date(content: str) -> bool:
    """``cyyjjj`` and, if any, ``hhmm``: 9 is a year of the last century."""
    century, year, day = int(content[0]), int(content[1:3]), int(content[3:6])
    if 2 <= century <= 8:
        return False
    whole = (1900 if century == 9 else 2000 + 100 * century) + year
    leap = (whole % 4 == 0 and whole % 100 != 0) or whole % 400 == 0
    time = content[6:]
    return 1 <= day <= 365 + leap and (not time or (int(time[:2]) < 24 and int(time[2:]) < 60))


def _is_calendar(content: str) -> bool:
    try:
        datetime.strptime(content, "%Y%m%d%H%M")  # noqa: DTZ007  (a text is judged, no moment is made)
    except ValueError:
        return False
    return True


def compound_refusals(text: str, expected: Mapping[str, str]) -> tuple[Refusal, ...]:
    """Does the scanned message say what stands on the label: each structure, none more and none less."""
    found = parse_compound(text)
    if isinstance(found, Refusal):
        return (found,)
    said = {one.number: one.content for one in found}
    differ = sorted(number for number in {*said, *expected} if said.get(number) != expected.get(number))
    return tuple(ISBT_MISMATCH(part=structure_name(number)) for number in differ)


def structure_name(number: str) -> str:
    return N_("donation number") if number == DONATION else BY_NUMBER[number].name
