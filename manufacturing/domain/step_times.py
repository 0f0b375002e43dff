"""Which time of a step cannot lie before which other one; the process version says it, by ``after`` of a field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from kernel.refusals import Refusal
from manufacturing.domain.collections import minute
from manufacturing.domain.plan import FieldKind, PlannedField
from manufacturing.domain.reading import Reader
from manufacturing.domain.trial import TIME_ORDER


def check_times(step: str, fields: Sequence[PlannedField], read: Reader) -> None:
    """A time comes after another time that stands above it in the same step."""
    earlier: set[str] = set()
    for one in fields:
        if one.after and (one.kind is not FieldKind.MOMENT or one.after not in earlier):
            read.fault(f"{step}.{one.key}", f"after: {one.after} is no time above it in this step")
        if one.kind is FieldKind.MOMENT:
            earlier.add(one.key)


def sequence_refusals(
    fields: Sequence[PlannedField], moments: Mapping[str, datetime | None], asked: Iterable[str]
) -> tuple[Refusal, ...]:
    """Those of the fields ``asked`` that lie before what they follow; the same minute is no contradiction.

    ``moments``: instants by field; who wrote them in which hour of a changing clock is settled before.
    """
    named, wanted = {one.key: one for one in fields}, set(asked)
    found = []
    for one in fields:
        begin, end = moments.get(one.after), moments.get(one.key)
        if one.key in wanted and begin is not None and end is not None and end < minute(begin):
            found.append(TIME_ORDER(name=one.label, earlier=named[one.after].label, field=one.key))
    return tuple(found)
