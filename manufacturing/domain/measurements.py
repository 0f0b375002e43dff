"""Measuring a field again: all values stay, one is used, and somebody says why."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from kernel.refusals import N_, Refusal, kind

NOTHING_MEASURED = kind(
    "NOTHING_MEASURED",
    422,
    N_("No value of a field that can be measured again was given."),
    resolver=N_("you"),
    next_step=N_("Write at least one new value; a field without a first value is corrected instead."),
)
MEASUREMENT_UNKNOWN = kind(
    "MEASUREMENT_UNKNOWN",
    422,
    N_("%(name)s has no measurement %(number)s, or it is the one in use."),
    resolver=N_("you"),
    next_step=N_("Choose another of the measurements of this field."),
)


def repeating_refusals(given: Collection[str], measured: Collection[str]) -> tuple[Refusal, ...]:
    """``given``: fields with a new value; ``measured``: fields that have a number already."""
    unknown = sorted(set(given) - set(measured))
    return (NOTHING_MEASURED(field=(unknown or ["measured_at"])[0]),) if unknown or not given else ()


def choosing_refusals(field: str, number: int, known: Iterable[int], used: int | None) -> tuple[Refusal, ...]:
    """Another measurement of the same field, and one that was made."""
    if number in set(known) and number != used:
        return ()
    return (MEASUREMENT_UNKNOWN(field="choice", number=number, name=field),)
