"""The volume to infuse with what binds it (process design 3.7), and everything it was computed from (ATMP-CALC)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from kernel.quantities import exact, to_decimal
from kernel.refusals import N_, Refusal, kind
from manufacturing.domain.yields import FORMULA_VERSION, InfusionVolume, volume_to_infuse

FORMULA = N_(
    "smallest of target × weight / NK per mL, T-cell limit × weight / CD3+ per mL, and the volume of the container; rounded down to 0.1 mL; both doses computed anew"
)
FORMULA_NAME = "volume to infuse (3.7)"
DOSE_INPUT_MISSING = kind(
    "DOSE_INPUT_MISSING",
    409,
    N_("The volume to infuse cannot be computed: %(what)s is missing."),
    resolver=N_("the team of this batch"),
    next_step=N_("Have it recorded and verified; the page computes it then."),
)
DOSE_TARGET = kind(
    "DOSE_TARGET",
    422,
    N_("A target of %(typed)s NK cells per kg is not possible."),
    resolver=N_("you"),
    next_step=N_("Type the dose of the protocol, such as 1e7."),
)
LARGEST_TARGET = Decimal("1e10")


@dataclass(frozen=True, slots=True)
class DoseInputs:
    """Per mL and per kg in cells. ``earlier_cd3_per_kg``: already given to this subject; ``*_source``: where the
    concentrations come from. None is not known."""

    weight_kg: Decimal | None
    nk_per_ml: Fraction | None
    nk_source: str
    cd3_per_ml: Fraction | None
    cd3_source: str
    bag_ml: Decimal
    target_nk_per_kg: Decimal | None
    minimum_nk_per_kg: Decimal | None
    cd3_limit_per_kg: Decimal | None
    earlier_cd3_per_kg: Fraction | None

    def document(self) -> dict[str, Any]:
        """As it is shown and stored: exact decimals."""
        found = asdict(self)
        return {name: to_decimal(one) if isinstance(one, Fraction) else one for name, one in found.items()}


NAMES = {
    "weight_kg": N_("the subject's weight"),
    "nk_per_ml": N_("the concentration of NK cells"),
    "cd3_per_ml": N_("the concentration of CD3+ cells"),
    "target_nk_per_kg": N_("the target dose"),
    "minimum_nk_per_kg": N_("the minimum dose"),
    "cd3_limit_per_kg": N_("the T-cell limit"),
    "earlier_cd3_per_kg": N_("what was given earlier"),
}


def missing(inputs: DoseInputs) -> tuple[Refusal, ...]:
    return tuple(DOSE_INPUT_MISSING(what=words) for name, words in NAMES.items() if getattr(inputs, name) is None)


def plan_dose(inputs: DoseInputs) -> InfusionVolume | tuple[Refusal, ...]:
    """The volume, or everything that is missing. What was given earlier lowers the T-cell limit (decision 30)."""
    if refusals := missing(inputs):
        return refusals
    left = max(exact(inputs.cd3_limit_per_kg or 0) - (inputs.earlier_cd3_per_kg or 0), Fraction(0))
    return volume_to_infuse(
        weight_kg=inputs.weight_kg or 0,
        target_nk_per_kg=inputs.target_nk_per_kg or 0,
        minimum_nk_per_kg=inputs.minimum_nk_per_kg or 0,
        cd3_limit_per_kg=left,
        nk_per_ml=inputs.nk_per_ml or 0,
        cd3_per_ml=inputs.cd3_per_ml or 0,
        bag_ml=inputs.bag_ml,
    )


def plan_document(plan: InfusionVolume) -> dict[str, Any]:
    return {
        "volume_ml": plan.volume_ml,
        "bound_by": plan.bound_by.value,
        "candidates": [{"limit": name.value, "volume_ml": to_decimal(volume)} for name, volume in plan.candidates],
        "nk_per_kg": to_decimal(plan.nk_per_kg),
        "cd3_per_kg": to_decimal(plan.cd3_per_kg),
        "reaches_minimum": plan.reaches_minimum,
        "formula": FORMULA_NAME,
        "formula_version": FORMULA_VERSION,
    }


def target_refusals(target: Decimal | None) -> tuple[Refusal, ...]:
    if target is None or 0 < target <= LARGEST_TARGET:
        return ()
    return (DOSE_TARGET(typed=target, field="target_nk_per_kg"),)
