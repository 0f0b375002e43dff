"""Codes of others on the papers of a donation: the Single European Code and the GRID of a registry donor.

SEC after Dir. 2006/86/EC art. 10a and annex VII; GRID after the WMDA and ISBT 128 (19 characters, checksum MOD 37-2).
No reference table of either is in this project. Letters are never folded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from kernel.refusals import ID_FORMAT, N_, Refusal, kind
from manufacturing.domain.donation_numbers import mod_37_2

SEC = re.compile(
    r"SEC:? ?([A-Z]{2})([A-Z0-9]{6})([A-Z0-9]{13})(?: |\r?\n)([EAB])([A-Z0-9]{7})([A-Z0-9]{3})([0-9]{8})", re.ASCII
)
GRID = re.compile(r"([0-9]{4})([A-Z0-9]{13})([0-9]{2})", re.ASCII)
NO_EXPIRY = "00000000"

SEC_MISMATCH = kind(
    "SEC_MISMATCH",
    409,
    N_("The Single European Code belongs to donation %(found)s; this record is %(number)s."),
    resolver=N_("nobody: paper and record must be the same donation"),
    next_step=N_("Stop. Compare the paper, the bag and this page, and call QA."),
)
GRID_CHECK = kind(
    "GRID_CHECK",
    422,
    N_("The last two digits of the GRID do not belong to the rest of it."),
    resolver=N_("you"),
    next_step=N_("Scan the GRID, or type it again character by character from the paper of the registry."),
)


@dataclass(frozen=True, slots=True)
class SingleEuropeanCode:
    """``expires_on`` None: no expiry is set (``00000000``)."""

    country: str
    establishment: str
    donation: str
    system: str
    product: str
    split: str
    expires_on: date | None

    @property
    def donation_sequence(self) -> str:
        """The first 21 characters: where and as which donation it was given; it is never altered (TC-86-E1g)."""
        return f"{self.country}{self.establishment}{self.donation}"


def parse_sec(text: str) -> SingleEuropeanCode | Refusal:
    """The acronym, 21 characters, one space or line break, 19 characters; the day must exist."""
    match = SEC.fullmatch(text.strip(" \t\r\n"))
    if match is None:
        return _no_sec()
    country, establishment, donation, system, product, split, day = match.groups()
    try:
        expires_on = None if day == NO_EXPIRY else date(int(day[:4]), int(day[4:6]), int(day[6:]))
    except ValueError:
        return _no_sec()
    return SingleEuropeanCode(country, establishment, donation, system, product, split, expires_on)


def _no_sec() -> Refusal:
    expected = N_("SEC, 21 characters, a space, 19 characters that end with a day or 00000000")
    return ID_FORMAT(name=N_("Single European Code"), expected=expected, field="sec")


def sec_refusals(text: str | None, number: str, *, is_din: bool) -> tuple[Refusal, ...]:
    """Nothing typed is nothing to check. The donation in the code is the record's, where that is a DIN."""
    if not (text or "").strip():
        return ()
    parsed = parse_sec(text or "")
    if isinstance(parsed, Refusal):
        return (parsed,)
    if is_din and parsed.donation != number:
        return (SEC_MISMATCH(found=parsed.donation, number=number, field="sec"),)
    return ()


def grid_refusals(text: str | None) -> tuple[Refusal, ...]:
    """4 digits of the issuer, 13 characters of the donor, 2 digits that check them; spaces and hyphens do not count."""
    if not (text or "").strip():
        return ()
    match = GRID.fullmatch(plain_grid(text or ""))
    if match is None:
        expected = N_("19 characters: 4 digits, 13 capitals or digits, 2 digits")
        return (ID_FORMAT(name=N_("GRID of the donor"), expected=expected, field="grid"),)
    issuer, donor, check = match.groups()
    return () if check == f"{mod_37_2(issuer + donor):02d}" else (GRID_CHECK(field="grid"),)


def plain_grid(text: str) -> str:
    return text.strip().replace(" ", "").replace("-", "")
