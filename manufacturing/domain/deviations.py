"""Deviations: who raised or assessed one may not close it (S4); impact is a text, not a tick box (ATMP-DEV-2)."""

from __future__ import annotations

from collections.abc import Iterable

from kernel.refusals import MISSING_FIELD, N_, Refusal, kind
from kernel.segregation import another_person

SHORTEST_IMPACT = 15

SOD_DEVIATION = kind(
    "SOD_DEVIATION",
    403,
    N_("Who raised or assessed a deviation may not close it."),
    resolver=N_("another QA officer"),
    next_step=N_("Ask a colleague in QA to read and close it."),
)


def impact_refusals(impact: str) -> tuple[Refusal, ...]:
    """The impact on quality and safety, in words that can be judged."""
    if len(impact.strip()) >= SHORTEST_IMPACT:
        return ()
    return (MISSING_FIELD(name=N_("The impact on quality and safety, in words"), field="impact"),)


def closing_refusals(signer: str, involved: Iterable[str | None]) -> tuple[Refusal, ...]:
    return another_person(signer, involved, SOD_DEVIATION)
