"""What must not be typed anywhere: things that look like a name, a birth date or a hospital number (GDPR-FREE)."""

from __future__ import annotations

import re

from kernel.ids import ID
from kernel.refusals import N_, PII_IN_FIELD, Refusal
from kernel.words import Fact

PATTERNS = (
    (N_("an e-mail address"), re.compile(r"[^\s@]+@[^\s@]+\.[a-z]{2,}", re.IGNORECASE)),
    (N_("a date such as a birth date"), re.compile(r"(?<!\d)\d{1,2}[-/. ]\d{1,2}[-/. ](19|20)\d{2}(?!\d)")),
    (N_("a birth date"), re.compile(r"\b(geb(oren|\.|oortedatum)?|born|dob|birth)\b", re.IGNORECASE)),
    (N_("a name"), re.compile(r"\b(naam|name|dhr|mevr|mevrouw|meneer|patient name)\s*[.:=]", re.IGNORECASE)),
    (N_("a name"), re.compile(r"\b[A-Z]\.\s?(?:[A-Z]\.\s?)*(?:van |de |der |den |ter )*[A-Z][a-zà-ÿ]{2,}")),
    (N_("a name"), re.compile(r"\b[A-Z][a-zà-ÿ]+ (?:van der|van den|van de|van|de|den|der|ter) [A-Z][a-zà-ÿ]+")),
    (N_("a hospital number"), re.compile(r"\b(mrn|zis|patientnr|patiëntnummer|hospital number|bsn)\b", re.IGNORECASE)),
)
NINE_DIGITS = re.compile(r"(?<!\d)\d{9}(?!\d)")
SEVEN_DIGITS = re.compile(r"(?<![\d.eE+-])\d{7}(?![\d.])")


def eleven_test(digits: str) -> bool:
    """The check of a Dutch citizen service number."""
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11 == 0


def personal_data_refusals(name: str, text: str, label: Fact = "") -> tuple[Refusal, ...]:
    """Every kind of personal datum that ``text`` seems to contain; ``label`` is what the page calls the field.

    A record id contains none: one in some thousands has seven digits in a row by chance.
    """
    if ID.fullmatch(text):
        return ()
    found = {label for label, pattern in PATTERNS if pattern.search(text)}
    if any(eleven_test(match.group()) for match in NINE_DIGITS.finditer(text)):
        found.add(N_("a citizen service number"))
    if SEVEN_DIGITS.search(text):
        found.add(N_("a hospital number"))
    return tuple(PII_IN_FIELD(name=label or name, field=name, pattern=pattern) for pattern in sorted(found))
