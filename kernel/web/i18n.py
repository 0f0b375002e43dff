"""Dutch and English: message files of the packages read at start, times and numbers as people here write them."""

from __future__ import annotations

import gettext
import io
import re
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_datetime
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from kernel.canonical import plain
from kernel.clock import PEOPLE
from kernel.quantities import NUMBER_FORMAT, significant
from kernel.refusals import N_, Refusal
from kernel.words import LANGUAGES, Words, as_fact, told

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("kernel", "manufacturing", "labels", "release", "config")


def load_translations(language: str) -> gettext.NullTranslations:
    """One catalogue out of the packages' ``locale/<language>*.po``, a later file before an earlier one.

    English is the source. One catalogue, not a chain of them: a page asks for hundreds of sentences.
    """
    merged = Catalog(locale=language)
    for package in PACKAGES:
        for source in sorted((ROOT / package / "locale").glob(f"{language}*.po")):
            with source.open("rb") as file:
                for message in read_po(file, locale=language):
                    if message.id and message.string:
                        merged.delete(message.id)
                        merged[message.id] = message
    compiled = io.BytesIO()
    write_mo(compiled, merged)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


# What the form library says in its own English, and how we say it: (its words, ours), places by name.
PROBLEMS = (
    ("Missing data for required field.", N_("Fill in this field.")),
    ("Field may not be null.", N_("Fill in this field.")),
    ("Unknown field.", N_("There is no such field.")),
    ("Not a valid string.", N_("Give a text.")),
    ("Not a valid integer.", N_("Give a whole number.")),
    ("Not a valid list.", N_("Give a list.")),
    ("Not a valid boolean.", N_("Answer yes or no.")),
    ("Length must be between %(least)s and %(most)s.", N_("Give %(least)s to %(most)s characters.")),
    ("Longer than maximum length %(most)s.", N_("Give at most %(most)s characters.")),
    ("Shorter than minimum length %(least)s.", N_("Give at least %(least)s characters.")),
    ("Must be one of: %(values)s.", N_("Choose one of: %(values)s.")),
    (
        "Must be greater than or equal to %(least)s and less than or equal to %(most)s.",
        N_("From %(least)s to %(most)s."),
    ),
    ("Must be greater than or equal to %(least)s.", N_("At least %(least)s.")),
    ("Must be less than or equal to %(most)s.", N_("At most %(most)s.")),
    (NUMBER_FORMAT.sentence, NUMBER_FORMAT.sentence),
)


def pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.*?)", re.escape(template)), re.DOTALL)


AMOUNT = re.compile(r"(?P<number>[≥≤<>]? ?[\d×][\d ×.e+⁰¹²³⁴-⁹⁻–-]* )(?P<unit>cells/(?:kg|mL))")
PATTERNS = tuple((pattern(theirs), ours) for theirs, ours in PROBLEMS)
TRANSLATIONS = {language: load_translations(language) for language in LANGUAGES}


REASONS: list[str] = []
"""Sentences that the system itself writes as a reason, such as that of a hold; packages add theirs."""


class Speech:
    """Everything that depends on the reader's language."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else "nl"
        self.locale = "nl_NL" if self.language == "nl" else "en_GB"

    def say(self, message: Any, **facts: Any) -> str:
        """Translate a message id; its facts are said in the same language, message ids and words of documents alike."""
        text = str(message)
        if not text:
            return ""
        spoken = TRANSLATIONS[self.language].gettext(text)
        return spoken % {name: self.word(value) for name, value in facts.items()} if facts else spoken

    def word(self, value: Any) -> str:
        """A message id, words of a document (also read back from JSON), or a row of these, in the reader's language."""
        return told(as_fact(value), self._one)

    def key(self, name: str) -> str:
        """What a fact of a record is called, where people read it by its name in the data."""
        said = self.word(name)
        return said if said != name else self.word(name.replace("_", " "))

    def _one(self, fact: str | Words) -> str:
        if isinstance(fact, Words):
            return fact.spoken(self.language)
        if not fact:
            return ""
        amount = AMOUNT.fullmatch(fact)
        if amount:
            return amount["number"] + TRANSLATIONS[self.language].gettext(amount["unit"])
        return TRANSLATIONS[self.language].gettext(fact)

    def problem(self, text: str) -> str:
        """What is wrong with a field, also where the form library found it."""
        for theirs, ours in PATTERNS:
            if match := theirs.fullmatch(text):
                return self.say(ours, **match.groupdict())
        return self.word(text)

    def reason(self, text: str) -> str:
        """A reason that was stored; what people typed stays as they typed it."""
        for written in sorted(REASONS, key=len, reverse=True):  # the one that says most before one that fits much
            if match := pattern(written).fullmatch(text):
                return self.say(written, **match.groupdict())
        return self.word(text)

    def refusal(self, refusal: Refusal) -> dict[str, Any]:
        """A refusal as people and clients read it: what, who, next (RFC 9457 member)."""
        facts = dict(refusal.facts)
        if "problem" in facts:
            facts["problem"] = self.problem(facts["problem"])
        if isinstance(facts.get("reason"), str):
            facts["reason"] = self.reason(facts["reason"])
        return {
            "code": refusal.code,
            "sentence": self.say(refusal.kind.sentence, **facts),
            "resolver": self.say(refusal.kind.resolver),
            "next_step": self.say(refusal.kind.next_step, **facts),
            "facts": plain(dict(refusal.facts)),
        }

    def moment(self, value: datetime | None) -> str:
        """``ma 23 nov 2026 16:30 CET``."""
        if value is None:
            return "–"
        local = value.astimezone(PEOPLE)
        return f"{format_datetime(local, 'EEE d MMM y HH:mm', locale=self.locale)} {local.tzname()}"

    def clock(self, value: datetime | None) -> str:
        """``2026-11-23 16:30``: as times are typed."""
        return value.astimezone(PEOPLE).strftime("%Y-%m-%d %H:%M") if value else ""

    def day(self, value: date | None) -> str:
        return format_date(value, "EEE d MMM y", locale=self.locale) if value else "–"

    def number(self, value: Any, digits: int = 3) -> str:
        """Three significant digits unless told otherwise, decimal point in both languages."""
        if value is None:
            return "–"
        if isinstance(value, Decimal | Fraction):
            return scientific(significant(value, digits))
        return str(value)


def moment_words(value: datetime) -> Words:
    """A moment within a sentence whose reader is not known yet."""
    return Words({language: Speech(language).moment(value) for language in LANGUAGES})


SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def scientific(text: str) -> str:
    """``5.71e+7`` as ``5.71 × 10⁷``."""
    if "e" not in text.lower():
        return text
    mantissa, exponent = text.lower().split("e")
    return f"{mantissa} × 10{str(int(exponent)).translate(SUPERSCRIPT)}"
