"""What the people who label are trained in (ATMP-3.2-TRAIN)."""

from __future__ import annotations

from kernel.refusals import N_
from kernel.training.domain import procedure

LABELLING = procedure(
    20,
    "labelling",
    N_("Printing and applying labels"),
    follows="label_template",
    permissions=("label:print", "label:verify", "label:apply"),
)
