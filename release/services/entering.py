"""From what was typed to the columns of a result: converted, checked, nothing guessed (PHE-UNIT, PHE-CENS)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from kernel.errors import refuse_any
from kernel.refusals import Refusal
from manufacturing.domain.bead_counts import CountedEvents
from release.domain.criteria import Criterion, Kind
from release.domain.entries import (
    OTHER,
    conversion,
    count_refusals,
    number_refusals,
    time_refusals,
    units_of,
    word_refusals,
)

NO_DILUTION = Decimal(1)


def measured_row(
    criterion: Criterion, entry: dict[str, Any], now: datetime, earliest: datetime | None
) -> dict[str, Any]:
    """The columns of one entry, or every reason against it."""
    measured_at = entry["measured_at"]
    late = time_refusals(
        "The time of the measurement", "measured_at", measured_at, now, earliest, "the end of the leukapheresis"
    )
    if criterion.by_beads:
        refusals, values = counted(criterion, entry)
    elif criterion.kind is Kind.QUALITATIVE:
        refusals, values = worded(criterion, entry)
    else:
        refusals, values = numbered(criterion, entry)
    refuse_any((*late, *refusals))
    about = {name: entry[name] for name in ("method", "measured_at", "raw_data_reference")}
    return {**values, **about}


def counted(criterion: Criterion, entry: dict[str, Any]) -> tuple[tuple[Refusal, ...], dict[str, Any]]:
    """Single-platform count: the events themselves, because their number decides the bound (decision 31)."""
    values = {name: entry[name] for name in ("events", "bead_events", "beads_per_tube", "sample_volume")}
    values["dilution"] = entry.get("dilution") or NO_DILUTION
    count = CountedEvents(
        values["events"], values["bead_events"], values["beads_per_tube"], values["sample_volume"], values["dilution"]
    )
    unit = units_of(criterion)[0]
    return count_refusals(criterion, count), {**values, "unit": unit, "typed_unit": "events"}


def worded(criterion: Criterion, entry: dict[str, Any]) -> tuple[tuple[Refusal, ...], dict[str, Any]]:
    chosen = entry["text"]
    text = (entry.get("finding") or "").strip() if chosen == OTHER else chosen
    return word_refusals(criterion, text), {"text": text}


def numbered(criterion: Criterion, entry: dict[str, Any]) -> tuple[tuple[Refusal, ...], dict[str, Any]]:
    operator, value, unit = entry.get("operator") or "=", entry["value"], entry["unit"]
    refusals = number_refusals(criterion, operator, value, unit)
    if refusals:
        return refusals, {}
    answer = conversion(criterion, value, unit)
    assert not isinstance(answer, Refusal)  # noqa: S101  (number_refusals asked before)
    return (), {
        "operator": operator,
        "typed_number": value,
        "typed_unit": unit,
        "number": answer.value,
        "unit": answer.unit,
    }
