"""Who had a hand in a batch, and who decided about it: never the same person, in whichever order (S3)."""

from __future__ import annotations

from collections.abc import Iterable

from kernel.refusals import N_, Refusal, kind
from kernel.segregation import another_person

SOD_RELEASE = kind(
    "SOD_RELEASE",
    403,
    N_("Making or testing a batch and deciding about it are not for one person."),
    resolver=N_("a colleague with the role"),
    next_step=N_("Ask a colleague: who worked on this batch decides nothing about it, and the other way round."),
)


def hand_refusals(people: Iterable[str], deciders: Iterable[str]) -> tuple[Refusal, ...]:
    """``people``: who is about to work on the record; ``deciders``: who ever reviewed, certified or judged the batch."""
    decided = set(deciders)
    return next((found for one in people if (found := another_person(one, decided, SOD_RELEASE))), ())
