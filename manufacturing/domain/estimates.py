"""Before the leukapheresis: how many NK cells this donor will probably give (process design 3.11), exact.

NK in blood per uL, processed volume in mL, collection efficiency and recovery as fractions of one.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from kernel.quantities import exact
from kernel.refusals import N_
from manufacturing.domain.yields import FORMULA_VERSION, Number

UL_PER_ML = 1000
# Recovery of NK cells over CD3 depletion and CD56 enrichment: 19 % of 13 products and 58 % of another centre, as printed.
PUBLISHED_RECOVERY = (Decimal("0.20"), Decimal("0.58"))
USUAL_EFFICIENCY = Decimal("0.50")
USUAL_VOLUME_ML = Decimal(10000)
FORMULA = N_("NK per µL × 1000 × processed volume (mL) × collection efficiency × recovery")


class Enough(StrEnum):
    YES = "enough"
    PERHAPS = "uncertain"
    NO = "not enough"


@dataclass(frozen=True, slots=True)
class Estimate:
    """Cells, and cells per kg, at the lowest and the highest recovery; ``needed_ml``: what would have to be processed
    for the minimum dose at the lowest recovery."""

    low: Fraction
    high: Fraction
    low_per_kg: Fraction
    high_per_kg: Fraction
    enough: Enough
    needed_ml: Fraction
    formula_version: str = FORMULA_VERSION


def expected_nk(nk_per_ul: Number, processed_ml: Number, efficiency: Number, recovery: Number) -> Fraction:
    """3.11, cells in the final product."""
    return exact(nk_per_ul) * UL_PER_ML * exact(processed_ml) * exact(efficiency) * exact(recovery)


def estimate(
    *,
    nk_per_ul: Number,
    processed_ml: Number,
    efficiency: Number,
    recovery: tuple[Number, Number],
    weight_kg: Number,
    minimum_per_kg: Number,
) -> Estimate:
    """Enough: even at the lowest recovery the minimum dose is reached; not enough: not even at the highest."""
    low, high = (expected_nk(nk_per_ul, processed_ml, efficiency, one) for one in recovery)
    weight, minimum = exact(weight_kg), exact(minimum_per_kg)
    low_per_kg, high_per_kg = low / weight, high / weight
    enough = Enough.YES if low_per_kg >= minimum else Enough.PERHAPS if high_per_kg >= minimum else Enough.NO
    per_ml = expected_nk(nk_per_ul, 1, efficiency, recovery[0])
    return Estimate(low, high, low_per_kg, high_per_kg, enough, minimum * weight / per_ml)
