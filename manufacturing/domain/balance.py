"""Material balance: in + added = out + samples + waste, stage by stage (ATMP-ID-SPLIT, ATMP-RECON)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from kernel.quantities import exact
from kernel.refusals import N_, Refusal, kind
from manufacturing.domain.deviations import SETTLED

BALANCE_OUT = kind(
    "BALANCE_OUT",
    409,
    N_("The volumes of %(stage)s do not balance: %(difference)s mL are not explained; %(tolerance)s %% are allowed."),
    resolver=N_("the technicians of the batch and QA"),
    next_step=N_(
        "Compare volumes, samples and waste with the record; raise a deviation on that step and have it assessed."
    ),
)


@dataclass(frozen=True, slots=True)
class StageVolumes:
    """mL of one stage. ``out_ml``: what goes on, samples left out. ``waste_ml`` None: waste is not recorded here."""

    stage: str
    in_ml: Decimal
    added_ml: Decimal
    out_ml: Decimal
    samples_ml: Decimal
    waste_ml: Decimal | None
    deviations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BalanceLine:
    """``within``: None where the process gives no tolerance, or the waste is not recorded: not checked, never green."""

    volumes: StageVolumes
    difference_ml: Fraction
    within: bool | None


def balance_line(volumes: StageVolumes, tolerance_percent: Decimal | None) -> BalanceLine:
    """The difference is what went in and is nowhere; its tolerance is a percentage of all that went in."""
    went_in = exact(volumes.in_ml) + exact(volumes.added_ml)
    came_out = exact(volumes.out_ml) + exact(volumes.samples_ml) + exact(volumes.waste_ml or Decimal(0))
    difference = went_in - came_out
    if tolerance_percent is None or volumes.waste_ml is None:
        return BalanceLine(volumes, difference, None)
    return BalanceLine(volumes, difference, 100 * abs(difference) <= exact(tolerance_percent) * went_in)


def unexplained(line: BalanceLine) -> bool:
    """Out of tolerance, and nobody has assessed a deviation of that step."""
    return line.within is False and not SETTLED & set(line.volumes.deviations)


def balance_refusals(lines: tuple[tuple[str, str], ...], tolerance_percent: Decimal | None) -> tuple[Refusal, ...]:
    """``lines``: stage and difference in mL of those out of tolerance without an assessed deviation."""
    return tuple(BALANCE_OUT(stage=stage, difference=text, tolerance=tolerance_percent) for stage, text in lines)
