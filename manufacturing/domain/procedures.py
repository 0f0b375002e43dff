"""What the people at the bench are trained in (ATMP-3.2-TRAIN)."""

from __future__ import annotations

from kernel.refusals import N_
from kernel.training.domain import procedure

MANUFACTURING = procedure(
    10,
    "manufacturing",
    N_("Manufacturing at the bench"),
    follows="process",
    permissions=("batch:perform", "batch:verify", "container:fill", "import:propose", "import:confirm"),
)
