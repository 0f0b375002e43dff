"""The volume to infuse with what binds it (process design 3.7), and everything it was computed from (ATMP-CALC)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from kernel.quantities import exact, to_decimal
from kernel.refusals import N_, Refusal, kind
from manufacturing.domain.yields import EndotoxinCap, InfusionVolume, VolumeLimit, volume_to_infuse
from release.domain.figures import readable
from release.domain.limits import display

FORMULA = N_(
    "smallest of target × weight / NK per mL, T-cell limit × weight / CD3+ per mL, endotoxin limit × weight / endotoxin per mL, and the volume of the container; rounded down to 0.1 mL; all doses computed anew"
)
FORMULA_NAME = "volume to infuse (3.7)"
FORMULA_VERSION = "2"  # 1 knew no endotoxin limit
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
    concentrations come from. None is not known.

    ``endotoxin_eu_per_ml``: the verified result, “<x” as x; without one endotoxin binds nothing here, and the page says
    so. ``less_than``: limits that must not be reached either.
    """

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
    endotoxin_eu_per_ml: Fraction | None = None
    endotoxin_limit_per_kg_h: Decimal | None = None
    earlier_endotoxin_per_kg: Fraction | None = None
    less_than: tuple[VolumeLimit, ...] = ()

    def document(self) -> dict[str, Any]:
        """As it is shown and stored: exact decimals."""
        found = asdict(self)
        found["less_than"] = [one.value for one in self.less_than]
        return {name: to_decimal(one) if isinstance(one, Fraction) else one for name, one in found.items()}

    @property
    def endotoxin(self) -> EndotoxinCap | None:
        """What is left of the limit of one hour; None while there is no result or the specification has no limit."""
        if self.endotoxin_eu_per_ml is None or self.endotoxin_limit_per_kg_h is None:
            return None
        left = exact(self.endotoxin_limit_per_kg_h) - (self.earlier_endotoxin_per_kg or 0)
        return EndotoxinCap(self.endotoxin_eu_per_ml, max(left, Fraction(0)))


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
    lacking = [words for name, words in NAMES.items() if getattr(inputs, name) is None]
    if inputs.endotoxin is not None and inputs.earlier_endotoxin_per_kg is None:
        lacking.append(N_("the endotoxin given earlier"))
    return tuple(DOSE_INPUT_MISSING(what=words) for words in lacking)


def plan_dose(inputs: DoseInputs) -> InfusionVolume | tuple[Refusal, ...]:
    """The volume, or everything that is missing. What was given earlier lowers the limits (decision 30)."""
    if refusals := missing(inputs):
        return refusals
    known: dict[str, Any] = {name: exact(getattr(inputs, name)) for name in NAMES}
    earlier = known.pop("earlier_cd3_per_kg")
    known["cd3_limit_per_kg"] = max(known["cd3_limit_per_kg"] - earlier, Fraction(0))
    return volume_to_infuse(
        **known, bag_ml=inputs.bag_ml, endotoxin=inputs.endotoxin, below=frozenset(inputs.less_than)
    )


def shown_doses(plan: InfusionVolume, inputs: DoseInputs) -> dict[str, str | None]:
    """NK rounded down, T cells and endotoxin up: what is read is never better than what it is (PHE-ROUND)."""
    nk = display(plan.nk_per_kg, inputs.minimum_nk_per_kg, inputs.target_nk_per_kg)
    cd3 = display(plan.cd3_per_kg, inputs.cd3_limit_per_kg, up=True)
    eu = plan.endotoxin_per_kg_h
    return {
        "nk_per_kg": readable(nk),
        "cd3_per_kg": readable(cd3),
        "endotoxin_per_kg_h": None if eu is None else display(eu, inputs.endotoxin_limit_per_kg_h, up=True),
    }


def plan_document(plan: InfusionVolume, inputs: DoseInputs) -> dict[str, Any]:
    return {
        "volume_ml": plan.volume_ml,
        "bound_by": plan.bound_by.value,
        "candidates": [{"limit": name.value, "volume_ml": to_decimal(volume)} for name, volume in plan.candidates],
        "nk_per_kg": to_decimal(plan.nk_per_kg),
        "cd3_per_kg": to_decimal(plan.cd3_per_kg),
        "endotoxin_per_kg_h": None if plan.endotoxin_per_kg_h is None else to_decimal(plan.endotoxin_per_kg_h),
        "reaches_minimum": plan.reaches_minimum,
        "shown": shown_doses(plan, inputs),
        "formula": FORMULA_NAME,
        "formula_version": FORMULA_VERSION,
    }


def target_refusals(target: Decimal | None) -> tuple[Refusal, ...]:
    if target is None or 0 < target <= LARGEST_TARGET:
        return ()
    return (DOSE_TARGET(typed=target, field="target_nk_per_kg"),)
