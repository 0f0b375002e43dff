"""What differs between two versions of a document, so that people can read it: where, old, new.

Entries of a list belong together by their ``key``, otherwise by the words that name them; a changed order is told once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from kernel.words import Words, is_words

NAMES = ("title", "label", "name")


class Kind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Difference:
    """``path``: names of the entries on the way, each a word of the document or its title in both languages."""

    kind: Kind
    path: tuple[str | Words, ...]
    old: Any
    new: Any


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Every difference, in the order of the new version; nothing for two equal bodies."""
    return tuple(_of_mappings(old, new, ()))


def _of_mappings(old: Mapping[str, Any], new: Mapping[str, Any], path: tuple[str | Words, ...]) -> Iterator[Difference]:
    for name in dict.fromkeys([*new, *old]):
        here = (*path, name)
        if name not in old:
            yield Difference(Kind.ADDED, here, None, new[name])
        elif name not in new:
            yield Difference(Kind.REMOVED, here, old[name], None)
        else:
            yield from _of_values(old[name], new[name], here)


def _of_values(old: Any, new: Any, path: tuple[str | Words, ...]) -> Iterator[Difference]:
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _of_mappings(old, new, path)
    elif entries(old) and entries(new):
        yield from _of_entries(old, new, path)
    else:
        yield Difference(Kind.CHANGED, path, old, new)


def entries(value: Any) -> bool:
    """A list of entries that can be told apart."""
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        return False
    if not all(isinstance(one, Mapping) for one in value):
        return False
    known = [identity(one) for one in value]
    return all(known) and len(set(known)) == len(known)


def identity(entry: Mapping[str, Any]) -> str:
    if isinstance(entry.get("key"), str):
        return str(entry["key"])
    return " ".join(text for name, text in entry.items() if isinstance(text, str) and not text[:1].isdigit())


def name_of(entry: Mapping[str, Any]) -> str | Words:
    found = next((entry[name] for name in NAMES if name in entry), None)
    if is_words(found):
        return Words(found)
    return found if isinstance(found, str) else identity(entry)


def _of_entries(
    old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]], path: tuple[str | Words, ...]
) -> Iterator[Difference]:
    before, after = ({identity(one): one for one in each} for each in (old, new))
    for key in dict.fromkeys([*after, *before]):
        if key not in before:
            yield Difference(Kind.ADDED, (*path, name_of(after[key])), None, after[key])
        elif key not in after:
            yield Difference(Kind.REMOVED, (*path, name_of(before[key])), before[key], None)
        else:
            yield from _of_values(before[key], after[key], (*path, name_of(after[key])))
    kept_before, kept_after = [key for key in before if key in after], [key for key in after if key in before]
    if kept_before != kept_after:
        yield Difference(Kind.MOVED, path, ", ".join(kept_before), ", ".join(kept_after))
