"""From what was typed to the columns of a result: converted, checked, nothing guessed (PHE-UNIT, PHE-CENS)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from kernel.errors import refuse_any
from kernel.quantities import exact, to_decimal
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
    value_names,
    word_refusals,
)
from release.domain.refusals import REPLICATES_MISSING

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
    about |= {"sample_id": entry["sample_id"]} if entry.get("sample_id") else {}
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
    """One number, or as many as the specification asks for: each is kept, the mean is computed from them."""
    operator, unit = entry.get("operator") or "=", entry["unit"]
    given = [(name, entry.get(name)) for name in value_names(criterion)]
    typed = [value for _, value in given if value is not None]
    refusals = [REPLICATES_MISSING(field=name, count=criterion.replicates) for name, value in given if value is None]
    for name, value in given:
        if value is not None:
            refusals += [at_field(one, name) for one in number_refusals(criterion, operator, value, unit)]
    if refusals:
        return tuple(refusals), {}
    answers = [conversion(criterion, value, unit) for value in typed]
    numbers = [one.value for one in answers if not isinstance(one, Refusal)]
    row = {"operator": operator, "typed_unit": unit, "unit": units_of(criterion)[0]}
    if len(typed) > 1:
        row |= {"typed_replicates": beside(typed), "replicates": beside(numbers)}
    return (), {**row, "typed_number": mean_of(typed), "number": mean_of(numbers)}


def at_field(refusal: Refusal, name: str) -> Refusal:
    """Beside the box of this very value."""
    return refusal.at_field(name) if refusal.fact("field") == "value" else refusal


def beside(numbers: list[Decimal]) -> str:
    return " ".join(format(one, "f") for one in numbers)


def mean_of(numbers: list[Decimal]) -> Decimal:
    """For display and trends; a single value as it is."""
    return numbers[0] if len(numbers) == 1 else to_decimal(sum(map(exact, numbers), Fraction(0)) / len(numbers))
