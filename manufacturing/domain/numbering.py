"""Numbers and codes that people read: of fields, the same on the screen and on paper, and with a check character."""

from __future__ import annotations

import re

from manufacturing.domain.donation_numbers import CHECK_CHARACTERS, mod_37_2
from manufacturing.domain.plan import PlannedStep


def field_number(position: int, place: int) -> str:
    """``4.2``: the second field of the fourth step; both count from one."""
    return f"{position}.{place}"


def field_numbers(position: int, step: PlannedStep) -> dict[str, str]:
    """The number of every field of a step, by its key."""
    return {field.key: field_number(position, place) for place, field in enumerate(step.fields, start=1)}


def with_check(body: str) -> str:
    """``M26-0001-7``: the body and its check character (ISO/IEC 7064 MOD 37-2) over all of it."""
    return f"{body}-{check_of(body)}"


def read_checked(text: str, pattern: re.Pattern[str]) -> str | None:
    """A code as printed, or None: one mistyped character opens nothing. Only the ends are stripped."""
    typed = text.strip(" \t\r\n")
    return typed if pattern.fullmatch(typed) and check_of(typed[:-2]) == typed[-1] else None


def check_of(body: str) -> str:
    # The 37th value of the code stands for the hyphen, so that a letter typed for a hyphen is noticed as well.
    return CHECK_CHARACTERS[mod_37_2(body.replace("-", "*"))]
