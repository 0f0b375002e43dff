"""Reading the body of a document: every fault is kept with its place, so that an author sees all of them at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from kernel.quantities import parse_number
from kernel.words import Words
from manufacturing.domain.plan import Limits

KEY = re.compile(r"[a-z][a-z0-9_]{1,39}", re.ASCII)


class Reader:
    """Reads a body and collects what is wrong with it, each fault with its place."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def fault(self, where: str, problem: str) -> None:
        self.problems.append(f"{where}: {problem}")

    def words(self, value: Any, where: str, *, optional: bool = False) -> Words:
        if optional and value is None:
            return Words({})
        if isinstance(value, Mapping) and value.get("en") and value.get("nl"):
            return Words(value)
        self.fault(where, "words in English and Dutch are expected")
        return Words({})

    def key(self, value: Any, where: str) -> str:
        if isinstance(value, str) and KEY.fullmatch(value):
            return value
        self.fault(where, "a key in small letters is expected")
        return where

    def number(self, value: Any, where: str) -> Decimal | None:
        if value is None:
            return None
        parsed = parse_number(value) if isinstance(value, str) else None
        if isinstance(parsed, Decimal):
            return parsed
        self.fault(where, 'a number is written as text, such as "2.5"')
        return None

    def minutes(self, value: Any, where: str) -> int:
        number = self.number(value, where)
        if number is None or number != int(number) or number <= 0:
            self.fault(where, "whole minutes are expected")
            return 1
        return int(number)

    def share(self, value: Any, where: str) -> Decimal | None:
        """A percentage from 0 to 100, or nothing."""
        number = self.number(value, where)
        if number is not None and not 0 <= number <= 100:
            self.fault(where, "a percentage from 0 to 100 is expected")
        return number

    def limits(self, value: Any, where: str) -> Limits:
        if value is None:
            return Limits()
        if not isinstance(value, Mapping) or not set(value) <= {"low", "high"} or not value:
            self.fault(where, "limits have low, high or both")
            return Limits()
        found = Limits(self.number(value.get("low"), where), self.number(value.get("high"), where))
        if found.low is not None and found.high is not None and found.low > found.high:
            self.fault(where, "low lies above high")
        return found

    def entries(self, value: Any, where: str) -> list[Mapping[str, Any]]:
        if isinstance(value, list) and value and all(isinstance(one, Mapping) for one in value):
            return value
        self.fault(where, "a list of entries is expected")
        return []

    def optional(self, value: Any, where: str) -> list[Mapping[str, Any]]:
        """Entries that a document may leave out."""
        return [] if value is None else self.entries(value, where)

    def roles(self, value: Any, possible: frozenset[str], where: str) -> frozenset[str]:
        """Some of the roles that may do it at all; nothing where the document does not say."""
        if value is None:
            return frozenset()
        if isinstance(value, list) and value and all(isinstance(one, str) for one in value) and set(value) <= possible:
            return frozenset(value)
        self.fault(where, f"roles are some of {', '.join(sorted(possible))}")
        return frozenset()

    def unique(self, keys: list[str], where: str) -> None:
        for key in sorted({key for key in keys if keys.count(key) > 1}):
            self.fault(where, f"{key} is written twice")
