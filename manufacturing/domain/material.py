"""Starting material used before every result is in, what is left of it, and how it ends (requirements 14.1)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum

from kernel.quantities import expanded
from kernel.refusals import MISSING_FIELD, N_, Refusal, kind
from manufacturing.domain.collections import AcceptanceFacts, acceptance_refusals
from manufacturing.domain.donors import DONOR_TEST_MISSING, pending_markers

SHORTEST_ASSESSMENT = 30


class UseKind(StrEnum):
    BATCH = "batch"
    DESTROYED = "destroyed"
    LOST = "lost"


NO_RESULT_PENDING = kind(
    "NO_RESULT_PENDING",
    409,
    N_("No donor result is pending: there is no risk to authorise."),
    resolver=N_("QA"),
    next_step=N_("Accept the donor and the material, or reject them."),
)
MATERIAL_LEFT = kind(
    "MATERIAL_LEFT",
    409,
    N_("%(left)s mL are left of this collection; %(wanted)s mL are more than that."),
    resolver=N_("the technicians"),
    next_step=N_("Take what is left, or compare the volume with the bag."),
)
PART_LEFT = kind(
    "PART_LEFT",
    409,
    N_("A rejected collection is destroyed as a whole: %(left)s mL."),
    resolver=N_("the technicians"),
    next_step=N_("Destroy all of it, and enter that volume."),
)


def pending_results(facts: AcceptanceFacts) -> list[str]:
    """Names of the donor tests whose results are awaited."""
    donor = facts.donor
    return pending_markers(donor.results, htlv_risk=donor.htlv_risk, required=donor.required)


def at_risk_refusals(facts: AcceptanceFacts, assessment: str) -> tuple[Refusal, ...]:
    """Only results may be awaited; whatever else speaks against the material speaks against it here too."""
    pending = pending_results(facts)
    refusals = [one for one in acceptance_refusals(facts) if not _awaited(one, pending)]
    if not pending:
        refusals.append(NO_RESULT_PENDING())
    if len(assessment.strip()) < SHORTEST_ASSESSMENT:
        name = N_("The risk assessment, in words that can be judged")
        refusals.append(MISSING_FIELD(name=name, field="assessment"))
    return tuple(refusals)


def _awaited(refusal: Refusal, pending: list[str]) -> bool:
    return refusal.kind is DONOR_TEST_MISSING and refusal.fact("marker") in pending


def remaining(volume_ml: Decimal | None, used: Iterable[Decimal]) -> Decimal | None:
    """Millilitres that are not accounted for yet; None before the receipt."""
    return None if volume_ml is None else volume_ml - sum(used, Decimal(0))


def taking_refusals(left: Decimal | None, wanted: Decimal | None) -> tuple[Refusal, ...]:
    """Nobody takes more than there is, or nothing at all."""
    available = left or Decimal(0)
    asked = available if wanted is None else wanted
    if Decimal(0) < asked <= available:
        return ()
    return (MATERIAL_LEFT(left=expanded(available), wanted=expanded(asked), field="volume_ml"),)
