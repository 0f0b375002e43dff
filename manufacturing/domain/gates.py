"""The gate a percentage is taken of, and the guard against counting viability twice or never (process design 3.2b).

A share of viable CD45+ says nothing yet about how many of all cells are viable: viability is applied once. A share of
all CD45+ already leaves the dead cells out: viability is not applied again.
"""

from __future__ import annotations

from collections.abc import Mapping

from kernel.refusals import N_, Refusal, kind
from manufacturing.domain.yields import Parent

GATE_UNKNOWN = kind(
    "GATE_UNKNOWN",
    422,
    N_("%(name)s does not say of which cells it is a share; accepted: %(accepted)s."),
    resolver=N_("the author of the document"),
    next_step=N_("Name the parent gate as the cytometer's template has it."),
)
GATE_MIXED = kind(
    "GATE_MIXED",
    422,
    N_("%(name)s: the shares are taken of different cells (%(gates)s); they cannot be computed with together."),
    resolver=N_("the author of the document"),
    next_step=N_("Gate every population of a stage on the same parent."),
)
VIABILITY_TWICE = kind(
    "VIABILITY_TWICE",
    422,
    N_("%(name)s counts viable cells only, and viability would be applied to it again."),
    resolver=N_("the author of the document"),
    next_step=N_("Record it of all cells; viability is applied once, by the server."),
)
ACCEPTED = ", ".join(Parent)


def share_refusals(name: str, parent: str) -> tuple[Refusal, ...]:
    """A percentage without its parent gate means nothing."""
    return () if parent in set(Parent) else (GATE_UNKNOWN(name=name, accepted=ACCEPTED),)


def viability_refusals(name: str, parent: str) -> tuple[Refusal, ...]:
    """Viability, and the count it is applied to, are of all cells: nothing says they were gated on viable ones."""
    return (VIABILITY_TWICE(name=name),) if parent == Parent.VIABLE_CD45 else ()


def stage_refusals(stage: str, shares: Mapping[str, str], of_all: Mapping[str, str]) -> tuple[Refusal, ...]:
    """``shares``: populations by name with their parents; ``of_all``: viability and cell count with theirs."""
    found = [refusal for name, parent in shares.items() for refusal in share_refusals(name, parent)]
    found.extend(refusal for name, parent in of_all.items() for refusal in viability_refusals(name, parent))
    gates = sorted(set(shares.values()) & set(Parent))
    if len(gates) > 1:
        found.append(GATE_MIXED(name=stage, gates=", ".join(gates)))
    return tuple(found)
