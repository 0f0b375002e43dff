"""Filled containers: what is in them is computed from the verified counts of the formulated product."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kernel.quantities import exact, expanded, to_decimal
from kernel.refusals import N_, Refusal, kind
from manufacturing.domain.plan import ContainerType
from manufacturing.domain.yields import Parent, tnc, viable_subset

MOST_CONTAINERS = 99

CONTAINER_TYPE = kind(
    "CONTAINER_TYPE",
    422,
    N_("“%(container_type)s” is not a container of this process version."),
    resolver=N_("you"),
    next_step=N_("Choose one of the containers of the process."),
)
CONTAINER_VOLUME = kind(
    "CONTAINER_VOLUME",
    422,
    N_("%(volume)s mL cannot be filled: %(left)s mL of the product are left and the container holds %(largest)s mL."),
    resolver=N_("you"),
    next_step=N_("Compare the volume with the balance or the syringe and enter it again."),
)
BATCH_MISMATCH = kind(
    "BATCH_MISMATCH",
    409,
    N_("The scanned batch %(typed)s is not the batch of this record."),
    resolver=N_("nobody: product and record must be the same batch"),
    next_step=N_("Stop. Compare the container, the paper and this page, and call QA."),
)
CONTAINER_MISMATCH = kind(
    "CONTAINER_MISMATCH",
    409,
    N_("The scanned code %(typed)s is not the container of this record."),
    resolver=N_("nobody: container and record must be the same"),
    next_step=N_("Stop. Open the record of the container in your hand by scanning it in the field at the top."),
)
FORMULATION_UNVERIFIED = kind(
    "FORMULATION_UNVERIFIED",
    409,
    N_("The formulated product is not counted and verified yet; nothing can be filled."),
    resolver=N_("the technicians of the batch"),
    next_step=N_("Perform the formulation step and have it verified."),
)
CONTAINER_COUNT = kind(
    "CONTAINER_COUNT",
    409,
    N_("A batch has at most %(most)s containers."),
    resolver=N_("nobody"),
    next_step=N_("Use larger containers."),
)


@dataclass(frozen=True, slots=True)
class FinalCounts:
    """Verified figures of the formulated product; wbc in 10^6 cells per mL, ``parent``: the gate of the NK cells."""

    volume_ml: Decimal
    wbc: Decimal
    viability: Decimal
    nk_percent: Decimal
    parent: Parent
    formulated_at: datetime


def viable_nk(counts: FinalCounts, volume_ml: Decimal) -> Decimal:
    """Viable NK cells in this volume (process design 3.2); exact, since every factor is a decimal."""
    total = tnc(volume_ml, counts.wbc)
    return to_decimal(viable_subset(total, counts.viability, counts.nk_percent, parent=counts.parent))


def fill_refusals(
    volume_ml: Decimal, container_type: ContainerType | None, *, typed: str, formulated_ml: Decimal, filled_ml: Decimal
) -> tuple[Refusal, ...]:
    """The container is known, holds the volume, and no more is filled than was formulated (ATMP-ID-SPLIT)."""
    if container_type is None:
        return (CONTAINER_TYPE(container_type=typed, field="container_type"),)
    left = exact(formulated_ml) - exact(filled_ml)
    volume = exact(volume_ml)
    if 0 < volume <= min(left, exact(container_type.largest_volume_ml)):
        return ()
    largest = expanded(container_type.largest_volume_ml)
    shown = expanded(to_decimal(left))
    return (CONTAINER_VOLUME(volume=expanded(volume_ml), left=shown, largest=largest, field="volume_ml"),)


def batch_match_refusals(typed: str, number: str) -> tuple[Refusal, ...]:
    return () if typed.strip() == number else (BATCH_MISMATCH(typed=typed.strip(), field="batch_number"),)
