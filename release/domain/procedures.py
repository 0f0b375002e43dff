"""What those who test, release and dispense are trained in (ATMP-3.2-TRAIN)."""

from __future__ import annotations

from kernel.refusals import N_
from kernel.training.domain import procedure

TESTING = procedure(
    30, "testing", N_("Testing"), follows="specification", permissions=("result:enter", "result:verify")
)
RELEASE = procedure(
    40,
    "release",
    N_("Review and release"),
    follows="specification",
    permissions=("batch:review", "release:certify", "release:sponsor"),
)
DISPENSING = procedure(
    50, "dispensing", N_("Dispensing"), follows="protocol", permissions=("container:dispense", "container:check")
)
