"""The number under the QR code, for the day a frosted bag cannot be scanned: batch, container, issue, check character.

Typed entry is recorded as such and needs a second person; the issue number keeps a void print from being typed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kernel.refusals import Refusal
from labels.domain.refusals import SHORT_NUMBER
from manufacturing.domain.donation_numbers import CHECK_CHARACTERS, mod_37_2

EXAMPLE = "NK-26-0001-01-01-5"
BATCH_NUMBER = re.compile(r"[A-Z0-9][A-Z0-9-]{1,22}[A-Z0-9]", re.ASCII)
_SHORT = re.compile(rf"({BATCH_NUMBER.pattern})-([0-9]{{2}})-([0-9]{{2}})-([0-9A-Z*])", re.ASCII)


@dataclass(frozen=True, slots=True)
class ShortNumber:
    batch: str
    container: int
    issue: int

    def __str__(self) -> str:
        return short_number(self.batch, self.container, self.issue)


def short_number(batch: str, container: int, issue: int) -> str:
    """``container`` and ``issue``: 1 to 99. The check is ISO/IEC 7064 MOD 37-2 over all of it, hyphens too."""
    if not BATCH_NUMBER.fullmatch(batch):
        raise ValueError("a batch number has capitals, digits and inner hyphens")
    if not (1 <= container <= 99 and 1 <= issue <= 99):
        raise ValueError("container and issue run from 1 to 99")
    body = f"{batch}-{container:02}-{issue:02}"
    return f"{body}-{_check(body)}"


def parse_short_number(text: str) -> ShortNumber | Refusal:
    """Exactly the printed number: no folding of case, no guessed hyphens; only the ends are stripped."""
    match = _SHORT.fullmatch(text.strip(" \t\r\n"))
    if not match:
        return SHORT_NUMBER(example=EXAMPLE)
    batch, container, issue, check = match.groups()
    if _check(f"{batch}-{container}-{issue}") != check or "00" in {container, issue}:
        return SHORT_NUMBER(example=EXAMPLE)
    return ShortNumber(batch, int(container), int(issue))


def _check(body: str) -> str:
    # The 37th value of the code stands for the hyphen, so that a letter typed for a hyphen is noticed as well.
    return CHECK_CHARACTERS[mod_37_2(body.replace("-", "*"))]
