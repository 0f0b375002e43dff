"""Kinds of materials, as a controlled list: unit, storage, and how long an opened one may be used (ATMP-7-OPEN)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from kernel.documents.domain import DOCUMENT_INVALID, document_kind
from kernel.refusals import N_, Refusal
from kernel.words import Words
from manufacturing.domain.reading import Reader


class OpeningEvent(StrEnum):
    OPENED = "opened"
    THAWED = "thawed"
    RECONSTITUTED = "reconstituted"


@dataclass(frozen=True, slots=True)
class InUse:
    """What starts the clock of one bottle or vial, and how many hours it may be used after."""

    event: OpeningEvent
    hours: Decimal


@dataclass(frozen=True, slots=True)
class MaterialKind:
    """``whole``: counted in pieces. ``in_use``: None where only the expiry of the lot counts.

    ``certificate``: whether a lot is approved only with the file of its certificate; yes unless the list says no.
    """

    key: str
    title: Words
    unit: str
    whole: bool
    storage: Words
    in_use: InUse | None = None
    certificate: bool = True


Kinds = dict[str, MaterialKind]


def parse_kinds(body: Mapping[str, Any]) -> Kinds | tuple[Refusal, ...]:
    """The kinds by key, or every reason why the body is no such list."""
    read = Reader()
    kinds = [_kind(one, read) for one in read.entries(body.get("kinds"), "kinds")]
    read.unique([one.key for one in kinds], "kinds")
    if read.problems:
        return tuple(DOCUMENT_INVALID(problem=problem) for problem in read.problems)
    return {one.key: one for one in kinds}


def _kind(entry: Mapping[str, Any], read: Reader) -> MaterialKind:
    key = read.key(entry.get("key"), "kinds")
    unit = entry.get("unit")
    if not isinstance(unit, str) or not unit.strip():
        read.fault(key, "a unit is expected")
    return MaterialKind(
        key=key,
        title=read.words(entry.get("title"), f"{key}.title"),
        unit=str(unit),
        whole=entry.get("whole") is True,
        storage=read.words(entry.get("storage"), f"{key}.storage"),
        in_use=_in_use(entry.get("in_use"), key, read),
        certificate=entry.get("certificate") is not False,
    )


def _in_use(entry: Any, key: str, read: Reader) -> InUse | None:
    if entry is None:
        return None
    given = entry if isinstance(entry, Mapping) else {}
    hours = read.number(given.get("hours"), f"{key}.in_use")
    if hours is None or hours <= 0 or given.get("event") not in set(OpeningEvent):
        read.fault(f"{key}.in_use", f"hours above 0 and an event ({', '.join(OpeningEvent)}) are expected")
        return None
    return InUse(OpeningEvent(given["event"]), hours)


def check_kinds(body: dict[str, Any]) -> tuple[Refusal, ...]:
    parsed = parse_kinds(body)
    return parsed if isinstance(parsed, tuple) else ()


MATERIALS = document_kind("materials", N_("list of materials"), approvals=("QA", "QP"), check=check_kinds)
