"""Of the two people at a dispensing one is nobody who certified the batch (S12), whichever was signed first."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from kernel.refusals import Refusal
from release.domain.dispensing_refusals import SOD_QP_PH


def dispensing_pair_refusals(pairs: Iterable[AbstractSet[str]], certifiers: AbstractSet[str]) -> tuple[Refusal, ...]:
    """``certifiers``: whoever certified the batch or agreed to its supply, and whoever is about to."""
    return (SOD_QP_PH(),) if any(two <= certifiers for two in pairs) else ()
