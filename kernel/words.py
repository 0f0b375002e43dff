"""What a controlled document calls something, in every language people read (docs/decisions/0027).

Words travel with all their languages through rules, refusals, what is signed, the trail and the API; only
``kernel.web.i18n.Speech`` picks one, for the reader. So nothing that is hashed or signed depends on a language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeGuard

LANGUAGES = ("nl", "en")
# What a sentence is told with: a code, number or message id; words; or a row of these.
Fact = Any


class Words(Mapping[str, str]):
    """``{"nl": ..., "en": ...}``, unchangeable. ``+`` puts a code, a number or other words before or behind it.

    As text it is all its languages (``Spoelen / Wash``): for whoever has no reader, such as a log.
    """

    __slots__ = ("_said",)

    def __init__(self, said: Mapping[str, str]) -> None:
        self._said = {language: str(said[language]) for language in LANGUAGES if said.get(language)}

    @classmethod
    def same(cls, text: str | Words) -> Words:
        """A code, key or number reads the same in every language; words stay as they are."""
        return text if isinstance(text, Words) else cls(dict.fromkeys(LANGUAGES, text))

    def spoken(self, language: str) -> str:
        """In this language; where a document has it only in another, in that one."""
        return self._said.get(language) or next(iter(self._said.values()), "")

    def __getitem__(self, language: str) -> str:
        return self._said[language]

    def __iter__(self) -> Iterator[str]:
        return iter(self._said)

    def __len__(self) -> int:
        return len(self._said)

    def __hash__(self) -> int:
        return hash(tuple(self._said.items()))

    def __add__(self, behind: str | Words) -> Words:
        return joined("", (self, Words.same(behind)))

    def __radd__(self, before: str) -> Words:
        return Words.same(before) + self

    def __str__(self) -> str:
        return " / ".join(dict.fromkeys(self._said.values()))

    def __repr__(self) -> str:
        return f"Words({self._said!r})"


def joined(between: str, parts: Iterable[Words]) -> Words:
    found = list(parts)
    return Words({language: between.join(one.spoken(language) for one in found) for language in LANGUAGES})


def phrase(*parts: Fact) -> Fact:
    """Several facts that belong together (``label 2.9``), each said in the reader's language."""
    return (parts,)


def is_words(value: Any) -> TypeGuard[Mapping[str, str]]:
    """Also read back from JSON."""
    return isinstance(value, Words) or (isinstance(value, Mapping) and bool(value) and set(value) <= set(LANGUAGES))


def as_fact(value: Any) -> Fact:
    """One spelling of a fact, whether a rule gave it or it comes back from the trail."""
    if is_words(value):
        return value if isinstance(value, Words) else Words(value)
    return tuple(as_fact(one) for one in value) if isinstance(value, tuple | list) else str(value)


def told(fact: Fact, speak: Callable[[str | Words], str], between: str = ", ") -> str:
    """A fact as text. A row is told one by one (``a, b``); a row in a row is one phrase of it."""
    if isinstance(fact, tuple):
        return between.join(told(one, speak, " ") for one in fact)
    return speak(fact)
