"""What a leukapheresis looked like on arrival, and what of it is a deviation by itself (TC-86-RECEIPT).

Any "no", any temperature outside the limits of the process and a logger that cannot be read keep the material in
quarantine and open a deviation; it is accepted only when that is closed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kernel.quantities import expanded
from kernel.refusals import N_, Refusal, kind
from manufacturing.domain.plan import Limits
from manufacturing.domain.units import converted

LOGGER_RANGE = kind(
    "LOGGER_RANGE",
    422,
    N_("The lowest temperature of the logger (%(low)s °C) lies above its highest (%(high)s °C)."),
    resolver=N_("you"),
    next_step=N_("Read the logger again and enter both ends; leave both open when it cannot be read."),
)
RECEIPT_DEVIATION_OPEN = kind(
    "RECEIPT_DEVIATION_OPEN",
    409,
    N_("Deviation %(number)s about this collection is %(state)s."),
    resolver=N_("QA"),
    next_step=N_("Have it investigated, assessed and closed; or reject the collection."),
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """Degrees Celsius. ``free_of_clots``: no clots, no haemolysis. The two ends of the logger are None when it gave none."""

    container_intact: bool
    label_matches: bool
    free_of_clots: bool
    temperature_c: Decimal
    logger_low_c: Decimal | None
    logger_high_c: Decimal | None


def logger_refusals(low: Decimal | None, high: Decimal | None) -> tuple[Refusal, ...]:
    """Both ends or none, in their order, and possible as temperatures."""
    if low is None or high is None:
        missing = "logger_low_c" if low is None else "logger_high_c"
        one_end = (low is None) != (high is None)
        return (LOGGER_RANGE(low="–", high="–", field=missing),) if one_end else ()
    impossible = [
        result.kind(**{**dict(result.facts), "field": field})
        for field, value in (("logger_low_c", low), ("logger_high_c", high))
        if isinstance(result := converted("temperature", value, "°C"), Refusal)
    ]
    if impossible or low <= high:
        return tuple(impossible)
    return (LOGGER_RANGE(low=expanded(low), high=expanded(high), field="logger_low_c"),)


RECEIVED_AT = N_("Received at %(reading)s °C; %(low)s to %(high)s °C is allowed.")


def arrival_findings(arrival: Arrival, limits: Limits) -> tuple[str, ...]:
    """What makes the receipt a deviation, in the words of its record."""
    answers = (
        (arrival.container_intact, "The container is not intact."),
        (arrival.label_matches, "Label and paper disagree."),
        (arrival.free_of_clots, "Clots or haemolysis are seen."),
    )
    found = [sentence for answer, sentence in answers if not answer]
    warm = temperature_reason(arrival.temperature_c, limits)
    return (*found, *([warm] if warm else []), *logger_findings(arrival, limits))


def temperature_reason(temperature: Decimal, limits: Limits) -> str | None:
    """Why a receipt at this temperature holds the collection by itself (DSP-TEMP), or None."""
    if limits.holds(temperature):
        return None
    return RECEIVED_AT % {"reading": expanded(temperature), **ends(limits)}


def logger_findings(arrival: Arrival, limits: Limits) -> tuple[str, ...]:
    if arrival.logger_low_c is None or arrival.logger_high_c is None:
        return ("The temperature logger of the transport gave no reading.",)
    if limits.holds(arrival.logger_low_c) and limits.holds(arrival.logger_high_c):
        return ()
    low, high = expanded(arrival.logger_low_c), expanded(arrival.logger_high_c)
    return (f"The logger of the transport shows {low} to {high} °C; {span(limits)} is allowed.",)


def span(limits: Limits) -> str:
    low, high = ends(limits).values()
    return f"{low} to {high} °C"


def ends(limits: Limits) -> dict[str, str]:
    return {
        "low": "" if limits.low is None else expanded(limits.low),
        "high": "" if limits.high is None else expanded(limits.high),
    }


def deviation_refusals(unsettled: Iterable[tuple[str, str]]) -> tuple[Refusal, ...]:
    """``unsettled``: number and state of each deviation about the collection that is not closed (requirements 14.1)."""
    return tuple(RECEIPT_DEVIATION_OPEN(number=number, state=state) for number, state in unsettled)


def transport_minutes(shipped_at: datetime | None, received_at: datetime | None) -> int | None:
    """From leaving the apheresis unit to the receipt."""
    if shipped_at is None or received_at is None:
        return None
    return int((received_at - shipped_at).total_seconds()) // 60
