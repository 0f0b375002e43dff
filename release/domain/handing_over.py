"""The temperature of a container when it changes hands (DSP-TEMP)."""

from __future__ import annotations

from decimal import Decimal

from kernel.quantities import expanded
from kernel.refusals import N_
from manufacturing.domain.plan import Limits
from manufacturing.domain.receipt import ends

READ_AT = N_("Read at %(reading)s °C at the hand-over; %(low)s to %(high)s °C is allowed.")


def excursion(reading: Decimal, limits: Limits, *, frozen: bool) -> str | None:
    """Why a container at this temperature stays where it is, or None. ``limits``: of the storage of the product.

    A frozen container that was not thawed is warmer than frozen or it is not; its storage limits are those of the
    thawed product and say nothing about it.
    """
    if frozen or limits.holds(reading):
        return None
    return READ_AT % {"reading": expanded(reading), **ends(limits)}
