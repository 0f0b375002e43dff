"""Donation numbers: the ISBT 128 donation identification number (DIN), or a number of the facility's own.

Structure and check character after ICCBBA ST-001 v6.2.2 (data structure 001, appendix A). No reference table of
ICCBBA is in this project, and a facility's own number makes no claim to be a DIN. Letters are never folded: ``a``
is not ``A``, ``O`` is not ``0``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kernel.refusals import ID_FORMAT, N_, Refusal, kind

CHECK_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
FACILITY_NUMBER = re.compile(r"[A-Z0-9][A-Z0-9-]{2,19}", re.ASCII)
_DIN = r"[A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{2}[0-9]{2}[0-9]{6}"
DONATION_NUMBER = re.compile(_DIN, re.ASCII)
SCANNED_DONATION_NUMBER = re.compile(rf"=({_DIN})([0-9A-HJ-NPR-Y]{{2}})", re.ASCII)
TYPED_DONATION_NUMBER = re.compile(
    r"([A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{2}) ?([0-9]{2}) ?([0-9]{6}) ?([0-9A-Z*])", re.ASCII
)

DIN_CHECK = kind(
    "DIN_CHECK",
    422,
    N_("The donation number %(din)s and its check character do not belong together; 0 and O, 1 and I are different."),
    resolver=N_("you"),
    next_step=N_("Scan the donation number, or type it again character by character with the boxed check character."),
)


@dataclass(frozen=True, slots=True)
class DonationNumber:
    """Thirteen characters; the two flag characters of a scanned code are not part of the number."""

    din: str
    flag: str = "00"

    @property
    def check(self) -> str:
        return check_character(self.din)

    @property
    def grouped(self) -> str:
        """As people read it: facility, year of assignment, sequence."""
        return f"{self.din[:5]} {self.din[5:7]} {self.din[7:]}"


def mod_37_2(text: str) -> int:
    """ISO/IEC 7064 MOD 37-2 check value 0-36 over digits, capital letters and ``*``; else a ValueError."""
    remainder = 0
    for character in text:
        remainder = (remainder + CHECK_CHARACTERS.index(character)) * 2 % 37
    return (38 - remainder) % 37


def check_character(din13: str) -> str:
    """The boxed character beside the number. In a DIN the asterisk occurs as check character only."""
    if "*" in din13:
        raise ValueError("the asterisk is a check character only")
    return CHECK_CHARACTERS[mod_37_2(din13)]


def type_three_flag(din13: str) -> str:
    """Flag characters that carry the check value inside a bar code (60-96)."""
    return str(60 + mod_37_2(din13))


def donation_number_refusals(din: str, check: str) -> tuple[Refusal, ...]:
    """Why this number with this typed check character is not a DIN. The right character is never given away."""
    if not DONATION_NUMBER.fullmatch(din):
        return (_not_a_din("din"),)
    if check != check_character(din):
        return (DIN_CHECK(din=din, field="check"),)
    return ()


def facility_number_refusals(number: str) -> tuple[Refusal, ...]:
    if FACILITY_NUMBER.fullmatch(number):
        return ()
    expected = N_("3 to 20 capital letters, digits and hyphens")
    return (ID_FORMAT(name=N_("Donation number"), expected=expected, field="donation_number"),)


def parse_typed_donation_number(text: str) -> DonationNumber | Refusal:
    """Keyboard entry: 13 characters and the boxed check character, with or without the printed spaces."""
    match = TYPED_DONATION_NUMBER.fullmatch(text.strip(" \t\r\n"))
    if not match:
        return _not_a_din("din")
    din = "".join(match.groups()[:3])
    refusals = donation_number_refusals(din, match[4])
    return refusals[0] if refusals else DonationNumber(din)


def parse_scanned_donation_number(text: str) -> DonationNumber | Refusal:
    """Data structure 001 from a scanner: ``=`` and exactly 15 characters; a flag 60-96 must be the right one."""
    match = SCANNED_DONATION_NUMBER.fullmatch(text.strip(" \t\r\n"))
    if not match:
        return _not_a_din("din")
    din, flag = match.groups()
    if flag.isdigit() and 60 <= int(flag) <= 96 and flag != type_three_flag(din):
        return DIN_CHECK(din=din, field="din")
    return DonationNumber(din, flag)


def _not_a_din(field: str) -> Refusal:
    return ID_FORMAT(
        name=N_("Donation number"),
        expected=N_("13 characters such as A9999 26 123456, capitals, no letter O"),
        field=field,
    )
