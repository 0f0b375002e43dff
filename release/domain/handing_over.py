"""The temperature of a container when it changes hands (DSP-TEMP)."""

from __future__ import annotations

from decimal import Decimal

from kernel.quantities import expanded
from manufacturing.domain.plan import Limits
from manufacturing.domain.receipt import span


def excursion(reading: Decimal, limits: Limits, *, frozen: bool) -> str | None:
    """Why a container at this temperature stays where it is, or None. ``limits``: of the storage of the product.

    A frozen container that was not thawed is warmer than frozen or it is not; its storage limits are those of the
    thawed product and say nothing about it.
    """
    if frozen or limits.holds(reading):
        return None
    return f"Read at {expanded(reading)} °C at the hand-over; {span(limits)} is allowed."
