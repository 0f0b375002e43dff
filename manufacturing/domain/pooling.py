"""More than one leukapheresis in a batch, where the process version says so (ATMP-9-MIX).

Always of one donor and one subject; both are accepted without reserve; the cells join before the step the process names.
The earliest of their clocks is the batch's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kernel.refusals import N_, Refusal, kind
from kernel.words import Words
from manufacturing.domain.plan import Pooling
from manufacturing.domain.reading import Reader

MOST = 9

POOLING_NOT_PLANNED = kind(
    "POOLING_NOT_PLANNED",
    409,
    N_("The process version of this batch makes it from one leukapheresis."),
    resolver=N_("nobody: it would be another process"),
    next_step=N_("Open a batch of its own for this material."),
)
POOLING_FULL = kind(
    "POOLING_FULL",
    409,
    N_("The process makes a batch from %(most)s leukaphereses at most, and this one has them."),
    resolver=N_("nobody: it would be another process"),
    next_step=N_("Open a batch of its own for this material."),
)
POOLING_TOO_LATE = kind(
    "POOLING_TOO_LATE",
    409,
    N_("Leukaphereses join before “%(step)s”; that step is performed."),
    resolver=N_("nobody: the cells are past the step"),
    next_step=N_("Open a batch of its own for this material."),
)
POOLING_OTHER_DONOR = kind(
    "POOLING_OTHER_DONOR",
    409,
    N_("%(number)s is not of the donor and the subject of this batch."),
    resolver=N_("nobody: one batch, one donor, one subject"),
    next_step=N_("Stop. Compare the bag, the paper and this page, and call QA."),
)
POOLING_NOT_ACCEPTED = kind(
    "POOLING_NOT_ACCEPTED",
    409,
    N_("%(number)s is %(state)s; only accepted material joins other material."),
    resolver=N_("QA"),
    next_step=N_("Have donor and material accepted first."),
)
POOLING_TWICE = kind(
    "POOLING_TWICE",
    409,
    N_("%(number)s is in this batch already."),
    resolver=N_("nobody"),
    next_step=N_("Compare the number on the bag with the batch."),
)


@dataclass(frozen=True, slots=True)
class JoiningFacts:
    """A leukapheresis that is to join a batch. ``step``: title of the step it must come before; ``performed``: whether
    that step is no longer pending. ``usable``: accepted, with nothing awaited."""

    number: str
    pooling: Pooling | None
    together: int
    step: Words | None
    performed: bool
    same_people: bool
    usable: bool
    state: str
    known: bool


def read_pooling(entry: Any, steps: Iterable[str], read: Reader) -> Pooling | None:
    """``{"most": 2, "before": "label_cd3"}``; nothing where a batch is made from one leukapheresis."""
    if entry is None:
        return None
    given: Mapping[str, Any] = entry if isinstance(entry, Mapping) else {}
    most, before = given.get("most"), str(given.get("before", ""))
    if isinstance(most, bool) or not isinstance(most, int) or not 2 <= most <= MOST:
        read.fault("pooling", f"most is a whole number from 2 to {MOST}")
    if before not in set(steps):
        read.fault("pooling", f"{before} is no step")
    return Pooling(most if isinstance(most, int) else 0, before)


def joining_refusals(facts: JoiningFacts) -> tuple[Refusal, ...]:
    """Every reason why this material may not join the batch; without a word of the process there is no other."""
    if facts.pooling is None:
        return (POOLING_NOT_PLANNED(),)
    checks = (
        (facts.known, POOLING_TWICE(number=facts.number, field="number")),
        (not facts.same_people, POOLING_OTHER_DONOR(number=facts.number, field="number")),
        (not facts.usable, POOLING_NOT_ACCEPTED(number=facts.number, state=facts.state, field="number")),
        (facts.together >= facts.pooling.most, POOLING_FULL(most=facts.pooling.most)),
        (facts.performed, POOLING_TOO_LATE(step=facts.step)),
    )
    return tuple(refusal for wrong, refusal in checks if wrong)
